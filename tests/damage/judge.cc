#include "tests/damage/judge.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/strings.h"
#include "beachdb/db.h"
#include "tests/damage/allocation_limit.h"
#include "tests/damage/world.h"

namespace beachdb {
namespace {

// A damaged length may not make the engine ask for more than this at once. The largest thing that
// it rightly asks for here is the memory of a reader's chunk.
constexpr std::size_t kAllocationMax = 4u << 20;

// What was noticed, by the database and by us.
struct Notes {
  explicit Notes(const Damage& what_was_done) : damage(what_was_done) {}

  void Add(std::string_view where, const Error& error) {
    const bool named = std::any_of(
        damage.files.begin(), damage.files.end(),
        [&](const std::string& file) { return error.message().find(file) != std::string::npos; });
    if (error.code() != Code::kCorruption) {
      Wrong(fmt::format("{}: not reported as corruption: {}", where, error.ToString()));
    } else if (!named) {
      Wrong(fmt::format("{}: the error names no damaged file: {}", where, error.ToString()));
    }
    if (first_error.empty()) first_error = error.ToString();
  }
  void Wrong(std::string what) {
    if (wrong.empty()) wrong = std::move(what);
  }
  Verdict Sum() const {
    if (!wrong.empty()) return {Outcome::kWrong, wrong};
    if (!first_error.empty()) return {Outcome::kDetected, first_error};
    return {Outcome::kHarmless, ""};
  }

  const Damage& damage;
  std::string first_error;
  std::string wrong;
};

// Reads all of a database, and compares with one state.
class Reader {
 public:
  Reader(Db& db, const Sample& sample, const Damage& damage, const Model& expected)
      : db_(db), sample_(sample), expected_(expected), notes_(damage) {}

  Verdict ReadAll() {
    Get();
    MultiGet();
    Walk();
    Seek();
    Verify();
    return notes_.Sum();
  }

 private:
  void Verify() {
    const auto report = db_.Verify();
    if (!report.ok()) return notes_.Add("verify", report.error());
    for (const std::string& problem : report->problems) {
      notes_.Add("verify", Error(Code::kCorruption, problem));
    }
  }

  void Compare(std::string_view how, const std::string& key,
               const std::optional<std::string>& found) {
    const auto it = expected_.find(key);
    if (it == expected_.end() ? !found : found && *found == it->second) return;
    notes_.Wrong(fmt::format("{} of {}: want {}, found {}", how, key,
                             it == expected_.end() ? "nothing" : EscapeBytes(it->second, 40),
                             found ? EscapeBytes(*found, 40) : "nothing"));
  }

  void Get() {
    std::size_t failed = 0;
    for (const std::string& key : sample_.keys) {
      const auto found = db_.Get(key);
      if (found.ok()) {
        Compare("get", key, *found);
      } else {
        notes_.Add("get", found.error());
        ++failed;
      }
    }
    if (failed > notes_.damage.failing_gets_max) {
      notes_.Wrong(fmt::format("{} gets fail, but the damage can reach {} keys", failed,
                               notes_.damage.failing_gets_max));
    }
  }

  void MultiGet() {
    const std::vector<std::string_view> keys(sample_.keys.begin(), sample_.keys.end());
    const auto found = db_.MultiGet(keys);
    if (!found.ok()) return notes_.Add("multi-get", found.error());
    for (std::size_t i = 0; i < keys.size(); ++i)
      Compare("multi-get", sample_.keys[i], (*found)[i]);
  }

