#include "tests/support/cut_enumeration.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "base/random.h"
#include "format/file_names.h"
#include "tests/support/scan.h"

namespace beachdb {
namespace {

std::uint64_t Mixed(std::uint64_t seed, std::uint64_t event, std::uint64_t policy) {
  return Random(seed * 0x9e3779b97f4a7c15u + event * 1'000'003 + policy).Next();
}

// A database on a disk as a cut left it: recovered, compared, used a little, closed. Recorded like
// any run, with what was found as the ground that later cuts must leave untouched.
class Aftermath {
 public:
  Aftermath(const DiskImage& image, const CutOracle& before, const CutPoint& cut,
            std::uint64_t seed, LogOwner log_owner)
      : before_(before),
        cut_(cut),
        log_owner_(log_owner),
        seed_(seed),
        random_(seed),
        disk_(image),
        world_(disk_, seed, SimWorld::Threads::kInline) {}

  Recording Record() {
    world_.Run([this] { Use(); });
    recording_.journal = disk_.TakeJournal();
    if (!recording_.failure.empty()) {
      for (const std::string& line : log_) recording_.failure += "\n    log: " + line;
    }
    return std::move(recording_);
  }

 private:
  bool Require(const std::string& problem) {
    if (!problem.empty() && recording_.failure.empty()) recording_.failure = problem;
    return problem.empty();
  }
  bool Require(const Status& status, const char* what) {
    return Require(status.ok() ? "" : std::string(what) + ": " + status.ToString());
  }

  void Use() {
    auto db = Db::Open(kSimDirectory, SimOptions(world_, seed_, &log_, log_owner_));
    if (!db.ok()) {
      Require("recovery: " + db.error().ToString());
      return;
    }
    recording_.opened_at = disk_.Mark();
    std::vector<std::uint64_t> found(before_.writers.size());
    if (!ReadMarkers(*db, found)) return;
    // Without a log the death of the process, too, takes what is in memory.
    const bool kept = log_owner_ == LogOwner::kDatabase &&
                      kCutPolicies[cut_.policy].data == DataFate::kKept &&
                      kCutPolicies[cut_.policy].names == NameFate::kKept;
    if (!Require(before_.Judge(found, cut_.event, kept))) return;
    if (!Compare(*db, before_.StateAt(found), before_.SeqnoAt(found))) return;
    if (!CompareIndexes(*db, found.front())) return;
    StandOn(found);
    if (!WriteMore(*db)) return;
    if (random_.OneIn(2) && !Require(db->Flush(), "flush")) return;
    if (!CompareNow(*db)) return;
    if (!Require(db->Close(), "close") || !random_.OneIn(4)) return;
    db = Db::Open(kSimDirectory, SimOptions(world_, seed_ + 1, &log_, log_owner_));
    if (!db.ok()) {
      Require("second opening: " + db.error().ToString());
      return;
    }
    CompareNow(*db);
  }

  bool ReadMarkers(const Db& db, std::vector<std::uint64_t>& found) {
    for (std::size_t w = 0; w < found.size(); ++w) {
      const auto marker = db.Get(MarkerKey(w));
      if (!marker.ok()) return Require("get: " + marker.error().ToString());
      found[w] = marker->has_value() ? std::strtoull((*marker)->c_str(), nullptr, 10) : 0;
    }
    return true;
  }

  bool Compare(const Db& db, const KeyValues& expected, std::uint64_t seqno) {
    if (!Require(CompareAll(db, expected))) return false;
    const Stats stats = db.GetStats();
    if (stats.last_seqno != seqno) {
      return Require("last seqno is " + std::to_string(stats.last_seqno) + ", expected " +
                     std::to_string(seqno));
    }
    const auto report = db.Verify();
    if (!report.ok()) return Require("verify: " + report.error().ToString());
    if (!report->problems.empty()) return Require("verify: " + report->problems.front());
    return CompareFiles(stats);
  }

  bool CompareNow(const Db& db) {
    std::vector<std::uint64_t> last;
    for (const WriterLog& writer : recording_.oracle.writers) last.push_back(writer.last());
    // Files that a job has just made obsolete are removed by a task.
    world_.RunTasks();
    return Compare(db, recording_.oracle.StateAt(last), recording_.oracle.SeqnoAt(last));
  }

