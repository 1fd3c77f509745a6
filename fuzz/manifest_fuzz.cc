// Any bytes as a MANIFEST: bare as the payload of an edit and of a snapshot, as a whole file
// through recovery and the dump, and cut into the payloads of records whose frames are right, so
// that what stands behind the frames meets hostile fields too.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "format/file_names.h"
#include "manifest/manifest_dump.h"
#include "manifest/manifest_reader.h"
#include "manifest/manifest_snapshot.h"
#include "record/record_writer.h"
#include "tests/support/memory_file_system.h"

namespace beachdb {
namespace {

constexpr DatabaseId kDatabase{0xb3, 0xf0, 0xc2};
constexpr std::uint64_t kNumber = 9;

// What decodes can be encoded, and decodes to the same again.
void TryPayload(std::string_view payload) {
  if (const auto edit = DecodeVersionEdit(payload); edit.ok()) {
    const auto again = DecodeVersionEdit(EncodeVersionEdit(*edit));
    CHECK(again.ok());
    CHECK(*again == *edit);
  }
  if (const auto snapshot = DecodeSnapshot(payload); snapshot.ok()) {
    CHECK(DecodeVersionEdit(EncodeVersionEdit(snapshot->edit)).ok());
  }
}

void TryFile(const std::string& bytes) {
  MemoryFileSystem disk;
  const std::string path = JoinPath("db", ManifestName(kNumber));
  CHECK(disk.WriteFileSynced(path, bytes).ok());
  const auto problems = DumpManifest(disk, path, {}, [](const DumpLine&) {});
  CHECK(problems.ok());
  const auto loaded = LoadManifest(disk, "db", kNumber, kDatabase);
  if (!loaded.ok()) return;
  // What recovery accepts, its own snapshot gives back, and the dump blames a torn end at most.
  CHECK(CheckVersion(*loaded->state.version).ok());
  CHECK(*problems == (loaded->torn.empty() ? 0u : 1u));
  for (const std::string& payload : EncodeSnapshot(loaded->state, loaded->next_file_number)) {
    TryPayload(payload);
  }
}

// A file of a snapshot and edits, cut from the input: two bytes of length, then the payload.
std::string Framed(std::string_view input) {
  FileHeader header{.magic = std::string(kManifestMagic), .identity = {kDatabase, kNumber}};
  std::string bytes = EncodeFileHeader(header);
  const RecordWriter writer(header.identity);
  RecordType type = RecordType::kManifestSnapshot;
  while (input.size() >= 2) {
    std::uint16_t length = 0;
    std::memcpy(&length, input.data(), sizeof length);
    input.remove_prefix(sizeof length);
    const std::string_view payload = input.substr(0, length);
    input.remove_prefix(payload.size());
    writer.AppendTo(bytes, bytes.size(), type, payload);
    type = RecordType::kManifestEdit;
  }
  return bytes;
}

}  // namespace
}  // namespace beachdb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  beachdb::TryPayload(input);
  beachdb::TryFile(input);
  beachdb::TryFile(beachdb::Framed(input));
  return 0;
}
