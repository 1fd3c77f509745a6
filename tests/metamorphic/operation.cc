#include "tests/metamorphic/operation.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <sstream>

#include "base/random.h"
#include "base/try.h"

namespace beachdb::metamorphic {
namespace {

constexpr std::size_t kRunMin = 4;  // bytes of one kind that are written as a run

struct Named {
  OpKind kind;
  std::string_view name;
};
constexpr std::array<Named, 19> kNames{{
    {OpKind::kWrite, "write"},     {OpKind::kBatch, "batch"},       {OpKind::kGuarded, "guarded"},
    {OpKind::kTick, "tick"},       {OpKind::kGet, "get"},           {OpKind::kMultiGet, "multiget"},
    {OpKind::kPin, "pin"},         {OpKind::kUnpin, "unpin"},       {OpKind::kSnapshot, "snapshot"},
    {OpKind::kRelease, "release"}, {OpKind::kIterator, "iterator"}, {OpKind::kMove, "move"},
    {OpKind::kClose, "close"},     {OpKind::kScan, "scan"},         {OpKind::kFlush, "flush"},
    {OpKind::kCompact, "compact"}, {OpKind::kReopen, "reopen"},     {OpKind::kSync, "sync"},
    {OpKind::kVerify, "verify"},
}};
constexpr std::array<std::string_view, 6> kMoves{"first", "last", "next",
                                                 "prev",  "seek", "seekprev"};

constexpr std::array<std::string_view, 4> kConditions{"absent", "equal", "other", "unchanged"};

std::string StateToText(int state) {
  return state == Operation::kNewest ? "@-" : "@" + std::to_string(state);
}

std::string BoundsToText(const Operation& op) {
  return KeyToText(op.lower) + ' ' + KeyToText(op.upper) + ' ' + KeyToText(op.prefix);
}

Error Bad(std::string_view what, std::string_view text) {
  return {Code::kInvalidArgument, std::string(what) + ": \"" + std::string(text) + '"'};
}

template <typename Number>
bool ParseNumber(std::string_view text, Number& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

// The words of a line, taken one by one.
class Words {
 public:
  explicit Words(std::string_view line) : in_(std::string(line)) {}
  bool More() { return static_cast<bool>(in_ >> std::ws) && in_.peek() != EOF; }
  std::string Next() {
    std::string word;
    in_ >> word;
    return word;
  }
  Result<std::string> Key() { return KeyFromText(Next()); }
  Result<int> Slot() {
    const std::string word = Next();
    int slot = 0;
    if (!ParseNumber(word, slot) || slot < 0 || slot >= kSlots) return Bad("slot", word);
    return slot;
  }
  Result<int> State() {
    const std::string word = Next();
    if (word == "@-") return Operation::kNewest;
    int slot = 0;
    if (!word.starts_with('@') || !ParseNumber(std::string_view(word).substr(1), slot) ||
        slot < 0 || slot >= kSlots) {
      return Bad("state", word);
    }
    return slot;
  }
  Result<bool> Either(std::string_view yes, std::string_view no) {
    const std::string word = Next();
    if (word != yes && word != no) return Bad("word", word);
    return word == yes;
  }

 private:
  std::istringstream in_;
};

Result<Write> ParseWrite(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return Bad("write without =", word);
  Write write;
  ASSIGN_OR_RETURN(write.key, KeyFromText(word.substr(0, equals)));
  const std::string_view value = word.substr(equals + 1);
  if (value == "-") return write;
  if (value.starts_with('-')) {
    ASSIGN_OR_RETURN(write.range_end, KeyFromText(value.substr(1)));
    return write;
  }
  const std::size_t colon = value.find(':');
  const std::size_t at = std::min(value.find('@'), value.size());
  ValueSpec spec;
  if (!value.starts_with('#') || colon == std::string_view::npos || at < colon ||
      !ParseNumber(value.substr(1, colon - 1), spec.tag) ||
      !ParseNumber(value.substr(colon + 1, at - colon - 1), spec.size)) {
    return Bad("value", value);
  }
  write.value = spec;
  if (at == value.size()) return write;
  std::uint32_t second = 0;
  if (!ParseNumber(value.substr(at + 1), second)) return Bad("value", value);
  write.ends_at = second;
  return write;
}

Status ParseBounds(Words& words, Operation& op) {
  ASSIGN_OR_RETURN(op.lower, words.Key());
  ASSIGN_OR_RETURN(op.upper, words.Key());
  ASSIGN_OR_RETURN(op.prefix, words.Key());
  return OkStatus();
}

Status ParseMove(Words& words, Operation& op) {
  const std::string word = words.Next();
  for (std::size_t i = 0; i < kMoves.size(); ++i) {
    if (kMoves[i] != word) continue;
    op.move = static_cast<Move>(i);
    if (op.move != Move::kSeek && op.move != Move::kSeekForPrev) return OkStatus();
    ASSIGN_OR_RETURN(std::string key, words.Key());
    op.keys.push_back(std::move(key));
    return OkStatus();
  }
  return Bad("move", word);
}

Status ParseWrites(Words& words, Operation& op) {
  while (words.More()) {
    ASSIGN_OR_RETURN(Write write, ParseWrite(words.Next()));
    op.writes.push_back(std::move(write));
  }
  return OkStatus();
}

Status ParseCondition(Words& words, Operation& op) {
  const std::string word = words.Next();
  for (std::size_t i = 0; i < kConditions.size(); ++i) {
    if (kConditions[i] != word) continue;
    op.condition = static_cast<Condition>(i);
    return OkStatus();
  }
  return Bad("condition", word);
}

Status ParseArguments(Words& words, Operation& op) {
  switch (op.kind) {
    case OpKind::kWrite:
    case OpKind::kBatch: {
      ASSIGN_OR_RETURN(op.sync, words.Either("sync", "buffered"));
      RETURN_IF_ERROR(ParseWrites(words, op));
      if (op.kind == OpKind::kWrite && op.writes.size() != 1) return Bad("not one", "write");
      return OkStatus();
    }
    case OpKind::kGuarded: {
      ASSIGN_OR_RETURN(op.sync, words.Either("sync", "buffered"));
      ASSIGN_OR_RETURN(op.state, words.State());
      RETURN_IF_ERROR(ParseCondition(words, op));
      ASSIGN_OR_RETURN(std::string key, words.Key());
      op.keys.push_back(std::move(key));
      return ParseWrites(words, op);
    }
    case OpKind::kTick: {
      const std::string word = words.Next();
      return ParseNumber(word, op.seconds) ? OkStatus() : Bad("seconds", word);
    }
    case OpKind::kGet:
    case OpKind::kMultiGet: {
      ASSIGN_OR_RETURN(op.state, words.State());
      while (words.More()) {
        ASSIGN_OR_RETURN(std::string key, words.Key());
        op.keys.push_back(std::move(key));
      }
      if (op.kind == OpKind::kGet && op.keys.size() != 1) return Bad("not one key", "get");
      return OkStatus();
    }
    case OpKind::kPin: {
      ASSIGN_OR_RETURN(op.slot, words.Slot());
      ASSIGN_OR_RETURN(op.state, words.State());
      ASSIGN_OR_RETURN(std::string key, words.Key());
      op.keys.push_back(std::move(key));
      return OkStatus();
    }
    case OpKind::kUnpin:
    case OpKind::kSnapshot:
    case OpKind::kRelease:
    case OpKind::kClose: {
      ASSIGN_OR_RETURN(op.slot, words.Slot());
      return OkStatus();
    }
    case OpKind::kIterator: {
      ASSIGN_OR_RETURN(op.slot, words.Slot());
      ASSIGN_OR_RETURN(op.state, words.State());
      return ParseBounds(words, op);
    }
    case OpKind::kMove: {
      ASSIGN_OR_RETURN(op.slot, words.Slot());
      return ParseMove(words, op);
    }
    case OpKind::kScan: {
      ASSIGN_OR_RETURN(op.state, words.State());
      RETURN_IF_ERROR(ParseBounds(words, op));
      ASSIGN_OR_RETURN(op.reverse, words.Either("reverse", "forward"));
      return OkStatus();
    }
    case OpKind::kCompact: {
      ASSIGN_OR_RETURN(op.lower, words.Key());
      ASSIGN_OR_RETURN(op.upper, words.Key());
      return OkStatus();
    }
    case OpKind::kFlush:
    case OpKind::kReopen:
    case OpKind::kSync:
    case OpKind::kVerify:
      return OkStatus();
  }
  return Bad("kind", "?");
}

std::string ToText(const Write& write) {
  std::string text = ' ' + KeyToText(write.key) + '=';
  if (!write.value) return text + '-' + (write.range_end.empty() ? "" : KeyToText(write.range_end));
  text += '#' + std::to_string(write.value->tag) + ':' + std::to_string(write.value->size);
  return write.ends_at ? text + '@' + std::to_string(*write.ends_at) : text;
}

std::string ArgumentsToText(const Operation& op) {
  const std::string slot = ' ' + std::to_string(op.slot);
  const std::string state = ' ' + StateToText(op.state);
  switch (op.kind) {
    case OpKind::kWrite:
    case OpKind::kBatch: {
      std::string text = op.sync ? " sync" : " buffered";
      for (const Write& write : op.writes) text += ToText(write);
      return text;
    }
    case OpKind::kGuarded: {
      std::string text = (op.sync ? " sync" : " buffered") + state + ' ';
      text += kConditions[static_cast<std::size_t>(op.condition)];
      text += ' ' + KeyToText(op.keys[0]);
      for (const Write& write : op.writes) text += ToText(write);
      return text;
    }
    case OpKind::kTick:
      return ' ' + std::to_string(op.seconds);
    case OpKind::kGet:
    case OpKind::kMultiGet: {
      std::string text = state;
      for (const std::string& key : op.keys) text += ' ' + KeyToText(key);
      return text;
    }
    case OpKind::kPin:
      return slot + state + ' ' + KeyToText(op.keys[0]);
    case OpKind::kUnpin:
    case OpKind::kSnapshot:
    case OpKind::kRelease:
    case OpKind::kClose:
      return slot;
    case OpKind::kIterator:
      return slot + state + ' ' + BoundsToText(op);
    case OpKind::kMove:
      return slot + ' ' + std::string(kMoves[static_cast<std::size_t>(op.move)]) +
             (op.keys.empty() ? "" : ' ' + KeyToText(op.keys[0]));
    case OpKind::kScan:
      return state + ' ' + BoundsToText(op) + (op.reverse ? " reverse" : " forward");
    case OpKind::kCompact:
      return ' ' + KeyToText(op.lower) + ' ' + KeyToText(op.upper);
    case OpKind::kFlush:
    case OpKind::kReopen:
    case OpKind::kSync:
    case OpKind::kVerify:
      return {};
  }
  return {};
}

}  // namespace

std::string ValueSpec::Bytes() const {
  if (tag % 3 == 0) {  // compressible
    std::string bytes(size, static_cast<char>('a' + tag % 26));
    const std::string mark = std::to_string(tag);
    bytes.replace(0, std::min<std::size_t>(mark.size(), size), mark.substr(0, size));
    return bytes;
  }
  std::string bytes(size, '\0');
  Random random(tag);
  for (std::size_t at = 0; at < size; at += 8) {
    std::uint64_t word = random.Next();
    for (std::size_t i = at; i < std::min<std::size_t>(at + 8, size); ++i, word >>= 8) {
      bytes[i] = static_cast<char>(word & 0xff);
    }
  }
  return bytes;
}

std::string KeyToText(std::string_view key) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  if (key.empty()) return ".";
  std::string text;
  for (std::size_t at = 0; at < key.size();) {
    std::size_t end = at + 1;
    while (end < key.size() && key[end] == key[at]) ++end;
    const auto byte = static_cast<unsigned char>(key[at]);
    const std::string hex = {kHex[byte >> 4], kHex[byte & 15]};
    if (end - at >= kRunMin) {
      text += '(' + hex + '*' + std::to_string(end - at) + ')';
      at = end;
      continue;
    }
    text += std::isalnum(byte) != 0 ? std::string(1, key[at]) : '%' + hex;
    ++at;
  }
  return text;
}

Result<std::string> KeyFromText(std::string_view text) {
  std::string key;
  if (text == ".") return key;
  if (text.empty()) return Bad("key", text);
  for (std::size_t at = 0; at < text.size();) {
    unsigned byte = 0;
    if (text[at] == '%') {
      if (!ParseNumber(text.substr(at + 1, 2), byte, 16)) return Bad("key", text);
      key += static_cast<char>(byte);
      at += 3;
    } else if (text[at] == '(') {
      const std::size_t end = text.find(')', at);
      std::size_t count = 0;
      if (end == std::string_view::npos || end < at + 5 ||
          !ParseNumber(text.substr(at + 1, 2), byte, 16) || text[at + 3] != '*' ||
          !ParseNumber(text.substr(at + 4, end - at - 4), count) || count > (1u << 20)) {
        return Bad("key", text);
      }
      key.append(count, static_cast<char>(byte));
      at = end + 1;
    } else {
      key += text[at++];
    }
  }
  return key;
}

std::string ToText(const Operation& operation) {
  for (const Named& named : kNames) {
    if (named.kind == operation.kind) return std::string(named.name) + ArgumentsToText(operation);
  }
  return "?";
}

std::string ToText(const History& history) {
  std::string text;
  for (const Operation& operation : history) text += ToText(operation) + '\n';
  return text;
}

Result<Operation> ParseOperation(std::string_view line) {
  Words words(line);
  const std::string name = words.Next();
  for (const Named& named : kNames) {
    if (named.name != name) continue;
    Operation operation;
    operation.kind = named.kind;
    Status parsed = ParseArguments(words, operation);
    if (parsed.ok() && words.More()) parsed = Bad("one word too many", words.Next());
    if (!parsed.ok()) return parsed.error().WithContext(std::string(line) + ": ");
    return operation;
  }
  return Bad("no such step", line);
}

}  // namespace beachdb::metamorphic
