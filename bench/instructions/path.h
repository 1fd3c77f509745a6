// A hot path of the engine, made ready so that it alone is counted: what callgrind counts is the
// same on a busy machine, and changes when the code does.
//
// Every path is certain: fixed seeds, one thread, a clock that counts instead of telling the time.
// The rest of the world (compiler, C library, what valgrind makes of the processor) is named beside
// the counts, since they hold for nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "bench/fixed_keys.h"

namespace beachdb::instructions {

// Does all operations that it was made for, once; returns how many answers were right. Owns what
// set-up has built.
using Loop = std::function<std::uint64_t()>;

// Where and how much.
struct Job {
  std::string directory;         // empty, for files
  std::uint64_t operations = 0;  // at least 1
};

struct Path {
  std::string_view name;
  std::string_view operation;  // one of them, in words
  // How many are counted: enough for the rare ones (a split node, the next block) to have their
  // share, and for one execution under callgrind to last a second or two.
  std::uint64_t operations;
  Loop (*prepare)(const Job& job);
};

std::span<const Path> StructurePaths();  // one structure each
std::span<const Path> DatabasePaths();   // through Db

inline constexpr std::size_t kValueBytes = 100;

// Hashed keys: the harder shape for searches and comparisons.
inline fixed::KeySpace Keys(std::uint64_t count) { return {fixed::KeyShape::kHashed, count}; }

// So many of them at random: drawn before the counting begins.
inline std::vector<fixed::Key> Draw(const fixed::KeySpace& keys, std::uint64_t draws) {
  Random random(1);
  std::vector<fixed::Key> drawn;
  drawn.reserve(draws);
  for (std::uint64_t i = 0; i < draws; ++i) drawn.push_back(keys.At(random.Uniform(keys.count())));
  return drawn;
}

// A loop that owns `state` and calls `body(*state)`: closures that are moved, never copied.
template <typename State, typename Body>
Loop Owning(std::shared_ptr<State> state, Body body) {
  return [state = std::move(state), body] { return body(*state); };
}

}  // namespace beachdb::instructions
