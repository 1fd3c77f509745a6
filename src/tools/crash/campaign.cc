#include "tools/crash/campaign.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/random.h"

namespace beachdb::tools::crash {
namespace {

// What must go wrong first for a point to be reached at all; `from` is the first cycle in which.
struct Prelude {
  std::string_view point;
  std::string_view failpoints;
  std::size_t from = 0;
};
constexpr Prelude kPreludes[] = {
    // A full disk takes an edit back.
    {"manifest_append_undo", "manifest_append=error:enospc:1:1", 0},
    {"manifest_append_undo_sync", "manifest_append=error:enospc:1:1", 0},
    // A full disk has no room for the new MANIFEST of an opening.
    {"manifest_recover_sync", "manifest_snapshot_write=error:enospc:1", 1},
    {"manifest_discard", "manifest_snapshot_write=error:enospc:1", 1},
    // A job fails, and cleans up behind itself.
    {"sst_discard", "sst_write_error=error:enospc:1", 0},
    {"publish_discard", "sst_publish_error=error:enospc:1", 0},
    {"recovery_discard", "sst_write_error=error:enospc:1:1", 2},
    {"checkpoint_discard", "checkpoint_link=error:eio:1:1", 0},
    {"ingest_discard", "ingest_link=error:eio:1:1", 0},
    {"table_file_discard", "table_file_directory_sync=error:eio:1:1", 0},
    {"backup_copy_discard", "backup_copy_sync=error:eio:1", 0},
    {"restore_discard", "restore_copy_sync=error:eio:1", 0},
};

std::string PreludeOf(const std::string& point, std::size_t cycle) {
  for (const Prelude& prelude : kPreludes) {
    if (prelude.point != point) continue;
    return cycle >= prelude.from ? std::string(prelude.failpoints) + ";" : "";
  }
  return {};
}

class Planner {
 public:
  explicit Planner(const CampaignOptions& options) : options_(options), random_(options.seed) {}

  // Three cycles under the order, from an empty directory on: one that is closed, one that is
  // killed and leaves logs, one that recovers them. Then one that nothing disturbs.
  Scenario ForPoint(const std::string& point, const std::string& order) {
    Scenario scenario = Begin(point + "=" + order, point);
    for (std::size_t i = 0; i < 4; ++i) {
      Cycle cycle = NextCycle(scenario);
      if (i < 3) cycle.failpoints = fmt::format("{}{}={}", PreludeOf(point, i), point, order);
      if (i == 1) cycle.ending = Ending::kKillAtEnd;
      scenario.cycles.push_back(std::move(cycle));
    }
    // Leftovers of a crash in the middle, for the recovery that follows to find.
    if (point == "recovery_remove_orphan") {
      scenario.cycles[1].failpoints = "flush_after_file_sync=crash";
    }
    // Logs that make more than one table.
    if (point == "recovery_discard") {
      scenario.cycles[1].failpoints.clear();
      scenario.cycles[1].settings.write_buffer = 2u << 20;
      scenario.cycles[2].settings.write_buffer = 64u << 10;
      std::erase_if(scenario.cycles[1].ops, [](const Op& op) {
        return op.kind == OpKind::kFlush || op.kind == OpKind::kCompact ||
               op.kind == OpKind::kCheckpoint || op.kind == OpKind::kLoad ||
               op.kind == OpKind::kIngest;
      });
    }
    return scenario;
  }

  // A crash when things are well under way, at a pass that may not come: nothing is required to be
  // hit.
  Scenario ForLaterPass(const std::string& point) {
    Scenario scenario = ForPoint(point, fmt::format("crash:{}", 2 + random_.Uniform(12)));
    scenario.point.clear();
    return scenario;
  }

  Scenario RandomKills(std::uint64_t cycles) {
    Scenario scenario = Begin("random kills", "");
    for (std::uint64_t i = 0; i < cycles; ++i) {
      Cycle cycle = NextCycle(scenario);
      const std::uint64_t dice = random_.Uniform(10);
      cycle.ending = dice == 0   ? Ending::kClose
                     : dice == 1 ? Ending::kKillAtStart
                     : dice == 2 ? Ending::kKillAtEnd
                                 : Ending::kKillAtAck;
      cycle.answers = 1 + random_.Uniform(cycle.ops.size());
      cycle.delay_micros = random_.Uniform(cycle.ending == Ending::kKillAtStart ? 30'000 : 2'000);
      scenario.cycles.push_back(std::move(cycle));
    }
    return scenario;
  }

 private:
  Scenario Begin(std::string name, std::string point) {
    static constexpr std::uint32_t kThreads[] = {1, 3};
    next_op_ = 1;
    return {.name = std::move(name),
            .point = std::move(point),
            .seed = options_.seed,
            .threads = options_.threads != 0 ? options_.threads : kThreads[random_.Uniform(2)],
            .cycles = {}};
  }

