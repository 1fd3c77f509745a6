#include "sim/power_cut.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kSectorSize = 512;
constexpr std::uint64_t kPageSize = 4096;

bool IsSync(DiskOp op) { return op == DiskOp::kSyncData || op == DiskOp::kSyncNames; }

// The bytes that an event changes, given the size before it.
struct Range {
  std::uint64_t begin;
  std::uint64_t end;
};

Range Touched(const DiskEvent& event, std::uint64_t size) {
  if (event.op == DiskOp::kWrite) return {event.offset, event.offset + event.size};
  return {std::min(event.size, size), std::max(event.size, size)};
}

// Whether the sync is about this change. A change of the size is metadata, which every sync of a
// file writes.
bool Covers(const DiskEvent& sync, const DiskEvent& change) {
  if (sync.size == 0 || change.op == DiskOp::kResize) return true;
  const std::uint64_t end = sync.offset + sync.size;
  const std::uint64_t change_end = change.offset + change.size;
  if (change_end <= sync.offset || end <= change.offset) return false;
  CHECK(sync.offset <= change.offset && change_end <= end);  // a write is covered whole, or not
  return true;
}

// The part [begin, end) of what the event leaves in the file.
void ApplyPart(SparseBytes& bytes, const DiskEvent& event, std::uint64_t begin, std::uint64_t end) {
  if (event.op == DiskOp::kWrite && !event.data.empty()) {
    bytes.Write(begin, std::string_view(event.data).substr(begin - event.offset, end - begin));
  } else {
    bytes.WriteZeros(begin, end - begin);
  }
}

std::string Noise(std::size_t size, Random& random) {
  std::string noise(size, '\0');
  for (char& c : noise) c = static_cast<char>(random.Next());
  return noise;
}

}  // namespace

std::string CutPolicy::ToString() const {
  static constexpr std::string_view kData[] = {"lost",       "kept",       "some-files",
                                               "sectors",    "pages",      "torn-old",
                                               "torn-zeros", "torn-noise", "reordered"};
  static constexpr std::string_view kNames[] = {"lost", "kept", "prefix", "subset"};
  return std::string(kData[static_cast<std::size_t>(data)]) + '/' +
         std::string(kNames[static_cast<std::size_t>(names)]);
}

DiskHistory::DiskHistory(const DiskJournal& journal) : journal_(journal) {
  for (const auto& [bytes, number] : NumberFiles(journal.start)) files_[number].durable = *bytes;
  const auto numbers = NumberFiles(journal.start);
  for (const auto& [path, bytes] : journal.start.files) names_[path] = numbers.at(bytes.get());
  for (const std::string& path : journal.start.directories) names_[path] = kDirectory;
}

void DiskHistory::AdvanceTo(std::size_t event) {
  CHECK(event >= position_ && event <= journal_.events.size());
  for (; position_ < event; ++position_) Apply(position_);
}

bool DiskHistory::settled() const {
  if (!pending_names_.empty()) return false;
  return std::all_of(names_.begin(), names_.end(), [this](const auto& name) {
    return name.second == kDirectory || files_.at(name.second).pending.empty();
  });
}

void DiskHistory::Apply(std::size_t index) {
  const DiskEvent& event = At(index);
  switch (event.op) {
    case DiskOp::kMark:
    case DiskOp::kSyncData:
    case DiskOp::kSyncNames:
      return;
    case DiskOp::kSyncEnd:
      return EndSync(At(event.size), event.size);
    case DiskOp::kWrite:
    case DiskOp::kResize:
      files_[event.file].pending.push_back({index, false});
      return;
    case DiskOp::kDropDirty:
      for (Pending& pending : files_[event.file].pending) pending.dropped = true;
      return;
    case DiskOp::kCreate:
      files_[event.file];
      pending_names_.push_back(index);
      return;
    case DiskOp::kMakeDirectory:
    case DiskOp::kLink:
    case DiskOp::kRename:
    case DiskOp::kRemove:
      pending_names_.push_back(index);
      return;
  }
}

