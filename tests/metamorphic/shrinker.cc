#include "tests/metamorphic/shrinker.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/try.h"

namespace beachdb::metamorphic {
namespace {

class Shrinker {
 public:
  Shrinker(Case best, const StillFails& fails, std::size_t tries_max)
      : best_(std::move(best)), fails_(fails), tries_left_(tries_max) {}

  Case Run() {
    // The configuration first: a plain one makes every later try faster.
    for (bool smaller = true; smaller && tries_left_ > 0;) {
      smaller = SimplifyConfig();
      smaller = DropSteps() || smaller;
      smaller = DropParts() || smaller;
      smaller = ShortenValues() || smaller;
      smaller = ShortenKeys() || smaller;
    }
    return std::move(best_);
  }

 private:
  bool Try(Case candidate) {
    if (tries_left_ == 0) return false;
    --tries_left_;
    if (!fails_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  bool SimplifyConfig() {
    bool any = false;
    for (bool simpler = true; simpler;) {
      simpler = false;
      for (Config& config : SimplerConfigs(best_.config)) {
        simpler = Try({std::move(config), best_.history});
        if (simpler) break;
      }
      any = any || simpler;
    }
    return any;
  }

  // Leaves out pieces of `items(case)`, halves first, single ones last.
  template <typename Items>
  bool DropPieces(Items items) {
    bool any = false;
    for (std::size_t piece = (items(best_).size() + 1) / 2; piece > 0; piece /= 2) {
      for (std::size_t at = 0; at < items(best_).size() && tries_left_ > 0;) {
        Case candidate = best_;
        auto& list = items(candidate);
        const std::size_t end = std::min(at + piece, list.size());
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(at),
                   list.begin() + static_cast<std::ptrdiff_t>(end));
        if (Try(std::move(candidate))) {
          any = true;
        } else {
          at = end;
        }
      }
    }
    return any;
  }

  bool DropSteps() {
    return DropPieces([](Case& c) -> History& { return c.history; });
  }

  bool DropParts() {
    bool any = false;
    for (std::size_t i = 0; i < best_.history.size(); ++i) {
      if (best_.history[i].kind == OpKind::kBatch) {
        any = DropPieces([i](Case & c) -> auto& { return c.history[i].writes; }) || any;
      }
      if (best_.history[i].kind == OpKind::kMultiGet) {
        any = DropPieces([i](Case & c) -> auto& { return c.history[i].keys; }) || any;
      }
    }
    return any;
  }

  bool ShortenValues() {
    bool any = false;
    for (std::size_t i = 0; i < best_.history.size(); ++i) {
      for (std::size_t w = 0; w < best_.history[i].writes.size(); ++w) {
        const auto spec = best_.history[i].writes[w].value;
        if (!spec || spec->size <= 8) continue;
        for (const std::uint32_t size : {8u, spec->size / 2}) {
          Case candidate = best_;
          candidate.history[i].writes[w].value->size = size;
          if (!Try(std::move(candidate))) continue;
          any = true;
          break;
        }
      }
    }
    return any;
  }

  // A key is renamed wherever it stands, or the steps would no longer speak of the same one.
  bool ShortenKeys() {
    bool any = false;
    for (std::size_t i = 0; i < best_.history.size(); ++i) {
      for (std::size_t w = 0; w < best_.history[i].writes.size(); ++w) {
        const std::string key = best_.history[i].writes[w].key;
        if (key.size() <= 2) continue;
        const std::string shorter = key.substr(0, key.size() / 2);
        Case candidate = best_;
        for (Operation& op : candidate.history) {
          for (Write& write : op.writes) {
            if (write.key == key) write.key = shorter;
          }
          for (std::string& read : op.keys) {
            if (read == key) read = shorter;
          }
        }
        any = Try(std::move(candidate)) || any;
      }
    }
    return any;
  }

  Case best_;
  const StillFails& fails_;
  std::size_t tries_left_;
};

}  // namespace

Case Shrink(Case failing, const StillFails& fails, std::size_t tries_max) {
  return Shrinker(std::move(failing), fails, tries_max).Run();
}

std::string ToText(const Case& that) { return ToText(that.config) + ToText(that.history); }

Result<Case> ParseCase(std::string_view text) {
  Case parsed;
  parsed.config.setups.clear();
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("run ") || line.starts_with("setup ")) {
      RETURN_IF_ERROR(ParseConfigLine(line, parsed.config));
      continue;
    }
    ASSIGN_OR_RETURN(Operation operation, ParseOperation(line));
    parsed.history.push_back(std::move(operation));
  }
  if (parsed.config.setups.empty()) return Error(Code::kInvalidArgument, "no setup line");
  return parsed;
}

}  // namespace beachdb::metamorphic
