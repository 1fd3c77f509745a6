#include "bench/targets.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/try.h"

namespace beachdb::bench {
namespace {

std::string Trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, '|');) fields.push_back(Trimmed(field));
  return fields;
}

std::optional<double> PositiveNumber(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || !(number > 0)) return std::nullopt;
  return number;
}

Result<Target> ParseTarget(const std::string& line) {
  const auto fail = [&](std::string_view what) {
    return Error(Code::kInvalidArgument,
                 fmt::format("{} in \"{}\"; expected row | figure | peer | target [| moonshot]",
                             what, Trimmed(line)));
  };
  const std::vector<std::string> fields = Fields(line);
  if (fields.size() < 4 || fields.size() > 5) return fail("the wrong number of fields");
  Target target;
  target.row = fields[0];
  target.peer = fields[2];
  if (target.row.empty() || target.peer.empty()) return fail("an empty field");
  const std::optional<Figure> figure = FigureFromName(fields[1]);
  if (!figure) return fail(fmt::format("no figure '{}'", fields[1]));
  target.figure = *figure;
  const std::optional<double> ratio = PositiveNumber(fields[3]);
  if (!ratio) return fail("a target that is no positive number");
  target.ratio = *ratio;
  if (fields.size() == 5 && !fields[4].empty()) {
    target.moonshot = PositiveNumber(fields[4]);
    if (!target.moonshot) return fail("a moonshot that is no positive number");
  }
  return target;
}

}  // namespace

Result<std::vector<Target>> ParseTargets(const std::string& text) {
  std::vector<Target> targets;
  std::istringstream in(text);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    line.resize(std::min(line.find('#'), line.size()));
    if (Trimmed(line).empty()) continue;
    Result<Target> target = ParseTarget(line);
    if (!target.ok()) return target.error().WithContext(fmt::format("line {}: ", number));
    const bool is_known = std::any_of(targets.begin(), targets.end(), [&](const Target& t) {
      return t.row == target->row && t.figure == target->figure && t.peer == target->peer;
    });
    if (is_known) {
      return Error(Code::kInvalidArgument,
                   fmt::format("line {}: a second target for {} of {} over {}: leave one of them",
                               number, FigureName(target->figure), target->row, target->peer));
    }
    targets.push_back(std::move(*target));
  }
  return targets;
}

Result<std::vector<Target>> ReadTargets(const std::string& path) {
  std::ifstream in(path);
  if (!in) return Error(Code::kIoError, fmt::format("{}: cannot be opened", path));
  std::stringstream text;
  text << in.rdbuf();
  auto targets = ParseTargets(text.str());
  if (!targets.ok()) return targets.error().WithContext(path + ": ");
  return targets;
}

std::optional<Verdict> Judge(const Target& target, const std::vector<Line>& lines,
                             const std::string& engine) {
  const auto line = std::find_if(lines.begin(), lines.end(),
                                 [&](const Line& l) { return l.Name() == target.row; });
  if (line == lines.end()) return std::nullopt;
  const auto ratio = target.peer == kBestPeer ? RatioToBest(*line, engine, target.figure)
                                              : RatioTo(*line, engine, target.peer, target.figure);
  if (!ratio) return std::nullopt;
  const double median = ratio->spread.median;
  const bool met = MoreIsBetter(target.figure) ? median >= target.ratio : median <= target.ratio;
  return Verdict{&target, *ratio, met};
}

}  // namespace beachdb::bench
