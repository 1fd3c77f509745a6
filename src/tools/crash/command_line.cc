#include "tools/crash/command_line.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/try.h"
#include "io/clock.h"
#include "tools/crash/campaign.h"
#include "tools/crash/controller.h"
#include "tools/crash/worker.h"
#include "tools/exit_code.h"
#include "tools/progress.h"

namespace beachdb::tools::crash {
namespace {

constexpr const char* kAbout =
    R"(Kills real processes of a real database, and judges what they leave.

Workers write what a seed decides, and die: at a failpoint, or by SIGKILL at a random moment. After
every death another process opens the database. Every acknowledged operation must be there, one
that was under way whole or not at all, and nothing else; scans in both directions and gets must
agree, and the deepest Verify must find nothing.

The page cache survives the death of a process: this proves the contract of a crash, not of a power
cut.)";

constexpr const char* kFooter = R"(Examples:
  crash run                                     every failpoint once, and random kills: a minute
  crash run --profile full --seed 7             several times as much
  crash run --crash-point flush_after_publish   one point as a crash (may be repeated)
  crash run --fault-point wal_sync --threads 4  one point as an error
  crash run --seconds 600 --seed 100            round after round, with seeds 100, 101, ...
  crash replay failure.json --attempts 20       a scenario again, until it fails

Exit codes: 0 the contract was kept; 1 it was broken (an artifact tells how), or a failpoint was
never hit; 2 wrong command line or artifact; 4 the harness itself could not run.)";

struct Arguments {
  CampaignOptions campaign;
  std::string directory;
  std::string artifact = "crash-failure.json";
  bool keep_artifact = false;
  std::uint64_t seconds = 0;
  std::uint64_t attempts = 1;
};

// What a campaign has done, for people and for `make proof`.
struct Tally {
  std::uint64_t scenarios = 0, cycles = 0, crashes = 0, kills = 0, errors_hit = 0, operations = 0;
  std::set<std::string> crashed_at, failed_at;

  void Add(const Scenario& scenario, const ScenarioResult& result) {
    ++scenarios;
    cycles += result.cycles.size();
    for (const CycleResult& cycle : result.cycles) {
      if (cycle.end == "died at a failpoint") ++crashes;
      if (cycle.end == "killed by the harness") ++kills;
      for (const Event& event : cycle.events) operations += event.kind == "ack" ? 1 : 0;
    }
    if (!result.point_hit) return;
    const bool error = scenario.name.find("=error") != std::string::npos;
    errors_hit += error ? 1 : 0;
    (error ? failed_at : crashed_at).insert(scenario.point);
  }
};

Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::trunc);
  out << text;
  out.close();
  if (!out) return Error(Code::kIoError, "writing " + path + " failed");
  return OkStatus();
}

Result<Workshop> OpenWorkshop(const Arguments& arguments) {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return Error(Code::kIoError, "/proc/self/exe: " + failed.message());
  std::string directory = arguments.directory;
  if (directory.empty()) {
    directory = (std::filesystem::temp_directory_path() / fmt::format("beachdb-crash-{}", getpid()))
                    .string();
  }
  return Workshop{.program = program.string(), .directory = directory};
}

// A directory that is not ours is not emptied.
Status CheckDirectory(const Workshop& workshop) {
  std::error_code failed;
  if (!std::filesystem::exists(workshop.directory, failed)) return OkStatus();
  for (const auto& entry : std::filesystem::directory_iterator(workshop.directory, failed)) {
    const std::string name = entry.path().filename().string();
    if (name == "new" || name == "copy" || name == "workers.stderr") continue;
    return Error(Code::kInvalidArgument, workshop.directory + " holds " + name +
                                             ", which is not of this program: give --dir a folder "
                                             "that may be emptied");
  }
  return OkStatus();
}

std::string ReplayLine(const std::string& artifact) {
  return "replay: crash replay " + artifact + " --attempts 20";
}

