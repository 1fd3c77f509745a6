#include "tools/crash/workload.h"

#include <charconv>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/encodings.h"

namespace beachdb::tools::crash {
namespace {

using nlohmann::json;

constexpr std::pair<OpKind, std::string_view> kKindNames[] = {
    {OpKind::kPut, "put"},
    {OpKind::kDelete, "delete"},
    {OpKind::kBatch, "batch"},
    {OpKind::kSyncWal, "sync_wal"},
    {OpKind::kFlush, "flush"},
    {OpKind::kCompact, "compact"},
    {OpKind::kCheckpoint, "checkpoint"},
    {OpKind::kLoad, "load"},
    {OpKind::kIngest, "ingest"},
    {OpKind::kBackup, "backup"},
};

// Like the JSON library, whose exceptions the readers of whole documents turn into values.
[[noreturn]] void Refuse(const std::string& what) { throw std::invalid_argument(what); }

class Maker {
 public:
  Maker(const WorkloadShape& shape, Random& random) : shape_(shape), random_(random) {}

  Op Make(std::uint64_t id) {
    Op op;
    op.id = id;
    op.thread = static_cast<std::uint32_t>(random_.Uniform(shape_.threads));
    op.sync = random_.OneIn(2);
    const std::uint64_t dice = random_.Uniform(100);
    if (dice < 40) {
      op.kind = OpKind::kPut;
      op.changes.push_back({Key(op), Value(op)});
    } else if (dice < 55) {
      op.kind = OpKind::kDelete;
      op.changes.push_back({Key(op), std::nullopt});
    } else if (dice < 58) {
      op.kind = random_.OneIn(2) ? OpKind::kLoad : OpKind::kIngest;
      op.sync = true;
      std::set<std::string> keys;
      for (std::uint64_t n = 1 + random_.Uniform(30); n > 0; --n) keys.insert(Key(op));
      for (const std::string& key : keys) op.changes.push_back({key, Value(op)});
    } else if (dice < 92) {
      op.kind = OpKind::kBatch;
      for (std::uint64_t n = 2 + random_.Uniform(10); n > 0; --n) {
        op.changes.push_back({Key(op), std::nullopt});
        if (!random_.OneIn(3)) op.changes.back().value = Value(op);
      }
    } else {
      op.kind = dice < 94   ? OpKind::kSyncWal
                : dice < 98 ? OpKind::kFlush
                : dice < 99 ? OpKind::kCheckpoint
                            : OpKind::kCompact;
    }
    return op;
  }

 private:
  // Some with bytes that a careless protocol would trip over.
  std::string Key(const Op& op) {
    static constexpr std::string_view kOdd[] = {std::string_view("\0", 1), "\n", "\xff\xfe",
                                                "\"\\"};
    const std::uint64_t key = random_.Uniform(shape_.keys);
    return fmt::format("t{}/{:05}{}", op.thread, key, key % 7 == 0 ? kOdd[key / 7 % 4] : "");
  }

  std::string Value(const Op& op) {
    const bool large = shape_.large_one_in != 0 && random_.OneIn(shape_.large_one_in);
    const std::uint64_t size = large ? shape_.large_value : random_.Uniform(shape_.value_max + 1);
    std::string value = fmt::format("{}:", op.id);
    while (value.size() < size) value += static_cast<char>(random_.Uniform(256));
    return value;
  }

  const WorkloadShape& shape_;
  Random& random_;
};

}  // namespace

std::vector<Op> MakeOps(const WorkloadShape& shape, std::uint64_t first_id, Random& random) {
  std::vector<Op> ops;
  Maker maker(shape, random);
  for (std::uint64_t i = 0; i < shape.ops; ++i) ops.push_back(maker.Make(first_id + i));
  return ops;
}

std::optional<std::uint32_t> ThreadOf(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos || !key.starts_with('t')) return std::nullopt;
  std::uint32_t thread = 0;
  const auto [end, error] = std::from_chars(key.data() + 1, key.data() + slash, thread);
  if (error != std::errc() || end != key.data() + slash) return std::nullopt;
  return thread;
}

json BytesToJson(std::string_view bytes) { return Base64Encode(bytes); }

std::string BytesFromJson(const json& value) {
  const auto bytes = Base64Decode(value.get<std::string>());
  if (!bytes) Refuse("no base64: " + value.dump());
  return *bytes;
}

std::string_view OpKindName(OpKind kind) {
  for (const auto& [known, name] : kKindNames) {
    if (known == kind) return name;
  }
  return "?";
}

OpKind OpKindFrom(const std::string& name) {
  for (const auto& [kind, known] : kKindNames) {
    if (known == name) return kind;
  }
  Refuse("no operation is called " + name);
}

json ToJson(const Op& op) {
  json changes = json::array();
  for (const Change& change : op.changes) {
    json one = {{"key", BytesToJson(change.key)}};
    if (change.value) one["value"] = BytesToJson(*change.value);
    changes.push_back(std::move(one));
  }
  return {{"op", op.id},
          {"thread", op.thread},
          {"kind", OpKindName(op.kind)},
          {"sync", op.sync},
          {"changes", std::move(changes)}};
}

Op OpFromJson(const json& value) {
  Op op;
  op.id = value.at("op").get<std::uint64_t>();
  op.thread = value.at("thread").get<std::uint32_t>();
  op.kind = OpKindFrom(value.at("kind").get<std::string>());
  op.sync = value.at("sync").get<bool>();
  for (const json& one : value.at("changes")) {
    Change change{.key = BytesFromJson(one.at("key")), .value = std::nullopt};
    if (one.contains("value")) change.value = BytesFromJson(one.at("value"));
    op.changes.push_back(std::move(change));
  }
  return op;
}

}  // namespace beachdb::tools::crash
