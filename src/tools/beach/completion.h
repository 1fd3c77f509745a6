// What may be typed next, told to a shell or to the repl.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/command_model.h"

namespace beachdb::tools {

enum class Shell : std::uint8_t { kBash, kZsh, kFish };

// A script that makes the shell complete `program`.
std::string CompletionScript(Shell shell, const CommandModel& program);

// The verbs, options or choices that begin with `word`, behind `words` of a session.
std::vector<std::string> CompletionsOf(const std::vector<std::string>& words,
                                       std::string_view word);

}  // namespace beachdb::tools
