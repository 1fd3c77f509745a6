#include "tools/beach/command_line.h"

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/beach/commands.h"
#include "tools/man_page.h"

namespace beachdb::tools {
namespace {

constexpr const char* kAbout = R"(Looks into a BeachDB database, and changes it.

Every write is on stable storage before beach says that it is done.)";

constexpr const char* kFooter = R"(Examples:
  beach --db shells put conch spiral
  beach --db shells get conch
  beach --db shells scan --prefix con --format tsv
  beach --db shells load records.tsv --format tsv
  beach --db shells tree

While another process has the database open, get, scan, stats, explain, history and verify read beside
it what is there at this moment, as with --read-only; tree, events and why do so always.

`beach VERB --help` shows the options of a verb, with examples. With --json every verb prints JSON;
bytes that are no UTF-8 appear as base64 under the field's name with "_base64" added.

Exit codes: 0 done; 1 no such key, a condition that does not hold, damage found by verify, or
something lost in salvage; 2 wrong command line or input, or no database there; 3 corruption;
4 I/O error or disk full; 5 another process has the database open; 6 the files are of a newer
version.)";

// Everything that the command line can say. Lives as long as the App that points into it.
struct CommandLine {
  Common common;
  PutArguments put;
  GetArguments get;
  DeleteArguments remove;
  DeleteRangeArguments remove_range;
  ScanArguments scan;
  LoadArguments load;
  ExportArguments export_;
  ExplainGetArguments explain_get;
  ScanArguments explain_scan;
  HistoryArguments history;
  TreeArguments tree;
  EventsArguments events;
  WhyArguments why;
  CompactArguments compact;
  CheckpointArguments checkpoint;
  BackupArguments backup;
  VerifyArguments verify;
  SalvageArguments salvage;
  CompletionArguments completion;
  bool needs_database = true;
  std::function<Outcome(Console&)> run;  // set by the verb that was given
};

CLI::App* AddVerb(CLI::App& app, const char* name, const char* what, const char* examples) {
  CLI::App* verb = app.add_subcommand(name, what);
  verb->footer(std::string("Examples:\n") + examples);
  return verb;
}

void AddPut(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(app, "put", "store a value under a key",
                           "  beach --db shells put conch spiral\n"
                           "  beach --db shells --hex put 00ff 0a0b    bytes that are no text\n"
                           "  beach --db shells put -- --key value     a key that begins with -\n"
                           "  beach --db shells put lock mine --if-absent --expires-in 30");
  verb->add_option("KEY", line.put.key, "1 byte to 64 KiB")->required();
  verb->add_option("VALUE", line.put.value, "may be empty: ''")->required();
  CLI::Option* absent = verb->add_flag("--if-absent", line.put.if_absent,
                                       "only if the key has no value; else exit code 1");
  verb->add_option("--if-equals", line.put.if_equals,
                   "only if the key has this value now; else exit code 1")
      ->excludes(absent);
  verb->add_option("--expires-in", line.put.expires_in, "seconds; from then on it is gone");
  verb->callback(
      [&line] { line.run = [&line](Console& c) { return Put(line.common, line.put, c); }; });
}

void AddGet(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(app, "get", "print the value of a key",
                           "  beach --db shells get conch\n"
                           "  beach --db shells get picture --raw > picture.jpeg");
  verb->add_option("KEY", line.get.key)->required();
  verb->add_flag("--raw", line.get.raw, "the bytes of the value alone, without a newline");
  verb->callback(
      [&line] { line.run = [&line](Console& c) { return Get(line.common, line.get, c); }; });
}

void AddDelete(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(app, "delete", "remove keys; absent ones are no error",
                           "  beach --db shells delete conch whelk\n"
                           "  beach --db shells delete --from-file gone.txt");
  verb->add_option("KEY", line.remove.keys);
  verb->add_option(
          "--from-file", line.remove.from_file,
          "also the keys of this file ('-': standard input), one a line, escaped as in TSV")
      ->option_text("FILE");
  verb->callback([&line] {
    if (line.remove.keys.empty() && line.remove.from_file.empty()) {
      throw CLI::RequiredError("delete: KEY or --from-file");
    }
    line.run = [&line](Console& c) { return Delete(line.common, line.remove, c); };
  });
}

