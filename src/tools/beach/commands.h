// The verbs of `beach`: what each is given, and the function that does it. One file per verb.
//
// A verb writes its result to the console, and returns an exit code or the error that stopped it;
// errors are printed in one place (command_line.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "tools/beach/completion.h"
#include "tools/console.h"
#include "tools/exit_code.h"
#include "tools/load_input.h"

namespace beachdb::tools {

struct KeptDatabase;  // database.h

// What every verb is given.
struct Common {
  std::string directory;
  bool json = false;             // machine-readable results
  bool hex = false;              // keys and values on the command line are hex digits
  bool read_only = false;        // open the database without its lock, and change nothing
  KeptDatabase* kept = nullptr;  // the repl's; nullptr: each verb opens its own
};

struct PutArguments {
  std::string key;
  std::string value;
  bool if_absent = false;
  std::optional<std::string> if_equals;
  std::optional<std::uint64_t> expires_in;  // seconds
};

struct GetArguments {
  std::string key;
  bool raw = false;  // no newline after the value
};

struct DeleteArguments {
  std::vector<std::string> keys;
  std::string from_file;  // one key a line
};

struct DeleteRangeArguments {
  std::string from;  // inclusive
  std::string to;    // exclusive
};

enum class ScanFormat : std::uint8_t { kText, kHex, kTsv, kJsonl };

struct ScanArguments {
  std::string from;  // inclusive; empty: from the first key
  std::string to;    // exclusive; empty: to the last key
  std::string prefix;
  bool reverse = false;
  std::uint64_t limit = 0;  // records; 0: all
  ScanFormat format = ScanFormat::kText;
};

struct LoadArguments {
  std::string file;  // "-": standard input
  LoadFormat format = LoadFormat::kTsv;
  bool sorted = false;  // straight into tables
  std::string ack_log;  // gets a line for every batch that is durable; empty: none
  bool resume = false;  // go on where an interrupted load stopped
};

enum class ExportFormat : std::uint8_t { kTsv, kJsonl, kBatches };

struct ExportArguments {
  std::string file = "-";  // "-": standard output
  ExportFormat format = ExportFormat::kTsv;
  std::string from;  // as in ScanArguments
  std::string to;
  std::string prefix;
};

struct ExplainGetArguments {
  std::string key;
};

struct HistoryArguments {
  std::string key;
};

struct TreeArguments {
  bool watch = false;  // once a second, until ended
};

struct EventsArguments {
  bool follow = false;     // until ended
  std::string kind;        // only this one; empty: all
  std::uint64_t last = 0;  // only so many of those that are there; 0: all
};

struct WhyArguments {
  std::string file;
};

struct CheckpointArguments {
  std::string directory;  // of the checkpoint
};

struct BackupArguments {
  std::string repository;
  std::uint64_t id = 0;    // 0: the newest; to verify: all
  std::string directory;   // to restore into
  std::uint64_t keep = 0;  // backups that stay
};

struct VerifyArguments {
  bool deep = false;  // the tables against each other, too
};

struct SalvageArguments {
  std::string source;
  std::string destination;
};

struct CompletionArguments {
  Shell shell = Shell::kBash;
};

struct CompactArguments {
  std::string from;  // inclusive; empty: no bound
  std::string to;    // inclusive; empty: no bound
};

using Outcome = Result<ExitCode>;

Outcome Put(const Common& common, const PutArguments& arguments, Console& console);
Outcome Get(const Common& common, const GetArguments& arguments, Console& console);
Outcome Delete(const Common& common, const DeleteArguments& arguments, Console& console);
Outcome DeleteRange(const Common& common, const DeleteRangeArguments& arguments, Console& console);
Outcome Scan(const Common& common, const ScanArguments& arguments, Console& console);
Outcome Export(const Common& common, const ExportArguments& arguments, Console& console);
Outcome Load(const Common& common, const LoadArguments& arguments, Console& console);
// What Load does with LoadArguments::sorted.
Outcome LoadSorted(const Common& common, const LoadArguments& arguments, Console& console);
// `limit` 0: all records; the format is not used.
Outcome ExplainScan(const Common& common, const ScanArguments& arguments, Console& console);
Outcome ExplainGet(const Common& common, const ExplainGetArguments& arguments, Console& console);
Outcome History(const Common& common, const HistoryArguments& arguments, Console& console);
Outcome PrintStats(const Common& common, Console& console);
Outcome PrintTree(const Common& common, const TreeArguments& arguments, Console& console);
Outcome PrintEvents(const Common& common, const EventsArguments& arguments, Console& console);
Outcome Why(const Common& common, const WhyArguments& arguments, Console& console);
Outcome Compact(const Common& common, const CompactArguments& arguments, Console& console);
Outcome Flush(const Common& common, Console& console);
Outcome Checkpoint(const Common& common, const CheckpointArguments& arguments, Console& console);
Outcome Verify(const Common& common, const VerifyArguments& arguments, Console& console);
// Commands, one a line, from a terminal or a pipe, until the end or `exit`.
Outcome Repl(const Common& common, Console& console);
Outcome CreateBackup(const Common& common, const BackupArguments& arguments, Console& console);
// These need no --db.
Outcome ListBackups(const Common& common, const BackupArguments& arguments, Console& console);
Outcome VerifyBackups(const Common& common, const BackupArguments& arguments, Console& console);
Outcome RestoreBackup(const Common& common, const BackupArguments& arguments, Console& console);
Outcome PruneBackups(const Common& common, const BackupArguments& arguments, Console& console);
Outcome PrintCompletion(const Common& common, const CompletionArguments& arguments,
                        Console& console);
Outcome SalvageDatabase(const Common& common, const SalvageArguments& arguments, Console& console);
Outcome PrintFailpoints(const Common& common, Console& console);

}  // namespace beachdb::tools
