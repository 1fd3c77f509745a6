// What `beach load` reads, a unit at a time: a line of text, or a batch of an export stream.
//
// Thread safety: none. Memory: one unit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "beachdb/write_batch.h"
#include "tools/export_stream.h"
#include "tools/line_reader.h"

namespace beachdb::tools {

enum class LoadFormat : std::uint8_t { kTsv, kJsonl, kBatches };

class LoadInput {
 public:
  // "-": standard input.
  static Result<LoadInput> Open(const std::string& path, LoadFormat format);

  // Moves to the next unit; false: the end. A text line is not understood yet.
  Result<bool> Next();
  // Appends what the unit says. On an error the batch is as it was.
  Status AddTo(WriteBatch& batch) const;

  // Of the unit: its bytes of the input, newline and all, and how many records it has.
  std::uint64_t size() const { return size_; }
  std::uint32_t Extend(std::uint32_t checksum) const;
  std::uint32_t records() const;
  std::uint64_t line_number() const { return lines_ ? lines_->line_number() : 0; }
  // "records.tsv:12", or empty where errors say it themselves.
  std::string Where() const;

  const std::string& name() const { return lines_ ? lines_->name() : batches_->file().name(); }
  std::uint64_t bytes_read() const {
    return lines_ ? lines_->bytes_read() : batches_->file().bytes_read();
  }
  std::uint64_t total_bytes() const {
    return lines_ ? lines_->total_bytes() : batches_->file().total_bytes();
  }

 private:
  explicit LoadInput(LoadFormat format) : format_(format) {}

  LoadFormat format_;
  std::optional<LineReader> lines_;  // one of the two
  std::optional<ExportReader> batches_;
  LineReader::Line line_{};
  std::uint64_t size_ = 0;
};

}  // namespace beachdb::tools
