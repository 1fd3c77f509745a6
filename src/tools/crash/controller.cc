#include "tools/crash/controller.h"

#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/try.h"
#include "io/clock.h"
#include "tools/crash/child.h"
#include "tools/crash/oracle.h"

namespace beachdb::tools::crash {
namespace {

using nlohmann::json;

constexpr std::uint64_t kSilenceMax = 60'000;  // milliseconds until a worker counts as hanging

std::string Line(const json& value) { return value.dump() + "\n"; }

class Run {
 public:
  Run(const Workshop& workshop, const Scenario& scenario)
      : workshop_(workshop),
        scenario_(scenario),
        // Two levels that do not exist: making them is a part of it.
        database_(workshop.directory + "/new/db"),
        copy_(workshop.directory + "/copy"),
        errors_(workshop.directory + "/workers.stderr") {}

  Result<ScenarioResult> Live() {
    for (const Cycle& cycle : scenario_.cycles) {
      CycleResult& result = result_.cycles.emplace_back();
      ASSIGN_OR_RETURN(std::string wrong, LiveCycle(cycle, result));
      if (wrong.empty()) {
        ASSIGN_OR_RETURN(wrong, Check(cycle, result));
      }
      if (!wrong.empty()) {
        result_.failure = fmt::format("cycle {} of {}: {}{}", result_.cycles.size(),
                                      scenario_.cycles.size(), wrong, LastWords());
        break;
      }
    }
    return std::move(result_);
  }

 private:
  // What is wrong; empty: nothing.
  Result<std::string> LiveCycle(const Cycle& cycle, CycleResult& result);
  std::string Listen(const Cycle& cycle, Child& worker, CycleResult& result);
  std::string JudgeEnd(int status, bool killed, CycleResult& result);
  Result<std::string> Check(const Cycle& cycle, CycleResult& result);
  std::string Gather(Child& worker, State& found);
  void NoteHits(const Event& event);

  static std::vector<Fate> FatesOf(const Cycle& cycle, const CycleResult& result);
  std::string LastWords() const;

  const Workshop& workshop_;
  const Scenario& scenario_;
  const std::string database_;
  const std::string copy_;
  const std::string errors_;
  Oracle oracle_;
  ScenarioResult result_;
  bool killed_ = false;  // by us, in this cycle
};

Result<std::string> Run::LiveCycle(const Cycle& cycle, CycleResult& result) {
  ASSIGN_OR_RETURN(Child worker,
                   Child::Start(workshop_.program, "count;" + cycle.failpoints, errors_));
  killed_ = false;
  std::string orders = Line({{"role", "write"},
                             {"directory", database_},
                             {"settings", ToJson(cycle.settings)},
                             {"threads", scenario_.threads},
                             {"close", cycle.ending == Ending::kClose}});
  for (const Op& op : cycle.ops) orders += Line(ToJson(op));
  // A worker that has gone already shows so by its silence.
  static_cast<void>(worker.Send(orders + "{\"go\":true}\n"));
  const auto kill_soon = [&] {
    SystemClock().SleepNanos(cycle.delay_micros * 1000);
    worker.Kill();
    killed_ = true;
  };
  if (cycle.ending == Ending::kKillAtStart) kill_soon();
  std::string wrong = Listen(cycle, worker, result);
  if (!wrong.empty()) return wrong;
  return JudgeEnd(worker.Wait(), killed_, result);
}

// Takes events until there are no more; kills where the cycle says so.
std::string Run::Listen(const Cycle& cycle, Child& worker, CycleResult& result) {
  std::uint64_t answers = 0;
  std::string line;
  for (;;) {
    const Child::Read read = worker.NextLine(&line, kSilenceMax);
    if (read == Child::Read::kEnd) return {};
    if (read == Child::Read::kTimeout) {
      worker.Kill();
      return fmt::format("the worker has said nothing for {} s: it hangs", kSilenceMax / 1000);
    }
    const json value = json::parse(line, nullptr, false);
    if (value.is_discarded()) return "the worker said something that is no JSON: " + line;
    const Event event = EventFromJson(value);
    result.events.push_back(event);
    NoteHits(event);
    if (event.kind == "ack" || event.kind == "fail") ++answers;
    const bool now = (cycle.ending == Ending::kKillAtAck && answers == cycle.answers &&
                      (event.kind == "ack" || event.kind == "fail")) ||
                     (event.kind == "done" && cycle.ending != Ending::kClose);
    if (now && !killed_) {
      if (cycle.ending == Ending::kKillAtAck) SystemClock().SleepNanos(cycle.delay_micros * 1000);
      worker.Kill();
      killed_ = true;
    }
  }
}

void Run::NoteHits(const Event& event) {
  const auto it = event.hits.find(scenario_.point);
  if (it != event.hits.end() && it->second > 0) result_.point_hit = true;
}

std::string Run::JudgeEnd(int status, bool killed, CycleResult& result) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    const std::string& armed = scenario_.cycles[result_.cycles.size() - 1].failpoints;
    if (killed) {
      result.end = "killed by the harness";
      return {};
    }
    if (armed.find("=crash") == std::string::npos) return "the worker was killed by somebody else";
    result.end = "died at a failpoint";
    // Orders name one point that crashes: the scenario's, or that of a prelude.
    if (!scenario_.point.empty() && armed.find(scenario_.point + "=crash") != std::string::npos) {
      result_.point_hit = true;
    }
    return {};
  }
  if (WIFSIGNALED(status)) return fmt::format("the worker died of signal {}", WTERMSIG(status));
  result.end = fmt::format("exit {}", WEXITSTATUS(status));
  if (WEXITSTATUS(status) != 0) return "the worker ended with " + result.end;
  const bool may_fail = !scenario_.cycles[result_.cycles.size() - 1].failpoints.empty();
  for (const Event& event : result.events) {
    const bool failed =
        event.kind == "fail" || event.kind == "open_failed" || event.kind == "close_failed";
    if (failed && !may_fail) return fmt::format("{}: {}", event.kind, event.message);
  }
  return {};
}

