// Any bytes as an export stream: read to its end or refused, and what passes is what the writer
// makes of the same operations.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "kv/batch_format.h"
#include "tools/export_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beachdb;
  // A file without a name that InputFile can open.
  const int fd = ::memfd_create("export", MFD_CLOEXEC);
  CHECK(fd >= 0);
  CHECK(::write(fd, data, size) == static_cast<ssize_t>(size));
  auto file = tools::InputFile::Open("/proc/self/fd/" + std::to_string(fd));
  CHECK(file.ok());
  tools::ExportReader reader(*std::move(file));
  std::string consumed;
  for (;;) {
    const auto more = reader.Next();
    if (!more.ok()) {
      CHECK(!more.error().message().empty());
      break;
    }
    if (!*more) break;
    consumed += reader.bytes();
    CHECK(consumed.size() == reader.offset());
    CHECK(ValidateBatch(reader.batch()).ok());
  }
  CHECK(consumed.size() <= size && consumed == std::string(data, data + consumed.size()));
  ::close(fd);
  return 0;
}
