// Moves an amount between two accounts: both changes are written or neither, whoever reads
// meanwhile and whenever the power fails. Leaves its database in ./bank.
#include <cstdio>
#include <string>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::Result;
using beachdb::Status;

Result<int> Balance(const Db& db, const std::string& account) {
  auto text = db.Get(account);
  if (!text.ok()) return text.error();
  if (!text->has_value()) return Error(Code::kConflict, "there is no account " + account);
  return std::stoi(**text);
}

// The unit of atomicity is the batch: its operations apply in order, and all become visible at
// once.
Status SetBoth(Db& db, int alice, int bob) {
  beachdb::WriteBatch batch;
  if (auto put = batch.Put("alice", std::to_string(alice)); !put.ok()) return put;
  if (auto put = batch.Put("bob", std::to_string(bob)); !put.ok()) return put;
  return db.Write(batch);
}

// A refused operation leaves the batch as it was, so what is good in it can still be written.
Status RefusedOperations(Db& db) {
  beachdb::WriteBatch batch;
  if (auto put = batch.Put("carol", "5"); !put.ok()) return put;
  const Status refused = batch.Put("", "a key has at least one byte");
  if (refused.ok()) return Error(Code::kConflict, "an empty key was taken");
  std::printf("refused: %s\n", refused.error().message().c_str());
  std::printf("the batch still has %u operation\n", batch.count());
  return db.Write(batch);
}

Status MoveMoney() {
  auto db = Db::Open("bank");
  if (!db.ok()) return db.error();
  if (auto set = SetBoth(*db, 100, 0); !set.ok()) return set;
  if (auto moved = SetBoth(*db, 70, 30); !moved.ok()) return moved;

  auto alice = Balance(*db, "alice");
  if (!alice.ok()) return alice.error();
  auto bob = Balance(*db, "bob");
  if (!bob.ok()) return bob.error();
  std::printf("alice has %d, bob has %d\n", *alice, *bob);
  if (*alice + *bob != 100) return Error(Code::kConflict, "half a batch was written");

  if (auto rest = RefusedOperations(*db); !rest.ok()) return rest;
  return db->Close();  // the destructor would do it too, but it cannot say how it went
}

}  // namespace

int main() {
  const Status status = MoveMoney();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
