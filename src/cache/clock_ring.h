// The frames that a CLOCK hand passes over, each holding one cached block or none.
//
// A new block takes the frame that was freed last, which is the one right behind the hand, so the
// hand meets it after everything that was there before.
//
// Thread safety: none; the cache's mutex guards it.
// Limits: 2^32 frames. Keeps 8 bytes for each block of its fullest moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cache/cached_block.h"

namespace beachdb {

class ClockRing {
 public:
  void Add(CachedBlock* block);
  // REQUIRES: `block` is here.
  void Remove(CachedBlock* block);
  // Moves the hand to the next block and returns it; nullptr: there is none.
  CachedBlock* Advance();

  std::size_t count() const { return frames_.size() - free_.size(); }
  std::size_t bytes() const { return bytes_; }  // of its blocks, headers included

 private:
  std::vector<CachedBlock*> frames_;  // nullptr: free
  std::vector<std::uint32_t> free_;   // frames, the one freed last at the end
  std::size_t hand_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace beachdb
