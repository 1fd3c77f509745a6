#include "tools/crash/worker.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/failpoint.h"
#include "base/strings.h"
#include "beachdb/db.h"
#include "tools/crash/backups.h"
#include "tools/crash/oracle.h"
#include "tools/crash/scenario.h"
#include "tools/exit_code.h"

namespace beachdb::tools::crash {
namespace {

using nlohmann::json;

struct Orders {
  json head;
  std::vector<json> lines;
};

// Until {"go":true}; nullopt: the controller is gone, or does not make sense.
std::optional<Orders> ReadOrders() {
  Orders orders;
  for (std::string line; std::getline(std::cin, line);) {
    json value = json::parse(line, nullptr, false);
    if (value.is_discarded()) return std::nullopt;
    if (value.contains("go")) return orders;
    if (orders.head.is_null()) {
      orders.head = std::move(value);
    } else {
      orders.lines.push_back(std::move(value));
    }
  }
  return std::nullopt;
}

// One write, so that the lines of several threads do not mix, and nothing waits in a buffer when
// the process dies.
void Say(const json& event) {
  const std::string line = event.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) _exit(kExitIo);  // the controller is gone
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Say(const Event& event) { Say(ToJson(event)); }

std::map<std::string, std::uint64_t> Hits() {
  std::map<std::string, std::uint64_t> hits;
  for (std::size_t i = 0; i < kFailpointCount; ++i) {
    const Failpoint point = Failpoint::At(i);
    if (FailpointHits(point) > 0) hits[std::string(point.info().name)] = FailpointHits(point);
  }
  return hits;
}

// As a table from outside.
Status Ingest(Db& db, const std::string& path, const Op& op) {
  auto table = TableFileBuilder::Create(path);
  if (!table.ok()) return table.error();
  for (const Change& change : op.changes) {
    if (Status added = table->Add(change.key, *change.value); !added.ok()) return added;
  }
  if (Status finished = table->Finish(); !finished.ok()) return finished;
  const IngestMode mode = op.id % 2 == 0 ? IngestMode::kMove : IngestMode::kCopy;
  return db.Ingest(std::vector<std::string>{path}, mode);
}

Status Load(Db& db, const Op& op) {
  auto load = db.NewBulkLoad();
  if (!load.ok()) return load.error();
  for (const Change& change : op.changes) {
    if (Status added = load->Add(change.key, *change.value); !added.ok()) return added;
  }
  return load->Commit();
}

Status Perform(Db& db, const std::string& directory, const Op& op) {
  const WriteOptions options{.durability = op.sync ? Durability::kSync : Durability::kBuffered};
  switch (op.kind) {
    case OpKind::kPut:
      return db.Put(op.changes.front().key, *op.changes.front().value, options);
    case OpKind::kDelete:
      return db.Delete(op.changes.front().key, options);
    case OpKind::kBatch: {
      WriteBatch batch;
      for (const Change& change : op.changes) {
        const Status added =
            change.value ? batch.Put(change.key, *change.value) : batch.Delete(change.key);
        if (!added.ok()) return added;
      }
      return db.Write(batch, options);
    }
    case OpKind::kSyncWal:
      return db.SyncWal();
    case OpKind::kFlush:
      return db.Flush();
    case OpKind::kCompact:
      return db.CompactRange();
    case OpKind::kCheckpoint:
      return db.Checkpoint(fmt::format("{}-checkpoint-{}", directory, op.id));
    case OpKind::kLoad:
      return Load(db, op);
    case OpKind::kIngest:
      return Ingest(db, fmt::format("{}-table-{}", directory, op.id), op);
    case OpKind::kBackup:
      return BackUp(db, directory, op.id);
  }
  return OkStatus();
}

// The operations of one thread, in their order.
void Work(Db& db, const std::string& directory, const std::vector<Op>& ops, std::uint32_t thread) {
  std::size_t uncertain = 0;
  for (const Op& op : ops) {
    if (op.thread != thread) continue;
    Say(Event{.kind = "start", .op = op.id, .message = {}, .hits = {}});
    const Status outcome = Perform(db, directory, op);
    if (outcome.ok()) {
      Say(Event{.kind = "ack", .op = op.id, .message = {}, .hits = {}});
      continue;
    }
    Say(Event{.kind = "fail", .op = op.id, .message = outcome.ToString(), .hits = {}});
    if (!op.changes.empty() && ++uncertain == kUncertainMax) return;
  }
}

int Write(const Orders& orders) {
  std::vector<Op> ops;
  for (const json& line : orders.lines) ops.push_back(OpFromJson(line));
  const auto directory = orders.head.at("directory").get<std::string>();
  auto db = Db::Open(directory, ToOptions(SettingsFromJson(orders.head.at("settings"))));
  if (!db.ok()) {
    Say(Event{.kind = "open_failed", .op = 0, .message = db.error().ToString(), .hits = Hits()});
    return kExitDone;
  }
  Say(Event{.kind = "ready", .op = 0, .message = {}, .hits = {}});
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < orders.head.at("threads").get<std::uint32_t>(); ++t) {
    threads.emplace_back([&, t] { Work(*db, directory, ops, t); });
  }
  for (std::thread& thread : threads) thread.join();
  if (!orders.head.at("close").get<bool>()) {
    Say(Event{.kind = "done", .op = 0, .message = {}, .hits = Hits()});
    // Nothing more to do than to be killed; the end of the input says that nobody will.
    while (std::cin.get() != std::char_traits<char>::eof()) {
    }
    _exit(kExitDone);
  }
  const Status closed = db->Close();
  Say(Event{.kind = "done", .op = 0, .message = {}, .hits = Hits()});
  Say(Event{.kind = closed.ok() ? "closed" : "close_failed",
            .op = 0,
            .message = closed.ok() ? "" : closed.ToString(),
            .hits = {}});
  return kExitDone;
}

void Problem(const std::string& message) {
  Say(Event{.kind = "problem", .op = 0, .message = message, .hits = {}});
}

State ScanForwards(Db& db) {
  State state;
  std::string last;
  Iterator it = db.NewIterator();
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    std::string key(it.key());
    if (!state.empty() && key <= last) Problem("scan: not in order at " + EscapeBytes(key));
    last = key;
    state.emplace(std::move(key), it.value());
  }
  if (!it.status().ok()) Problem("scan: " + it.status().ToString());
  return state;
}

