// Ranges of keys: everything, a range, a prefix, backwards, and page by page. Keys that are meant
// to be walked together share a prefix, and numbers in keys are padded, because the order is that
// of bytes. Leaves its database in ./beaches.
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::Iterator;
using beachdb::Result;
using beachdb::Status;

Status Fill(Db& db) {
  beachdb::WriteBatch batch;
  for (const char* key :
       {"beach/03/east", "beach/07/west", "beach/11/north", "tide/01", "tide/02"}) {
    if (auto put = batch.Put(key, "visited"); !put.ok()) return put;
  }
  return db.Write(batch);
}

// Reads at most `limit` keys of a page. The next page begins after its last key: the smallest key
// above it is the key with a zero byte behind it.
Result<std::vector<std::string>> Page(const Db& db, std::string_view after, std::size_t limit) {
  std::string lower(after);
  if (!lower.empty()) lower.push_back('\0');
  auto it = db.NewIterator({.lower = lower});
  std::vector<std::string> keys;
  for (it.SeekToFirst(); it.Valid() && keys.size() < limit; it.Next()) keys.emplace_back(it.key());
  // A loop that ends early may have ended on an error.
  if (!it.status().ok()) return it.status().error();
  return keys;
}

Status Print(const char* what, Iterator it) {
  std::printf("%s:", what);
  for (it.SeekToFirst(); it.Valid(); it.Next()) std::printf(" %s", std::string(it.key()).c_str());
  std::printf("\n");
  return it.status();
}

Status Walk() {
  auto db = Db::Open("beaches");
  if (!db.ok()) return db.error();
  if (auto filled = Fill(*db); !filled.ok()) return filled;

  if (auto done = Print("all", db->NewIterator()); !done.ok()) return done;
  if (auto done = Print("a prefix", db->NewIterator({.prefix = "tide/"})); !done.ok()) return done;
  // lower is in, upper is not.
  auto range = db->NewIterator({.lower = "beach/04", .upper = "beach/11"});
  if (auto done = Print("a range", std::move(range)); !done.ok()) return done;

  auto it = db->NewIterator({.prefix = "beach/"});
  it.SeekForPrev("beach/10");  // the last key at or before it
  if (!it.Valid() || it.key() != "beach/07/west") return Error(Code::kConflict, "not the nearest");
  std::printf("before beach/10: %s\n", std::string(it.key()).c_str());

  std::string last;
  for (int number = 1;; ++number) {
    auto page = Page(*db, last, 2);
    if (!page.ok()) return page.error();
    if (page->empty()) break;
    std::printf("page %d: %s to %s\n", number, page->front().c_str(), page->back().c_str());
    last = page->back();
  }
  return last == "tide/02" ? beachdb::OkStatus() : Error(Code::kConflict, "pages were lost");
}

}  // namespace

int main() {
  const Status status = Walk();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
