// What the table in workloads.cc is made of: the functions that run a workload, by the file that
// holds them, and those that check afterwards what it left.
#pragma once

#include <cstdint>
#include <vector>

#include "beachdb/result.h"
#include "bench/workloads.h"

namespace beachdb::bench {

using Rows = Result<std::vector<Row>>;

// workloads_write.cc
Rows FillSeq(const Bench& bench);
Rows FillBatch(const Bench& bench);
Rows FillRandom(const Bench& bench);  // the threads share the keys
Rows FillSync(const Bench& bench);    // the same, until time is up
Rows SyncBatch(const Bench& bench);
Rows Overwrite(const Bench& bench);
Rows Compact(const Bench& bench);
Rows DeleteSeq(const Bench& bench);
Rows DeleteRanges(const Bench& bench);  // every other one, then a scan of what is left

// workloads_read.cc
Rows ReadRandom(const Bench& bench);
Rows ReadMissing(const Bench& bench);
Rows ReadHot(const Bench& bench);
Rows MultiGet16(const Bench& bench);
Rows SeekAnd10(const Bench& bench);
Rows SeekAnd10Back(const Bench& bench);
Rows SeekAnd100(const Bench& bench);
Rows Scan(const Bench& bench);
Rows ScanReverse(const Bench& bench);
Rows ScanTombstones(const Bench& bench);
Rows ReadWhileWriting(const Bench& bench);

// workloads_ycsb.cc
Rows YcsbA(const Bench& bench);
Rows YcsbB(const Bench& bench);
Rows YcsbC(const Bench& bench);
Rows YcsbD(const Bench& bench);
Rows YcsbE(const Bench& bench);
Rows YcsbF(const Bench& bench);
// The keys that D and E added are there; and are taken away again.
Status HoldsTheAdded(const Bench& bench, const std::vector<Row>& rows);
Status DeleteTheAdded(const Bench& bench, const std::vector<Row>& rows);

// workloads_recovery.cc
Status LeaveALog(const Site& site);
Rows Recovery(const Bench& bench);
Rows Reopen(const Bench& bench);
Status HoldsTheLog(const Bench& bench, const std::vector<Row>& rows);

// workloads_check.cc
Status HoldsAllKeys(const Bench& bench, const std::vector<Row>& rows);
Status HoldsTheAcknowledged(const Bench& bench, const std::vector<Row>& rows);
Status HoldsTheThinned(const Bench& bench, const std::vector<Row>& rows);
// The newest value of every key after Overwrite.
Status HoldsTheNewest(const Bench& bench, const std::vector<Row>& rows);
// A sample of the keys holds the values with these stamps, by index.
Status CheckStamps(const Bench& bench, const std::vector<std::uint64_t>& newest);

// The stamps of overwrites begin here, so that they differ from those of the fill.
inline constexpr std::uint64_t kOverwriteStamp = std::uint64_t{1} << 32;
inline constexpr double kZipfTheta = 0.99;

}  // namespace beachdb::bench
