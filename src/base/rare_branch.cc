#include "base/rare_branch.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace beachdb {
namespace {

std::atomic<RareBranch*>& Newest() {
  static std::atomic<RareBranch*> newest{nullptr};
  return newest;
}

}  // namespace

RareBranch::RareBranch(const char* name) : name_(name) {
  [[maybe_unused]] static const int registered = std::atexit(WriteRareBranches);
  next_ = Newest().load();
  while (!Newest().compare_exchange_weak(next_, this)) {
  }
}

void WriteRareBranches() {
  const char* path = std::getenv("BEACHDB_RARE_BRANCHES");
  if (path == nullptr) return;
  std::string lines;
  for (const RareBranch* branch = Newest().load(); branch != nullptr; branch = branch->next_) {
    if (branch->reached_.load()) lines += std::string(branch->name_) + '\n';
  }
  std::FILE* file = std::fopen(path, "a");
  if (file == nullptr) return;
  // One write, so that processes that end at once do not mix their lines.
  std::setvbuf(file, nullptr, _IOFBF, lines.size() + 1);
  std::fwrite(lines.data(), 1, lines.size(), file);
  std::fclose(file);
}

}  // namespace beachdb
