// How a database is set up: options by name, a log of one's own, and what a wrong value answers.
// Leaves its database in ./harbour.
#include <atomic>
#include <cstdio>
#include <string_view>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::LogLevel;
using beachdb::Status;

Status Refused() {
  const auto db = Db::Open("harbour", {.memory_budget = 1000});
  if (db.ok()) return Error(Code::kConflict, "a thousand bytes were enough");
  std::printf("refused: %s\n", db.error().message().c_str());
  return beachdb::OkStatus();
}

Status SetUp() {
  std::atomic<int> lines = 0;
  // Only what differs from the default is named. Every option is in beachdb/options.h.
  auto db = Db::Open("harbour",
                     {
                         // All memory there is: memtables, indexes, filters, cached blocks.
                         .memory_budget = 64u << 20,
                         .filter_bits_per_key = 12,
                         // Nine tenths of the data lie in the deepest level: there it pays most.
                         .bottom_compression = beachdb::Compression::kZstd,
                         // Called from any thread; empty means warnings go to stderr.
                         .log = [&](LogLevel, std::string_view) { ++lines; },
                     });
  if (!db.ok()) return db.error();
  if (auto put = db->Put("pier", "3"); !put.ok()) return put;
  if (db->GetStats().memory_budget != 64u << 20) return Error(Code::kConflict, "not what was set");
  if (auto closed = db->Close(); !closed.ok()) return closed;
  std::printf("the log had %d lines\n", lines.load());

  // A tool that must not make a database where there is none says so.
  const auto absent = Db::Open("nowhere", {.create_if_missing = false});
  if (absent.ok()) return Error(Code::kConflict, "a database was made");
  std::printf("absent: %s\n", absent.error().message().c_str());
  return beachdb::OkStatus();
}

}  // namespace

int main() {
  Status status = Refused();
  if (status.ok()) status = SetUp();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
