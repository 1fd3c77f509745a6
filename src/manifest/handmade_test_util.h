// A MANIFEST made record by record, as no writer would leave it unless the test wants so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "format/file_header.h"
#include "manifest/manifest_snapshot.h"
#include "manifest/test_files.h"
#include "record/record_writer.h"

namespace beachdb {

inline constexpr std::uint64_t kNumber = 9;
inline const DatabaseId kDatabase{0xb3, 0xf0, 0xc2, 0xd1, 0x5a, 0x4e, 0x47, 0x98,
                                  0x8b, 0x21, 0x0d, 0x6c, 0x7f, 0x3e, 0x99, 0x01};

inline std::string Header(const FileIdentity& identity) {
  return EncodeFileHeader({.magic = std::string(kManifestMagic),
                           .identity = identity,
                           .created_micros = 1700000000000000});
}

// A MANIFEST by hand: each call of Add appends a record and notes where it begins.
struct Handmade {
  explicit Handmade(const FileIdentity& identity = {kDatabase, kNumber})
      : writer(identity), bytes(Header(identity)) {}

  Handmade& Add(RecordType type, std::string_view payload) {
    offsets.push_back(bytes.size());
    writer.AppendTo(bytes, bytes.size(), type, payload);
    return *this;
  }
  Handmade& Snapshot(const ManifestState& state, std::uint64_t next_file_number) {
    RecordType type = RecordType::kManifestSnapshot;
    for (const std::string& payload : EncodeSnapshot(state, next_file_number, 1)) {
      Add(type, payload);
      type = RecordType::kManifestEdit;
    }
    return *this;
  }
  Handmade& Edit(const VersionEdit& edit) {
    return Add(RecordType::kManifestEdit, EncodeVersionEdit(edit));
  }

  RecordWriter writer;
  std::string bytes;
  std::vector<std::uint64_t> offsets;
};

inline FileMetadata Apples() {
  return {.number = 7,
          .size = 4096,
          .checksum = 0x1234abcd,
          .entries = 200,
          .tombstones = 3,
          .distinct_keys = 190,
          .smallest = "apple",
          .largest = "plum",
          .smallest_seqno = 101,
          .largest_seqno = 300};
}

// A snapshot of one record and three edits.
inline Handmade Sample() {
  StateBuilder state;
  EXPECT_TRUE(state
                  .Apply({.log_number = 8,
                          .next_file_number = 10,
                          .last_seqno = 300,
                          .added = {{0, Apples()}}})
                  .ok());
  Handmade file;
  file.Snapshot(std::move(state).Finish(), 10);
  file.Edit({.next_file_number = 11, .added = {{1, Apples()}}, .removed = {{0, 7}}});
  file.Edit({.next_file_number = 12, .last_seqno = 400, .durable_index = 5});
  file.Edit({.next_file_number = 13,
             .last_seqno = 500,
             .added = {{0, MakeFile(12, "b", "c", 401, 500)}}});
  return file;
}

}  // namespace beachdb
