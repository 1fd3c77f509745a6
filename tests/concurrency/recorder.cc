#include "tests/concurrency/recorder.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace beachdb::concurrency {
namespace {

std::string KeyName(std::uint32_t key) { return "key" + std::to_string(key); }
std::string MarkName(std::uint32_t thread) { return "mark" + std::to_string(thread); }

// "2/17 ...": who wrote it, and bytes that make flushes and blocks.
std::string ValueOf(const CommitId& id, std::uint64_t padding) {
  return std::to_string(id.thread) + "/" + std::to_string(id.number) + " " +
         std::string(padding, static_cast<char>('a' + id.number % 26));
}
CommitId WriterOf(std::string_view value) {
  const std::string text(value.substr(0, value.find(' ')));
  const std::size_t slash = text.find('/');
  return {static_cast<std::uint32_t>(std::stoul(text)),
          static_cast<std::uint32_t>(std::stoul(text.substr(slash + 1)))};
}
std::uint64_t AsNumber(const CommitId& id) { return std::uint64_t{id.thread} << 32 | id.number; }

}  // namespace

void Recorder::Work(std::uint32_t thread, Db& db, std::uint64_t seed, int steps) {
  Log& log = logs_[thread];
  Random random(seed * 1000 + thread);
  // Held for long, while everything below them is flushed and merged away.
  std::optional<Snapshot> held;
  std::optional<Iterator> held_iterator;
  Scan held_sees;
  const auto check_held = [&] {
    if (!held) return;
    const Scan again = ReadByKeys(db, &*held, log.wrong);
    const Scan walked = ReadAll(*held_iterator, log.wrong, random.OneIn(2));
    if (log.wrong.empty() && (again.seen != held_sees.seen || walked.seen != held_sees.seen)) {
      log.wrong = "a snapshot or an iterator that was held has changed";
    }
  };
  for (int step = 0; step < steps && log.wrong.empty(); ++step) {
    const std::uint64_t dice = random.Uniform(100);
    if (dice < 45) {
      if (!Write(thread, db, random)) break;
    } else if (dice < 70) {
      Get(log, db, random);
    } else if (dice < 88) {
      ScanAll(log, db, random);
    } else if (dice < 92) {
      check_held();
      held.emplace(db.GetSnapshot());
      held_iterator.emplace(db.NewIterator({{.snapshot = &*held}, {}, {}, {}}));
      held_sees = ReadByKeys(db, &*held, log.wrong);
    } else if (dice < 95) {
      // Whether these succeed while a process dies is not the question.
      static_cast<void>(db.Flush());
    } else if (dice < 97) {
      static_cast<void>(db.CompactRange());
    } else if (dice < 99) {
      static_cast<void>(db.SyncWal());
    } else {
      static_cast<void>(db.GetStats());
    }
  }
  check_held();
}

bool Recorder::Write(std::uint32_t thread, Db& db, Random& random) {
  Log& log = logs_[thread];
  Commit commit{.id = {thread, ++log.last_number}, .called = 0, .returned = kNever, .keys = {}};
  WriteBatch batch;
  bool ok = batch.Put(MarkName(thread), std::to_string(commit.id.number)).ok();
  for (std::uint64_t i = 1 + random.Uniform(4); i > 0; --i) {
    const std::string key = KeyName(static_cast<std::uint32_t>(random.Uniform(kKeys)));
    const bool put = !random.OneIn(4);
    const std::string value = ValueOf(commit.id, random.Uniform(random.OneIn(10) ? 9000 : 100));
    ok = ok && (put ? batch.Put(key, value) : batch.Delete(key)).ok();
    commit.keys[key] = put;  // the last one of a key wins
  }
  const bool sync = writes_ == Writes::kAllSynced || random.OneIn(3);
  commit.called = Tick();
  log.commits.push_back(commit);
  ok = ok && db.Write(batch, {.durability = sync ? Durability::kSync : Durability::kBuffered}).ok();
  if (ok) log.commits.back().returned = Tick();
  return ok;
}

void Recorder::Get(Log& log, Db& db, Random& random) {
  const auto key = static_cast<std::uint32_t>(random.Uniform(kKeys));
  KeyOp op{.kind = KeyOp::Kind::kRead, .value = 0, .called = Tick()};
  std::optional<std::string> value;
  if (random.OneIn(2)) {
    auto got = db.Get(KeyName(key));
    if (!got.ok()) return void(log.wrong = got.error().ToString());
    value = std::move(*got);
  } else {
    auto pinned = db.GetPinned(KeyName(key));
    if (!pinned.ok()) return void(log.wrong = pinned.error().ToString());
    if (pinned->has_value()) value = std::string((*pinned)->view());
  }
  op.returned = Tick();
  if (value) op.value = AsNumber(WriterOf(*value));
  log.reads.push_back({key, op});
}

