// Moves an amount between two accounts: both changes or neither, and a reader that opened its
// snapshot before the move keeps seeing the old balances. Leaves its database in ./bank.
#include <cstdio>
#include <string>

#include "beachdb/db.h"

namespace {

// Fails with kConflict when the account does not exist.
beachdb::Result<int> Balance(const beachdb::Db& db, const std::string& account,
                             const beachdb::ReadOptions& options = {}) {
  auto text = db.Get(account, options);
  if (!text.ok()) return text.error();
  if (!text->has_value()) return beachdb::Error(beachdb::Code::kConflict, "no account " + account);
  return std::stoi(**text);
}

beachdb::Status SetBoth(beachdb::Db& db, int alice, int bob) {
  beachdb::WriteBatch batch;
  if (auto put = batch.Put("alice", std::to_string(alice)); !put.ok()) return put;
  if (auto put = batch.Put("bob", std::to_string(bob)); !put.ok()) return put;
  return db.Write(batch);
}

beachdb::Status MoveMoney() {
  auto db = beachdb::Db::Open("bank");
  if (!db.ok()) return db.error();
  if (auto set = SetBoth(*db, 100, 0); !set.ok()) return set;

  const beachdb::Snapshot before = db->GetSnapshot();
  if (auto moved = SetBoth(*db, 70, 30); !moved.ok()) return moved;

  auto old_balance = Balance(*db, "alice", {.snapshot = &before});
  if (!old_balance.ok()) return old_balance.error();
  auto new_balance = Balance(*db, "alice");
  if (!new_balance.ok()) return new_balance.error();
  std::printf("alice had %d, and has %d\n", *old_balance, *new_balance);

  if (*old_balance != 100 || *new_balance != 70) {
    return beachdb::Error(beachdb::Code::kConflict, "a snapshot must not move");
  }
  return beachdb::OkStatus();
}

}  // namespace

int main() {
  const beachdb::Status status = MoveMoney();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
