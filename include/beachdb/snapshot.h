// A pinned state of the database: reads through it see exactly the writes that were committed when
// it was taken, whatever is written, flushed or compacted afterwards.
//
// Cost: versions that only a snapshot sees stay on disk until it is gone (Stats says how many
// snapshots there are, and how old the oldest is).
//
// Thread safety: may be read from any thread. Lifetime: must be destroyed before its Db is closed;
// Db::Close fails with kBusy while one lives.
#pragma once

#include <cstdint>
#include <memory>

namespace beachdb {

class Db;
class Engine;

class Snapshot {
 public:
  Snapshot(Snapshot&& other) noexcept;
  Snapshot& operator=(Snapshot&& other) noexcept;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

  // The seqno of the last operation that this snapshot sees.
  std::uint64_t seqno() const { return seqno_; }

 private:
  friend class Db;
  friend class Engine;
  Snapshot(Engine* engine, std::uint64_t seqno) : engine_(engine), seqno_(seqno) {}

  Engine* engine_;
  std::uint64_t seqno_;
};

}  // namespace beachdb