void Recorder::ScanAll(Log& log, Db& db, Random& random) {
  const std::uint64_t called = Tick();
  std::uint64_t returned = 0;
  Scan scan;
  switch (random.Uniform(3)) {
    case 0: {
      Iterator it = db.NewIterator();
      returned = Tick();  // its creation has fixed what it shows
      scan = ReadAll(it, log.wrong, random.OneIn(2));
      break;
    }
    case 1: {
      const Snapshot snapshot = db.GetSnapshot();
      returned = Tick();
      scan = ReadByKeys(db, &snapshot, log.wrong);
      break;
    }
    default:
      scan = ReadByKeys(db, nullptr, log.wrong);
      returned = Tick();
      break;
  }
  scan.called = called;
  scan.returned = returned;
  log.scans.push_back(std::move(scan));
}

void Recorder::Note(Scan& scan, std::string_view key, std::string_view value,
                    std::string& wrong) const {
  if (key.starts_with("mark")) {
    const std::size_t thread = std::stoul(std::string(key.substr(4)));
    if (thread >= scan.marks.size()) return void(wrong = "a mark of nobody");
    scan.marks[thread] = static_cast<std::uint32_t>(std::stoul(std::string(value)));
  } else {
    scan.seen[std::string(key)] = WriterOf(value);
  }
}

Scan Recorder::ReadAll(Iterator& it, std::string& wrong, bool reverse) const {
  Scan scan;
  scan.marks.resize(logs_.size());
  for (reverse ? it.SeekToLast() : it.SeekToFirst(); it.Valid(); reverse ? it.Prev() : it.Next()) {
    Note(scan, it.key(), it.value(), wrong);
  }
  if (!it.status().ok()) wrong = it.status().error().ToString();
  return scan;
}

// MultiGet without a snapshot sees one state too.
Scan Recorder::ReadByKeys(Db& db, const Snapshot* snapshot, std::string& wrong) const {
  Scan scan;
  scan.marks.resize(logs_.size());
  std::vector<std::string> names;
  for (std::uint32_t key = 0; key < kKeys; ++key) names.push_back(KeyName(key));
  for (std::uint32_t thread = 0; thread < logs_.size(); ++thread) {
    names.push_back(MarkName(thread));
  }
  const std::vector<std::string_view> keys(names.begin(), names.end());
  const auto got = db.MultiGet(keys, {.snapshot = snapshot});
  if (!got.ok()) {
    wrong = got.error().ToString();
    return scan;
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((*got)[i]) Note(scan, keys[i], *(*got)[i], wrong);
  }
  return scan;
}

void Recorder::CrashedAt(std::uint64_t moment) {
  for (Log& log : logs_) {
    std::erase_if(log.commits, [&](const Commit& c) { return c.called > moment; });
    for (Commit& commit : log.commits) {
      if (commit.returned > moment) commit.returned = kNever;
    }
    std::erase_if(log.reads, [&](const Read& read) { return read.op.returned > moment; });
    std::erase_if(log.scans, [&](const Scan& scan) { return scan.returned > moment; });
  }
}

void Recorder::Recovered(Db& db) {
  Scan scan = ReadByKeys(db, nullptr, logs_[0].wrong);
  const std::uint64_t settled = Tick();
  for (std::uint32_t thread = 0; thread < logs_.size(); ++thread) {
    Log& log = logs_[thread];
    std::erase_if(log.commits, [&](const Commit& commit) {
      // What has returned stays: if it is lost, the scan below contradicts it.
      const bool lost = commit.returned == kNever && commit.id.number > scan.marks[thread];
      log.unknown += commit.returned == kNever ? 1 : 0;
      return lost;
    });
    for (Commit& commit : log.commits) commit.returned = std::min(commit.returned, settled);
  }
  scan.called = settled + 1;
  Tick();
  scan.returned = Tick();
  logs_[0].scans.push_back(std::move(scan));
}

std::string Recorder::Verdict() const {
  std::vector<Commit> commits;
  std::vector<Scan> scans;
  std::map<std::string, std::vector<KeyOp>> keys;
  for (const Log& log : logs_) {
    if (!log.wrong.empty()) return log.wrong;
    commits.insert(commits.end(), log.commits.begin(), log.commits.end());
    scans.insert(scans.end(), log.scans.begin(), log.scans.end());
    for (const Commit& commit : log.commits) {
      for (const auto& [key, put] : commit.keys) {
        keys[key].push_back(
            {KeyOp::Kind::kWrite, put ? AsNumber(commit.id) : 0, commit.called, commit.returned});
      }
    }
    for (const Read& read : log.reads) keys[KeyName(read.key)].push_back(read.op);
  }
  for (const auto& [key, ops] : keys) {
    if (!IsLinearizable(ops)) return "the operations on " + key + " have no order";
  }
  return FindContradiction(commits, std::move(scans));
}

Recorder::Counts Recorder::counts() const {
  Counts counts;
  for (const Log& log : logs_) {
    counts.commits += log.commits.size();
    counts.reads += log.reads.size();
    counts.scans += log.scans.size();
    counts.unknown += log.unknown;
  }
  return counts;
}

}  // namespace beachdb::concurrency