  // What is there is what the database says is there, so that the caller's log goes on behind it.
  bool CompareIndexes(const Db& db, std::uint64_t found) {
    if (log_owner_ == LogOwner::kDatabase) return true;
    if (db.AppliedIndex() == found && db.DurableIndex() == found) return true;
    return Require("batch " + std::to_string(found) + " is the last one there, but applied is " +
                   std::to_string(db.AppliedIndex()) + " and durable " +
                   std::to_string(db.DurableIndex()));
  }

  // The directory holds the tables of the manifest and no others.
  bool CompareFiles(const Stats& stats) {
    std::set<std::uint64_t> live;
    for (const TableStats& table : stats.tables) live.insert(table.number);
    const auto names = disk_.List(kSimDirectory);
    if (!names.ok()) return Require("list: " + names.error().ToString());
    for (const std::string& name : *names) {
      const auto file = ParseFileName(name);
      if (!file) return Require("a file that nobody knows: " + name);
      if (file->type == FileType::kTable && live.erase(file->number) == 0) {
        return Require("an orphan was not removed: " + name);
      }
      if (file->type == FileType::kTemporary) return Require("a leftover: " + name);
    }
    return live.empty() || Require("a live table has no file");
  }

  void StandOn(const std::vector<std::uint64_t>& found) {
    CutOracle& oracle = recording_.oracle;
    oracle.base_seqno = before_.SeqnoAt(found);
    for (std::size_t w = 0; w < found.size(); ++w) {
      oracle.writers.push_back(
          {.base = found[w], .states = {before_.writers[w].StateAt(found[w])}, .batches = {}});
    }
  }

  bool WriteMore(Db& db) {
    const BatchShape shape{.seed = seed_, .epoch = 1 + seed_ % 1'000'000};
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t w = random_.Uniform(before_.writers.size());
      WriterLog& log = recording_.oracle.writers[w];
      KeyValues state = log.states.back();
      const WriteBatch batch = MakeBatch(shape, w, log.last() + 1, state);
      const bool caller_logs = log_owner_ == LogOwner::kCaller;
      const bool sync = !caller_logs && !random_.OneIn(3);
      log.states.push_back(std::move(state));
      log.batches.push_back({.started = disk_.Mark(), .sync = sync, .operations = batch.count()});
      const WriteOptions options{.durability = sync ? Durability::kSync : Durability::kBuffered,
                                 .applied_index = caller_logs ? log.last() : 0};
      if (!Require(db.Write(batch, options), "write after recovery")) return false;
      log.batches.back().acknowledged = disk_.Mark();
    }
    return true;
  }

  const CutOracle& before_;
  const CutPoint cut_;
  const LogOwner log_owner_;
  const std::uint64_t seed_;
  Random random_;
  SimDisk disk_;
  SimWorld world_;
  std::vector<std::string> log_;
  Recording recording_;
};

class Enumeration {
 public:
  explicit Enumeration(const CutConfig& config) : config_(config) {}

  CutReport Run() {
    Recording recording = RunWorkload(config_.shape);
    ForgetSyncs(recording.journal);
    report_.runs = 1;
    report_.events = recording.journal.events.size();
    for (const WriterLog& writer : recording.oracle.writers) {
      report_.batches += writer.batches.size();
    }
    if (!recording.failure.empty()) {
      report_.failures.push_back("seed " + std::to_string(config_.shape.seed) +
                                 ": the workload itself failed: " + recording.failure);
      return report_;
    }
    DiskHistory history(recording.journal);
    for (const std::uint64_t event : Points(report_.events, config_.cuts_max, config_.only)) {
      if (report_.failures.size() >= config_.failures_max) break;
      history.AdvanceTo(event);
      ++report_.cuts;
      CutAt(recording, history, event);
    }
    return report_;
  }

 private:
  void ForgetSyncs(DiskJournal& journal) const {
    if (config_.forget_syncs_of.empty()) return;
    for (DiskEvent& event : journal.events) {
      if (event.op != DiskOp::kSyncEnd) continue;
      const std::string name = event.path.substr(event.path.rfind('/'));
      if (name.find(config_.forget_syncs_of) != std::string::npos) {
        event.op = DiskOp::kMark;
      }
    }
  }

  // Ascending; a cut behind the last event too.
  std::vector<std::uint64_t> Points(std::uint64_t events, std::uint64_t most,
                                    const std::optional<CutPoint>& only) const {
    if (only.has_value()) return {only->event};
    std::set<std::uint64_t> points;
    if (events + 1 <= most) {
      for (std::uint64_t event = 0; event <= events; ++event) points.insert(event);
    } else {
      Random random(config_.shape.seed + events);
      while (points.size() < most) points.insert(random.Uniform(events + 1));
    }
    return {points.begin(), points.end()};
  }