void DiskHistory::EndSync(const DiskEvent& begin, std::size_t begun_at) {
  CHECK(IsSync(begin.op));
  if (begin.op == DiskOp::kSyncNames) {
    std::vector<std::size_t> later;
    for (const std::size_t index : pending_names_) {
      const DiskEvent& event = At(index);
      const std::string& named = event.op == DiskOp::kLink ? event.target : event.path;
      if (index < begun_at && ParentDirectory(named) == begin.path) {
        ApplyName(names_, event);
      } else {
        later.push_back(index);
      }
    }
    pending_names_ = std::move(later);
    return;
  }
  FileState& file = files_[begin.file];
  std::vector<Pending> later;
  for (const Pending& pending : file.pending) {
    if (pending.event >= begun_at || pending.dropped || !Covers(begin, At(pending.event))) {
      later.push_back(pending);
      continue;
    }
    const Range fresh = Touched(At(pending.event), file.durable.size());
    ApplyData(file.durable, At(pending.event));
    // What was dropped before and is written again is not what may come back.
    std::erase_if(later, [&](const Pending& old) {
      const Range range = Touched(At(old.event), file.durable.size());
      return old.dropped && range.begin < fresh.end && fresh.begin < range.end;
    });
  }
  file.pending = std::move(later);
}

void DiskHistory::ApplyData(SparseBytes& bytes, const DiskEvent& event) {
  if (event.op == DiskOp::kResize) return bytes.Resize(event.size);
  ApplyPart(bytes, event, event.offset, event.offset + event.size);
}

void DiskHistory::ApplyName(Names& names, const DiskEvent& event) {
  switch (event.op) {
    case DiskOp::kCreate:
      names[event.path] = event.file;
      return;
    case DiskOp::kMakeDirectory:
      names[event.path] = kDirectory;
      return;
    case DiskOp::kLink:
      names[event.target] = event.file;
      return;
    case DiskOp::kRemove:
      names.erase(event.path);
      return;
    case DiskOp::kRename: {
      const auto found = names.find(event.path);
      if (found == names.end()) return;
      names[event.target] = found->second;
      names.erase(event.path);
      return;
    }
    default:
      CHECK(false && "no change of a name");
  }
}

// ---- completing ---------------------------------------------------------------------------------

DiskImage DiskHistory::Cut(const CutPolicy& policy, std::uint64_t seed) const {
  Random random(seed);
  const Names names = CompleteNames(policy.names, random);
  DiskImage image;
  std::map<std::uint32_t, std::shared_ptr<const SparseBytes>> completed;
  for (const auto& [path, number] : names) {
    // Parents come before what is in them. What has lost its directory is out of reach.
    const std::string parent = ParentDirectory(path);
    if (parent != "/" && !image.directories.contains(parent)) continue;
    if (number == kDirectory) {
      image.directories.insert(path);
      continue;
    }
    auto& bytes = completed[number];
    if (bytes == nullptr) {
      const FileState& file = files_.at(number);
      bytes = std::make_shared<const SparseBytes>(Complete(file, policy.data, random));
    }
    image.files.emplace(path, bytes);
  }
  return image;
}

SparseBytes DiskHistory::Complete(const FileState& file, DataFate fate, Random& random) const {
  SparseBytes bytes = file.durable;
  if (file.pending.empty()) return bytes;
  switch (fate) {
    case DataFate::kLost:
      return bytes;
    case DataFate::kSomeFiles:
      if (random.OneIn(2)) return bytes;
      [[fallthrough]];
    case DataFate::kKept:
      for (const Pending& pending : file.pending) ApplyData(bytes, At(pending.event));
      return bytes;
    case DataFate::kSectors:
      return CompleteBySector(file, kSectorSize, random);
    case DataFate::kPages:
      return CompleteBySector(file, kPageSize, random);
    case DataFate::kTornOld:
    case DataFate::kTornZeros:
    case DataFate::kTornNoise:
      return CompleteTorn(file, fate, random);
    case DataFate::kReordered: {
      // The last write is there, so that whatever is missing is missing before it.
      for (std::size_t i = 0; i < file.pending.size(); ++i) {
        const bool last = i + 1 == file.pending.size();
        if (last || random.OneIn(2)) ApplyData(bytes, At(file.pending[i].event));
      }
      return bytes;
    }
  }
  CHECK(false && "impossible DataFate");
}

