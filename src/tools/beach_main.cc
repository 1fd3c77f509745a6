// beach: the command line of BeachDB. `beach --help`.
#include "tools/beach/command_line.h"

int main(int argc, char** argv) { return beachdb::tools::RunBeach(argc, argv, BEACHDB_VERSION); }
