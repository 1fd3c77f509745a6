#include "manifest/manifest_state.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/try.h"

namespace beachdb {

namespace {

Status Raise(std::string_view what, const std::optional<std::uint64_t>& to, std::uint64_t& value) {
  if (!to) return OkStatus();
  if (*to < value) {
    return Error(Code::kCorruption, std::string(what) + " goes back from " + std::to_string(value) +
                                        " to " + std::to_string(*to));
  }
  value = *to;
  return OkStatus();
}

}  // namespace

StateBuilder::StateBuilder(const ManifestState& base, std::uint64_t next_file_number)
    : version_(*base.version), numbers_(base), next_file_number_(next_file_number) {
  numbers_.version = nullptr;
}

Status StateBuilder::Apply(const VersionEdit& edit) {
  RETURN_IF_ERROR(ApplyNumbers(edit));
  for (const auto& [level, file] : edit.added) {
    if (file.number >= next_file_number_) {
      return Error(Code::kCorruption, "table " + std::to_string(file.number) +
                                          " is added, but numbers are handed out only below " +
                                          std::to_string(next_file_number_));
    }
    if (file.largest_seqno > numbers_.last_seqno) {
      return Error(Code::kCorruption, "table " + std::to_string(file.number) + " reaches seqno " +
                                          std::to_string(file.largest_seqno) +
                                          ", but last seqno is " +
                                          std::to_string(numbers_.last_seqno));
    }
  }
  return version_.Apply(edit);
}

Status StateBuilder::ApplyNumbers(const VersionEdit& edit) {
  RETURN_IF_ERROR(Raise("log number", edit.log_number, numbers_.log_number));
  RETURN_IF_ERROR(Raise("next file number", edit.next_file_number, next_file_number_));
  RETURN_IF_ERROR(Raise("last seqno", edit.last_seqno, numbers_.last_seqno));
  return Raise("durable index", edit.durable_index, numbers_.durable_index);
}

ManifestState StateBuilder::Finish() && {
  ManifestState state = std::move(numbers_);
  state.version = std::move(version_).Finish();
  return state;
}

}  // namespace beachdb
