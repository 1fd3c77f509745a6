// The files of a small database, the same bytes on every run: a fixed identity, a fixed clock, and
// the writers of each format without an engine around them. What golden dumps and independent
// parsers are held against.
#pragma once

#include <string>

namespace beachdb {

// What WriteSampleFiles writes. Together they hold every kind of thing that a format can say, and
// bytes that are no text.
inline constexpr char kSampleManifest[] = "MANIFEST-000001";  // with CURRENT and IDENTITY
inline constexpr char kSampleLog[] = "000008.wal";
inline constexpr char kSampleRecycledLog[] = "000010.wal";  // behind its records: its former life
inline constexpr char kSampleTable[] = "000007.sst";        // blocks as they are
inline constexpr char kSampleLz4Table[] = "000011.sst";     // the same entries
inline constexpr char kSampleWideTable[] = "000012.sst";    // a block beyond 64 KiB, no filter
inline constexpr char kSampleRangesTable[] = "000013.sst";  // range tombstones, a put with an end

// Into the empty directory `folder`. Failures fail the running test.
void WriteSampleFiles(const std::string& folder);

}  // namespace beachdb
