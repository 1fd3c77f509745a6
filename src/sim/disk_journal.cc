#include "sim/disk_journal.h"

namespace beachdb {

std::string_view DiskOpName(DiskOp op) {
  static constexpr std::string_view kNames[] = {
      "mark",       "write",  "resize",         "sync", "sync names", "end of sync",
      "drop dirty", "create", "make directory", "link", "rename",     "remove"};
  return kNames[static_cast<std::size_t>(op)];
}

std::string DiskEvent::ToString() const {
  std::string text(DiskOpName(op));
  if (!path.empty()) text += ' ' + path;
  if (!target.empty()) text += ' ' + target;
  if (op == DiskOp::kWrite) text += ' ' + std::to_string(offset) + '+' + std::to_string(size);
  if (op == DiskOp::kResize) text += ' ' + std::to_string(size);
  return text;
}

std::map<const SparseBytes*, std::uint32_t> NumberFiles(const DiskImage& image) {
  std::map<const SparseBytes*, std::uint32_t> numbers;
  for (const auto& [path, bytes] : image.files) {
    numbers.emplace(bytes.get(), static_cast<std::uint32_t>(numbers.size()));
  }
  return numbers;
}

std::string ParentDirectory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace beachdb
