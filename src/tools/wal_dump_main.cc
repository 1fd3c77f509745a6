// wal_dump: what a log file holds.
#include "tools/dump_program.h"
#include "wal/log_dump.h"

int main(int argc, char** argv) {
  using beachdb::FileSystem;
  beachdb::LogDumpOptions options;
  const beachdb::tools::DumpProgram program = {
      .name = "wal_dump",
      .about =
          "Prints a write-ahead log: its header, and a line for each record. Needs that file "
          "alone; of a damaged one it shows what can be read, and where it stops.",
      .examples =
          "Examples:\n"
          "  wal_dump shells/000003.wal\n"
          "  wal_dump --operations shells/000003.wal | tail",
      .flags = {{"--operations", "a line for each put and delete, too", &options.operations}},
      .dump = [&options](FileSystem& fs, const std::string& path,
                         const beachdb::tools::LineSink& out) {
        return beachdb::DumpLog(fs, path, options, out);
      }};
  return beachdb::tools::RunDumpProgram(program, argc, argv, BEACHDB_VERSION);
}
