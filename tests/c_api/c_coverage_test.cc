#include "tests/c_api/c_coverage.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "tests/c_api/header_reader.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CCoverageTest, WhatCppCanDoCCanDoToo) {
  EXPECT_THAT(CheckCCoverage(BEACHDB_SOURCE_DIR), IsEmpty());
}

// C has no struct of figures: it reads them by name from the JSON.
TEST(CCoverageTest, EveryFigureOfTheStatsIsNamedInTheJson) {
  std::ifstream in(fs::path(BEACHDB_SOURCE_DIR) / "include/beachdb/stats.h");
  const std::string header{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  Stats stats;
  stats.levels.emplace_back();
  stats.tables.emplace_back();
  const std::string json = stats.ToJson();
  int figures = 0;
  for (const Member& member : PublicMembers(header)) {
    if (member.kind != MemberKind::kField) continue;
    ++figures;
    EXPECT_THAT(json, HasSubstr("\"" + member.name + "\":")) << member.QualifiedName();
  }
  EXPECT_GE(figures, 50);
}

TEST(HeaderReaderTest, MembersAreReadInEveryFormThatOurHeadersUse) {
  const std::string header = R"(
// A comment: class Ghost { int x; };
#include <span>
#define MACRO(x) \
  struct x { int y; }
namespace beachdb {
class Later;
inline constexpr std::size_t kMinKeySize = 1;
inline constexpr std::size_t kMaxBatchSize = (1u << 30) + (64u << 20);  // bytes
enum class Code : unsigned char {
  kFirst = 1,  // why
  kSecond,
};
enum class Kind : std::uint8_t { kOne = 0, kTwo = 1 };
[[nodiscard]] std::string_view CodeName(Code code);
inline int Free() { return 1; }
struct Options {
  bool create = true;
  std::size_t budget = 256u << 20;
  std::function<void(LogLevel, std::string_view)> log;
  Environment* environment = nullptr;
  std::vector<std::string> problems;
};
struct More : Options {
  std::string_view prefix;
};
class [[nodiscard]] Db {
 public:
  using Release = void (*)(void* owner);
  Db(Db&& other) noexcept : a_(other.a_), b_(std::exchange(other.b_, nullptr)) {}
  Db& operator=(Db&&) noexcept;
  ~Db();
  static Result<Db> Open(const std::string& directory, const Options& options = {});
  Result<std::optional<std::string>> Get(std::string_view key,
                                         const Options& options = {}) const;
  int code() const { return code_; }

 private:
  friend class Other;
  int Hidden();
  int code_ = 0;
};
template <typename T>
class Result {
 public:
  bool ok() const { if (x) { return true; } return false; }
 private:
  T value_;
};
}  // namespace beachdb
)";
  std::vector<std::string> names;
  for (const Member& member : PublicMembers(header)) names.push_back(member.QualifiedName());
  EXPECT_THAT(names, ElementsAre("kMinKeySize", "kMaxBatchSize", "Code::kFirst", "Code::kSecond",
                                 "Kind::kOne", "Kind::kTwo", "CodeName", "Free", "Options::create",
                                 "Options::budget", "Options::log", "Options::environment",
                                 "Options::problems", "More::prefix", "Db::Open", "Db::Get",
                                 "Db::code", "Result::ok"));
}

// include/beachdb/ in miniature: one C++ header and its c.h.
class CCoverageFaultsTest : public testing::Test {
 protected:
  CCoverageFaultsTest()
      : root_(fs::path(testing::TempDir()) / fmt::format("c_coverage_{}", getpid())) {}
  ~CCoverageFaultsTest() override { fs::remove_all(root_); }

  std::vector<std::string> ComplaintsAbout(const std::string& cpp, const std::string& c) const {
    fs::create_directories(root_ / "include/beachdb");
    std::ofstream(root_ / "include/beachdb/db.h") << cpp;
    std::ofstream(root_ / "include/beachdb/c.h") << c;
    return CheckCCoverage(root_);
  }

  const fs::path root_;
};

TEST_F(CCoverageFaultsTest, NamesThatFollowTheRuleAreInOrder) {
  EXPECT_THAT(
      ComplaintsAbout("class Db {\n public:\n  Status SyncWal();\n private:\n  int x_;\n};\n"
                      "struct ReadOptions { bool fill_cache = true; };\n"
                      "enum class LogOwner { kCaller };\n"
                      "inline constexpr int kMaxKeySize = 1;\n",
                      "error* beachdb_sync_wal(db*);\n"
                      "void beachdb_read_options_set_fill_cache(o*, bool);\n"
                      "void beachdb_iterator_options_set_fill_cache(o*, bool);\n"
                      "enum { BEACHDB_LOG_OWNER_CALLER };\n"
                      "#define BEACHDB_MAX_KEY_SIZE 1\n"),
      IsEmpty());
}

TEST_F(CCoverageFaultsTest, WhateverCLacksIsReported) {
  const struct {
    const char* fault;
    const char* cpp;
    const char* c;
    const char* want;
  } cases[] = {
      {"1: a method", "class Db {\n public:\n  Status SyncWal();\n};\n", "",
       "db.h: Db::SyncWal: c.h lacks beachdb_sync_wal"},
      {"1: a comment is no function", "class Iterator {\n public:\n  void Next();\n};\n",
       "// beachdb_iterator_next(it)\n", "db.h: Iterator::Next: c.h lacks beachdb_iterator_next"},
      {"1: a type is no function", "class Db {\n public:\n  void Iterator();\n};\n",
       "typedef struct beachdb_iterator beachdb_iterator;\n",
       "db.h: Db::Iterator: c.h lacks beachdb_iterator"},
      {"2: a setter", "struct Options {\n  int threads = 1;\n};\n", "",
       "db.h: Options::threads: c.h lacks beachdb_options_set_threads"},
      {"2: the iterator's half of a read option", "struct ReadOptions {\n  bool cold = true;\n};\n",
       "void beachdb_read_options_set_cold(o*, bool);\n",
       "db.h: ReadOptions::cold: c.h lacks beachdb_iterator_options_set_cold"},
      {"3: an enumerator", "enum class Code { kOne };\n", "",
       "db.h: Code::kOne: c.h lacks BEACHDB_ONE"},
      {"3: a constant", "inline constexpr int kMaxKeySize = 1;\n", "",
       "db.h: kMaxKeySize: c.h lacks BEACHDB_MAX_KEY_SIZE"},
      {"4: an unknown class", "class Wave {\n public:\n  void Break();\n};\n", "",
       "db.h: Wave::Break: tests/c_api/c_coverage.cc knows no C name for its class"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.fault);
    EXPECT_THAT(ComplaintsAbout(c.cpp, c.c), ElementsAre(c.want));
  }
}

}  // namespace
}  // namespace beachdb