  void CutAt(const Recording& recording, const DiskHistory& history, std::uint64_t event) {
    for (std::size_t policy = 0; policy < kCutPolicies.size(); ++policy) {
      if (report_.failures.size() >= config_.failures_max) return;
      if (config_.only.has_value() && config_.only->policy != policy) continue;
      // Nothing is pending: all policies leave the same disk. Two are run, for other options.
      if (history.settled() && policy > 1 && !config_.only.has_value()) return;
      const CutPoint cut{event, policy};
      const std::uint64_t seed = Mixed(config_.shape.seed, event, policy);
      ++report_.states;
      const Recording after = Aftermath(history.Cut(kCutPolicies[policy], seed), recording.oracle,
                                        cut, seed, config_.shape.log_owner)
                                  .Record();
      if (!after.failure.empty()) {
        Fail(recording, cut, nullptr, std::nullopt, after.failure);
        continue;
      }
      if (config_.nested > 0) CutAgain(recording, after, cut, seed);
    }
  }

  void CutAgain(const Recording& recording, const Recording& after, const CutPoint& cut,
                std::uint64_t seed) {
    const std::uint64_t events = after.journal.events.size();
    DiskHistory history(after.journal);
    for (const std::uint64_t event : Points(events, config_.nested, config_.only_nested)) {
      history.AdvanceTo(event);
      const std::size_t policy = config_.only_nested.has_value()
                                     ? config_.only_nested->policy
                                     : Mixed(seed, event, 1) % kCutPolicies.size();
      const CutPoint second{event, policy};
      const std::uint64_t second_seed = Mixed(seed, event, 2);
      ++report_.nested;
      const Recording end = Aftermath(history.Cut(kCutPolicies[policy], second_seed), after.oracle,
                                      second, second_seed, config_.shape.log_owner)
                                .Record();
      if (end.failure.empty()) continue;
      Fail(recording, cut, &after, second, end.failure);
      return;
    }
  }

  static std::string Place(const Recording& recording, const CutPoint& cut) {
    const auto& events = recording.journal.events;
    return "before event " + std::to_string(cut.event) + " (" +
           (cut.event < events.size() ? events[cut.event].ToString() : "the end") + "), " +
           kCutPolicies[cut.policy].ToString();
  }
  static std::string Spec(const CutPoint& cut) {
    return std::to_string(cut.event) + ":" + std::to_string(cut.policy);
  }

  void Fail(const Recording& recording, const CutPoint& cut, const Recording* after,
            const std::optional<CutPoint>& second, const std::string& what) {
    std::string text = "power cut " + Place(recording, cut);
    std::string spec = Spec(cut);
    if (second.has_value()) {
      text += ", again " + Place(*after, *second);
      spec += "," + Spec(*second);
    }
    text += ": " + what + "\n  replay: BEACHDB_SEED=" + std::to_string(config_.shape.seed) +
            " BEACHDB_CUT=" + spec;
    report_.failures.push_back(std::move(text));
  }

  const CutConfig& config_;
  CutReport report_;
};

}  // namespace

void CutReport::Add(const CutReport& other) {
  runs += other.runs;
  events += other.events;
  cuts += other.cuts;
  states += other.states;
  nested += other.nested;
  batches += other.batches;
  failures.insert(failures.end(), other.failures.begin(), other.failures.end());
}

std::string CutReport::Line() const {
  return "runs=" + std::to_string(runs) + " batches=" + std::to_string(batches) +
         " events=" + std::to_string(events) + " cuts=" + std::to_string(cuts) +
         " states=" + std::to_string(states) + " nested=" + std::to_string(nested) +
         " failures=" + std::to_string(failures.size());
}

CutReport EnumerateCuts(const CutConfig& config) { return Enumeration(config).Run(); }

void ReadReplay(CutConfig& config) {
  const char* text = std::getenv("BEACHDB_CUT");
  if (text == nullptr) return;
  unsigned long long event = 0;
  unsigned long long policy = 0;
  unsigned long long second_event = 0;
  unsigned long long second_policy = 0;
  const int read =
      std::sscanf(text, "%llu:%llu,%llu:%llu", &event, &policy, &second_event, &second_policy);
  if (read >= 2) config.only = CutPoint{event, static_cast<std::size_t>(policy)};
  config.nested = read == 4 ? 1 : 0;
  if (read == 4) {
    config.only_nested = CutPoint{second_event, static_cast<std::size_t>(second_policy)};
  }
}

}  // namespace beachdb
