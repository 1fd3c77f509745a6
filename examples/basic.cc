// The smallest useful program: open, write, read, walk. Leaves its database in ./shells.
#include <cstdio>
#include <string>

#include "beachdb/db.h"

namespace {

beachdb::Status CollectShells() {
  auto db = beachdb::Db::Open("shells");
  if (!db.ok()) return db.error();

  // On stable storage when Put returns.
  if (auto put = db->Put("conch", "spiral"); !put.ok()) return put;

  auto shape = db->Get("conch");  // an error, a value, or nothing: three different answers
  if (!shape.ok()) return shape.error();
  std::printf("conch: %s\n", shape->value_or("not in the collection").c_str());

  auto it = db->NewIterator({.prefix = "co"});
  for (it.SeekToLast(); it.Valid(); it.Prev()) {
    std::printf("%s = %s\n", std::string(it.key()).c_str(), std::string(it.value()).c_str());
  }
  return it.status();
}

}  // namespace

int main() {
  const beachdb::Status status = CollectShells();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