  // A walk that meets an error has shown every key up to there; one that meets none, all of them.
  template <typename Position, typename Advance>
  void WalkOneWay(std::string_view how, Iterator& it, Position want, Position end,
                  Advance advance) {
    for (; it.Valid(); advance(), ++want) {
      if (want == end) return notes_.Wrong(fmt::format("{}: {} is too much", how, it.key()));
      if (it.key() != want->first || it.value() != want->second) {
        return notes_.Wrong(fmt::format("{}: want {}, found {} or another value", how, want->first,
                                        EscapeBytes(it.key(), 40)));
      }
    }
    if (!it.status().ok()) return notes_.Add(how, it.status().error());
    if (want != end)
      notes_.Wrong(fmt::format("{}: ends without a word before {}", how, want->first));
  }
  void Walk() {
    {
      Iterator it = db_.NewIterator();
      it.SeekToFirst();
      WalkOneWay("walk", it, expected_.begin(), expected_.end(), [&] { it.Next(); });
    }
    Iterator it = db_.NewIterator();
    it.SeekToLast();
    WalkOneWay("walk back", it, expected_.rbegin(), expected_.rend(), [&] { it.Prev(); });
  }

  // A seek to every seventh key; the next one must follow.
  void Seek() {
    Iterator it = db_.NewIterator();
    for (std::size_t i = 0; i < sample_.keys.size(); i += 7) {
      const auto want = expected_.lower_bound(sample_.keys[i]);
      it.Seek(sample_.keys[i]);
      if (it.Valid()) {
        if (want == expected_.end() || it.key() != want->first || it.value() != want->second) {
          notes_.Wrong("seek to " + sample_.keys[i] + " finds another key or value");
        }
      } else if (!it.status().ok()) {
        notes_.Add("seek", it.status().error());
      } else if (want != expected_.end()) {
        notes_.Wrong("seek to " + sample_.keys[i] + " finds nothing");
      }
    }
  }

  Db& db_;
  const Sample& sample_;
  const Model& expected_;
  Notes notes_;
};

// Which case is being tried, for the post mortem of a crash.
const Sample* current_sample = nullptr;
const Damage* current_damage = nullptr;

void TellCase(int signal) {
  std::string text = "died in: ";
  if (current_sample != nullptr) text += current_sample->name + ": " + current_damage->what + "\n";
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text.data(), text.size());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

Verdict ReadAndJudge(Db& db, const Sample& sample, const Damage& damage) {
  Verdict verdict = Reader(db, sample, damage, sample.answers).ReadAll();
  if (damage.compact && verdict.outcome == Outcome::kDetected) {
    static_cast<void>(db.CompactRange());
    const Verdict again = Reader(db, sample, damage, sample.answers).ReadAll();
    if (again.outcome == Outcome::kWrong) {
      return {Outcome::kWrong, "after a compaction: " + again.why};
    }
    if (again.outcome == Outcome::kHarmless) {
      return {Outcome::kWrong, "a compaction has hidden the damage: " + verdict.why};
    }
  }
  if (verdict.outcome != Outcome::kWrong || damage.older == nullptr) return verdict;
  const bool older =
      Reader(db, sample, damage, *damage.older).ReadAll().outcome == Outcome::kHarmless;
  return older ? Verdict{Outcome::kOlder, ""} : verdict;
}

}  // namespace

Verdict Judge(const Sample& sample, const Damage& damage) {
  if (std::exchange(current_sample, &sample) == nullptr) std::signal(SIGABRT, TellCase);
  current_damage = &damage;
  ImageFileSystem fs(damage.image);
  OneThreadWorld world(fs, 777);
  Options options = sample.options;
  options.environment = &world;
  Verdict verdict;
  const AllocationLimit limit(kAllocationMax);
  auto db = Db::Open("db", options);
  if (db.ok()) {
    verdict = ReadAndJudge(*db, sample, damage);
    static_cast<void>(db->Close());
  } else {
    Notes notes(damage);
    notes.Add("open", db.error());
    if (!fs.Holds(damage.image, "LOCK")) notes.Wrong("the refused open has changed files");
    verdict = notes.Sum();
  }
  if (limit.largest() > kAllocationMax && verdict.outcome != Outcome::kWrong) {
    verdict = {Outcome::kWrong, fmt::format("{} bytes were asked for at once", limit.largest())};
  }
  return verdict;
}

}  // namespace beachdb
