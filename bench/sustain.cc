#include "bench/sustain.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "bench/lane.h"
#include "bench/measure.h"
#include "bench/process.h"

namespace beachdb::bench {
namespace {

constexpr std::uint64_t kQueueKeys = 0xffffffff;  // as many as ever pass through a queue
constexpr std::uint64_t kHeadRecords = 100;
constexpr std::uint64_t kMovesPerScan = 100;
constexpr std::uint64_t kOverwriteStamp = std::uint64_t{1} << 32;
constexpr int kLongestSettle = 900;  // seconds

Latency ToLatency(const Histogram& ticks) {
  const auto micros = [&](std::uint64_t t) { return TicksToNanos(t) * 1e-3; };
  return {micros(ticks.Percentile(50)), micros(ticks.Percentile(99)),
          micros(ticks.Percentile(99.9)), micros(ticks.Max())};
}

// Times every operation of one thread, and cuts them into seconds from `start_ticks` on.
class Meter {
 public:
  explicit Meter(std::uint64_t start_ticks)
      : ticks_per_second_(SecondsToTicks(1)), second_ends_(start_ticks + ticks_per_second_) {}

  void Add(std::uint64_t begin, std::uint64_t end) {
    Finish(end);
    second_.Add(end - begin);
  }
  // Closes the seconds up to there: the last may have passed without an operation.
  void Finish(std::uint64_t end) {
    while (end >= second_ends_) CloseSecond();
  }
  std::uint64_t count() const { return total_.Count() + second_.Count(); }

  // The seconds that passed whole.
  const std::vector<Second>& seconds() const { return seconds_; }
  Latency Total() {
    total_.Merge(second_);
    second_.Clear();
    return ToLatency(total_);
  }

 private:
  void CloseSecond() {
    const Latency latency = ToLatency(second_);
    seconds_.push_back({second_.Count(), latency.p50, latency.p99, latency.max});
    total_.Merge(second_);
    second_.Clear();
    second_ends_ += ticks_per_second_;
  }

  const std::uint64_t ticks_per_second_;
  std::uint64_t second_ends_;
  Histogram second_;
  Histogram total_;
  std::vector<Second> seconds_;
};

// Sleeps as long as operation number `n` is not due. Coarse on purpose: short sleeps last too long.
class Pace {
 public:
  Pace(std::uint64_t start_ticks, std::uint64_t per_second)
      : start_(start_ticks), interval_(per_second == 0 ? 0 : SecondsToTicks(1) / per_second) {}

  void Await(std::uint64_t n) const {
    if (interval_ == 0) return;
    const std::uint64_t due = start_ + n * interval_;
    const std::uint64_t now = Ticks();
    if (due <= now) return;
    const double nanos = TicksToNanos(due - now);
    if (nanos > 100'000) std::this_thread::sleep_for(std::chrono::nanoseconds(std::int64_t(nanos)));
  }

 private:
  const std::uint64_t start_;
  const std::uint64_t interval_;
};

// One engine under pressure. Every function runs on the calling thread, but for Press.
class Run {
 public:
  Run(const SustainPlan& plan, Store& store, SustainOutcome& outcome)
      : plan_(plan),
        store_(store),
        outcome_(outcome),
        keys_(plan.pressure == Pressure::kQueue
                  ? KeySpace(KeyShape::kDecimal, kQueueKeys)
                  : KeySpace(plan.settings.key_shape, plan.settings.keys)) {}

  // Every key once: in the order of a queue, or scattered.
  Status Fill() {
    constexpr std::size_t kBatch = 100;
    const std::uint64_t count = plan_.settings.keys;
    std::uint64_t stride = 1;
    if (plan_.pressure != Pressure::kQueue) {
      stride = count * 618 / 1000 + 1;  // far from the last key, wherever that was
      while (std::gcd(stride, count) != 1) ++stride;
    }
    Lane lane = MakeLane(1);
    std::array<Key, kBatch> keys;
    std::array<std::string, kBatch> values;
    std::vector<Record> batch;
    std::uint64_t index = 0;
    for (std::uint64_t done = 0; done < count;) {
      batch.clear();
      for (; batch.size() < kBatch && done < count; ++done) {
        const std::size_t i = batch.size();
        keys[i] = keys_.At(index);
        values[i] = lane.MakeValue(keys[i].view(), index);
        batch.push_back({keys[i].view(), values[i]});
        index = (index + stride) % count;
      }
      RETURN_IF_ERROR(lane.session().PutBatch(batch));
    }
    return {};
  }

  // The reader alone.
  Status ReadIdle() {
    Lane lane = MakeLane(2);
    const std::uint64_t start = Ticks();
    Meter meter(start);
    const double seconds = std::min(30.0, plan_.settings.seconds / 4);
    RETURN_IF_ERROR(Read(lane, meter, start + SecondsToTicks(seconds)));
    outcome_.idle_read = meter.Total();
    return {};
  }

