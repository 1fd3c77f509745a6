// manifest_dump: what a MANIFEST says, edit by edit.
#include <cstdint>

#include <CLI/CLI.hpp>

#include "manifest/manifest_dump.h"
#include "tools/dump_program.h"

int main(int argc, char** argv) {
  using beachdb::FileSystem;
  std::uint64_t at = 0;
  const CLI::Option* at_option = nullptr;
  const beachdb::tools::DumpProgram program = {
      .name = "manifest_dump",
      .what = "print a MANIFEST file of a BeachDB database",
      .about =
          "Prints a MANIFEST: its header, every edit, and the version that they add up to. "
          "Needs that file alone; of a damaged one it shows what can be read.",
      .examples =
          "Examples:\n"
          "  manifest_dump shells/MANIFEST-000001\n"
          "  manifest_dump \"shells/$(cut -d ' ' -f 1 shells/CURRENT)\"\n"
          "  manifest_dump --at 3 shells/MANIFEST-000001",
      .declare =
          [&](CLI::App& app) {
            at_option = app.add_option("--at", at,
                                       "the version as it was after this record; 0 is the snapshot")
                            ->type_name("EDIT")
                            ->check(CLI::NonNegativeNumber);
          },
      .dump =
          [&](FileSystem& fs, const std::string& path, const beachdb::DumpSink& out) {
            beachdb::ManifestDumpOptions options;
            if (!at_option->empty()) options.at = at;
            return beachdb::DumpManifest(fs, path, options, out);
          }};
  return beachdb::tools::RunDumpProgram(program, argc, argv, BEACHDB_VERSION);
}
