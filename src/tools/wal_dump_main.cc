// wal_dump: what a log file holds.
#include <CLI/CLI.hpp>

#include "tools/dump_program.h"
#include "wal/log_dump.h"

int main(int argc, char** argv) {
  using beachdb::FileSystem;
  beachdb::LogDumpOptions options;
  const beachdb::tools::DumpProgram program = {
      .name = "wal_dump",
      .what = "print a log file of a BeachDB database",
      .about =
          "Prints a write-ahead log: its header, and a line for each record. Needs that file "
          "alone; of a damaged one it shows what can be read, and where it stops.",
      .examples =
          "Examples:\n"
          "  wal_dump shells/000003.wal\n"
          "  wal_dump -decode shells/000003.wal | tail\n"
          "  wal_dump -decode -json shells/000003.wal > operations.jsonl",
      .declare =
          [&options](CLI::App& app) {
            app.add_flag("--decode", options.operations, "a line for each put and delete, too");
            app.add_flag("--hex", options.hex, "every byte with its meaning, too");
          },
      .dump =
          [&options](FileSystem& fs, const std::string& path, const beachdb::DumpSink& out) {
            return beachdb::DumpLog(fs, path, options, out);
          }};
  return beachdb::tools::RunDumpProgram(program, argc, argv, BEACHDB_VERSION);
}