  Status Press() {
    const std::uint64_t start = Ticks();
    const std::uint64_t deadline = start + SecondsToTicks(plan_.settings.seconds);
    Meter writes(start);
    Meter reads(start);
    Status wrote;
    Status read;
    std::thread writer([&] {
      Lane lane = MakeLane(3);
      wrote = plan_.pressure == Pressure::kQueue ? Queue(lane, writes, reads, start, deadline)
                                                 : Overwrite(lane, writes, start, deadline);
      if (!wrote.ok()) failed_ = true;
      writing_ = false;
    });
    std::thread reader;
    if (plan_.pressure == Pressure::kMixed) {
      reader = std::thread([&] {
        Lane lane = MakeLane(4);
        read = Read(lane, reads, deadline);
        if (!read.ok()) failed_ = true;
      });
    }
    SampleMemory(start);
    writer.join();
    if (reader.joinable()) reader.join();
    RETURN_IF_ERROR(wrote);
    RETURN_IF_ERROR(read);
    writes.Finish(deadline);
    if (plan_.pressure != Pressure::kOverwrite) reads.Finish(deadline);
    writes_ = writes.count();
    outcome_.write = writes.Total();
    outcome_.read = reads.Total();
    outcome_.writes = writes.seconds();
    outcome_.reads = reads.seconds();
    return {};
  }

  // Every key that should be there is there, in order, with a value of its own.
  Status Verify() {
    Lane lane = MakeLane(5);
    RecordChecker& checker = lane.checker();
    checker.BeginWalk(RecordChecker::Order::kAscending);
    RETURN_IF_ERROR(lane.session().Walk({}, ~std::uint64_t{0}, Direction::kForward, checker));
    if (checker.walked() != plan_.settings.keys) {
      return Error(Code::kCorruption, fmt::format("a full scan found {} records instead of {}",
                                                  checker.walked(), plan_.settings.keys));
    }
    return Answers(checker);
  }

  std::uint64_t RecordBytes() const { return kKeyBytes + plan_.settings.value_bytes; }
  std::uint64_t UserBytes() const {
    return writes_ * (RecordBytes() + (plan_.pressure == Pressure::kQueue ? kKeyBytes : 0));
  }

 private:
  Lane MakeLane(std::uint64_t number) {
    return {store_.NewSession(), keys_, plan_.settings.value_bytes,
            plan_.settings.seed + 1000 * number};
  }

  static Status Answers(const RecordChecker& checker) {
    if (checker.wrong() == 0) return {};
    return Error(Code::kCorruption, fmt::format("{} wrong answers, the first: {}", checker.wrong(),
                                                checker.first_wrong()));
  }

  Status Overwrite(Lane& lane, Meter& meter, std::uint64_t start, std::uint64_t deadline) {
    const Pace pace(start, plan_.writes_per_second);
    for (std::uint64_t n = 0; !failed_; ++n) {
      pace.Await(n);
      const std::uint64_t begin = Ticks();
      if (begin >= deadline) break;
      RETURN_IF_ERROR(lane.PutIndex(lane.RandomIndex(), kOverwriteStamp + n));
      meter.Add(begin, Ticks());
      done_.store(n + 1, std::memory_order_relaxed);
    }
    return {};
  }

  Status Read(Lane& lane, Meter& meter, std::uint64_t deadline) {
    while (!failed_) {
      const std::uint64_t begin = Ticks();
      if (begin >= deadline) break;
      const Key key = lane.keys().At(lane.RandomIndex());
      ASSIGN_OR_RETURN(const bool found, lane.session().Get(key.view(), lane.checker()));
      meter.Add(begin, Ticks());
      if (!found) return Error(Code::kCorruption, fmt::format("key {} is missing", key.view()));
    }
    return Answers(lane.checker());
  }

  // A consumer does not know where the head is: it asks for the first keys there are, past all that
  // was deleted before them.
  Status Queue(Lane& lane, Meter& moves, Meter& scans, std::uint64_t start,
               std::uint64_t deadline) {
    const Pace pace(start, plan_.writes_per_second);
    std::uint64_t head = 0;
    for (std::uint64_t tail = plan_.settings.keys; tail < kQueueKeys; ++tail, ++head) {
      pace.Await(head);
      const std::uint64_t begin = Ticks();
      if (begin >= deadline) return Answers(lane.checker());
      RETURN_IF_ERROR(lane.PutIndex(tail, tail));
      RETURN_IF_ERROR(lane.session().Delete(lane.keys().At(head).view()));
      moves.Add(begin, Ticks());
      done_.store(head + 1, std::memory_order_relaxed);
      if (head % kMovesPerScan == 0) RETURN_IF_ERROR(ScanHead(lane, scans, head + 1));
    }
    return Error(Code::kInvalidArgument,
                 fmt::format("{} keys went through the queue: there are no more", kQueueKeys));
  }

  Status ScanHead(Lane& lane, Meter& meter, std::uint64_t head) {
    RecordChecker& checker = lane.checker();
    checker.BeginWalk(RecordChecker::Order::kAscending);
    const std::uint64_t begin = Ticks();
    RETURN_IF_ERROR(lane.session().Walk({}, kHeadRecords, Direction::kForward, checker));
    meter.Add(begin, Ticks());
    const Key first = lane.keys().At(head);
    if (!checker.BeganAt(first.view())) checker.Wrong("a head that is another", first.view());
    if (checker.walked() != std::min(kHeadRecords, plan_.settings.keys)) {
      checker.Wrong("a scan of the wrong length", first.view());
    }
    return {};
  }

