#include "tests/tools/handmade_database.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "compaction/table_writer.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "io/environment.h"
#include "kv/batch_format.h"
#include "manifest/manifest.h"
#include "record/record_writer.h"
#include "tests/tools/program.h"
#include "wal/log_format.h"

namespace beachdb {
namespace {

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

HandmadeDatabase::HandmadeDatabase(std::string directory)
    : directory_(std::move(directory)), id_(MakeDatabaseId(1, 2)) {
  EXPECT_TRUE(PosixFileSystem().CreateDirectory(directory_).ok());
}

std::string HandmadeDatabase::Path(std::uint64_t table_number) const {
  return JoinPath(directory_, TableName(table_number));
}

void HandmadeDatabase::AddTable(int level, std::uint64_t number,
                                const std::vector<HandEntry>& entries, const TableOptions& options,
                                std::span<const RangeTombstone> ranges) {
  auto file = PosixFileSystem().Open(Path(number), OpenMode::kReplace);
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  TableBuilder builder(*std::move(file), {id_, number}, options, {}, 1);
  for (const HandEntry& entry : entries) {
    const Status added = builder.Add(entry.key, PackTrailer(entry.seqno, entry.kind), entry.value);
    ASSERT_TRUE(added.ok()) << added.ToString();
  }
  auto summary = builder.Finish(ranges);
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  tables_.emplace_back(level, MetadataOf(number, *std::move(summary)));
}

FileMetadata& HandmadeDatabase::Metadata(std::uint64_t number) {
  const auto at = std::find_if(tables_.begin(), tables_.end(),
                               [&](const auto& table) { return table.second.number == number; });
  EXPECT_NE(at, tables_.end());
  return at->second;
}

void HandmadeDatabase::ChangeBlock(std::uint64_t number, BlockType type,
                                   const std::function<void(std::string& contents)>& change) {
  std::string bytes = ReadWholeFile(Path(number));
  const std::uint32_t seed = IdentityChecksum({id_, number});
  const auto footer =
      DecodeFooter(std::string_view(bytes).substr(bytes.size() - kFooterSize), seed, bytes.size());
  ASSERT_TRUE(footer.ok()) << footer.error().ToString();
  BlockHandle handle{kFileHeaderSize, 0};
  if (type == BlockType::kFilter) handle = footer->filter;
  if (type == BlockType::kIndex) handle = footer->index;
  if (type == BlockType::kProperties) handle = footer->properties;
  ASSERT_NE(handle.size, 0u);
  std::string contents = bytes.substr(handle.offset, handle.size - kBlockTrailerSize);
  const std::size_t size = contents.size();
  change(contents);
  ASSERT_EQ(contents.size(), size);
  bytes.replace(handle.offset, size, contents);
  SealBlock(bytes.data() + handle.offset, size, type, Compression::kNone,
            static_cast<std::uint32_t>(size), seed, handle.offset);
  WriteBytes(Path(number), bytes);
  Metadata(number).checksum = crc32c::Value(bytes);
}

void HandmadeDatabase::AddLog(std::uint64_t number, Seqno first_seqno,
                              const std::vector<HandEntry>& entries) {
  const FileIdentity identity{id_, number};
  std::string bytes = EncodeFileHeader(
      {.magic = std::string(kWalMagic), .identity = identity, .created_micros = 1});
  bytes.resize(kLogDataStart);
  const RecordWriter writer(identity);
  Seqno seqno = first_seqno;
  for (const HandEntry& entry : entries) {
    std::string payload(kLogEntryHeaderSize, '\0');
    StoreLogEntryHeader(payload.data(), seqno, seqno - 1, 0);
    std::string batch(kBatchHeaderSize, '\0');
    ASSERT_TRUE(AppendBatchOp(batch, {entry.kind, entry.key, entry.value}).ok());
    writer.AppendTo(bytes, bytes.size(), RecordType::kBatch, payload + batch);
    ++seqno;
  }
  WriteBytes(JoinPath(directory_, LogName(number)), bytes);
  if (log_number_ == 0) log_number_ = number;
}

void HandmadeDatabase::Finish() {
  WriteBytes(JoinPath(directory_, kIdentityName), EncodeIdentity(id_));
  auto version = std::make_shared<Version>();
  ManifestState state;
  std::uint64_t last_number = log_number_;
  for (const auto& [level, file] : tables_) {
    version->levels[static_cast<std::size_t>(level)].push_back(
        std::make_shared<const FileMetadata>(file));
    state.last_seqno = std::max(state.last_seqno, file.largest_seqno);
    last_number = std::max(last_number, file.number);
  }
  for (std::size_t level = 0; level < version->levels.size(); ++level) {
    std::sort(version->levels[level].begin(), version->levels[level].end(),
              [&](const FileRef& a, const FileRef& b) {
                return ComesBefore(static_cast<int>(level), *a, *b);
              });
  }
  state.version = std::move(version);
  state.log_number = log_number_;
  const Status made = Manifest::CreateWith(PosixFileSystem(), SystemEnvironment().clock(),
                                           directory_, id_, state, last_number + 100);
  ASSERT_TRUE(made.ok()) << made.ToString();
}

}  // namespace beachdb
