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

  static constexpr std::uint64_t kNever = UINT64_MAX;

  // One operation; returns its seqno. `ends_at`: from that second on it is as good as deleted.
  std::uint64_t Set(const std::string& key, Value value, std::uint64_t ends_at = kNever) {
    versions_[key].emplace(++seqno_, Version{std::move(value), ends_at});
    return seqno_;
  }
  std::uint64_t DeleteRange(const std::string& begin, const std::string& end) {
    ++seqno_;
    for (auto it = versions_.lower_bound(begin); it != versions_.end() && it->first < end; ++it) {
      it->second.emplace(seqno_, Version{std::nullopt, kNever});
    }
    return seqno_;
  }
  // Operations that change no key.
  void Skip(std::uint64_t count) { seqno_ += count; }
  std::uint64_t seqno() const { return seqno_; }

  // The time by which reads judge from now on, whatever their snapshot.
  void SetNow(std::uint64_t now) { now_ = now; }

  // The seqno of the last operation on the key; 0: there was none.
  std::uint64_t LastChange(const std::string& key) const {
    const auto it = versions_.find(key);
    return it == versions_.end() ? 0 : it->second.begin()->first;
  }
  // Whether that was a put with an end.
  bool LastMayEnd(const std::string& key) const {
    const auto it = versions_.find(key);
    return it != versions_.end() && it->second.begin()->second.ends_at != kNever;
  }
  // Every key that was ever written in [begin, end).
  std::vector<std::string> KeysIn(const std::string& begin, const std::string& end) const {
    std::vector<std::string> keys;
    for (auto it = versions_.lower_bound(begin); it != versions_.end() && it->first < end; ++it) {
      keys.push_back(it->first);
    }
    return keys;
  }

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
  struct Version {
    Value value;
    std::uint64_t ends_at;
  };
  using Versions = std::map<std::uint64_t, Version, std::greater<>>;
  Value Newest(const Versions& versions, std::uint64_t snapshot) const {
    const auto it = versions.lower_bound(snapshot);
    if (it == versions.end() || it->second.ends_at <= now_) return std::nullopt;
    return it->second.value;
  }

  std::map<std::string, Versions> versions_;
  std::uint64_t seqno_ = 0;
  std::uint64_t now_ = 0;
};

}  // namespace beachdb