void AddDeleteRange(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(app, "delete-range", "remove every key of a range, at once",
                           "  beach --db shells delete-range a b        a is gone, b is not\n"
                           "  beach --db shells delete-range user/17/ user/170");
  verb->add_option("FROM", line.remove_range.from, "the first key")->required();
  verb->add_option("TO", line.remove_range.to, "the key to stop before")->required();
  verb->callback([&line] {
    line.run = [&line](Console& c) { return DeleteRange(line.common, line.remove_range, c); };
  });
}

void AddRange(CLI::App& verb, ScanArguments& scan) {
  verb.add_option("--from", scan.from, "the first key");
  verb.add_option("--to", scan.to, "the key to stop before");
  verb.add_option("--prefix", scan.prefix, "only keys that begin with this");
  verb.add_flag("--reverse", scan.reverse, "the last key first");
  verb.add_option("--limit", scan.limit, "at most so many records")->check(CLI::PositiveNumber);
}

void AddScan(CLI::App& app, CommandLine& line) {
  CLI::App* verb =
      AddVerb(app, "scan", "print records in key order",
              "  beach --db shells scan --limit 10\n"
              "  beach --db shells scan --from a --to b       a is in, b is not\n"
              "  beach --db shells scan --prefix user/ --reverse\n"
              "  beach --db shells scan --format tsv > all.tsv     load reads it again");
  static const std::map<std::string, ScanFormat> kFormats = {{"text", ScanFormat::kText},
                                                             {"hex", ScanFormat::kHex},
                                                             {"tsv", ScanFormat::kTsv},
                                                             {"jsonl", ScanFormat::kJsonl}};
  AddRange(*verb, line.scan);
  verb->add_option("--format", line.scan.format, "text (for people; the default), hex, tsv, jsonl")
      ->transform(CLI::CheckedTransformer(kFormats))
      ->option_text("text|hex|tsv|jsonl");
  verb->callback(
      [&line] { line.run = [&line](Console& c) { return Scan(line.common, line.scan, c); }; });
}

void AddExport(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(
      app, "export", "write records for other programs, or for load",
      "  beach --db shells export shells.batches --format batches\n"
      "  beach --db shells export --format batches | ssh host beach --db copy load - --format "
      "batches\n"
      "  beach --db shells export --format jsonl --prefix user/ | jq .key\n"
      "  beach --db shells export rest.tsv --format tsv --from conch\n\n"
      "One state of the database, in key order, whatever is written meanwhile. tsv and jsonl are\n"
      "text, batches has checksums and an end. FILE must not exist; it is on stable storage when\n"
      "beach says so. An export that was interrupted goes on with --from and the last whole key.\n"
      "It holds what a reader sees, and when a value ends, which tsv alone cannot say.");
  static const std::map<std::string, ExportFormat> kFormats = {{"tsv", ExportFormat::kTsv},
                                                               {"jsonl", ExportFormat::kJsonl},
                                                               {"batches", ExportFormat::kBatches}};
  verb->add_option("FILE", line.export_.file, "'-', the default: standard output");
  verb->add_option("--format", line.export_.format, "tsv, jsonl, or batches (compact, checksummed)")
      ->required()
      ->transform(CLI::CheckedTransformer(kFormats))
      ->option_text("tsv|jsonl|batches");
  verb->add_option("--from", line.export_.from, "the first key");
  verb->add_option("--to", line.export_.to, "the key to stop before");
  verb->add_option("--prefix", line.export_.prefix, "only keys that begin with this");
  verb->callback(
      [&line] { line.run = [&line](Console& c) { return Export(line.common, line.export_, c); }; });
}

