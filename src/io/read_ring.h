// Reads that the kernel works on together (io_uring): one system call starts all of them and waits
// for the last.
//
// Thread safety: none; every thread has a ring of its own, which dies with it.
// Limits: kDepth reads at once. Errors: none of its own. What a ring leaves undone, pread does, and
// that says why.
#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace beachdb {

class ReadRing {
 public:
  static constexpr unsigned kDepth = 32;

  struct Read {
    int fd = -1;
    std::uint64_t offset = 0;
    std::span<char> out;
    std::size_t done = 0;  // bytes of `out` that Run has filled, from its beginning on
  };

  // The ring of this thread, made when it is first asked for. nullptr: the kernel gives none (it is
  // too old, forbids it, has no descriptor left), or the ring has failed. It is not asked again.
  static ReadRing* OfThread();

  ~ReadRing() { Close(); }
  ReadRing(const ReadRing&) = delete;
  ReadRing& operator=(const ReadRing&) = delete;

  // Returns when no read is under way any more; each may have done all, a part or nothing. The ring
  // may be gone then: ask OfThread again. REQUIRES: at most kDepth reads.
  void Run(std::span<Read> reads);

 private:
  ReadRing();
  void Close();
  void WaitForOne();

  io_uring ring_{};
  bool open_ = false;
};

}  // namespace beachdb