std::vector<Fate> Run::FatesOf(const Cycle& cycle, const CycleResult& result) {
  std::map<std::uint64_t, Fate> by_op;
  for (const Event& event : result.events) {
    if (event.kind == "start" || event.kind == "fail") by_op[event.op] = Fate::kUncertain;
    if (event.kind == "ack") by_op[event.op] = Fate::kAcknowledged;
  }
  std::vector<Fate> fates;
  for (const Op& op : cycle.ops) {
    const auto it = by_op.find(op.id);
    fates.push_back(it == by_op.end() ? Fate::kNotStarted : it->second);
  }
  return fates;
}

// Looks at a copy: what a crash left is for the next worker to recover, under its own orders.
Result<std::string> Run::Check(const Cycle& cycle, CycleResult& result) {
  std::error_code failed;
  std::filesystem::remove_all(copy_, failed);
  const bool there = std::filesystem::exists(database_, failed);
  if (there) std::filesystem::copy(database_, copy_, failed);
  if (failed) return Error(Code::kIoError, copy_ + ": " + failed.message());
  ASSIGN_OR_RETURN(Child worker, Child::Start(workshop_.program, "", errors_));
  std::string orders = Line({{"role", "check"},
                             {"directory", copy_},
                             {"original", database_},
                             {"settings", ToJson(cycle.settings)}});
  std::set<std::string> keys;
  for (const Op& op : cycle.ops) {
    for (const Change& change : op.changes) keys.insert(change.key);
  }
  for (const std::string& key : keys) orders += Line({{"key", BytesToJson(key)}});
  static_cast<void>(worker.Send(orders + "{\"go\":true}\n"));
  State found;
  std::string wrong = Gather(worker, found);
  if (!wrong.empty()) return wrong;
  const int status = worker.Wait();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fmt::format("the process that looked at the database died: status {:#x}", status);
  }
  result.entries = found.size();
  return oracle_.Judge(cycle.ops, FatesOf(cycle, result), found).value_or("");
}

// What the checking process shows.
std::string Run::Gather(Child& worker, State& found) {
  std::string line;
  std::string last;
  for (;;) {
    const Child::Read read = worker.NextLine(&line, kSilenceMax);
    if (read == Child::Read::kTimeout) return "the process that looks at the database hangs";
    if (read == Child::Read::kEnd) {
      return last == "checked" ? "" : "the process that looked at the database died after: " + last;
    }
    const json value = json::parse(line, nullptr, false);
    if (value.is_discarded()) return "no JSON: " + line;
    last = value.value("event", "");
    if (last == "entry") {
      found.emplace(BytesFromJson(value.at("key")), BytesFromJson(value.at("value")));
    }
    if (last == "open_failed") return "it does not open again: " + value.value("message", "");
    if (last == "problem") return value.value("message", "");
  }
}

// What workers said on stderr: a failed CHECK, a sanitizer's report.
std::string Run::LastWords() const {
  constexpr std::size_t kShown = 4000;  // bytes
  std::ifstream in(errors_);
  std::ostringstream text;
  text << in.rdbuf();
  std::string words = text.str();
  if (words.size() > kShown) words = "..." + words.substr(words.size() - kShown);
  return words.empty() ? "" : "; workers said: " + words;
}

}  // namespace

Result<ScenarioResult> RunScenario(const Workshop& workshop, const Scenario& scenario) {
  std::error_code failed;
  std::filesystem::remove_all(workshop.directory, failed);
  if (!failed) std::filesystem::create_directories(workshop.directory, failed);
  if (failed) return Error(Code::kIoError, workshop.directory + ": " + failed.message());
  return Run(workshop, scenario).Live();
}

}  // namespace beachdb::tools::crash
