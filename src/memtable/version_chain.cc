#include "memtable/version_chain.h"

#include <new>

namespace beachdb {
namespace {

// The oldest version has no links: it is a list of one, and jumps to itself.
VersionLinks LinksOrRoot(const Entry* entry) {
  return entry->has_older ? LinksOf(entry) : VersionLinks{nullptr, entry, 1};
}

}  // namespace

Entry* PushVersion(Arena& arena, const Entry* newest, std::string_view key, std::uint64_t trailer,
                   std::string_view value) {
  CHECK(trailer > newest->trailer);
  Entry* entry = NewEntry(arena, sizeof(VersionLinks), key, trailer, value);
  const VersionLinks head = LinksOrRoot(newest);
  const VersionLinks first = LinksOrRoot(head.jump);
  const VersionLinks second = LinksOrRoot(first.jump);
  // Two jumps of equal length in a row: the new one spans both.
  const bool merge = head.length - first.length == first.length - second.length;
  new (reinterpret_cast<char*>(entry) - sizeof(VersionLinks))
      VersionLinks{newest, merge ? first.jump : newest, head.length + 1};
  entry->has_older = 1;
  return entry;
}

}  // namespace beachdb
