#include "io/read_ring.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace beachdb {
namespace {

constexpr std::size_t kLargestRead = 1u << 30;  // the kernel stops before 2 GiB

}  // namespace

ReadRing* ReadRing::OfThread() {
  static thread_local ReadRing ring;
  return ring.open_ ? &ring : nullptr;
}

// The kernel works on completions when this thread asks for them, not by interrupting it. Kernels
// before 6.1 do not know that.
ReadRing::ReadRing() {
  constexpr unsigned kFlags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  open_ = io_uring_queue_init(kDepth, &ring_, kFlags) == 0 ||
          io_uring_queue_init(kDepth, &ring_, 0) == 0;
}

void ReadRing::Close() {
  if (open_) io_uring_queue_exit(&ring_);
  open_ = false;
}

void ReadRing::Run(std::span<Read> reads) {
  CHECK(open_ && reads.size() <= kDepth);
  for (Read& read : reads) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    CHECK(entry != nullptr);  // all kDepth are free between two calls
    const std::size_t size = std::min(read.out.size(), kLargestRead);
    io_uring_prep_read(entry, read.fd, read.out.data(), static_cast<unsigned>(size), read.offset);
    io_uring_sqe_set_data(entry, &read);
  }
  const auto wanted = static_cast<unsigned>(reads.size());
  const int started = io_uring_submit_and_wait(&ring_, wanted);
  for (int i = 0; i < started; ++i) WaitForOne();
  // Entries that the kernel did not take would be started by the next call.
  if (started != static_cast<int>(wanted)) Close();
}

void ReadRing::WaitForOne() {
  io_uring_cqe* completion = nullptr;
  int result = 0;
  do {
    result = io_uring_wait_cqe(&ring_, &completion);
  } while (result == -EINTR);
  // The kernel may still write to the caller's memory: there is no way back from here.
  CHECK(result == 0);
  auto* read = static_cast<Read*>(io_uring_cqe_get_data(completion));
  if (completion->res > 0) read->done = static_cast<std::size_t>(completion->res);
  io_uring_cqe_seen(&ring_, completion);
}

}  // namespace beachdb
