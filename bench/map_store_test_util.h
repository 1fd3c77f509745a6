// A store in memory for tests, which can be told to lie. One thread.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bench/store.h"

namespace beachdb::bench {

enum class Lie {
  kNone,
  kLosesAKey,
  kKeepsOldValues,
  kKeepsRanges,
  kMixesUpValues,
  kSkipsInScans,
  kDies
};

using Map = std::map<std::string, std::string, std::less<>>;

template <Lie kLie>
class MapSession final : public Session {
 public:
  explicit MapSession(Map& map) : map_(map) {}

  Status Put(std::string_view key, std::string_view value) override {
    if (kLie == Lie::kDies) std::abort();
    if (kLie == Lie::kLosesAKey && key.ends_with("77")) return {};
    if (kLie == Lie::kKeepsOldValues && map_.contains(key)) return {};
    map_.insert_or_assign(std::string(key), std::string(value));
    return {};
  }
  Status PutBatch(std::span<const Record> records) override {
    for (const Record& record : records) {
      if (Status s = Put(record.key, record.value); !s.ok()) return s;
    }
    return {};
  }
  Status Delete(std::string_view key) override {
    map_.erase(std::string(key));
    return {};
  }
  Status DeleteRange(std::string_view from, std::string_view to) override {
    if (kLie == Lie::kKeepsRanges) return {};
    map_.erase(map_.lower_bound(from), map_.lower_bound(to));
    return {};
  }
  Result<bool> Get(std::string_view key, RecordChecker& checker) override {
    const auto found = map_.find(key);
    if (found == map_.end()) return false;
    checker.Answer(key, kLie == Lie::kMixesUpValues ? map_.begin()->second : found->second);
    return true;
  }
  Result<std::size_t> MultiGet(std::span<const std::string_view> keys,
                               RecordChecker& checker) override {
    std::size_t found = 0;
    for (const std::string_view key : keys) found += *Get(key, checker) ? 1 : 0;
    return found;
  }
  Status Walk(std::string_view start, std::uint64_t limit, Direction direction,
              RecordChecker& checker) override {
    if (direction == Direction::kForward) {
      auto it = map_.lower_bound(start);
      if (kLie == Lie::kSkipsInScans && !start.empty()) ++it;
      for (; limit > 0 && it != map_.end(); ++it, --limit) checker.Visit(it->first, it->second);
    } else {
      auto it = std::make_reverse_iterator(start.empty() ? map_.end() : map_.upper_bound(start));
      for (; limit > 0 && it != map_.rend(); ++it, --limit) checker.Visit(it->first, it->second);
    }
    return {};
  }

 private:
  Map& map_;
};

// Lives in memory; written to a file at Close, so that the next process finds it. Single-threaded.
template <Lie kLie>
class MapStore final : public Store {
 public:
  explicit MapStore(std::string path) : path_(std::move(path)) {
    std::ifstream in(path_, std::ios::binary);
    for (std::string key(kKeyBytes, '\0'), value(kValueBytes, '\0');
         in.read(key.data(), kKeyBytes) && in.read(value.data(), kValueBytes);) {
      map_.emplace(key, value);
    }
  }
  std::unique_ptr<Session> NewSession() override {
    return std::make_unique<MapSession<kLie>>(map_);
  }
  Status Close() override {
    std::ofstream out(path_, std::ios::binary);
    for (const auto& [key, value] : map_) out << key << value;
    return {};
  }
  static constexpr std::streamsize kValueBytes = 100;

 private:
  std::string path_;
  Map map_;
};

template <Lie kLie>
Engine MapEngine(const char* name) {
  return {name, "1", "are lost", [](const StoreConfig&) { return std::string("a map"); },
          [](const std::string& directory, const StoreConfig&) -> Result<std::unique_ptr<Store>> {
            std::filesystem::create_directories(directory);
            return std::unique_ptr<Store>(std::make_unique<MapStore<kLie>>(directory + "/map"));
          }};
}

}  // namespace beachdb::bench
