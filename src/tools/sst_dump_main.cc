// sst_dump: what a table file holds.
#include <string>

#include <CLI/CLI.hpp>

#include "base/try.h"
#include "sstable/table_dump.h"
#include "tools/dump_program.h"

namespace {

// What the command line asks for; nothing: a summary.
struct Wanted {
  bool properties = false;
  bool filter = false;
  bool index = false;
  bool blocks = false;
  bool entries = false;
  std::string hex;

  void Declare(CLI::App& app) {
    app.add_flag("--properties", properties, "what the table says of itself");
    app.add_flag("--filter", filter, "the filter, and how full each of its lines is");
    app.add_flag("--index", index, "a line for each separator of the index");
    app.add_flag("--blocks", blocks, "a line for each data block");
    app.add_flag("--entries", entries, "a line for each entry");
    app.add_option("--hex", hex,
                   "every byte of this part with its meaning: a data block by its number from 0, "
                   "header, filter, index, properties or footer")
        ->type_name("BLOCK");
  }

  beachdb::Result<beachdb::TableDumpOptions> Options() const {
    beachdb::TableDumpOptions options;
    if (properties || filter || index || blocks || entries || !hex.empty()) {
      options.properties = properties;
      options.filter = options.filter_lines = filter;
      options.index = index;
      options.blocks = blocks;
      options.entries = entries;
    }
    if (!hex.empty()) {
      ASSIGN_OR_RETURN(options.hex, beachdb::ParseTablePart(hex));
    }
    return options;
  }
};

}  // namespace

int main(int argc, char** argv) {
  using beachdb::FileSystem;
  using beachdb::Result;
  Wanted wanted;
  const beachdb::tools::DumpProgram program = {
      .name = "sst_dump",
      .what = "print a table file of a BeachDB database",
      .about =
          "Prints a table file: header and footer, and what is asked for; without a question its "
          "properties, its filter and a line for each block. Needs that file alone, and always "
          "checks all of it; of a damaged one it shows what can be read, and where it stops.",
      .examples =
          "Examples:\n"
          "  sst_dump shells/000012.sst\n"
          "  sst_dump -entries shells/000012.sst | head\n"
          "  sst_dump -hex 0 shells/000012.sst",
      .declare = [&wanted](CLI::App& app) { wanted.Declare(app); },
      .dump = [&wanted](FileSystem& fs, const std::string& path,
                        const beachdb::DumpSink& out) -> Result<std::uint64_t> {
        ASSIGN_OR_RETURN(const auto options, wanted.Options());
        ASSIGN_OR_RETURN(const auto file, fs.Open(path, beachdb::OpenMode::kRead));
        return beachdb::DumpTable(*file, options, out);
      }};
  return beachdb::tools::RunDumpProgram(program, argc, argv, BEACHDB_VERSION);
}
