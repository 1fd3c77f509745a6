// Writes that happen only if something is still true: a counter by compare-and-set, a transfer as
// an optimistic transaction, and a lock that ends by itself. Leaves its database in ./accounts.
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::Snapshot;
using beachdb::Status;
using beachdb::WriteBatch;

bool IsConflict(const Status& status) {
  return !status.ok() && status.error().code() == Code::kConflict;
}

// Compare-and-set: whoever else counts at the same time, no increment is lost.
Status Increment(Db& db, std::string_view key) {
  for (;;) {
    auto seen = db.Get(key);
    if (!seen.ok()) return seen.error();
    WriteBatch batch;
    const Status required =
        seen->has_value() ? batch.RequireEqual(key, **seen) : batch.RequireAbsent(key);
    if (!required.ok()) return required;
    const int next = seen->has_value() ? std::stoi(**seen) + 1 : 1;
    if (auto put = batch.Put(key, std::to_string(next)); !put.ok()) return put;
    const Status written = db.Write(batch);
    if (!IsConflict(written)) return written;  // else somebody was faster: read again
  }
}

// An optimistic transaction: reads at a snapshot, and commits if nothing that it read has changed.
// `meanwhile` stands for what others do between the reads and the commit.
template <typename Meanwhile>
Status Transfer(Db& db, std::string_view from, std::string_view to, int amount,
                Meanwhile meanwhile) {
  const Snapshot snapshot = db.GetSnapshot();
  auto source = db.Get(from, {.snapshot = &snapshot});
  auto target = db.Get(to, {.snapshot = &snapshot});
  if (!source.ok()) return source.error();
  if (!target.ok()) return target.error();
  meanwhile();
  WriteBatch batch;
  if (auto r = batch.RequireUnchanged(from, snapshot); !r.ok()) return r;
  if (auto r = batch.RequireUnchanged(to, snapshot); !r.ok()) return r;
  const int left = std::stoi(source->value_or("0")) - amount;
  const int right = std::stoi(target->value_or("0")) + amount;
  if (auto put = batch.Put(from, std::to_string(left)); !put.ok()) return put;
  if (auto put = batch.Put(to, std::to_string(right)); !put.ok()) return put;
  return db.Write(batch);
}

// A lock that is free again by itself, should its holder die.
Status TryLock(Db& db, std::string_view name, std::string_view holder, int seconds) {
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  WriteBatch batch;
  if (auto r = batch.RequireAbsent(name); !r.ok()) return r;
  if (auto put = batch.PutExpiring(name, holder, now + static_cast<std::uint64_t>(seconds));
      !put.ok()) {
    return put;
  }
  return db.Write(batch);
}

Status Run() {
  auto db = Db::Open("accounts");
  if (!db.ok()) return db.error();
  for (int i = 0; i < 3; ++i) {
    if (auto done = Increment(*db, "visits"); !done.ok()) return done;
  }
  std::printf("visits: %s\n", db->Get("visits")->value_or("none").c_str());

  if (auto put = db->Put("anna", "100"); !put.ok()) return put;
  if (auto put = db->Put("bert", "0"); !put.ok()) return put;
  const Status disturbed =
      Transfer(*db, "anna", "bert", 30, [&] { static_cast<void>(db->Put("anna", "90")); });
  if (!IsConflict(disturbed)) return Error(Code::kInvalidArgument, "expected a conflict");
  std::printf("transfer: %s\n", disturbed.ToString().c_str());
  if (auto done = Transfer(*db, "anna", "bert", 30, [] {}); !done.ok()) return done;
  std::printf("anna %s, bert %s\n", db->Get("anna")->value_or("?").c_str(),
              db->Get("bert")->value_or("?").c_str());

  if (auto locked = TryLock(*db, "lock/till", "anna", 60); !locked.ok()) return locked;
  if (!IsConflict(TryLock(*db, "lock/till", "bert", 60))) {
    return Error(Code::kInvalidArgument, "the lock was given twice");
  }
  std::printf("lock/till: held by %s\n", db->Get("lock/till")->value_or("nobody").c_str());
  return db->Close();
}

}  // namespace

int main() {
  const Status status = Run();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
