// The reference model: what the database must answer, kept so simply that it is obviously right.
// Every version of every key is remembered for ever; a read looks for the newest one it may see.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beachdb {

class Model {
 public:
  using Value = std::optional<std::string>;  // nullopt: deleted

  // One operation; returns its seqno.
  std::uint64_t Set(const std::string& key, Value value) {
    versions_[key].emplace(++seqno_, std::move(value));
    return seqno_;
  }
  std::uint64_t seqno() const { return seqno_; }

  Value Get(const std::string& key, std::uint64_t snapshot) const {
    const auto it = versions_.find(key);
    return it == versions_.end() ? std::nullopt : Newest(it->second, snapshot);
  }

  using Entries = std::vector<std::pair<std::string, std::string>>;
  // What an iterator with these bounds shows, in order. An empty bound is none.
  Entries Scan(std::uint64_t snapshot, std::string_view lower, std::string_view upper,
               std::string_view prefix) const {
    Entries entries;
    for (const auto& [key, versions] : versions_) {
      if (key < lower || (!upper.empty() && key >= upper) || !key.starts_with(prefix)) continue;
      if (Value value = Newest(versions, snapshot)) entries.emplace_back(key, *std::move(value));
    }
    return entries;
  }

 private:
  using Versions = std::map<std::uint64_t, Value, std::greater<>>;
  static Value Newest(const Versions& versions, std::uint64_t snapshot) {
    const auto it = versions.lower_bound(snapshot);
    return it == versions.end() ? std::nullopt : it->second;
  }

  std::map<std::string, Versions> versions_;
  std::uint64_t seqno_ = 0;
};

}  // namespace beachdb