void CompareBackwards(Db& db, const State& state) {
  auto want = state.rbegin();
  Iterator it = db.NewIterator();
  for (it.SeekToLast(); it.Valid(); it.Prev(), ++want) {
    if (want == state.rend()) return Problem("scan backwards: finds more than forwards");
    if (it.key() != want->first || it.value() != want->second) {
      return Problem("scan backwards: " + EscapeBytes(it.key()) + " where forwards shows " +
                     EscapeBytes(want->first));
    }
  }
  if (!it.status().ok()) Problem("scan backwards: " + it.status().ToString());
  if (want != state.rend()) Problem("scan backwards: ends before " + EscapeBytes(want->first));
}

void CompareGet(Db& db, const State& state, const std::string& key) {
  const auto value = db.Get(key);
  if (!value.ok()) return Problem("get: " + value.error().ToString());
  const auto it = state.find(key);
  const bool same = it == state.end() ? !value->has_value() : *value == it->second;
  if (!same) Problem("get and scan disagree about " + EscapeBytes(key));
}

int Check(const Orders& orders) {
  const auto directory = orders.head.at("directory").get<std::string>();
  const Options options = ToOptions(SettingsFromJson(orders.head.at("settings")));
  auto db = Db::Open(directory, options);
  if (!db.ok()) {
    Say(Event{.kind = "open_failed", .op = 0, .message = db.error().ToString(), .hits = {}});
    return kExitDone;
  }
  Say(Event{.kind = "ready", .op = 0, .message = {}, .hits = {}});
  const State state = ScanForwards(*db);
  for (const auto& [key, value] : state) {
    Say(json{{"event", "entry"}, {"key", BytesToJson(key)}, {"value", BytesToJson(value)}});
  }
  CompareBackwards(*db, state);
  for (const auto& [key, value] : state) CompareGet(*db, state, key);
  for (const json& line : orders.lines) CompareGet(*db, state, BytesFromJson(line.at("key")));
  const auto report = db->Verify({.depth = VerifyDepth::kTree});
  if (!report.ok()) Problem("verify: " + report.error().ToString());
  if (report.ok()) {
    for (const std::string& problem : report->problems) Problem("verify: " + problem);
  }
  const Status closed = db->Close();
  if (!closed.ok()) Problem("close: " + closed.ToString());
  const auto original = orders.head.at("original").get<std::string>();
  for (const std::string& fault : FaultsOfBackups(original, options)) Problem(fault);
  Say(Event{.kind = "checked", .op = 0, .message = {}, .hits = {}});
  return kExitDone;
}

}  // namespace

int RunWorker() {
  // A controller that dies takes its workers with it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::optional<Orders> orders = ReadOrders();
  if (!orders || orders->head.is_null()) return kExitUsage;
  try {
    const auto role = orders->head.at("role").get<std::string>();
    if (role == "write") return Write(*orders);
    if (role == "check") return Check(*orders);
  } catch (const std::exception& e) {
    std::cerr << "crash worker: the orders make no sense: " << e.what() << "\n";
  }
  return kExitUsage;
}

}  // namespace beachdb::tools::crash