SparseBytes DiskHistory::CompleteBySector(const FileState& file, std::uint64_t sector,
                                          Random& random) const {
  SparseBytes bytes = file.durable;
  const std::size_t count = file.pending.size();
  const std::uint64_t salt = random.Next();
  // Up to which pending write a sector has followed. Every other one has seen all or nothing: with
  // many writes pending, the extremes would be rare otherwise.
  const auto moment = [&](std::uint64_t index) -> std::size_t {
    Random mixed(salt ^ (index * 0x9e3779b97f4a7c15u));
    if (mixed.OneIn(2)) return mixed.OneIn(2) ? count : 0;
    return mixed.Uniform(count + 1);
  };
  std::uint64_t final_size = bytes.size();
  const std::size_t size_moment = moment(UINT64_MAX);
  std::uint64_t shown_size = bytes.size();  // if all were done
  for (std::size_t i = 0; i < count; ++i) {
    const DiskEvent& event = At(file.pending[i].event);
    const Range range = Touched(event, shown_size);
    const bool resize = event.op == DiskOp::kResize;
    shown_size = resize ? event.size : std::max(shown_size, range.end);
    if (i < size_moment) final_size = resize ? event.size : std::max(final_size, range.end);
    for (std::uint64_t at = range.begin; at < range.end;) {
      const std::uint64_t end = std::min(range.end, (at / sector + 1) * sector);
      if (i < moment(at / sector)) ApplyPart(bytes, event, at, end);
      at = end;
    }
  }
  bytes.Resize(final_size);
  return bytes;
}

SparseBytes DiskHistory::CompleteTorn(const FileState& file, DataFate fate, Random& random) const {
  SparseBytes bytes = file.durable;
  const std::size_t whole = random.Uniform(file.pending.size() + 1);
  for (std::size_t i = 0; i < whole; ++i) ApplyData(bytes, At(file.pending[i].event));
  if (whole == file.pending.size()) return bytes;
  const DiskEvent& event = At(file.pending[whole].event);
  if (event.op != DiskOp::kWrite || event.size == 0) return bytes;

  const std::uint64_t cut = event.offset + random.Uniform(event.size);
  const std::uint64_t sector_begin = std::max(event.offset, cut / kSectorSize * kSectorSize);
  const std::uint64_t sector_end =
      std::min(event.offset + event.size, (cut / kSectorSize + 1) * kSectorSize);
  ApplyPart(bytes, event, event.offset, sector_begin);
  switch (fate) {
    case DataFate::kTornZeros:
      bytes.WriteZeros(sector_begin, sector_end - sector_begin);
      break;
    case DataFate::kTornNoise:
      bytes.Write(sector_begin, Noise(sector_end - sector_begin, random));
      break;
    default:  // new up to the cut, then old
      ApplyPart(bytes, event, sector_begin, cut);
      break;
  }
  return bytes;
}

DiskHistory::Names DiskHistory::CompleteNames(NameFate fate, Random& random) const {
  Names names = names_;
  const std::size_t prefix =
      fate == NameFate::kPrefix ? random.Uniform(pending_names_.size() + 1) : 0;
  std::set<std::string> lost;  // names whose latest change is lost, and with it every later one
  for (std::size_t i = 0; i < pending_names_.size(); ++i) {
    const DiskEvent& event = At(pending_names_[i]);
    bool kept = fate == NameFate::kKept || (fate == NameFate::kPrefix && i < prefix) ||
                (fate == NameFate::kSubset && random.OneIn(2));
    kept = kept && !lost.contains(event.path) && !lost.contains(event.target);
    if (kept) {
      ApplyName(names, event);
    } else {
      lost.insert(event.path);
      if (!event.target.empty()) lost.insert(event.target);
    }
  }
  return names;
}

}  // namespace beachdb
