// crash: kills real processes of a real database, and judges what they leave. `crash --help`.
#include "tools/crash/command_line.h"

int main(int argc, char** argv) {
  return beachdb::tools::crash::RunCrash(argc, argv, BEACHDB_VERSION);
}