  // Once a second until the writer has ended.
  void SampleMemory(std::uint64_t start) {
    constexpr std::size_t kSecondsPerLine = 10;
    std::uint64_t next = start + SecondsToTicks(1);
    std::uint64_t told = 0;
    while (writing_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      if (Ticks() < next) continue;
      next += SecondsToTicks(1);
      outcome_.rss_bytes.push_back(ReadRssBytes());
      if (outcome_.rss_bytes.size() % kSecondsPerLine != 0) continue;
      const std::uint64_t done = done_.load(std::memory_order_relaxed);
      fmt::print(stderr, "{:<9} {:>5} of {:.0f} s  {:>8} writes/s  {:>6} MiB\n", outcome_.engine,
                 outcome_.rss_bytes.size(), plan_.settings.seconds, (done - told) / kSecondsPerLine,
                 outcome_.rss_bytes.back() >> 20);
      told = done;
    }
  }

  const SustainPlan& plan_;
  Store& store_;
  SustainOutcome& outcome_;
  const KeySpace keys_;
  std::uint64_t writes_ = 0;
  std::atomic<bool> failed_{false};
  std::atomic<bool> writing_{true};
  std::atomic<std::uint64_t> done_{0};  // writes so far, for the progress
};

Status RunHere(const SustainPlan& plan, const Engine& engine, const std::string& directory,
               SustainOutcome& outcome) {
  const Settings& settings = plan.settings;
  StoreConfig config = settings.store;
  config.ack = Ack::kUnsynced;
  config.expected_bytes = settings.keys * (kKeyBytes + settings.value_bytes);
  ASSIGN_OR_RETURN(const auto store, engine.open(directory, config));
  Run run(plan, *store, outcome);
  RETURN_IF_ERROR(run.Fill().WithContext("filling: "));
  Settle(*store, settings.quiet_ms, kLongestSettle);
  const std::uint64_t sent_before = BytesSentToDevice(plan.directory);
  if (plan.pressure == Pressure::kMixed) RETURN_IF_ERROR(run.ReadIdle());

  RETURN_IF_ERROR(run.Press());
  outcome.settle_seconds = Settle(*store, settings.quiet_ms, kLongestSettle);
  const std::uint64_t sent = BytesSentToDevice(plan.directory) - sent_before;
  if (run.UserBytes() > 0) {
    outcome.write_amplification = static_cast<double>(sent) / static_cast<double>(run.UserBytes());
  }
  RETURN_IF_ERROR(run.Verify().WithContext("afterwards: "));
  outcome.disk_bytes = DiskBytes(directory);
  outcome.live_bytes = settings.keys * run.RecordBytes();
  return store->Close();
}

SustainOutcome RunOneEngine(const SustainPlan& plan, const Engine& engine,
                            const std::string& directory) {
  SustainOutcome outcome;
  outcome.engine = engine.name;
  outcome.pressure = plan.pressure;
  const Result<std::string> text = RunInChild([&] {
    if (Status s = RunHere(plan, engine, directory, outcome); !s.ok()) {
      outcome.error = s.error().ToString();
    }
    return ToJson(outcome);
  });
  auto parsed = text.ok() ? SustainOutcomeFromJson(*text) : Result<SustainOutcome>(text.error());
  if (parsed.ok()) return std::move(*parsed);
  outcome.error = parsed.error().ToString();
  return outcome;
}

}  // namespace

std::string_view PressureName(Pressure pressure) {
  switch (pressure) {
    case Pressure::kOverwrite:
      return "overwrite";
    case Pressure::kMixed:
      return "mixed";
    case Pressure::kQueue:
      return "queue";
  }
  return "";
}

Result<std::vector<SustainOutcome>> RunSustained(const SustainPlan& plan) {
  Rate();  // measured here, so that the children need not
  const std::string root = fmt::format("{}/beachdb-sustain-{}", plan.directory, ::getpid());
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (error) return Error(Code::kIoError, fmt::format("creating {}: {}", root, error.message()));
  CatchInterrupts();
  std::vector<SustainOutcome> outcomes;
  for (const Engine& engine : plan.engines) {
    if (Interrupted()) break;
    const std::string directory = root + "/" + engine.name;
    fmt::print(stderr, "{:<9} filling {} keys\n", engine.name, plan.settings.keys);
    outcomes.push_back(RunOneEngine(plan, engine, directory));
    if (!outcomes.back().error.empty()) {
      fmt::print(stderr, "{:<9} {}\n", engine.name, outcomes.back().error);
    }
    std::filesystem::remove_all(directory, error);
    WriteBackEverything(root);
  }
  std::filesystem::remove_all(root, error);
  if (Interrupted()) return Error(Code::kShutDown, "interrupted");
  return outcomes;
}

}  // namespace beachdb::bench
