// Reads that are done at once, with a ring, without one, and with one that fails. Two calls of
// liburing are replaced in this program by ones that do the real thing unless a test forbids it.
#include <dlfcn.h>
#include <liburing.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "io/aligned_read.h"
#include "io/fault_file_system.h"
#include "io/file_system.h"
#include "io/read_ring.h"

namespace {

enum class Ring : std::uint8_t {
  kReal,
  kForbidden,  // as where seccomp or a sysctl says no
  kOld,        // a kernel that knows no flags
  kStuck,      // starts nothing
  kSlow,       // starts a part
};
thread_local Ring ring_of_thread = Ring::kReal;
thread_local int rings_asked_for = 0;
thread_local int submissions = 0;

template <typename F>
F* Real(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {
int io_uring_queue_init(unsigned entries, io_uring* ring, unsigned flags) {
  ++rings_asked_for;
  if (ring_of_thread == Ring::kForbidden) return -EPERM;
  if (ring_of_thread == Ring::kOld && flags != 0) return -EINVAL;
  return Real<decltype(io_uring_queue_init)>("io_uring_queue_init")(entries, ring, flags);
}
int io_uring_submit_and_wait(io_uring* ring, unsigned count) {
  ++submissions;
  if (ring_of_thread == Ring::kStuck) return -EAGAIN;
  if (ring_of_thread == Ring::kSlow && count > 1) {
    // The kernel has taken the first two entries only.
    const unsigned all = ring->sq.sqe_tail;
    ring->sq.sqe_tail = ring->sq.sqe_head + 2;
    const int taken = Real<decltype(io_uring_submit_and_wait)>("io_uring_submit_and_wait")(ring, 2);
    ring->sq.sqe_tail = all;
    return taken;
  }
  return Real<decltype(io_uring_submit_and_wait)>("io_uring_submit_and_wait")(ring, count);
}
}

namespace beachdb {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kPages = 40;
constexpr std::size_t kFileSize = kPages * kPage + 700;

class ReadManyTest : public testing::TestWithParam<std::pair<Ring, IoMode>> {
 protected:
  ReadManyTest() : path_(Path()) {
    Random random(1);
    bytes_.resize(kFileSize);
    for (char& byte : bytes_) byte = static_cast<char>(random.Uniform(256));
    std::filesystem::remove(path_);
    EXPECT_TRUE(fs_.WriteFileSynced(path_, bytes_).ok());
    file_ = *fs_.Open(path_, OpenMode::kRead, GetParam().second);
  }
  ~ReadManyTest() override { std::filesystem::remove(path_); }

  static std::string Path() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '_');
    return testing::TempDir() + "beachdb_read_many_" + name;
  }

  // In a thread that has had no ring yet.
  static void InANewThread(const std::function<void()>& body) {
    std::thread thread([&] {
      ring_of_thread = GetParam().first;
      body();
    });
    thread.join();
  }

  // `count` reads of up to three pages, some of which reach beyond the end of the file or begin
  // there. Their memory is that of the test.
  std::vector<ReadRequest> SomeReads(std::size_t count, Random& random) {
    memory_.clear();
    std::vector<ReadRequest> requests(count);
    for (ReadRequest& request : requests) {
      const std::size_t unit = file_->alignment();
      request.file = file_.get();
      request.offset = random.Uniform(kFileSize + 2 * kPage) / unit * unit;
      memory_.push_back(std::make_unique<Memory>());
      const std::size_t size = random.Uniform(sizeof(Memory) + 1) / unit * unit;
      request.out = {memory_.back()->bytes, size};
    }
    return requests;
  }

  std::string_view Want(const ReadRequest& request) const {
    if (request.offset >= bytes_.size()) return "";
    return std::string_view(bytes_).substr(request.offset, request.out.size());
  }
  static std::string_view Got(const ReadRequest& request) {
    if (!request.got.ok()) return "an error";
    return {request.out.data(), *request.got};
  }

  struct alignas(kPage) Memory {
    char bytes[3 * kPage];
  };

  FileSystem& fs_ = PosixFileSystem();
  const std::string path_;
  std::string bytes_;
  std::unique_ptr<File> file_;
  std::vector<std::unique_ptr<Memory>> memory_;
};

TEST_P(ReadManyTest, EachReadIsWhatReadAtWouldBeHoweverManyThereAre) {
  InANewThread([&] {
    Random random(7);
    for (const std::size_t count :
         {0u, 1u, 2u, 16u, ReadRing::kDepth, ReadRing::kDepth + 1, 100u}) {
      SCOPED_TRACE(count);
      auto requests = SomeReads(count, random);
      fs_.ReadMany(requests);
      for (const ReadRequest& request : requests) {
        EXPECT_EQ(Got(request), Want(request)) << request.out.size() << " at " << request.offset;
      }
    }
  });
}

TEST_P(ReadManyTest, AFailureIsNamedAsByReadAtAndIsThatOfItsRequestAlone) {
  InANewThread([&] {
    Random random(9);
    auto requests = SomeReads(20, random);
    ReadRequest& bad = requests[11];
    bad.offset = std::uint64_t{1} << 63;  // no file is so long
    bad.out = {memory_[11]->bytes, kPage};
    fs_.ReadMany(requests);
    ASSERT_FALSE(bad.got.ok());
    EXPECT_EQ(bad.got.error().ToString(), file_->ReadAt(bad.offset, bad.out).error().ToString());
    EXPECT_EQ(bad.got.error().message(),
              "pread " + path_ + " at offset 9223372036854775808 (4096 bytes): Invalid argument");
    for (const ReadRequest& request : requests) {
      if (&request != &bad) {
        EXPECT_EQ(Got(request), Want(request));
      }
    }
  });
}

TEST_P(ReadManyTest, TheKernelIsAskedForARingOnceAThread) {
  InANewThread([&] {
    Random random(3);
    for (int i = 0; i < 5; ++i) {
      auto requests = SomeReads(4, random);
      fs_.ReadMany(requests);
      for (const ReadRequest& request : requests) EXPECT_EQ(Got(request), Want(request));
    }
    const Ring ring = GetParam().first;
    EXPECT_GE(rings_asked_for, 1);
    if (ring == Ring::kReal && ReadRing::OfThread() != nullptr) {
      EXPECT_EQ(submissions, 5) << "one for all reads of a call";
    }
    EXPECT_LE(rings_asked_for, 2) << "with flags and without";
    if (ring == Ring::kForbidden) {
      EXPECT_EQ(submissions, 0);
    }
    if (ring == Ring::kStuck || ring == Ring::kSlow) {
      EXPECT_LE(submissions, 1);
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Rings, ReadManyTest,
                         testing::Values(std::pair(Ring::kReal, IoMode::kBuffered),
                                         std::pair(Ring::kReal, IoMode::kDirect),
                                         std::pair(Ring::kForbidden, IoMode::kBuffered),
                                         std::pair(Ring::kForbidden, IoMode::kDirect),
                                         std::pair(Ring::kOld, IoMode::kDirect),
                                         std::pair(Ring::kStuck, IoMode::kDirect),
                                         std::pair(Ring::kSlow, IoMode::kBuffered),
                                         std::pair(Ring::kSlow, IoMode::kDirect)));

TEST(ReadManyOfManyFilesTest, EveryReadIsACallThatAFaultCanHit) {
  const std::string path = testing::TempDir() + "beachdb_read_many_faults";
  ASSERT_TRUE(PosixFileSystem().WriteFileSynced(path, "0123456789").ok());
  FaultFileSystem fs(PosixFileSystem());
  const auto file = fs.Open(path, OpenMode::kRead, IoMode::kBuffered);
  ASSERT_TRUE(file.ok());
  char out[5];
  std::vector<ReadRequest> requests(5);
  for (std::size_t i = 0; i < 5; ++i) {
    requests[i] = {.file = file->get(), .offset = 2 * i, .out = {out + i, 1}};
  }
  fs.Inject({.ops = {FileOp::kRead}, .skip = 3, .times = 1});
  fs.ReadMany(requests);
  EXPECT_EQ(fs.Count(FileOp::kRead), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(requests[i].got.ok(), i != 3) << i;
  EXPECT_EQ(std::string_view(out, 3), "024");
  EXPECT_EQ(out[4], '8');
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace beachdb
