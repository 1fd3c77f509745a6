// manifest_dump: what a MANIFEST says, edit by edit.
#include <string_view>

#include "manifest/manifest_dump.h"
#include "tools/dump_program.h"

int main(int argc, char** argv) {
  using beachdb::FileSystem;
  using beachdb::Result;
  const beachdb::tools::DumpProgram program = {
      .name = "manifest_dump",
      .about =
          "Prints a MANIFEST: its header, every edit, and the version that they add up to. "
          "Needs that file alone; of a damaged one it shows what can be read.",
      .examples =
          "Examples:\n"
          "  manifest_dump shells/MANIFEST-000001\n"
          "  manifest_dump \"shells/$(cat shells/CURRENT)\"",
      .flags = {},
      .dump = [](FileSystem& fs, const std::string& path,
                 const beachdb::tools::LineSink& out) -> Result<std::uint64_t> {
        const auto dump = beachdb::DumpManifest(fs, path);
        if (!dump.ok()) return dump.error();
        std::string_view text = dump->text;
        if (text.ends_with('\n')) text.remove_suffix(1);
        out(text);
        return static_cast<std::uint64_t>(dump->problems);
      }};
  return beachdb::tools::RunDumpProgram(program, argc, argv, BEACHDB_VERSION);
}
