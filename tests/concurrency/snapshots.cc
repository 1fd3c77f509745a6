#include "tests/concurrency/snapshots.h"

#include <algorithm>
#include <set>
#include <utility>

namespace beachdb::concurrency {
namespace {

std::string Name(const CommitId& id) {
  return std::to_string(id.thread) + "/" + std::to_string(id.number);
}

class Checker {
 public:
  Checker(const std::vector<Commit>& commits, std::vector<Scan> scans) : scans_(std::move(scans)) {
    for (const Commit& commit : commits) {
      commits_.emplace(commit.id, &commit);
      for (const auto& [key, put] : commit.keys) writers_[key].push_back(&commit);
    }
  }

  std::string Run() {
    for (const Scan& scan : scans_) CheckTime(scan);
    OrderScans();
    GroupCommits();
    for (const Scan& scan : scans_) CheckKeys(scan);
    CheckCycles();
    return wrong_;
  }

 private:
  void Blame(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }
  static bool Contains(const Scan& scan, const CommitId& id) {
    return id.number <= scan.marks[id.thread];
  }

  // Condition 1.
  void CheckTime(const Scan& scan) {
    for (const auto& [id, commit] : commits_) {
      const bool in = Contains(scan, id);
      if (!in && commit->returned < scan.called) {
        Blame("a scan misses " + Name(id) + ", which had returned before it began");
      }
      if (in && commit->called > scan.returned) {
        Blame("a scan contains " + Name(id) + ", which was called after it ended");
      }
    }
    for (std::uint32_t thread = 0; thread < scan.marks.size(); ++thread) {
      const CommitId last{thread, scan.marks[thread]};
      if (last.number != 0 && !commits_.contains(last)) {
        Blame("a scan contains " + Name(last) + ", which never was");
      }
    }
  }

  // Condition 2.
  void OrderScans() {
    std::sort(scans_.begin(), scans_.end(),
              [](const Scan& a, const Scan& b) { return a.marks < b.marks; });
    for (std::size_t i = 1; i < scans_.size(); ++i) {
      for (std::size_t t = 0; t < scans_[i].marks.size(); ++t) {
        if (scans_[i - 1].marks[t] > scans_[i].marks[t]) {
          Blame("two scans contain different commits, neither all of the other's");
        }
      }
    }
    std::uint64_t called_max = 0;  // of scans that contain less
    for (std::size_t i = 0; i < scans_.size();) {
      std::size_t end = i;
      for (; end < scans_.size() && scans_[end].marks == scans_[i].marks; ++end) {
        if (scans_[end].returned < called_max) {
          Blame("a scan contains less than one that had ended before it began");
        }
      }
      for (; i < end; ++i) called_max = std::max(called_max, scans_[i].called);
    }
  }

  // Group g holds the commits that the g-th different set of marks contains, and none before.
  void GroupCommits() {
    std::vector<const Scan*> steps;
    for (const Scan& scan : scans_) {
      if (steps.empty() || steps.back()->marks != scan.marks) steps.push_back(&scan);
    }
    for (const auto& [id, commit] : commits_) {
      const auto first = std::find_if(steps.begin(), steps.end(),
                                      [&id = id](const Scan* scan) { return Contains(*scan, id); });
      group_[id] = static_cast<std::size_t>(first - steps.begin());
      if (first != steps.end()) members_[group_[id]].push_back(commit);
    }
  }

  // Condition 3, as far as groups decide it; what lies within one becomes an edge.
  void CheckKeys(const Scan& scan) {
    for (const auto& [key, id] : scan.seen) {
      if (!writers_.contains(key)) Blame("key " + key + " was never written");
    }
    for (const auto& [key, writers] : writers_) {
      const auto seen = scan.seen.find(key);
      if (seen == scan.seen.end()) {
        CheckAbsent(scan, key, writers);
        continue;
      }
      const auto last = commits_.find(seen->second);
      if (last == commits_.end() || !Contains(scan, seen->second)) {
        Blame("key " + key + " shows " + Name(seen->second) + ", which the scan does not contain");
        continue;
      }
      const auto put = last->second->keys.find(key);
      if (put == last->second->keys.end() || !put->second) {
        Blame("key " + key + " shows " + Name(seen->second) + ", which did not put it");
      }
      MustBeLast(scan, key, writers, seen->second);
    }
  }

  void MustBeLast(const Scan& scan, const std::string& key,
                  const std::vector<const Commit*>& writers, const CommitId& last) {
    for (const Commit* other : writers) {
      if (other->id == last || !Contains(scan, other->id)) continue;
      if (group_[other->id] > group_[last]) {
        Blame("key " + key + " shows " + Name(last) + ", but " + Name(other->id) +
              " came after it and is contained");
      }
      if (group_[other->id] == group_[last]) edges_[other->id].insert(last);
    }
  }

  void CheckAbsent(const Scan& scan, const std::string& key,
                   const std::vector<const Commit*>& writers) {
    std::size_t newest = 0;
    std::vector<const Commit*> candidates;  // writers of the newest group
    for (const Commit* writer : writers) {
      if (!Contains(scan, writer->id)) continue;
      const std::size_t group = group_[writer->id];
      if (candidates.empty() || group > newest) candidates.clear();
      if (candidates.empty()) newest = group;
      if (group == newest) candidates.push_back(writer);
    }
    if (candidates.empty()) return;
    std::erase_if(candidates, [&](const Commit* c) { return c->keys.at(key); });
    if (candidates.empty()) Blame("key " + key + " is absent, but its last writer put it");
    // Which of several deletes was the last nobody can tell.
    if (candidates.size() == 1) MustBeLast(scan, key, writers, candidates.front()->id);
  }

  // Within each group: the order of its threads, of time, and of what scans have shown.
  void CheckCycles() {
    for (const auto& [group, members] : members_) {
      for (const Commit* a : members) {
        for (const Commit* b : members) {
          const bool before =
              a->id.thread == b->id.thread ? a->id.number < b->id.number : a->returned < b->called;
          if (before) edges_[a->id].insert(b->id);
        }
      }
    }
    for (const auto& [id, commit] : commits_) Visit(id);
  }

  // Depth is bounded by the size of a group.
  void Visit(const CommitId& id) {
    auto [state, fresh] = visited_.emplace(id, false);
    if (!fresh) return;
    for (const CommitId& next : edges_[id]) {
      const auto found = visited_.find(next);
      if (found != visited_.end() && !found->second) {
        Blame("no order of commits explains the scans: " + Name(next) + " comes before and after " +
              Name(id));
      }
      Visit(next);
    }
    visited_[id] = true;
  }

  std::vector<Scan> scans_;
  std::map<CommitId, const Commit*> commits_;
  std::map<std::string, std::vector<const Commit*>> writers_;
  std::map<CommitId, std::size_t> group_;
  std::map<std::size_t, std::vector<const Commit*>> members_;
  std::map<CommitId, std::set<CommitId>> edges_;
  std::map<CommitId, bool> visited_;  // true: with all that comes after it
  std::string wrong_;
};

}  // namespace

std::string FindContradiction(const std::vector<Commit>& commits, std::vector<Scan> scans) {
  return Checker(commits, std::move(scans)).Run();
}

}  // namespace beachdb::concurrency
