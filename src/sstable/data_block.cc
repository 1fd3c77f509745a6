#include "sstable/data_block.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/bytes.h"
#include "beachdb/options.h"
#include "kv/expiry.h"

namespace beachdb {
namespace {

std::string_view Tail(std::string_view rest) {
  return rest.size() > 4 ? rest.substr(4) : std::string_view();
}

Error Bad(std::string message) {
  return Error(Code::kCorruption, "data block: " + std::move(message));
}

struct Shape {
  std::uint32_t entries = 0;
  std::uint32_t prefix_size = 0;
  std::uint32_t width = 0;
  std::size_t offsets_at = 0;
  std::size_t entries_at = 0;

  std::uint64_t Offset(std::string_view raw, std::uint32_t i) const {
    const char* p = raw.data() + offsets_at + std::size_t{width} * i;
    return width == 4 ? LoadFixed32(p) : LoadFixed16(p);
  }
};

Result<Shape> ReadShape(std::string_view raw) {
  if (raw.size() < kDataBlockHeaderSize) {
    return Bad(fmt::format("{} bytes are too few for its header", raw.size()));
  }
  Shape shape;
  shape.entries = LoadFixed32(raw.data());
  shape.prefix_size = LoadFixed32(raw.data() + 4);
  shape.width = static_cast<unsigned char>(raw[8]);
  if ((shape.width != 2 && shape.width != 4) || raw.substr(9, 3) != std::string_view("\0\0\0", 3)) {
    return Bad(fmt::format("offset width {} or the zeros behind it", shape.width));
  }
  if (shape.entries == 0 || shape.prefix_size > kMaxKeySize) {
    return Bad(fmt::format("{} entries, prefix of {} bytes", shape.entries, shape.prefix_size));
  }
  // In 64 bits: neither sum can overflow.
  shape.offsets_at = kDataBlockHeaderSize + shape.prefix_size + std::size_t{4} * shape.entries;
  shape.entries_at = shape.offsets_at + std::size_t{shape.width} * (std::size_t{shape.entries} + 1);
  if (shape.entries_at > raw.size()) {
    return Bad(fmt::format("{} entries do not fit into {} bytes", shape.entries, raw.size()));
  }
  return shape;
}

// nullptr: entry i, which takes up `entry` and has `head`, is well formed.
const char* EntryFault(std::string_view entry, std::uint32_t head, std::uint32_t prefix_size) {
  std::uint32_t remainder = 0;
  if (!GetVarint32(entry, remainder)) return "has a malformed key size";
  const std::uint64_t key_size = std::uint64_t{prefix_size} + remainder;
  if (key_size < kMinKeySize || key_size > kMaxKeySize) return "has a key beyond the limits";
  const std::size_t tail = remainder > 4 ? remainder - 4 : 0;
  if (entry.size() < tail + 8) return "is too short for its key";
  if (entry.size() - tail - 8 > kMaxValueSize) return "has a value beyond the limit";
  if (remainder < 4 && (head << (8 * remainder)) != 0) return "has a head beyond its key";
  const Kind kind = TrailerKind(LoadFixed64(entry.data() + tail));
  if (kind == Kind::kPut || kind == Kind::kDelete) return nullptr;
  if (kind != Kind::kPutExpiring) return "has a kind that this build cannot read";
  if (entry.size() - tail - 8 < kExpirySize) return "has no room for its expiry";
  return nullptr;
}

}  // namespace

Status DataBlock::Validate(std::string_view raw) {
  auto shape = ReadShape(raw);
  if (!shape.ok()) return shape.error();
  const DataBlock block(raw.data());
  std::uint64_t begin = shape->Offset(raw, 0);
  if (begin != shape->entries_at) {
    return Bad(fmt::format("entries begin at {}, want {}", begin, shape->entries_at));
  }
  for (std::uint32_t i = 0; i < shape->entries; ++i) {
    const std::uint64_t end = shape->Offset(raw, i + 1);
    if (end < begin || end > raw.size()) {
      return Bad(
          fmt::format("entry {} from {} to {} in a block of {} bytes", i, begin, end, raw.size()));
    }
    const char* fault =
        EntryFault(raw.substr(begin, end - begin), block.Head(i), shape->prefix_size);
    if (fault != nullptr) return Bad(fmt::format("entry {} at {} {}", i, begin, fault));
    begin = end;
  }
  if (begin != raw.size()) {
    return Bad(fmt::format("entries end at {} of {} bytes", begin, raw.size()));
  }
  return OkStatus();
}

const char* DataBlock::LoadLongSize(const char* p, std::uint32_t* size) {
  std::uint32_t value = static_cast<unsigned char>(p[-1]) & 0x7f;
  for (int shift = 7;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*p++);
    value |= std::uint32_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  *size = value;
  return p;
}

void DataBlock::CopyKey(std::uint32_t i, std::string* key) const {
  const Entry entry = At(i);
  const std::uint32_t head = __builtin_bswap32(Head(i));
  char bytes[4];
  std::memcpy(bytes, &head, sizeof bytes);
  key->assign(prefix());
  key->append(bytes, std::min(entry.remainder_size, 4u));
  key->append(entry.tail, entry.tail_size());
}

// Entry i against the target whose head equals its own and whose key behind the prefix is `rest`.
int DataBlock::Compare(std::uint32_t i, std::string_view rest, std::uint64_t trailer) const {
  const Entry entry = At(i);
  const int order = std::string_view(entry.tail, entry.tail_size()).compare(Tail(rest));
  if (order != 0) return order;
  // Equal so far; a shorter key (its head padded with zeros) is a prefix of the longer one.
  if (entry.remainder_size != rest.size()) return entry.remainder_size < rest.size() ? -1 : 1;
  return entry.trailer > trailer ? -1 : entry.trailer < trailer ? 1 : 0;
}

// The first entry whose head is not less than this one. Without branches: the answer of a
// comparison becomes an addend.
std::uint32_t DataBlock::FirstByHead(std::uint32_t head) const {
  std::uint32_t first = 0;
  for (std::uint32_t length = size_; length > 1;) {
    const std::uint32_t half = length / 2;
    first += Head(first + half - 1) < head ? half : 0;
    length -= half;
  }
  return first + (Head(first) < head ? 1 : 0);
}

std::uint32_t DataBlock::Aim(std::string_view key) const {
  if (!EqualBytes(key.substr(0, prefix_size_), prefix())) return size_;
  const std::uint32_t first = FirstByHead(KeyHead32(key.substr(prefix_size_)));
  if (first == size_) return size_;
  const char* entry = base_ + Offset(first);
  __builtin_prefetch(entry);
  __builtin_prefetch(entry + 64);
  return first;
}

bool DataBlock::Find(std::uint32_t aim, std::string_view key, std::uint64_t trailer,
                     Entry* entry) const {
  if (aim == size_) return false;
  const std::string_view rest = key.substr(prefix_size_);
  const auto is_at = [&](std::uint32_t i) {
    *entry = At(i);
    return entry->remainder_size == rest.size() &&
           EqualBytes({entry->tail, entry->tail_size()}, Tail(rest));
  };
  const std::uint32_t head = KeyHead32(rest);
  if (Head(aim) != head) return false;
  // Nearly always the first of the heads is it.
  if (is_at(aim) && entry->trailer <= trailer) return true;
  const std::uint32_t i = LowerBoundAmongEqualHeads(aim, rest, trailer);
  return i < size_ && Head(i) == head && is_at(i);
}

std::uint32_t DataBlock::LowerBound(std::string_view key, std::uint64_t trailer) const {
  const std::string_view shared = key.substr(0, prefix_size_);
  if (!EqualBytes(shared, prefix())) return shared < prefix() ? 0 : size_;
  const std::string_view rest = key.substr(prefix_size_);
  const std::uint32_t head = KeyHead32(rest);
  const std::uint32_t first = FirstByHead(head);
  if (first == size_ || Head(first) != head) return first;
  return LowerBoundAmongEqualHeads(first, rest, trailer);
}

// `first` is the first entry with the target's head. Most often it decides; else there may be
// thousands of them (versions of one key), so they are halved too.
std::uint32_t DataBlock::LowerBoundAmongEqualHeads(std::uint32_t first, std::string_view rest,
                                                   std::uint64_t trailer) const {
  if (Compare(first, rest, trailer) >= 0) return first;
  const std::uint32_t head = Head(first);
  std::uint32_t low = first + 1;
  std::uint32_t high = size_;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (Head(middle) == head && Compare(middle, rest, trailer) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool DataBlock::KeyEquals(std::uint32_t i, std::string_view key) const {
  if (key.size() < prefix_size_ || key.substr(0, prefix_size_) != prefix()) return false;
  const std::string_view rest = key.substr(prefix_size_);
  const Entry entry = At(i);
  return entry.remainder_size == rest.size() && Head(i) == KeyHead32(rest) &&
         std::string_view(entry.tail, entry.tail_size()) == Tail(rest);
}

}  // namespace beachdb