void AddLoad(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(
      app, "load", "store the records of a file",
      "  beach --db shells load records.tsv --format tsv\n"
      "  seq 1000 | sed 's/$/\\tx/' | beach --db shells load - --format tsv\n"
      "  beach --db shells scan --format jsonl | beach --db copy load - --format jsonl\n\n"
      "A line that cannot be read ends the load: the error names it, and says how many records\n"
      "before it are committed. With --resume the same command, given again after a crash or an\n"
      "error, goes on behind them: LOAD.position in the directory of the database says where. The\n"
      "input must be the same from its beginning; it is read, and not stored, up to that place.");
  static const std::map<std::string, LoadFormat> kFormats = {
      {"tsv", LoadFormat::kTsv}, {"jsonl", LoadFormat::kJsonl}, {"batches", LoadFormat::kBatches}};
  verb->add_option("FILE", line.load.file, "'-': standard input")->required();
  verb->add_option(
          "--format", line.load.format,
          "tsv: KEY<tab>VALUE; jsonl: {\"key\":..,\"value\":..}, \"expires_at\":second if it ends; "
          "batches: what export writes")
      ->required()
      ->transform(CLI::CheckedTransformer(kFormats))
      ->option_text("tsv|jsonl|batches");
  verb->add_flag("--resume", line.load.resume, "go on where an interrupted load --resume stopped");
  verb->add_flag("--sorted", line.load.sorted,
                 "the keys ascend: write tables at once, at the speed of the disk; all or nothing");
  verb->add_option("--ack-log", line.load.ack_log,
                   "append to this file, for every batch that is durable, its last line's number")
      ->option_text("FILE");
  verb->callback(
      [&line] { line.run = [&line](Console& c) { return Load(line.common, line.load, c); }; });
}

void AddExplain(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(app, "explain", "how a read comes to its answer, step by step",
                           "  beach --db shells explain get conch\n"
                           "  beach --db shells explain scan --prefix user/ --limit 100");
  verb->require_subcommand(1);
  CLI::App* get = AddVerb(
      *verb, "get", "every memtable and table: why it was skipped, or which block was searched",
      "  beach --db shells explain get conch\n"
      "  beach --db shells explain get conch --json | jq .levels");
  get->add_option("KEY", line.explain_get.key)->required();
  get->callback([&line] {
    line.run = [&line](Console& c) { return ExplainGet(line.common, line.explain_get, c); };
  });
  CLI::App* scan = AddVerb(*verb, "scan",
                           "the runs that were merged, the files and blocks that were touched, and "
                           "the dead entries that were passed",
                           "  beach --db shells explain scan --from a --to b\n"
                           "  beach --db shells explain scan --reverse --limit 10");
  AddRange(*scan, line.explain_scan);
  scan->callback([&line] {
    line.run = [&line](Console& c) { return ExplainScan(line.common, line.explain_scan, c); };
  });
}

void AddHistory(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(app, "history", "every version of a key that is still held, and where",
                           "  beach --db shells history conch\n"
                           "  beach --db shells history conch --json");
  verb->add_option("KEY", line.history.key)->required();
  verb->callback([&line] {
    line.run = [&line](Console& c) { return History(line.common, line.history, c); };
  });
}

void AddTree(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(app, "tree", "a picture of the levels, also while a program writes",
                           "  beach --db shells tree\n"
                           "  beach --db shells tree --watch\n"
                           "  beach --db shells tree --json | jq '.levels[].bytes'");
  verb->add_flag("--watch", line.tree.watch, "once a second, until you end it");
  verb->callback(
      [&line] { line.run = [&line](Console& c) { return PrintTree(line.common, line.tree, c); }; });
}

void AddEvents(CLI::App& app, CommandLine& line) {
  CLI::App* verb =
      AddVerb(app, "events", "what the database did by itself: flushes, compactions, stalls, ...",
              "  beach --db shells events --last 20\n"
              "  beach --db shells events --follow --kind compaction\n"
              "  beach --db shells events --json | jq 'select(.event == \"stall\")'");
  EventsArguments& events = line.events;
  verb->add_flag("--follow", events.follow, "go on as they happen, until you end it");
  verb->add_option("--last", events.last, "only the latest so many of those that are there")
      ->check(CLI::PositiveNumber);
  verb->add_option("--kind", events.kind, "only these")
      ->check(CLI::IsMember({"create", "open", "recovery", "flush", "compaction", "move", "log",
                             "stall", "failure", "repair", "read_only", "close"}))
      ->option_text("KIND");
  verb->callback([&line] {
    line.run = [&line](Console& c) { return PrintEvents(line.common, line.events, c); };
  });
}

void AddWhy(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(
      app, "why", "where a table file comes from, and what became of it",
      "  beach --db shells why 000007.sst\n"
      "  beach --db shells why 000003.sst      one that is gone: as long as EVENTS.log knows");
  verb->add_option("FILE", line.why.file, "its name, such as 000007.sst")->required();
  verb->callback(
      [&line] { line.run = [&line](Console& c) { return Why(line.common, line.why, c); }; });
}

