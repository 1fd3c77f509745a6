#include "tools/closed_database.h"

#include <vector>

#include <fmt/format.h>

#include "base/try.h"
#include "compaction/level_shape.h"
#include "engine/compaction_limits.h"
#include "engine/tree_stats.h"
#include "format/current.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "manifest/manifest_reader.h"
#include "sstable/table.h"

namespace beachdb::tools {
namespace {

constexpr std::uint64_t kLineMax = 4096;       // bytes of CURRENT and IDENTITY
constexpr std::size_t kCacheBytes = 4u << 20;  // nothing stays in it

Result<ClosedDatabase> ReadOnce(const std::string& directory) {
  FileSystem& fs = PosixFileSystem();
  ClosedDatabase database;
  ASSIGN_OR_RETURN(const std::string identity,
                   fs.ReadFile(JoinPath(directory, kIdentityName), kLineMax));
  const auto id = DecodeIdentity(identity);
  if (!id.ok()) return id.error().WithContext(directory + "/");
  database.identity = *id;
  ASSIGN_OR_RETURN(const std::string current,
                   fs.ReadFile(JoinPath(directory, kCurrentName), kLineMax));
  const auto number = DecodeCurrent(current);
  if (!number.ok()) return number.error().WithContext(directory + "/");
  ASSIGN_OR_RETURN(LoadedManifest loaded, LoadManifest(fs, directory, *number, *id));
  database.state = std::move(loaded.state);
  ASSIGN_OR_RETURN(const std::vector<std::string> names, fs.List(directory));
  for (const std::string& name : names) {
    const auto file = ParseFileName(name);
    if (file && file->type == FileType::kLog && file->number >= database.state.log_number) {
      ++database.logs;
    }
  }
  return database;
}

}  // namespace

Result<ClosedDatabase> ClosedDatabase::Read(const std::string& directory) {
  ASSIGN_OR_RETURN(const bool exists, PosixFileSystem().Exists(JoinPath(directory, kCurrentName)));
  if (!exists) {
    return Error(Code::kInvalidArgument, fmt::format("{} holds no database", directory));
  }
  // A writer may replace the MANIFEST between our look at CURRENT and that at the file it names.
  auto database = ReadOnce(directory);
  return database.ok() ? std::move(database) : ReadOnce(directory);
}

Stats ClosedDatabase::ToStats() const {
  const Version& version = *state.version;
  const LevelShape shape = ShapeOf(version, CompactionLimitsOf(Options()));
  Stats stats;
  AddTree(version, shape, stats);
  stats.last_seqno = state.last_seqno;
  stats.durable_index = state.durable_index;
  stats.pending_compaction_bytes = shape.debt_bytes;
  return stats;
}

Result<TableProperties> ReadTableProperties(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<File> file, PosixFileSystem().Open(path, OpenMode::kRead));
  std::string bytes(kFileHeaderSize, '\0');
  RETURN_IF_ERROR(ReadExactly(*file, 0, bytes).WithContext(path + ": "));
  const auto header = DecodeFileHeader(bytes, kTableMagic);
  if (!header.ok()) return header.error().WithContext(path + ": ");
  BlockCache cache(kCacheBytes);
  ASSIGN_OR_RETURN(const std::unique_ptr<Table> table,
                   Table::Open(std::move(file), header->identity, 0, cache, nullptr));
  return table->properties();
}

}  // namespace beachdb::tools
