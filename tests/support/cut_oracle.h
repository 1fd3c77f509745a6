// What a database may hold after a power cut, given what its users were told before it.
//
// Every writer has keys of its own, numbers its batches 1, 2, 3..., and puts the number under its
// marker key in each of them. So the marker that is found after a cut says which batches of that
// writer are there, and with it what every one of its keys must be: a batch is there whole or not
// at all, and with it all earlier ones of the writer.
//
// Points in time are indexes into the journal of the simulated disk (sim/sim_disk.h). A cut at
// event k has seen what is noted at indexes below k.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/write_batch.h"

namespace beachdb {

using KeyValues = std::map<std::string, std::string>;

inline constexpr std::uint64_t kNever = UINT64_MAX;

struct BatchTrace {
  std::uint64_t started = 0;
  std::uint64_t acknowledged = kNever;
  bool sync = false;
  std::uint32_t operations = 0;
};

// One writer: what it wrote and when.
struct WriterLog {
  std::uint64_t base = 0;                // batches that are there from the start
  std::vector<KeyValues> states = {{}};  // [i]: its keys after batch base + i
  std::vector<BatchTrace> batches;       // [i]: batch base + i + 1

  std::uint64_t last() const { return base + batches.size(); }
  const KeyValues& StateAt(std::uint64_t batch) const { return states[batch - base]; }
  // The last batch acknowledged before `time`; `base` if none was.
  std::uint64_t AcknowledgedBefore(std::uint64_t time) const;
};

// SyncWal, Flush, Close: once acknowledged, whatever was acknowledged before it began is durable.
struct Barrier {
  std::uint64_t started = 0;
  std::uint64_t acknowledged = kNever;
};

// Db::DurableIndex, asked at a time: the first writer's batches up to that one are durable.
struct Promise {
  std::uint64_t told = 0;
  std::uint64_t batch = 0;
};

struct CutOracle {
  std::uint64_t base_seqno = 0;  // operations that are there from the start
  std::vector<WriterLog> writers;
  std::vector<Barrier> barriers;
  std::vector<Promise> promises;

  // `found`: the marker of each writer. `everything_kept`: the cut lost nothing that the kernel
  // knew, as the death of the process would. Returns what is wrong; empty: nothing.
  std::string Judge(const std::vector<std::uint64_t>& found, std::uint64_t cut,
                    bool everything_kept) const;
  // All keys, and the last seqno, when the writers are at these batches.
  KeyValues StateAt(const std::vector<std::uint64_t>& found) const;
  std::uint64_t SeqnoAt(const std::vector<std::uint64_t>& found) const;
};

std::string MarkerKey(std::size_t writer);

// Batch `number` of a writer. `epoch` tells apart what is written under one number before and after
// a cut. Applies it to `state` as well.
struct BatchShape {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  std::uint64_t keys = 12;         // per writer
  std::uint64_t value_max = 200;   // bytes
  std::uint64_t large_one_in = 0;  // batches with a value of large_value bytes; 0: none
  std::uint64_t large_value = 0;
};
WriteBatch MakeBatch(const BatchShape& shape, std::size_t writer, std::uint64_t number,
                     KeyValues& state);

}  // namespace beachdb
