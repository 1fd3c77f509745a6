#include "tests/support/cut_oracle.h"

#include <algorithm>

#include "base/check.h"
#include "base/random.h"

namespace beachdb {
namespace {

std::string Numbered(std::string_view what, std::uint64_t number) {
  return std::string(what) + std::to_string(number);
}

}  // namespace

std::uint64_t WriterLog::AcknowledgedBefore(std::uint64_t time) const {
  const auto end =
      std::partition_point(batches.begin(), batches.end(),
                           [time](const BatchTrace& batch) { return batch.acknowledged < time; });
  return base + static_cast<std::uint64_t>(end - batches.begin());
}

std::string CutOracle::Judge(const std::vector<std::uint64_t>& found, std::uint64_t cut,
                             bool everything_kept) const {
  // The least that each writer must have, and why.
  std::vector<std::uint64_t> least(writers.size());
  std::vector<std::string> why(writers.size(), "was durable from the start");
  const auto demand = [&](std::size_t writer, std::uint64_t batch, const std::string& reason) {
    if (batch <= least[writer]) return;
    least[writer] = batch;
    why[writer] = reason;
  };
  for (std::size_t w = 0; w < writers.size(); ++w) {
    const WriterLog& log = writers[w];
    demand(w, log.base, "was durable from the start");
    if (found[w] > log.last() ||
        (found[w] > log.base && log.batches[found[w] - log.base - 1].started >= cut)) {
      return Numbered("writer ", w) + Numbered(" has batch ", found[w]) + ", never written";
    }
    for (std::size_t i = 0; i < log.batches.size(); ++i) {
      const BatchTrace& batch = log.batches[i];
      if (batch.sync && batch.acknowledged < cut) demand(w, log.base + i + 1, "was synced");
    }
    if (everything_kept) demand(w, log.AcknowledgedBefore(cut), "was in the kernel");
  }
  for (const Promise& promise : promises) {
    if (promise.told < cut) demand(0, promise.batch, "was durable by DurableIndex");
  }
  for (std::size_t w = 0; w < writers.size(); ++w) {
    for (const Barrier& barrier : barriers) {
      if (barrier.acknowledged >= cut) continue;
      demand(w, writers[w].AcknowledgedBefore(barrier.started), "was made durable by a later call");
    }
    // A prefix of the commit order: what is there began after all that must be there with it.
    for (std::size_t other = 0; other < writers.size(); ++other) {
      const WriterLog& log = writers[other];
      if (found[other] <= log.base) continue;
      const std::uint64_t began = log.batches[found[other] - log.base - 1].started;
      demand(w, writers[w].AcknowledgedBefore(began),
             Numbered("was acknowledged before batch ", found[other]) +
                 Numbered(" of writer ", other) + " began, which is there");
    }
  }
  for (std::size_t w = 0; w < writers.size(); ++w) {
    if (found[w] < least[w]) {
      return Numbered("writer ", w) + Numbered(": batch ", least[w]) + " is lost; it " + why[w] +
             Numbered("; found ", found[w]);
    }
  }
  return {};
}

KeyValues CutOracle::StateAt(const std::vector<std::uint64_t>& found) const {
  KeyValues all;
  for (std::size_t w = 0; w < writers.size(); ++w) {
    const KeyValues& state = writers[w].StateAt(found[w]);
    all.insert(state.begin(), state.end());
  }
  return all;
}

std::uint64_t CutOracle::SeqnoAt(const std::vector<std::uint64_t>& found) const {
  std::uint64_t seqno = base_seqno;
  for (std::size_t w = 0; w < writers.size(); ++w) {
    for (std::uint64_t i = 0; i < found[w] - writers[w].base; ++i) {
      seqno += writers[w].batches[i].operations;
    }
  }
  return seqno;
}

std::string MarkerKey(std::size_t writer) { return Numbered("marker/", writer); }

WriteBatch MakeBatch(const BatchShape& shape, std::size_t writer, std::uint64_t number,
                     KeyValues& state) {
  Random random(shape.seed * 1'000'003 + shape.epoch * 7919 + writer * 101 + number);
  WriteBatch batch;
  const auto put = [&](const std::string& key, const std::string& value) {
    CHECK(batch.Put(key, value).ok());
    state[key] = value;
  };
  // The marker stands at a random place of the batch: a torn one must not look whole.
  const std::uint64_t operations = random.Uniform(5);
  const std::uint64_t marker_at = random.Uniform(operations + 1);
  for (std::uint64_t i = 0; i <= operations; ++i) {
    if (i == marker_at) put(MarkerKey(writer), std::to_string(number));
    if (i == operations) break;
    const std::string key = Numbered("key/", writer) + Numbered("/", random.Uniform(shape.keys));
    if (random.OneIn(12)) {
      const std::string end = Numbered("key/", writer) + Numbered("/", random.Uniform(shape.keys));
      if (key < end) {
        CHECK(batch.DeleteRange(key, end).ok());
        state.erase(state.lower_bound(key), state.lower_bound(end));
        continue;
      }
    }
    if (random.OneIn(4)) {
      CHECK(batch.Delete(key).ok());
      state.erase(key);
      continue;
    }
    const bool large = shape.large_one_in != 0 && random.OneIn(shape.large_one_in);
    const std::uint64_t size = large ? shape.large_value : random.Uniform(shape.value_max + 1);
    std::string value = Numbered("", number) + Numbered(".", i) + Numbered(".", shape.epoch) + ":";
    // Half of the values do not compress.
    const bool noise = random.OneIn(2);
    while (value.size() < size) value += noise ? static_cast<char>(random.Next()) : 'v';
    put(key, value);
  }
  return batch;
}

}  // namespace beachdb
