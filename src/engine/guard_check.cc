#include "engine/guard_check.h"

#include <string>

#include "base/epoch.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/point_reader.h"
#include "kv/expiry.h"

namespace beachdb {
namespace {

Error Conflict(std::string_view key, const char* what) {
  return Error(Code::kConflict, "key '" + EscapeBytes(key) + "' " + what +
                                    ": nothing was written; read it again, then retry");
}

}  // namespace

void GuardCheck::Include(std::string_view batch) {
  BatchReader reader(batch);
  for (BatchOp op; reader.Next(op); ++operations_) {
    switch (op.kind) {
      case Kind::kDelete:
      case Kind::kPut:
      case Kind::kPutExpiring:
        newest_.insert_or_assign(op.key, Written{op, operations_});
        break;
      case Kind::kDeleteRange:
        ranges_.push_back({op, operations_});
        break;
      case Kind::kGuard:
        break;
    }
  }
}

Status GuardCheck::Check(std::string_view batch) const {
  BatchReader reader(batch);
  for (BatchOp op; reader.Next(op) && op.kind == Kind::kGuard;) {
    RETURN_IF_ERROR(CheckGuard(op.key, DecodeGuard(op.value)));
  }
  return OkStatus();
}

bool GuardCheck::FindIncluded(std::string_view key, State* state) const {
  const auto found = newest_.find(key);
  const Written* newest = found != newest_.end() ? &found->second : nullptr;
  for (auto range = ranges_.rbegin(); range != ranges_.rend(); ++range) {
    if (newest != nullptr && newest->order > range->order) break;
    if (range->op.key <= key && key < range->op.value) {
      newest = &*range;
      break;
    }
  }
  if (newest == nullptr) return false;
  state->included = true;
  const BatchOp& op = newest->op;
  state->exists = op.kind == Kind::kPut ||
                  (op.kind == Kind::kPutExpiring && ExpiresAt(op.value) > context_.expiry.Now());
  state->value = op.kind == Kind::kPutExpiring ? ValueBehindExpiry(op.value) : op.value;
  return true;
}

Status GuardCheck::CheckGuard(std::string_view key, const Guard& guard) const {
  State state;
  const EpochGuard epoch;  // state.value is good under it
  PointHit hit;
  if (!FindIncluded(key, &state)) {
    RETURN_IF_ERROR(PointReader(context_, *tree_.Current(), last_seqno_, true).Get(key, &hit));
    state.exists = hit.found;
    state.value = hit.value;
    state.seqno = TrailerSeqno(hit.table.trailer);
  }
  switch (guard.condition) {
    case Guard::Condition::kAbsent:
      if (state.exists) return Conflict(key, "has a value, and must have none");
      break;
    case Guard::Condition::kEqual:
      if (!state.exists) return Conflict(key, "has no value, and must have a certain one");
      if (state.value != guard.value) return Conflict(key, "has another value");
      break;
    case Guard::Condition::kUnchanged:
      if (state.included || state.seqno > guard.seqno) {
        return Conflict(key, "was written since the snapshot");
      }
      break;
  }
  return OkStatus();
}

}  // namespace beachdb
