#include "tests/damage/image_file_system.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/check.h"

namespace beachdb {
namespace {

std::string NameOf(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));  // npos + 1 == 0: the whole of it
}

Error NoSuchFile(std::string_view call, const std::string& path) {
  return {Code::kIoError, std::string(call) + " " + path + ": No such file or directory"};
}

class ImageLock final : public FileLock {};

}  // namespace

class ImageFile final : public File {
 public:
  ImageFile(std::string path, std::shared_ptr<ImageFileSystem::Inode> inode)
      : File(std::move(path)), inode_(std::move(inode)) {}

  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    if (offset >= inode_->size) return std::size_t{0};
    const std::size_t size = std::min<std::uint64_t>(out.size(), inode_->size - offset);
    const std::string_view stored = inode_->stored();
    const std::size_t there =
        offset < stored.size() ? std::min<std::size_t>(size, stored.size() - offset) : 0;
    if (there > 0) std::memcpy(out.data(), stored.data() + offset, there);
    std::memset(out.data() + there, 0, size - there);
    return size;
  }
  Status WriteAt(std::uint64_t offset, std::string_view data) override {
    const bool zeros = data.find_first_not_of('\0') == std::string_view::npos;
    inode_->size = std::max<std::uint64_t>(inode_->size, offset + data.size());
    if (zeros && offset >= inode_->stored().size()) return OkStatus();
    inode_->Own(offset + data.size());
    std::memcpy(inode_->own.data() + offset, data.data(), data.size());
    return OkStatus();
  }
  Status Sync() override { return OkStatus(); }
  Status Allocate(std::uint64_t size) override {
    inode_->size = std::max(inode_->size, size);
    return OkStatus();
  }
  Status Truncate(std::uint64_t size) override {
    CHECK(!inode_->mapped);
    inode_->Own(std::min<std::uint64_t>(size, inode_->stored().size()));
    inode_->own.resize(std::min<std::uint64_t>(size, inode_->own.size()));
    inode_->size = size;
    return OkStatus();
  }
  Result<std::uint64_t> Size() override { return inode_->size; }
  Result<std::span<char>> Map(std::uint64_t size) override {
    CHECK(size <= inode_->size);
    inode_->Own(size);
    inode_->mapped = true;
    return std::span<char>(inode_->own.data(), size);
  }
  void Prefetch(std::uint64_t /*offset*/, std::uint64_t /*size*/) override {}
  std::size_t alignment() const override { return 1; }

 private:
  const std::shared_ptr<ImageFileSystem::Inode> inode_;
};

void ImageFileSystem::Inode::Own(std::uint64_t bytes) {
  if (shared != nullptr) {
    own = *shared;
    shared = nullptr;
  }
  if (own.size() >= bytes) return;
  CHECK(!mapped);
  own.resize(bytes);
}

ImageFileSystem::ImageFileSystem(const Image& image) {
  for (const auto& [name, file] : image) {
    auto inode = std::make_shared<Inode>();
    inode->shared = file.stored;
    inode->size = file.size;
    names_.emplace(name, std::move(inode));
  }
}

Image ImageFileSystem::Capture() const {
  Image image;
  for (const auto& [name, inode] : names_) {
    const std::string_view stored = inode->stored();
    const std::size_t used = stored.find_last_not_of('\0') + 1;  // npos + 1 == 0
    image.emplace(
        name, FileImage{std::make_shared<const std::string>(stored.substr(0, used)), inode->size});
  }
  return image;
}

bool ImageFileSystem::Holds(const Image& image, std::string_view except) const {
  for (const auto& [name, file] : image) {
    if (name == except) continue;
    const auto found = names_.find(name);
    if (found == names_.end() || found->second->shared != file.stored ||
        found->second->size != file.size) {
      return false;
    }
  }
  return names_.size() == image.size() + (image.contains(std::string(except)) ? 0 : 1);
}

void ImageFileSystem::Tell(std::string_view what, std::string_view name) const {
  if (watch_) watch_(std::string(what) + " " + std::string(name));
}

Result<std::unique_ptr<File>> ImageFileSystem::Open(const std::string& path, OpenMode mode,
                                                    IoMode /*io*/) {
  const std::string name = NameOf(path);
  auto found = names_.find(name);
  const bool makes = mode == OpenMode::kCreate || mode == OpenMode::kReplace;
  if (found == names_.end() && !makes) return NoSuchFile("open", path);
  if (found != names_.end() && mode == OpenMode::kCreate) {
    return Error(Code::kIoError, "open " + path + ": File exists");
  }
  if (found == names_.end()) {
    Tell("create", name);
    found = names_.emplace(name, std::make_shared<Inode>()).first;
  } else if (mode == OpenMode::kReplace) {
    *found->second = Inode{};
  }
  return std::unique_ptr<File>(std::make_unique<ImageFile>(path, found->second));
}

Result<std::vector<std::string>> ImageFileSystem::List(const std::string& /*directory*/) {
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) names.push_back(name);
  return names;
}

Result<bool> ImageFileSystem::Exists(const std::string& path) {
  const std::string name = NameOf(path);
  return names_.contains(name) || name == "." || name == "db";
}

Result<std::uint64_t> ImageFileSystem::FileSize(const std::string& path) {
  const auto found = names_.find(NameOf(path));
  if (found == names_.end()) return NoSuchFile("stat", path);
  return found->second->size;
}

Status ImageFileSystem::Rename(const std::string& from, const std::string& to) {
  const auto found = names_.find(NameOf(from));
  if (found == names_.end()) return NoSuchFile("rename", from);
  Tell("rename", found->first);
  names_[NameOf(to)] = found->second;
  names_.erase(found);
  return OkStatus();
}

Status ImageFileSystem::RemoveFile(const std::string& path) {
  const auto found = names_.find(NameOf(path));
  if (found == names_.end()) return NoSuchFile("unlink", path);
  Tell("remove", found->first);
  names_.erase(found);
  return OkStatus();
}

Status ImageFileSystem::Link(const std::string& from, const std::string& /*to*/) {
  return Error(Code::kNotSupported, "link " + from + ": there are no links in memory");
}

Result<std::unique_ptr<FileLock>> ImageFileSystem::Lock(const std::string& path) {
  names_.try_emplace(NameOf(path), std::make_shared<Inode>());
  return std::unique_ptr<FileLock>(std::make_unique<ImageLock>());
}

}  // namespace beachdb
