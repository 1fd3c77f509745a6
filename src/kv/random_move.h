// For tests: the same move, drawn at random, in an iterator and in the model that it must equal.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace beachdb {

// Seeks go to `key` and `trailer`. A model that stands nowhere is not stepped.
template <typename Model, typename Iterator>
void RandomMove(Random& random, std::string_view key, std::uint64_t trailer, Model& model,
                Iterator& it) {
  const std::uint64_t choice = random.Uniform(16);
  switch (choice) {
    case 0:
      model.SeekToFirst(), it.SeekToFirst();
      break;
    case 1:
      model.SeekToLast(), it.SeekToLast();
      break;
    case 2:
      model.Seek(key, trailer), it.Seek(key, trailer);
      break;
    case 3:
      model.SeekForPrev(key, trailer), it.SeekForPrev(key, trailer);
      break;
    default:
      if (!model.Valid()) return;
      choice % 2 == 0 ? (model.Next(), it.Next()) : (model.Prev(), it.Prev());
  }
}

}  // namespace beachdb
