#include "cache/clock_ring.h"

#include "base/check.h"

namespace beachdb {

void ClockRing::Add(CachedBlock* block) {
  if (free_.empty()) {
    CHECK(frames_.size() < UINT32_MAX);
    block->frame_ = static_cast<std::uint32_t>(frames_.size());
    frames_.push_back(block);
  } else {
    block->frame_ = free_.back();
    free_.pop_back();
    frames_[block->frame_] = block;
  }
  bytes_ += block->Footprint();
}

void ClockRing::Remove(CachedBlock* block) {
  CHECK(frames_[block->frame_] == block);
  frames_[block->frame_] = nullptr;
  free_.push_back(block->frame_);
  bytes_ -= block->Footprint();
}

CachedBlock* ClockRing::Advance() {
  if (count() == 0) return nullptr;
  for (;;) {
    if (hand_ >= frames_.size()) hand_ = 0;
    CachedBlock* block = frames_[hand_++];
    // The headers that come next are cold: fetch one while this one is judged.
    if (hand_ < frames_.size()) __builtin_prefetch(frames_[hand_]);
    if (block != nullptr) return block;
  }
}

}  // namespace beachdb
