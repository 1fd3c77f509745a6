// What the workers of the crash harness are told to do: operations made from a seed before anything
// runs, so that a run can be repeated word for word.
//
// Every thread of a worker has keys of its own ("t<thread>/..."): then the order of the operations
// on a key is that of its thread, and what must be there after a crash is known exactly. Every
// value begins with the number of its operation, so no two are equal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/random.h"

namespace beachdb::tools::crash {

enum class OpKind : std::uint8_t {
  kPut,
  kDelete,
  kBatch,
  kSyncWal,
  kFlush,
  kCompact,
  kCheckpoint,
  kLoad,    // a bulk load: puts, in key order
  kIngest,  // the same as a table from outside
  kBackup,  // backups.h
};

struct Change {
  std::string key;
  std::optional<std::string> value;  // nullopt: a deletion

  bool operator==(const Change&) const = default;
};

struct Op {
  std::uint64_t id = 0;  // from 1, unique in a scenario
  std::uint32_t thread = 0;
  OpKind kind = OpKind::kPut;
  bool sync = false;
  std::vector<Change> changes;  // kPut, kDelete: one; kBatch, kLoad, kIngest: any number; else none

  bool operator==(const Op&) const = default;
};

struct WorkloadShape {
  std::uint32_t threads = 1;
  std::uint64_t ops = 200;            // of one worker, all threads together
  std::uint64_t keys = 100;           // per thread
  std::uint64_t value_max = 300;      // bytes
  std::uint64_t large_one_in = 150;   // operations with a value of large_value bytes; 0: none
  std::uint64_t large_value = 40000;  // bytes
};

// Operations numbered from `first_id`, in an order in which each thread takes its own.
std::vector<Op> MakeOps(const WorkloadShape& shape, std::uint64_t first_id, Random& random);

// The thread that a key belongs to; nullopt: no thread writes such a key.
std::optional<std::uint32_t> ThreadOf(std::string_view key);

// Keys and values are base64.
nlohmann::json ToJson(const Op& op);
// Throws a std::exception if it is not what ToJson makes; so do the other readers of JSON here, for
// the one that reads the whole to turn into a value.
Op OpFromJson(const nlohmann::json& value);

// Any bytes as a base64 string.
nlohmann::json BytesToJson(std::string_view bytes);
std::string BytesFromJson(const nlohmann::json& value);

std::string_view OpKindName(OpKind kind);
OpKind OpKindFrom(const std::string& name);

}  // namespace beachdb::tools::crash