  Cycle NextCycle(const Scenario& scenario) {
    static constexpr std::uint64_t kBuffers[] = {64u << 10, 96u << 10, 256u << 10, 2u << 20};
    static constexpr std::uint64_t kBlocks[] = {256, 1024, 4096};
    Cycle cycle;
    cycle.settings = {.write_buffer = kBuffers[random_.Uniform(4)],
                      .table_size = 64u << 10,
                      .block_size = kBlocks[random_.Uniform(3)],
                      .compaction_threads = 1 + random_.Uniform(2),
                      .radix_tree = !random_.OneIn(3),
                      .compressed = random_.OneIn(2),
                      .direct_writes = !random_.OneIn(4)};
    // What this point needs to be reached is there from the first cycle on.
    if (scenario.point == "sst_truncate") cycle.settings.direct_writes = true;
    if (scenario.point == "wal_prewrite") cycle.settings.write_buffer = 2u << 20;
    const WorkloadShape shape{.threads = scenario.threads,
                              .ops = options_.ops != 0 ? options_.ops : 200};
    cycle.ops = MakeOps(shape, next_op_, random_);
    // Rare, or never there, in the ordinary course of things.
    const auto end_with = [&](OpKind kind) {
      cycle.ops.back().kind = kind;
      cycle.ops.back().changes.clear();
    };
    if (scenario.point.starts_with("checkpoint_")) end_with(OpKind::kCheckpoint);
    if (scenario.point.starts_with("backup_") || scenario.point.starts_with("restore_")) {
      end_with(OpKind::kBackup);
    }
    if (scenario.point.starts_with("ingest_") || scenario.point.starts_with("table_file_")) {
      // A table that is moved in.
      Op& op = cycle.ops[cycle.ops.size() - 1 - (next_op_ + cycle.ops.size() - 1) % 2];
      op.kind = OpKind::kIngest;
      op.sync = true;
      op.changes = {{fmt::format("t{}/ingested", op.thread), std::to_string(op.id)}};
    }
    next_op_ += cycle.ops.size();
    return cycle;
  }

  const CampaignOptions& options_;
  Random random_;
  std::uint64_t next_op_ = 1;
};

bool Can(const FailpointInfo& info, std::string_view order) {
  const bool step = info.kind == FailpointKind::kStep || info.kind == FailpointKind::kSync;
  if (order == "crash") return step || info.kind == FailpointKind::kCrash;
  if (order == "crash_after") return step;
  return step || info.kind == FailpointKind::kError;
}

std::vector<std::string> PointsThatCan(std::string_view order) {
  std::vector<std::string> names;
  for (const FailpointInfo& info : kFailpoints) {
    if (Can(info, order)) names.emplace_back(info.name);
  }
  return names;
}

}  // namespace

std::vector<std::string> CrashPoints() { return PointsThatCan("crash"); }
std::vector<std::string> FaultPoints() { return PointsThatCan("error"); }

std::vector<Scenario> PlanCampaign(const CampaignOptions& options) {
  const bool all = options.crash_points.empty() && options.fault_points.empty();
  const bool full = options.profile == Profile::kFull;
  const auto wanted = [&](const std::vector<std::string>& chosen, std::string_view name) {
    return all || std::find(chosen.begin(), chosen.end(), name) != chosen.end();
  };
  Planner planner(options);
  std::vector<Scenario> scenarios;
  for (const FailpointInfo& info : kFailpoints) {
    const std::string point(info.name);
    const auto add = [&](const std::string& order) {
      scenarios.push_back(planner.ForPoint(point, order));
    };
    if (wanted(options.crash_points, point)) {
      if (Can(info, "crash")) add("crash");
      if (Can(info, "crash_after")) add("crash_after");
      if (full && Can(info, "crash")) scenarios.push_back(planner.ForLaterPass(point));
    }
    if (wanted(options.fault_points, point) && Can(info, "error")) {
      add("error:eio:1");
      // The way out of a full disk is another one: writes resume by themselves.
      if (info.kind == FailpointKind::kStep || info.kind == FailpointKind::kError) {
        add("error:enospc:2");
      }
    }
  }
  std::uint64_t kills = options.random_kills;
  if (kills == 0 && all) kills = full ? 300 : 20;
  constexpr std::uint64_t kCyclesPerDatabase = 20;
  for (; kills > 0; kills -= std::min(kills, kCyclesPerDatabase)) {
    scenarios.push_back(planner.RandomKills(std::min(kills, kCyclesPerDatabase)));
  }
  return scenarios;
}

}  // namespace beachdb::tools::crash