void PrintSummary(const Tally& tally, std::uint64_t seed, double seconds) {
  std::printf(
      "PROOF crash seed=%llu scenarios=%llu cycles=%llu crashes=%llu kills=%llu errors=%llu "
      "operations=%llu crash_points=%zu/%zu fault_points=%zu/%zu seconds=%.1f\n",
      static_cast<unsigned long long>(seed), static_cast<unsigned long long>(tally.scenarios),
      static_cast<unsigned long long>(tally.cycles), static_cast<unsigned long long>(tally.crashes),
      static_cast<unsigned long long>(tally.kills),
      static_cast<unsigned long long>(tally.errors_hit),
      static_cast<unsigned long long>(tally.operations), tally.crashed_at.size(),
      CrashPoints().size(), tally.failed_at.size(), FaultPoints().size(), seconds);
}

// Lives one scenario; false: it failed, and the artifact is written.
Result<bool> LiveOne(const Workshop& workshop, const Scenario& scenario, const Arguments& arguments,
                     Tally& tally) {
  ASSIGN_OR_RETURN(ScenarioResult result, RunScenario(workshop, scenario));
  tally.Add(scenario, result);
  if (result.failure.empty() && !scenario.point.empty() && !result.point_hit) {
    result.failure = scenario.point + " was never hit: the workload does not lead there";
  }
  const bool failed = !result.failure.empty();
  if (failed) {
    std::printf("FAILED %s (seed %llu): %s\n", scenario.name.c_str(),
                static_cast<unsigned long long>(scenario.seed), result.failure.c_str());
    std::printf("%s\n", ReplayLine(arguments.artifact).c_str());
  }
  if (failed || arguments.keep_artifact) {
    RETURN_IF_ERROR(WriteFile(arguments.artifact, WriteArtifact({scenario, std::move(result)})));
  }
  return !failed;
}

Result<ExitCode> RunCampaign(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const Workshop workshop, OpenWorkshop(arguments));
  RETURN_IF_ERROR(CheckDirectory(workshop));
  const std::uint64_t started = SystemClock().MonotonicNanos();
  const auto seconds = [started] {
    return static_cast<double>(SystemClock().MonotonicNanos() - started) / 1e9;
  };
  Tally tally;
  bool good = true;
  const Console console;
  Progress progress(console, "crashing ", "scenarios");
  CampaignOptions round = arguments.campaign;
  do {
    const std::vector<Scenario> scenarios = PlanCampaign(round);
    const std::uint64_t before = tally.scenarios;
    for (const Scenario& scenario : scenarios) {
      ASSIGN_OR_RETURN(good, LiveOne(workshop, scenario, arguments, tally));
      progress.Show(tally.scenarios, tally.scenarios - before, scenarios.size());
      // The first round is always whole: it visits every failpoint.
      const bool time_is_up = round.seed != arguments.campaign.seed &&
                              seconds() >= static_cast<double>(arguments.seconds);
      if (!good || time_is_up) break;
    }
    ++round.seed;
  } while (good && seconds() < static_cast<double>(arguments.seconds));
  PrintSummary(tally, arguments.campaign.seed, seconds());
  if (!good) return kExitNotFound;  // the files stay, to be looked at
  std::error_code ignored;
  std::filesystem::remove_all(workshop.directory, ignored);
  return kExitDone;
}

