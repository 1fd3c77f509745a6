// A stream of batches: what `beach export --format batches` writes and `beach load` reads, through
// a pipe if need be. Specified in docs/formats/export.md; that page is checked by
// export_stream_test.cc.
//
//   offset  size  field
//        0    64  file header   format/file_header.h, magic BEACHEXP, number 0, creation time 0
//       64     n  records       record/record_format.h, type kBatch, payload as in a log
//                               (wal/log_format.h): operations are numbered from 1 through the
//                               stream, which is the "first seqno"; the last record has an empty
//                               batch, and nothing follows it
//
// Deterministic: the same records of the same database give the same bytes.
// Thread safety: none. Memory: one batch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "beachdb/write_batch.h"
#include "format/file_header.h"
#include "tools/input_file.h"

namespace beachdb::tools {

inline constexpr std::string_view kExportMagic = "BEACHEXP";
// A batch is closed when it has this many bytes.
inline constexpr std::size_t kExportBatchBytes = 64u << 10;

class ExportWriter {
 public:
  using Sink = std::function<Status(std::string_view bytes)>;

  // `database`: of the one that is exported.
  ExportWriter(const DatabaseId& database, Sink sink)
      : identity_{database, 0}, sink_(std::move(sink)) {}

  // `expires_at` 0: never.
  Status Put(std::string_view key, std::string_view value, std::uint64_t expires_at);
  // The end, without which a reader takes the stream for cut short.
  Status Finish();

 private:
  Status WriteBatchRecord();

  const FileIdentity identity_;
  Sink sink_;
  WriteBatch batch_;
  std::string record_;
  std::uint64_t offset_ = 0;  // bytes written
  std::uint64_t operations_ = 0;
};

// Errors: kInvalidArgument: no such stream, damaged, or cut short; the message names the offset,
// what was expected and what was found. kNotSupported: a newer version.
class ExportReader {
 public:
  explicit ExportReader(InputFile file) : file_(std::move(file)) {}

  // The next batch; false: the end, as the writer meant it.
  Result<bool> Next();
  // REQUIRES: Next has returned true. Good until it is called again.
  std::string_view batch() const { return batch_; }
  // What Next consumed, header and all.
  std::string_view bytes() const { return bytes_; }
  std::uint64_t offset() const { return offset_; }  // behind it

  const InputFile& file() const { return file_; }

 private:
  Status ReadHeader();
  // Appends `size` bytes of the file to bytes_.
  Status Take(std::uint64_t size);
  Error Bad(std::uint64_t offset, std::string_view what) const;

  InputFile file_;
  FileIdentity identity_;
  std::string bytes_;
  std::string_view batch_;
  std::uint64_t offset_ = 0;
  std::uint64_t operations_ = 0;
  bool at_end_ = false;
};

}  // namespace beachdb::tools
