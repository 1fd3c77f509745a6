#include "tools/load_input.h"

#include <utility>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "base/try.h"
#include "kv/batch_format.h"
#include "tools/record_text.h"

namespace beachdb::tools {

Result<LoadInput> LoadInput::Open(const std::string& path, LoadFormat format) {
  LoadInput input(format);
  if (format == LoadFormat::kBatches) {
    ASSIGN_OR_RETURN(InputFile file, InputFile::Open(path));
    input.batches_.emplace(std::move(file));
  } else {
    ASSIGN_OR_RETURN(LineReader lines, LineReader::Open(path));
    input.lines_.emplace(std::move(lines));
  }
  return input;
}

Result<bool> LoadInput::Next() {
  if (batches_) {
    ASSIGN_OR_RETURN(const bool more, batches_->Next());
    if (more) size_ = batches_->bytes().size();
    return more;
  }
  ASSIGN_OR_RETURN(const auto line, lines_->Next());
  if (!line) return false;
  line_ = *line;
  size_ = line_.text.size() + (line_.ended ? 1 : 0);
  return true;
}

Status LoadInput::AddTo(WriteBatch& batch) const {
  if (batches_) {
    ASSIGN_OR_RETURN(const WriteBatch whole, WriteBatch::FromBytes(std::string(batches_->batch())));
    return batch.Append(whole);
  }
  // JSON tells by itself whether it is whole; TSV that was cut off may look like a shorter value.
  if (!line_.ended && format_ == LoadFormat::kTsv) {
    return Error(Code::kInvalidArgument,
                 "expected a newline at the end of the last line, found the end of the input: "
                 "the line may be cut short");
  }
  ASSIGN_OR_RETURN(const TextRecord record, format_ == LoadFormat::kTsv
                                                ? ParseTsvLine(line_.text)
                                                : ParseJsonLine(line_.text));
  if (record.expires_at) return batch.PutExpiring(record.key, record.value, *record.expires_at);
  return batch.Put(record.key, record.value);
}

std::uint32_t LoadInput::Extend(std::uint32_t checksum) const {
  if (batches_) return crc32c::Extend(checksum, batches_->bytes());
  checksum = crc32c::Extend(checksum, line_.text);
  return line_.ended ? crc32c::Extend(checksum, "\n") : checksum;
}

std::uint32_t LoadInput::records() const { return batches_ ? BatchCount(batches_->batch()) : 1; }

std::string LoadInput::Where() const {
  return lines_ ? fmt::format("{}:{}: ", lines_->name(), lines_->line_number()) : std::string();
}

}  // namespace beachdb::tools
