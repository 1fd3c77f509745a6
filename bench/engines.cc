#include "bench/store.h"

namespace beachdb::bench {

std::vector<Engine> AllEngines() {
  std::vector<Engine> engines;
  for (auto& engine : {BeachDbEngine(), RocksDbEngine(), LevelDbEngine(), LmdbEngine()}) {
    if (engine) engines.push_back(*engine);
  }
  return engines;
}

}  // namespace beachdb::bench
