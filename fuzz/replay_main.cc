// Feeds files to a fuzz target without libFuzzer, so that every build, whatever its compiler,
// replays the committed corpus. Arguments are files or folders; the empty input always runs.
//
// Exit codes: 0 every input returned, 2 an argument cannot be read. A crash is the failure.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

// In name order, so that two runs print the same lines.
std::vector<fs::path> FilesUnder(const fs::path& root) {
  if (!fs::is_directory(root)) return {root};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The vector is sized exactly, so that ASan sees a read of even one byte past the input.
bool ReplayFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return false;
  }
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  std::fprintf(stderr, "replaying %s (%zu bytes)\n", path.c_str(), bytes.size());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  LLVMFuzzerTestOneInput(nullptr, 0);
  std::size_t replayed = 1;
  for (const std::string& argument : arguments) {
    if (!fs::exists(argument)) {
      std::fprintf(stderr, "no such file or folder: %s\n", argument.c_str());
      return 2;
    }
    for (const fs::path& file : FilesUnder(argument)) {
      if (!ReplayFile(file)) return 2;
      ++replayed;
    }
  }
  std::printf("%zu inputs replayed\n", replayed);
  return 0;
}
