#include "bench/workloads.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "bench/workload_functions.h"

namespace beachdb::bench {
namespace {

using enum State;
constexpr Ack kSynced = Ack::kSynced;
constexpr Ack kUnsynced = Ack::kUnsynced;

// clang-format off

std::vector<Workload> OnAnEmptyDatabase() {
  return {
      {"fillseq", "put every key in order", kEmpty, kEmpty, kUnsynced, 1, FillSeq, HoldsAllKeys},
      {"fillbatch", "put every key in random order, 100 a batch", kEmpty, kEmpty, kUnsynced, 1, FillBatch, HoldsAllKeys},
      {"fillrandom-4", "put every key in random order, 4 threads", kEmpty, kEmpty, kUnsynced, 4, FillRandom, HoldsAllKeys},
      {"fillrandom-16", "the same with 16 threads", kEmpty, kEmpty, kUnsynced, 16, FillRandom, HoldsAllKeys},
      {"fillsync-1", "synced puts of new keys, 1 thread", kEmpty, kEmpty, kSynced, 1, FillSync, HoldsTheAcknowledged},
      {"fillsync-2", "the same with 2 threads", kEmpty, kEmpty, kSynced, 2, FillSync, HoldsTheAcknowledged},
      {"fillsync-4", "the same with 4 threads", kEmpty, kEmpty, kSynced, 4, FillSync, HoldsTheAcknowledged},
      {"fillsync-8", "the same with 8 threads", kEmpty, kEmpty, kSynced, 8, FillSync, HoldsTheAcknowledged},
      {"fillsync-16", "the same with 16 threads", kEmpty, kEmpty, kSynced, 16, FillSync, HoldsTheAcknowledged},
      {"fillsync-64", "the same with 64 threads", kEmpty, kEmpty, kSynced, 64, FillSync, HoldsTheAcknowledged},
      {"syncbatch", "synced batches of 100 puts, 1 thread", kEmpty, kEmpty, kSynced, 1, SyncBatch, HoldsTheAcknowledged},
      {.name = "recovery", .what = "open after the process died, until the first get is answered (--log-bytes)",
       .needs = kEmpty, .leaves = kEmpty, .run = Recovery, .verify = HoldsTheLog, .prepare = LeaveALog, .needs_a_log = true},
      {"fillrandom", "put every key in random order", kEmpty, kFilled, kUnsynced, 1, FillRandom, HoldsAllKeys},
  };
}

std::vector<Workload> OnANaturalDatabase() {
  return {
      {"reopen", "open what was filled and closed, until the first get is answered", kFilled, kFilled, kUnsynced, 1, Reopen},
      {"overwrite", "put random keys, as many as there are", kFilled, kNatural, kUnsynced, 1, Overwrite, HoldsTheNewest},
      {"readrandom", "get random keys, 1 thread", kNatural, kNatural, kUnsynced, 1, ReadRandom},
      {"readrandom-16", "the same with 16 threads", kNatural, kNatural, kUnsynced, 16, ReadRandom},
      {"readrandom-64", "the same with 64 threads", kNatural, kNatural, kUnsynced, 64, ReadRandom},
      {"readmissing", "get keys that are not there", kNatural, kNatural, kUnsynced, 1, ReadMissing},
      {"readhot", "get keys by a Zipf distribution (0.99)", kNatural, kNatural, kUnsynced, 1, ReadHot},
      {"multiget16", "get 16 random keys in one call", kNatural, kNatural, kUnsynced, 1, MultiGet16},
      {"seek+10", "new iterator, seek, 10 records", kNatural, kNatural, kUnsynced, 1, SeekAnd10},
      {"seek-10", "the same backwards", kNatural, kNatural, kUnsynced, 1, SeekAnd10Back},
      {"seek+100", "new iterator, seek, 100 records", kNatural, kNatural, kUnsynced, 1, SeekAnd100},
      {"scan", "every record, forwards", kNatural, kNatural, kUnsynced, 1, Scan},
      {"scanreverse", "every record, backwards", kNatural, kNatural, kUnsynced, 1, ScanReverse},
      {"ycsb-c", "YCSB C, 2 threads: reads by Zipf (0.99)", kNatural, kNatural, kUnsynced, 2, YcsbC},
      {.name = "readrandom cache 10%", .what = "readrandom with a cache of a tenth of the data; the page cache is warm",
       .needs = kNatural, .leaves = kNatural, .run = ReadRandom, .cache_percent = 10},
      {.name = "multiget16 cache 10%", .what = "the same for multiget16",
       .needs = kNatural, .leaves = kNatural, .run = MultiGet16, .cache_percent = 10},
      {.name = "seek+10 cache 10%", .what = "the same for seek+10",
       .needs = kNatural, .leaves = kNatural, .run = SeekAnd10, .cache_percent = 10},
      {.name = "readrandom direct 10%", .what = "readrandom with a cache of a tenth of the data, the rest from the device",
       .needs = kNatural, .leaves = kNatural, .run = ReadRandom, .cache_percent = 10, .direct_reads = true},
      {.name = "multiget16 direct 10%", .what = "the same for multiget16",
       .needs = kNatural, .leaves = kNatural, .run = MultiGet16, .cache_percent = 10, .direct_reads = true},
      {"readwhilewriting", "1 thread gets beside 1 that overwrites", kNatural, kDisturbed, kUnsynced, 2, ReadWhileWriting, HoldsAllKeys},
      {"ycsb-a", "YCSB A, 2 threads: half reads, half updates, by Zipf", kDisturbed, kDisturbed, kUnsynced, 2, YcsbA, HoldsAllKeys},
      {"ycsb-b", "YCSB B, 2 threads: 95% reads, 5% updates", kDisturbed, kDisturbed, kUnsynced, 2, YcsbB, HoldsAllKeys},
      {"ycsb-f", "YCSB F, 2 threads: half reads, half read-then-update", kDisturbed, kDisturbed, kUnsynced, 2, YcsbF, HoldsAllKeys},
      {"ycsb-d", "YCSB D, 2 threads: 95% reads of the latest, 5% additions", kDisturbed, kDisturbed, kUnsynced, 2, YcsbD, HoldsTheAdded, DeleteTheAdded},
      {"ycsb-e", "YCSB E, 2 threads: 95% walks of 1 to 100 records, 5% additions", kDisturbed, kDisturbed, kUnsynced, 2, YcsbE, HoldsTheAdded, DeleteTheAdded},
  };
}

std::vector<Workload> OnACompactedDatabase() {
  return {
      {"readrandom compacted", "readrandom after a compaction by hand", kCompacted, kCompacted, kUnsynced, 1, ReadRandom},
      {"readmissing compacted", "the same for readmissing", kCompacted, kCompacted, kUnsynced, 1, ReadMissing},
      {"seek+10 compacted", "the same for seek+10", kCompacted, kCompacted, kUnsynced, 1, SeekAnd10},
      {"deleteseq", "delete three keys of four, in order", kCompacted, kThinned, kUnsynced, 1, DeleteSeq, HoldsTheThinned},
      {"scantombstones", "every record that is left", kThinned, kThinned, kUnsynced, 1, ScanTombstones},
      {"deleterange", "delete every other range of 100 keys in one call, then scan what is left", kThinned, kEmpty, kUnsynced, 1, DeleteRanges},
  };
}

// clang-format on

auto Named(std::vector<Workload>& workloads, std::string_view name) {
  return std::find_if(workloads.begin(), workloads.end(),
                      [&](const Workload& w) { return w.name == name; });
}

}  // namespace

std::vector<Workload> AllWorkloads(int threads) {
  std::vector<Workload> all = OnAnEmptyDatabase();
  for (auto* part : {OnANaturalDatabase, OnACompactedDatabase}) {
    for (Workload& workload : part()) all.push_back(std::move(workload));
  }
  for (const char* like : {"fillrandom-4", "fillsync-1", "readrandom"}) {
    Workload asked = *Named(all, like);
    asked.name = fmt::format("{}-{}", asked.name.substr(0, asked.name.find('-')), threads);
    asked.what = fmt::format("the same with {} threads (--threads)", threads);
    asked.threads = threads;
    if (Named(all, asked.name) == all.end()) all.insert(Named(all, like) + 1, asked);
  }
  return all;
}

std::vector<Workload> StepsBetweenStates() {
  std::vector<Workload> all = AllWorkloads(2);
  const Workload compact = {"compact", "compact by hand", kNatural,    kCompacted, kUnsynced,
                            1,         Compact,           HoldsAllKeys};
  return {*Named(all, "fillrandom"), *Named(all, "overwrite"), compact, *Named(all, "deleteseq")};
}

}  // namespace beachdb::bench
