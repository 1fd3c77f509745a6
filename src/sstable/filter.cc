#include "sstable/filter.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/check.h"
#include "base/coding.h"
#include "sstable/table_format.h"

namespace beachdb {
namespace {

constexpr std::size_t kBitsPerLine = kFilterLineSize * 8;
// A filter stays within the limit of a block; beyond that many keys it gets less precise.
constexpr std::size_t kMaxLines = (kMaxBlockSize - kFilterHeaderSize) / kFilterLineSize;

}  // namespace

// ln 2 bits a key is the optimum of a plain Bloom filter; within one line, which is sometimes
// fuller than the average, it is a little less (measured: docs/decisions/0004-block-layout.md).
int FilterProbes(int bits_per_key) {
  return std::clamp(bits_per_key * 6 / 10, 1, kMaxFilterProbes);
}

std::size_t FilterBuilder::Lines() const {
  const std::size_t bits = hashes_.size() * static_cast<std::size_t>(bits_per_key_);
  return std::clamp<std::size_t>((bits + kBitsPerLine - 1) / kBitsPerLine, 1, kMaxLines);
}

std::size_t FilterBuilder::EstimatedSize() const {
  return kFilterHeaderSize + Lines() * kFilterLineSize;
}

std::string FilterBuilder::Finish() const {
  CHECK(!hashes_.empty());
  const std::size_t lines = Lines();
  const int probes = FilterProbes(bits_per_key_);
  std::string out(kFilterHeaderSize + lines * kFilterLineSize, '\0');
  StoreFixed32(out.data(), kFilterKindBlockedBloom);
  StoreFixed32(out.data() + 4, static_cast<std::uint32_t>(probes));
  StoreFixed32(out.data() + 8, static_cast<std::uint32_t>(lines));
  for (const std::uint64_t hash : hashes_) {
    const auto line = static_cast<std::size_t>((Uint128{hash} * lines) >> 64);
    char* bytes = out.data() + kFilterHeaderSize + line * kFilterLineSize;
    VisitFilterBits(hash, probes, [bytes](unsigned bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] | (1 << (bit % 8)));
      return true;
    });
  }
  return out;
}

Result<Filter> Filter::Decode(std::string_view contents) {
  if (contents.size() < kFilterHeaderSize) {
    return Error(Code::kCorruption, fmt::format("filter block: {} bytes, want at least {}",
                                                contents.size(), kFilterHeaderSize));
  }
  const std::uint32_t kind = LoadFixed32(contents.data());
  const std::uint32_t probes = LoadFixed32(contents.data() + 4);
  const std::uint32_t lines = LoadFixed32(contents.data() + 8);
  if (kind != kFilterKindBlockedBloom) {
    return Error(Code::kNotSupported,
                 fmt::format("filter block: kind {} is unknown: open with a newer version", kind));
  }
  const std::uint64_t want = kFilterHeaderSize + std::uint64_t{lines} * kFilterLineSize;
  if (probes == 0 || probes > kMaxFilterProbes || lines == 0 || contents.size() != want ||
      LoadFixed32(contents.data() + 12) != 0) {
    return Error(Code::kCorruption,
                 fmt::format("filter block: {} probes, {} lines in {} bytes, want {}", probes,
                             lines, contents.size(), want));
  }
  Filter filter;
  filter.lines_ = lines;
  filter.probes_ = static_cast<int>(probes);
  filter.bits_ = std::make_unique_for_overwrite<Bits[]>(lines);
  std::memcpy(filter.bits_.get(), contents.data() + kFilterHeaderSize, filter.memory_usage());
  return filter;
}

}  // namespace beachdb