void AddCompact(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(app, "compact", "rewrite files so that dead records are gone",
                           "  beach --db shells compact\n"
                           "  beach --db shells compact --from a --to b");
  verb->add_option("--from", line.compact.from, "the first key; default: the very first");
  verb->add_option("--to", line.compact.to, "the last key; default: the very last");
  verb->callback([&line] {
    line.run = [&line](Console& c) { return Compact(line.common, line.compact, c); };
  });
}

void AddCheckpoint(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(
      app, "checkpoint", "make a second database that shares the table files, in a moment",
      "  beach --db shells checkpoint shells-monday\n"
      "  beach --db shells checkpoint /mnt/same-disk/copy && tar -C /mnt/same-disk -cz copy > "
      "b.tgz\n"
      "\n"
      "DIR must be on the same file system, and not exist yet or be empty. It opens like any\n"
      "database; neither of the two ever touches the other.");
  verb->add_option("DIR", line.checkpoint.directory, "where")->required();
  verb->callback([&line] {
    line.run = [&line](Console& c) { return Checkpoint(line.common, line.checkpoint, c); };
  });
}

void AddBackupVerb(CLI::App& verb, CommandLine& line, bool needs_database,
                   Outcome (*run)(const Common&, const BackupArguments&, Console&)) {
  verb.callback([&line, needs_database, run] {
    line.needs_database = needs_database;
    line.run = [&line, run](Console& c) { return run(line.common, line.backup, c); };
  });
}

void AddBackup(CLI::App& app, CommandLine& line) {
  CLI::App* verb =
      AddVerb(app, "backup", "states of the database over time, in a directory of any file system",
              "  beach --db shells backup create /mnt/backups/shells\n"
              "  beach backup list /mnt/backups/shells\n"
              "  beach backup verify /mnt/backups/shells\n"
              "  beach backup restore /mnt/backups/shells shells-restored\n"
              "  beach backup prune /mnt/backups/shells --keep 7");
  verb->require_subcommand(1);
  BackupArguments& backup = line.backup;
  const auto add = [&](const char* name, const char* what, const char* examples) {
    CLI::App* sub = AddVerb(*verb, name, what, examples);
    sub->add_option("REPOSITORY", backup.repository, "the directory of the backups")->required();
    return sub;
  };
  CLI::App* create = add(
      "create", "add a backup; copies what no backup before it has",
      "  beach --db shells backup create /mnt/backups/shells\n\n"
      "The first one makes the repository. It opens the database itself: while a program has it\n"
      "open, that program must make the backup (CreateBackup, beachdb_create_backup).");
  AddBackupVerb(*create, line, true, CreateBackup);
  CLI::App* list = add("list", "the backups, the newest last",
                       "  beach backup list /mnt/backups/shells\n"
                       "  beach backup list /mnt/backups/shells --json | jq '.backups[-1].id'");
  AddBackupVerb(*list, line, false, ListBackups);
  CLI::App* verify = add("verify", "read and check every byte of the backups",
                         "  beach backup verify /mnt/backups/shells && echo sound\n"
                         "  beach backup verify /mnt/backups/shells --id 3");
  verify->add_option("--id", backup.id, "only this backup")->check(CLI::PositiveNumber);
  AddBackupVerb(*verify, line, false, VerifyBackups);
  CLI::App* restore = add("restore", "write a backup into a new directory, checking every byte",
                          "  beach backup restore /mnt/backups/shells shells-restored\n"
                          "  beach backup restore /mnt/backups/shells shells-monday --id 3");
  restore->add_option("DIR", backup.directory, "where; must not exist yet, or be empty")
      ->required();
  restore->add_option("--id", backup.id, "this backup; default: the newest")
      ->check(CLI::PositiveNumber);
  AddBackupVerb(*restore, line, false, RestoreBackup);
  CLI::App* prune = add("prune", "remove all backups but the newest ones",
                        "  beach backup prune /mnt/backups/shells --keep 7");
  prune->add_option("--keep", backup.keep, "so many stay")->required()->check(CLI::PositiveNumber);
  AddBackupVerb(*prune, line, false, PruneBackups);
}

