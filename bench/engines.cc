#include "bench/store.h"

namespace beachdb::bench {

std::vector<Engine> AllEngines() {
  std::vector<Engine> engines;
  for (const auto& engine :
       {BeachDbEngine(), RocksDbEngine(), LevelDbEngine(), LmdbEngine(), WiredTigerEngine()}) {
    if (engine) engines.push_back(*engine);
  }
  return engines;
}

}  // namespace beachdb::bench
