// What a crash leaves: a process writes and is killed without a word, and the next one that opens
// the directory finds every write that was acknowledged. Leaves its database in ./wreck.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::Status;

constexpr int kWrites = 100;

// The process that dies. It neither closes nor flushes anything: the last write is in the log
// alone.
Status WriteAndDie() {
  auto db = Db::Open("wreck");
  if (!db.ok()) return db.error();
  for (int i = 0; i < kWrites; ++i) {
    // kSync, the default, survives a power cut. kBuffered survives what happens here, the death of
    // the process, and is faster by as much as the disk is slow.
    const beachdb::WriteOptions options = {.durability = beachdb::Durability::kBuffered};
    if (auto put = db->Put("plank " + std::to_string(i), "afloat", options); !put.ok()) return put;
  }
  kill(getpid(), SIGKILL);
  return beachdb::OkStatus();
}

Status CountPlanks() {
  auto db = Db::Open("wreck");  // recovers; the same bytes always recover to the same state
  if (!db.ok()) return db.error();
  int found = 0;
  {
    auto it = db->NewIterator({.prefix = "plank "});
    for (it.SeekToFirst(); it.Valid(); it.Next()) ++found;
    if (!it.status().ok()) return it.status();
  }
  std::printf("%d of %d writes were recovered\n", found, kWrites);
  if (found != kWrites) return Error(Code::kCorruption, "acknowledged writes are missing");
  return db->Close();
}

// Runs the crash in a process of its own.
Status Crash() {
  const pid_t child = fork();
  if (child < 0) return Error(Code::kIoError, "fork failed");
  if (child == 0) {
    const Status status = WriteAndDie();
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    _exit(1);  // not reached unless a write failed
  }
  int ended = 0;
  waitpid(child, &ended, 0);
  if (!WIFSIGNALED(ended)) return Error(Code::kConflict, "the writer did not die as planned");
  std::printf("the writer was killed by signal %d\n", WTERMSIG(ended));
  return beachdb::OkStatus();
}

}  // namespace

int main() {
  Status status = Crash();
  if (status.ok()) status = CountPlanks();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
