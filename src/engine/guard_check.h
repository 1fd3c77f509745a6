// Whether the preconditions of a batch hold at its place in the commit order.
//
// That place is behind every group before and behind the batches of its own group that come first.
// The former are in the memtables by then, at the last seqno assigned, visible or not: should one
// of them fail after all, everything behind it fails, too. The latter are not yet, so they are
// given to Include, which keeps what they do to each key.
//
// Thread safety: of the thread that leads the group. Lifetime: the batches must outlive it.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"
#include "kv/batch_format.h"

namespace beachdb {

class GuardCheck {
 public:
  GuardCheck(EngineContext& context, const LsmTree& tree, Seqno last_seqno)
      : context_(context), tree_(tree), last_seqno_(last_seqno) {}

  // A batch of this group that will be committed before whatever is checked from now on.
  void Include(std::string_view batch);

  // kConflict: a precondition does not hold; it names the key. Otherwise errors of reading it.
  Status Check(std::string_view batch) const;

 private:
  // What a key is at the place of the batch: the value, if there is one, and whether anything was
  // done to it behind a seqno.
  struct State {
    bool exists = false;
    std::string_view value;
    bool included = false;  // by a batch of this group
    Seqno seqno = 0;        // of the newest version, or of what deleted it
  };
  // An operation of the group, and how many came before it.
  struct Written {
    BatchOp op;
    std::size_t order;
  };

  Status CheckGuard(std::string_view key, const Guard& guard) const;
  bool FindIncluded(std::string_view key, State* state) const;

  EngineContext& context_;
  const LsmTree& tree_;
  const Seqno last_seqno_;
  std::size_t operations_ = 0;
  std::unordered_map<std::string_view, Written> newest_;  // of each key
  std::vector<Written> ranges_;                           // deleted, oldest first
};

}  // namespace beachdb
