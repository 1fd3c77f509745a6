#include "tests/metamorphic/setup.h"

#include <array>
#include <map>
#include <sstream>

#include "base/try.h"

namespace beachdb::metamorphic {
namespace {

constexpr std::array<std::string_view, 3> kWorlds{"inline", "interleaved", "real"};
constexpr std::array<std::string_view, 4> kReopens{"clean", "crash", "power", "never"};
constexpr std::array<std::string_view, 3> kDurabilities{"asked", "sync", "buffered"};
constexpr std::array<Compression, 3> kCompressions{Compression::kNone, Compression::kLz4,
                                                   Compression::kZstd};

Setup RandomSetup(Random& random) {
  Setup setup;
  setup.memory_budget = (std::size_t{4} << 20) << random.Uniform(4);
  setup.write_buffer = (std::size_t{64} << 10) << (random.OneIn(2) ? 0 : random.Uniform(4));
  setup.compaction_threads = 1 + static_cast<int>(random.Uniform(3));
  setup.block_size = std::size_t{256} << random.Uniform(8);
  setup.table_size = (std::size_t{64} << 10) << random.Uniform(4);
  setup.filter_bits_per_key = random.OneIn(3) ? 0 : static_cast<int>(1 + random.Uniform(16));
  setup.compression = kCompressions[random.Uniform(3)];
  setup.bottom_compression = kCompressions[random.Uniform(3)];
  setup.direct_writes = random.OneIn(2);
  setup.direct_reads = random.OneIn(2);
  setup.memtable = random.OneIn(3) ? MemTableKind::kSkipList : MemTableKind::kRadixTree;
  return setup;
}

std::string YesNo(bool yes) { return yes ? "yes" : "no"; }

std::string ToText(const Setup& setup) {
  std::ostringstream out;
  out << "setup budget=" << setup.memory_budget << " buffer=" << setup.write_buffer
      << " threads=" << setup.compaction_threads << " block=" << setup.block_size
      << " table=" << setup.table_size << " filter=" << setup.filter_bits_per_key
      << " compression=" << static_cast<int>(setup.compression)
      << " bottom=" << static_cast<int>(setup.bottom_compression)
      << " direct_writes=" << YesNo(setup.direct_writes)
      << " direct_reads=" << YesNo(setup.direct_reads)
      << " memtable=" << (setup.memtable == MemTableKind::kSkipList ? "skiplist" : "radix") << '\n';
  return out.str();
}

// The name=value words of a line; each must be asked for once.
class Fields {
 public:
  explicit Fields(std::istringstream& in) {
    for (std::string word; in >> word;) {
      const std::size_t equals = word.find('=');
      fields_[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
  }
  template <typename Number>
  void Take(const std::string& name, Number& number) {
    std::istringstream in(Text(name));
    if (!(in >> number)) Blame(name);
  }
  void Take(const std::string& name, bool& yes) {
    const std::string text = Text(name);
    if (text != "yes" && text != "no") Blame(name);
    yes = text == "yes";
  }
  template <typename Enum, std::size_t kCount>
  void Take(const std::string& name, Enum& choice,
            const std::array<std::string_view, kCount>& names) {
    const std::string text = Text(name);
    for (std::size_t i = 0; i < kCount; ++i) {
      if (names[i] != text) continue;
      choice = static_cast<Enum>(i);
      return;
    }
    Blame(name);
  }
  Status status() const {
    if (!bad_.empty()) return Error(Code::kInvalidArgument, "missing or bad: " + bad_);
    if (!fields_.empty()) {
      return Error(Code::kInvalidArgument, "unknown: " + fields_.begin()->first);
    }
    return OkStatus();
  }

 private:
  std::string Text(const std::string& name) {
    const auto it = fields_.find(name);
    if (it == fields_.end()) return {};
    std::string text = it->second;
    fields_.erase(it);
    return text;
  }
  void Blame(const std::string& name) { bad_ += bad_.empty() ? name : ", " + name; }

  std::map<std::string, std::string> fields_;
  std::string bad_;
};

constexpr std::array<std::string_view, 3> kCompressionNames{"0", "1", "2"};
constexpr std::array<std::string_view, 2> kMemTables{"skiplist", "radix"};
constexpr std::array<std::string_view, 2> kLogOwners{"database", "caller"};

}  // namespace

Config RandomConfig(Random& random) {
  Config config;
  config.setups.clear();
  for (std::uint64_t i = 1 + random.Uniform(3); i > 0; --i) {
    config.setups.push_back(RandomSetup(random));
  }
  config.world = static_cast<Where>(random.Uniform(2));
  config.seed = random.Uniform(1u << 30);
  config.tasks = 1 << random.Uniform(8);
  config.indexed = random.OneIn(2);
  if (config.indexed && random.OneIn(2)) config.log_owner = LogOwner::kCaller;
  config.durability = static_cast<Asked>(random.OneIn(2) ? 0 : random.Uniform(3));
  constexpr std::array<Reopen, 4> kAll{Reopen::kPower, Reopen::kClean, Reopen::kCrash,
                                       Reopen::kNever};
  const std::size_t first = config.SurvivesPowerCut() ? 0 : 1;
  config.reopen = kAll[first + random.Uniform(kAll.size() - first)];
  return config;
}

std::vector<Config> SimplerConfigs(const Config& config) {
  std::vector<Config> simpler;
  const auto try_with = [&](auto change) {
    Config candidate = config;
    change(candidate);
    if (candidate.reopen == Reopen::kPower && !candidate.SurvivesPowerCut()) return;
    if (candidate != config) simpler.push_back(candidate);
  };
  try_with([](Config& c) { c = Config{}; });
  for (std::size_t i = 0; config.setups.size() > 1 && i < config.setups.size(); ++i) {
    try_with([i](Config& c) { c.setups = {c.setups[i]}; });
  }
  try_with([](Config& c) { c.world = Where::kInline; });
  try_with([](Config& c) { c.seed = 1; });
  try_with([](Config& c) { c.tasks = 8; });
  try_with([](Config& c) { c.reopen = Reopen::kNever; });
  // Nothing may lead back, or the shrinker would turn in a circle.
  if (config.reopen != Reopen::kNever) try_with([](Config& c) { c.reopen = Reopen::kClean; });
  try_with([](Config& c) { c.log_owner = LogOwner::kDatabase; });
  try_with([](Config& c) { c.indexed = c.log_owner == LogOwner::kCaller; });
  try_with([](Config& c) { c.durability = Asked::kAsAsked; });
  const Setup plain;
  for (std::size_t i = 0; i < config.setups.size(); ++i) {
    try_with([&](Config& c) { c.setups[i].memory_budget = plain.memory_budget; });
    try_with([&](Config& c) { c.setups[i].write_buffer = plain.write_buffer; });
    try_with([&](Config& c) { c.setups[i].compaction_threads = plain.compaction_threads; });
    try_with([&](Config& c) { c.setups[i].block_size = plain.block_size; });
    try_with([&](Config& c) { c.setups[i].table_size = plain.table_size; });
    try_with([&](Config& c) { c.setups[i].filter_bits_per_key = plain.filter_bits_per_key; });
    try_with([&](Config& c) { c.setups[i].compression = plain.compression; });
    try_with([&](Config& c) { c.setups[i].bottom_compression = plain.bottom_compression; });
    try_with([&](Config& c) { c.setups[i].direct_writes = plain.direct_writes; });
    try_with([&](Config& c) { c.setups[i].direct_reads = plain.direct_reads; });
    try_with([&](Config& c) { c.setups[i].memtable = plain.memtable; });
  }
  return simpler;
}

std::string ToText(const Config& config) {
  std::string text = "run world=" + std::string(kWorlds[static_cast<std::size_t>(config.world)]);
  text += " seed=" + std::to_string(config.seed) + " tasks=" + std::to_string(config.tasks);
  text += " reopen=" + std::string(kReopens[static_cast<std::size_t>(config.reopen)]);
  text += " log=" + std::string(kLogOwners[static_cast<std::size_t>(config.log_owner)]);
  text += " index=" + YesNo(config.indexed);
  text += " durability=";
  text += kDurabilities[static_cast<std::size_t>(config.durability)];
  text += '\n';
  for (const Setup& setup : config.setups) text += ToText(setup);
  return text;
}

Status ParseConfigLine(std::string_view line, Config& config) {
  std::istringstream in{std::string(line)};
  std::string name;
  in >> name;
  if (name == "run") {
    Fields fields(in);
    fields.Take("world", config.world, kWorlds);
    fields.Take("seed", config.seed);
    fields.Take("tasks", config.tasks);
    fields.Take("reopen", config.reopen, kReopens);
    fields.Take("log", config.log_owner, kLogOwners);
    fields.Take("index", config.indexed);
    fields.Take("durability", config.durability, kDurabilities);
    return fields.status();
  }
  if (name != "setup") return Error(Code::kInvalidArgument, "no configuration: " + name);
  Fields fields(in);
  Setup setup;
  fields.Take("budget", setup.memory_budget);
  fields.Take("buffer", setup.write_buffer);
  fields.Take("threads", setup.compaction_threads);
  fields.Take("block", setup.block_size);
  fields.Take("table", setup.table_size);
  fields.Take("filter", setup.filter_bits_per_key);
  fields.Take("compression", setup.compression, kCompressionNames);
  fields.Take("bottom", setup.bottom_compression, kCompressionNames);
  fields.Take("direct_writes", setup.direct_writes);
  fields.Take("direct_reads", setup.direct_reads);
  fields.Take("memtable", setup.memtable, kMemTables);
  RETURN_IF_ERROR(fields.status());
  config.setups.push_back(setup);
  return OkStatus();
}

}  // namespace beachdb::metamorphic
