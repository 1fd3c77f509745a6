#include "io/file_system.h"

#include "base/failpoint.h"
#include "base/try.h"

namespace beachdb {

void FileSystem::ReadMany(std::span<ReadRequest> requests) {
  for (ReadRequest& request : requests) {
    request.got = request.file->ReadAt(request.offset, request.out);
  }
}

Result<std::string> FileSystem::ReadFile(const std::string& path, std::uint64_t limit) {
  ASSIGN_OR_RETURN(const auto file, Open(path, OpenMode::kRead));
  ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  if (size > limit) {
    return Error(Code::kCorruption, path + " is " + std::to_string(size) +
                                        " bytes long, want at most " + std::to_string(limit));
  }
  std::string contents(static_cast<std::size_t>(size), '\0');
  ASSIGN_OR_RETURN(const std::size_t read, file->ReadAt(0, contents));
  contents.resize(read);
  return contents;
}

Status FileSystem::WriteFileSynced(const std::string& path, std::string_view contents) {
  ASSIGN_OR_RETURN(const auto file, Open(path, OpenMode::kReplace));
  RETURN_IF_ERROR(file->WriteAt(0, contents));
  return file->Sync();
}

Status FileSystem::WriteFileSynced(const std::string& path, std::string_view contents,
                                   Failpoint sync) {
  ASSIGN_OR_RETURN(const auto file, Open(path, OpenMode::kReplace));
  RETURN_IF_ERROR(file->WriteAt(0, contents));
  return SyncStep(sync, [&] { return file->Sync(); });
}

}  // namespace beachdb
