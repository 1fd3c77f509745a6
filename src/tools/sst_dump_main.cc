// sst_dump: what a table file holds.
#include <functional>

#include "base/try.h"
#include "sstable/table_dump.h"
#include "tools/dump_program.h"

int main(int argc, char** argv) {
  using beachdb::FileSystem;
  using beachdb::Result;
  beachdb::TableDumpOptions options;
  const beachdb::tools::DumpProgram program = {
      .name = "sst_dump",
      .about =
          "Prints a table file: header, footer, properties, and a line for each block. Needs "
          "that file alone; of a damaged one it shows what can be read, and where it stops.",
      .examples =
          "Examples:\n"
          "  sst_dump shells/000012.sst\n"
          "  sst_dump -entries shells/000012.sst | head",
      .flags = {{"--entries", "a line for each entry, too", &options.entries},
                {"--index", "a line for each separator of the index, too", &options.index}},
      .dump = [&options](FileSystem& fs, const std::string& path,
                         const beachdb::tools::LineSink& out) -> Result<std::uint64_t> {
        ASSIGN_OR_RETURN(const auto file, fs.Open(path, beachdb::OpenMode::kRead));
        return beachdb::DumpTable(*file, options, out);
      }};
  return beachdb::tools::RunDumpProgram(program, argc, argv, BEACHDB_VERSION);
}
