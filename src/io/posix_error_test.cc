#include "io/posix_error.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(PosixErrorTest, AFullDiskAndAnExhaustedQuotaAreNoSpaceAndTheRestIsIoError) {
  EXPECT_EQ(PosixError("x", ENOSPC).code(), Code::kNoSpace);
  EXPECT_EQ(PosixError("x", EDQUOT).code(), Code::kNoSpace);
  for (const int number : {EIO, EACCES, EROFS, ENOENT, EMFILE, ENFILE, EFBIG}) {
    EXPECT_EQ(PosixError("x", number).code(), Code::kIoError) << number;
  }
}

TEST(PosixErrorTest, TheMessageIsTheCallAndTheSystemsReason) {
  EXPECT_EQ(PosixError("fdatasync 000008.wal", EIO).ToString(),
            "I/O error: fdatasync 000008.wal: Input/output error");
  EXPECT_EQ(PosixError("open x", EROFS).message(), "open x: Read-only file system");
}

}  // namespace
}  // namespace beachdb