void AddVerify(CLI::App& app, CommandLine& line) {
  CLI::App* verb =
      AddVerb(app, "verify", "read and check every byte of every file",
              "  beach --db shells verify && echo sound\n"
              "  beach --db shells verify --deep\n"
              "  beach --db shells verify --json | jq -r '.problems[]'\n\n"
              "Each problem names file, offset, what was expected and what was found.\n"
              "Progress and rate are shown on a terminal.");
  verb->add_flag("--deep", line.verify.deep,
                 "also hold the tables against each other: no key twice in a level, no newer "
                 "version below an older one");
  verb->callback(
      [&line] { line.run = [&line](Console& c) { return Verify(line.common, line.verify, c); }; });
}

void AddSalvage(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(
      app, "salvage", "copy what is readable of a damaged database into a new one",
      "  beach salvage shells shells-saved\n"
      "  beach salvage shells shells-saved --json | jq .losses\n\n"
      "Nothing in SRC is changed; no process may have it open. The newest readable version of "
      "each\n"
      "key counts. Each loss is told with file, bytes, keys around it and how many entries, as "
      "far\n"
      "as they are known. DST.unfinished is what an interrupted salvage leaves: remove it.\n"
      "Exit codes: 0 complete; 1 with losses, or with a MANIFEST that cannot be read.");
  verb->add_option("SRC", line.salvage.source, "the damaged database")->required();
  verb->add_option("DST", line.salvage.destination, "the new one; must not exist")->required();
  verb->callback([&line] {
    line.needs_database = false;
    line.run = [&line](Console& c) { return SalvageDatabase(line.common, line.salvage, c); };
  });
}

void AddCompletion(CLI::App& app, CommandLine& line) {
  CLI::App* verb =
      AddVerb(app, "completion", "a script that makes a shell complete beach",
              "  beach completion bash > ~/.local/share/bash-completion/completions/beach\n"
              "  beach completion zsh > ~/.zfunc/_beach      a folder of your fpath\n"
              "  beach completion fish > ~/.config/fish/completions/beach.fish");
  static const std::map<std::string, Shell> kShells = {
      {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}};
  verb->add_option("SHELL", line.completion.shell, "bash, zsh or fish")
      ->required()
      ->transform(CLI::CheckedTransformer(kShells))
      ->option_text("bash|zsh|fish");
  verb->callback([&line] {
    line.needs_database = false;
    line.run = [&line](Console& c) { return PrintCompletion(line.common, line.completion, c); };
  });
}

// Verbs without arguments of their own.
void AddPlain(CLI::App& app, CommandLine& line, const char* name, const char* what,
              const char* examples, Outcome (*run)(const Common&, Console&)) {
  AddVerb(app, name, what, examples)->callback([&line, run] {
    line.run = [&line, run](Console& c) { return run(line.common, c); };
  });
}

void AddFailpoints(CLI::App& app, CommandLine& line) {
  CLI::App* verb = AddVerb(
      app, "failpoints", "the places where a test can order a crash or an error",
      "  beach failpoints\n"
      "  beach failpoints --json | jq -r '.[] | select(.kind == \"sync\") | .name'\n"
      "  BEACHDB_FAILPOINTS=\"wal_after_append=crash:3\" beach --db shells load a.tsv --format "
      "tsv\n"
      "  BEACHDB_FAILPOINTS=\"manifest_append=error:enospc:1\" beach --db shells put conch "
      "spiral\n\n"
      "Orders, joined by ';':\n"
      "  NAME=crash[:N]                    SIGKILL at the N-th pass, before the step\n"
      "  NAME=crash_after[:N]              the same behind the step (kinds step, sync)\n"
      "  NAME=error[:CODE[:TIMES[:AFTER]]] eio or enospc instead of the step (all but crash)\n"
      "  NAME=skip                         the step is left out silently (sync)");
  verb->callback([&line] {
    line.needs_database = false;
    line.run = [&line](Console& c) { return PrintFailpoints(line.common, c); };
  });
}