Result<ExitCode> Replay(const Arguments& arguments) {
  std::ifstream in(arguments.artifact);
  if (!in) return Error(Code::kInvalidArgument, arguments.artifact + ": cannot be read");
  std::ostringstream text;
  text << in.rdbuf();
  ASSIGN_OR_RETURN(const Artifact artifact,
                   ReadArtifact(text.str()).WithContext(arguments.artifact + ": "));
  ASSIGN_OR_RETURN(const Workshop workshop, OpenWorkshop(arguments));
  RETURN_IF_ERROR(CheckDirectory(workshop));
  std::printf("recorded: %s\n",
              artifact.result.failure.empty() ? "no failure" : artifact.result.failure.c_str());
  for (std::uint64_t attempt = 1; attempt <= arguments.attempts; ++attempt) {
    ASSIGN_OR_RETURN(const ScenarioResult result, RunScenario(workshop, artifact.scenario));
    if (result.failure.empty()) continue;
    std::printf("attempt %llu: FAILED %s: %s\nthe files are in %s\n",
                static_cast<unsigned long long>(attempt), artifact.scenario.name.c_str(),
                result.failure.c_str(), workshop.directory.c_str());
    return kExitNotFound;
  }
  std::printf("%llu attempts: no failure\n", static_cast<unsigned long long>(arguments.attempts));
  std::error_code ignored;
  std::filesystem::remove_all(workshop.directory, ignored);
  return kExitDone;
}

void AddRun(CLI::App& app, Arguments& arguments) {
  static const std::map<std::string, Profile> kProfiles = {{"ci", Profile::kCi},
                                                           {"full", Profile::kFull}};
  CampaignOptions& campaign = arguments.campaign;
  CLI::App* verb = app.add_subcommand("run", "run a campaign");
  verb->add_option("--seed", campaign.seed, "decides the workloads and the moments; default 1");
  verb->add_option("--profile", campaign.profile, "ci (default) or full")
      ->transform(CLI::CheckedTransformer(kProfiles))
      ->option_text("ci|full");
  verb->add_option("--crash-point", campaign.crash_points,
                   "only this failpoint, as a crash; may be repeated")
      ->check(CLI::IsMember(CrashPoints()))
      ->option_text("NAME");
  verb->add_option("--fault-point", campaign.fault_points,
                   "only this failpoint, as an error; may be repeated")
      ->check(CLI::IsMember(FaultPoints()))
      ->option_text("NAME");
  verb->add_option("--threads", campaign.threads, "of every worker; default: 1 or 3, by the seed")
      ->check(CLI::Range(1, 64));
  verb->add_option("--ops", campaign.ops, "operations of one cycle; default 200")
      ->check(CLI::PositiveNumber);
  verb->add_option("--random-kills", campaign.random_kills, "cycles with SIGKILL")
      ->check(CLI::PositiveNumber);
  verb->add_option("--seconds", arguments.seconds,
                   "go on with the next seeds until so much time has passed")
      ->check(CLI::PositiveNumber);
  verb->add_option("--dir", arguments.directory,
                   "a folder for the databases; emptied before each scenario")
      ->option_text("DIR");
  verb->add_option("--artifact", arguments.artifact,
                   "where a failure is written; default crash-failure.json")
      ->option_text("FILE");
  verb->add_flag("--always", arguments.keep_artifact,
                 "write the artifact also when all is well (of the last scenario)");
}

void AddReplay(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = app.add_subcommand("replay", "live a recorded scenario again");
  verb->add_option("ARTIFACT", arguments.artifact)->required();
  verb->add_option("--attempts", arguments.attempts, "until it fails, at most; default 1")
      ->check(CLI::PositiveNumber);
  verb->add_option("--dir", arguments.directory)->option_text("DIR");
}

}  // namespace

int RunCrash(int argc, char** argv, const char* version) {
  Arguments arguments;
  CLI::App app(kAbout, "crash");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("crash ") + version);
  app.require_subcommand(1);
  AddRun(app, arguments);
  AddReplay(app, arguments);
  app.add_subcommand("worker", "the process that is killed; reads its orders from standard input");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {  // --help, --version
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    return Fail("crash",
                Error(Code::kInvalidArgument, fmt::format("{}; see crash --help", e.what())));
  }
  // A worker that is dead when it is told something must not kill who tells it.
  std::signal(SIGPIPE, SIG_IGN);
  if (app.got_subcommand("worker")) return RunWorker();
  const auto outcome = app.got_subcommand("run") ? RunCampaign(arguments) : Replay(arguments);
  if (!outcome.ok()) return Fail("crash", outcome.error());
  return *outcome;
}

}  // namespace beachdb::tools::crash
