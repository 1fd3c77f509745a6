// The public builder of table files: a TableBuilder with a file of its own.
#include "beachdb/table_file.h"

#include <utility>

#include "base/failpoint.h"
#include "base/try.h"
#include "format/identity.h"
#include "io/environment.h"
#include "sstable/table_builder.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kNumber = 1;  // of the only file of its identity

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status CheckOptions(const TableFileOptions& options) {
  if (options.block_size < 256 || options.block_size > (16u << 20)) {
    return Error(Code::kInvalidArgument,
                 "TableFileOptions::block_size must be 256 bytes to 16 MiB");
  }
  if (options.filter_bits_per_key < 0 || options.filter_bits_per_key > 64) {
    return Error(Code::kInvalidArgument, "TableFileOptions::filter_bits_per_key must be 0 to 64");
  }
  return OkStatus();
}

}  // namespace

class TableFile {
 public:
  TableFile(Environment& world, std::string path, std::unique_ptr<File> file,
            const TableFileOptions& options)
      : fs_(world.file_system()),
        path_(std::move(path)),
        builder_(std::move(file), {MakeDatabaseId(world.Seed(), world.Seed()), kNumber},
                 {.block_size = options.block_size,
                  .filter_bits_per_key = options.filter_bits_per_key,
                  .compression = options.compression},
                 {.origin = TableOrigin::kIngest, .id = 0, .output_level = 0, .inputs = {}},
                 world.clock().WallMicros()) {}
  ~TableFile() {
    if (kept_) return;
    // Half a table is of no use; what cannot be removed is no table to anybody.
    // FAILPOINT: table_file_discard
    static_cast<void>(Step("table_file_discard", [&] { return fs_.RemoveFile(path_); }));
  }
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;

  Status Add(std::string_view key, std::string_view value) {
    RETURN_IF_ERROR(builder_.Add(key, PackTrailer(0, Kind::kPut), value).WithContext(path_ + ": "));
    bytes_ = builder_.EstimatedSize();
    ++entries_;
    return OkStatus();
  }
  Status Finish() {
    if (entries_ == 0) {
      return Error(Code::kInvalidArgument, path_ + ": nothing was added, and no table is empty");
    }
    ASSIGN_OR_RETURN(const TableSummary summary, builder_.Finish());
    bytes_ = summary.file_size;
    // FAILPOINT: table_file_directory_sync
    RETURN_IF_ERROR(SyncStep("table_file_directory_sync",
                             [&] { return fs_.SyncDirectory(DirectoryOf(path_)); }));
    kept_ = true;
    return OkStatus();
  }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  FileSystem& fs_;
  const std::string path_;
  TableBuilder builder_;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
  bool kept_ = false;
};

Result<TableFileBuilder> TableFileBuilder::Create(const std::string& path,
                                                  const TableFileOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  Environment& world = options.environment != nullptr ? *options.environment : SystemEnvironment();
  ASSIGN_OR_RETURN(const bool exists, world.file_system().Exists(path));
  if (exists) {
    return Error(Code::kInvalidArgument, path + ": it is there already: remove it first");
  }
  ASSIGN_OR_RETURN(auto file, world.file_system().Open(
                                  path, OpenMode::kCreate,
                                  options.direct_writes ? IoMode::kDirect : IoMode::kBuffered));
  return TableFileBuilder(std::make_unique<TableFile>(world, path, std::move(file), options));
}

TableFileBuilder::TableFileBuilder(std::unique_ptr<TableFile> file) : file_(std::move(file)) {}
TableFileBuilder::TableFileBuilder(TableFileBuilder&&) noexcept = default;
TableFileBuilder& TableFileBuilder::operator=(TableFileBuilder&&) noexcept = default;
TableFileBuilder::~TableFileBuilder() = default;

Status TableFileBuilder::Add(std::string_view key, std::string_view value) {
  return file_->Add(key, value);
}
Status TableFileBuilder::Finish() { return file_->Finish(); }
std::uint64_t TableFileBuilder::entries() const { return file_->entries(); }
std::uint64_t TableFileBuilder::bytes() const { return file_->bytes(); }

}  // namespace beachdb