void Declare(CLI::App& app, CommandLine& line, const char* version) {
  app.footer(kFooter);
  if (version != nullptr) {
    app.set_version_flag("--version", std::string("beach ") + version);
    AddManFlag(app, "look into a BeachDB database, and change it", std::string("beach ") + version);
  }
  app.require_subcommand(1);
  app.fallthrough();  // the common options may stand behind the verb, too
  app.add_option("--db", line.common.directory, "directory of the database (REQUIRED)")
      ->option_text("DIR");
  app.add_flag("--json", line.common.json, "print JSON");
  app.add_flag("--hex", line.common.hex, "keys and values on the command line are hex digits");
  app.add_flag("--read-only", line.common.read_only,
               "read without the database's lock, and change nothing in its directory");
  AddPut(app, line);
  AddGet(app, line);
  AddDelete(app, line);
  AddDeleteRange(app, line);
  AddScan(app, line);
  AddExport(app, line);
  AddLoad(app, line);
  AddExplain(app, line);
  AddHistory(app, line);
  AddPlain(app, line, "stats", "what the database knows of itself",
           "  beach --db shells stats\n  beach --db shells stats --json | jq .levels", PrintStats);
  AddTree(app, line);
  AddEvents(app, line);
  AddWhy(app, line);
  AddCompact(app, line);
  AddPlain(app, line, "flush", "write what is in memory into table files",
           "  beach --db shells flush", Flush);
  AddCheckpoint(app, line);
  AddBackup(app, line);
  AddVerify(app, line);
  AddSalvage(app, line);
  AddPlain(
      app, line, "repl", "a session: commands, one a line, from a terminal or a pipe",
      "  beach --db shells repl\n"
      "  printf 'put conch spiral\\nget conch\\n' | beach --db shells repl\n\n"
      "Commands are the verbs, without --db; words are split as a shell does, with '', \"\" and "
      "\\.\n"
      "The database stays open between them. An error does not end the session; exit, quit or\n"
      "the end of the input does. On a terminal there are a history (~/.beach_history, or the\n"
      "file that BEACH_HISTORY names) and completion of verbs, options and keys with the tab\n"
      "key. From a pipe the exit code is that of the first command that failed.",
      Repl);
  AddCompletion(app, line);
  AddFailpoints(app, line);
}

// Runs what `parse` has put into `line`. Everything that a user is told of a command passes here.
ExitCode Execute(const CLI::App& app, CommandLine& line, const std::function<void()>& parse,
                 Console& console) {
  try {
    parse();
    if (line.needs_database && line.common.directory.empty()) throw CLI::RequiredError("--db");
  } catch (const CLI::Success& e) {  // --help, --version
    const int code = app.exit(e);
    std::cout << std::flush;  // in a session more follows, by another way
    return code == 0 ? kExitDone : kExitUsage;
  } catch (const CLI::ParseError& e) {
    return Fail("beach",
                Error(Code::kInvalidArgument, fmt::format("{}; see beach --help", e.what())));
  }
  const Outcome outcome = line.run(console);
  const Status printed = console.Flush();
  if (!outcome.ok()) return Fail("beach", outcome.error());
  if (!printed.ok()) return Fail("beach", printed.error());
  return *outcome;
}

// What a command of a session must not ask for.
Status CheckInSession(const Common& session, const CommandLine& line) {
  if (line.common.directory != session.directory) {
    return Error(Code::kInvalidArgument, "--db: this session is of " + session.directory);
  }
  if (line.load.file == "-" || line.remove.from_file == "-") {
    return Error(Code::kInvalidArgument, "'-': standard input is where the commands come from");
  }
  return OkStatus();
}

}  // namespace

int RunBeach(int argc, char** argv, const char* version) {
  CommandLine line;
  CLI::App app(kAbout, "beach");
  Declare(app, line, version);
  Console console;
  return Execute(
      app, line, [&] { app.parse(argc, argv); }, console);
}

ExitCode RunInSession(const Common& session, const std::vector<std::string>& words,
                      Console& console) {
  CommandLine line;
  line.common = session;
  CLI::App app(kAbout, "beach");
  Declare(app, line, nullptr);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // as parse wants them
  const auto parse = [&] {
    const std::string& first = words.front();
    const auto named = app.get_subcommands([&](CLI::App* v) { return v->get_name() == first; });
    if (!first.starts_with('-') && named.empty()) {
      throw CLI::ValidationError("no such verb", first);
    }
    app.parse(reversed);
    const Status allowed = CheckInSession(session, line);
    if (!allowed.ok()) line.run = [allowed](Console&) -> Outcome { return allowed.error(); };
  };
  return Execute(app, line, parse, console);
}

void DescribeBeach(const std::function<void(const CLI::App& app)>& look) {
  CommandLine line;
  CLI::App app(kAbout, "beach");
  Declare(app, line, "");
  look(app);
}

}  // namespace beachdb::tools
