// Engine::OpenReadOnly: one state of a database whose files somebody else may be changing.
//
// What is on disk at any moment is what a crash at that moment would leave, and recovery knows how
// to read that. But the files are read one after the other, while the writer goes on. Steps:
//   1. a first look at the manifest: no log below the one that it names will ever be needed
//   2. the logs from there on are copied into memory, the newest first, each from its end
//   3. the manifest is read. It says which of the logs hold what is in no table; each of those was
//      there in step 2, because a log is given up only after the manifest has said so
//   4. every table is opened: from here on the writer may remove it
//   5. the logs are replayed from their copies into memory
// What does not fit (a table that is gone between 3 and 4, a manifest that was replaced) makes all
// of it begin again. What is really damaged is so again, and in the same words.
//
// Why it is a prefix of the commit order, with all that was acknowledged before: such a write was
// whole in a log or a table before step 2, and is in a table in step 3 if its log was given up. A
// record that is in a copy was written before what precedes it was copied, so the copies end where
// the logs ended at one moment; and the tables hold the beginning of what the logs go on with.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/try.h"
#include "engine/engine.h"
#include "engine/recovery.h"
#include "format/file_names.h"
#include "manifest/manifest.h"

namespace beachdb {
namespace {

// What disturbs a try are merges that remove a table just when it is to be opened.
constexpr int kTriesMax = 20;

// What looks torn may be just being written: nothing to warn of.
Options WithoutWarnings(Options options) {
  options.log = [log = std::move(options.log)](LogLevel level, std::string_view line) {
    if (log) log(std::min(level, LogLevel::kInfo), line);
  };
  return options;
}

struct HeldLogs {
  std::vector<std::uint64_t> held;  // ascending
  std::uint64_t retired_max = 0;    // the highest of those that were given up meanwhile
};

Result<HeldLogs> HoldLogs(EngineContext& context, ReadOnlyFileSystem& files, std::uint64_t lowest) {
  std::vector<std::uint64_t> numbers;
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(context.directory));
  for (const std::string& name : names) {
    const auto file = ParseFileName(name);
    if (file && file->type == FileType::kLog && file->number >= lowest) {
      numbers.push_back(file->number);
    }
  }
  std::sort(numbers.rbegin(), numbers.rend());
  HeldLogs logs;
  for (const std::uint64_t number : numbers) {
    ASSIGN_OR_RETURN(const auto state,
                     files.HoldLog(JoinPath(context.directory, LogName(number)), number));
    if (state == ReadOnlyFileSystem::LogState::kHeld) logs.held.push_back(number);
    if (state == ReadOnlyFileSystem::LogState::kRetired) {
      logs.retired_max = std::max(logs.retired_max, number);
    }
  }
  std::reverse(logs.held.begin(), logs.held.end());
  return logs;
}

std::set<std::uint64_t> TablesOf(const ManifestState& state) {
  std::set<std::uint64_t> numbers;
  for (const auto& level : state.version->levels) {
    for (const FileRef& file : level) numbers.insert(file->number);
  }
  return numbers;
}

// A table or an edit that is lost shows only where nobody goes on removing and adding them; and who
// does so has looked himself when he opened.
Status CheckNothingLost(EngineContext& context, const Manifest& manifest) {
  const Status checked = CheckTables(context, manifest);
  if (checked.ok()) return checked;
  ASSIGN_OR_RETURN(const std::unique_ptr<Manifest> now, OpenManifest(context));
  const bool changed = now->state().log_number != manifest.state().log_number ||
                       TablesOf(now->state()) != TablesOf(manifest.state());
  return changed ? OkStatus() : checked;
}

Result<std::vector<TableRef>> OpenTables(TableCache& tables, const Version& version) {
  std::vector<TableRef> opened;
  for (const auto& level : version.levels) {
    for (const FileRef& file : level) {
      opened.push_back(tables.SlotOf(file));
      RETURN_IF_ERROR(opened.back()->Open());
    }
  }
  return opened;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::OpenReadOnly(const std::string& directory,
                                                     const Options& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  Environment& world = options.environment != nullptr ? *options.environment : SystemEnvironment();
  std::string before;
  for (int tries = 1;; ++tries) {
    std::unique_ptr<Engine> engine(new Engine(directory, WithoutWarnings(options),
                                              std::make_unique<ReadOnlyEnvironment>(world)));
    const Status started = engine->StartReadOnly();
    if (started.ok()) return engine;
    Error error = started.error().WithContext("opening " + directory + " read-only: ");
    const bool believed = error.code() == Code::kInvalidArgument ||
                          error.code() == Code::kNotSupported ||
                          (error.code() != Code::kBusy && error.message() == before);
    if (believed) return error;
    if (tries == kTriesMax) {
      return Error(Code::kBusy,
                   fmt::format("{} tries met a state that was gone before it was read: "
                               "try again when the writer has less to do; the last: {}",
                               tries, error.message()));
    }
    before = error.message();
  }
}

Status Engine::StartReadOnly() {
  ReadOnlyFileSystem& files = read_only_->files();
  ASSIGN_OR_RETURN(const bool exists, files.Exists(JoinPath(context_.directory, kCurrentName)));
  if (!exists) return Error(Code::kInvalidArgument, "there is no database (no CURRENT)");
  ASSIGN_OR_RETURN(const std::unique_ptr<Manifest> first, OpenManifest(context_));
  ASSIGN_OR_RETURN(HeldLogs logs, HoldLogs(context_, files, first->state().log_number));
  const auto copied = static_cast<std::int64_t>(files.held_bytes());
  ASSIGN_OR_RETURN(std::unique_ptr<Manifest> manifest, OpenManifest(context_));
  const ManifestState state = manifest->state();
  if (logs.retired_max > 0 && logs.retired_max >= state.log_number) {
    return Error(Code::kBusy, LogName(logs.retired_max) + " was removed while it was read");
  }
  std::erase_if(logs.held, [&](std::uint64_t number) { return number < state.log_number; });

  executor_ = context_.environment.MakeExecutor(1);
  // None is closed before the end: it may have lost its name, and then cannot be opened again.
  tables_ = std::make_unique<TableCache>(
      files, context_.directory, context_.database, context_.blocks,
      std::numeric_limits<std::size_t>::max(), [](const FileMetadata&) {},
      context_.options.direct_reads ? IoMode::kDirect : IoMode::kBuffered, context_.logger,
      *executor_);
  const auto tables = OpenTables(*tables_, *state.version);
  RETURN_IF_ERROR(CheckNothingLost(context_, *manifest));
  RETURN_IF_ERROR(tables);
  tree_ = std::make_unique<LsmTree>(std::move(manifest), *tables_);
  context_.blocks.Charge(copied);
  Result<Recovered> recovered = ReplayLogsIntoMemory(context_, *executor_, *tree_, logs.held);
  files.DropLogs();
  context_.blocks.Charge(-copied);
  RETURN_IF_ERROR(recovered);
  found_ = {.applied_index = recovered->applied_index, .files = 3 + logs.held.size()};
  tree_->Start(std::move(recovered->unflushed),
               NewMemTable(context_, context_.options.write_buffer), recovered->log_number);
  context_.snapshots.Publish(recovered->last_seqno);
  return OkStatus();
}

}  // namespace beachdb
