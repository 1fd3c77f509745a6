// Which disks a power cut may leave behind. docs/simulated-disk.md gives the source of each rule.
//
// A DiskHistory walks along the journal of a run and keeps, for every file, the bytes that are
// durable and the writes that no sync has covered yet; the same for names. At any event a cut
// completes the durable part by a legal choice for each piece that is pending:
//
//   - Bytes: a sector holds what it held at some moment since it was last synced. Sectors and files
//     do not wait for each other. Bytes that no pending write touches never change.
//   - The size of a file: likewise, independent of its bytes. Bytes never written read as zeros.
//   - The sector that is just being written may be torn: what the write touches of it is old, new,
//     zeros or noise.
//   - Names (create, rename, link, remove): each happens whole or not at all; one that touches a
//     name whose earlier change is lost is lost with it. A journaling file system keeps their
//     order, POSIX does not promise one: both are tried.
//
// Thread safety: none. Lifetime: the journal outlives the history and does not change meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "sim/disk_journal.h"

namespace beachdb {

enum class DataFate : std::uint8_t {
  kLost,       // nothing unsynced survived
  kKept,       // all of it did
  kSomeFiles,  // all of some files, nothing of others
  kSectors,    // each sector of 512 bytes as it was at some moment
  kPages,      // each page of 4 KiB, the same
  kTornOld,    // writes in order up to one that is torn in a sector, which keeps old bytes,
  kTornZeros,  // or becomes zeros where it was being written,
  kTornNoise,  // or noise
  kReordered,  // any writes but not the ones before them
};

enum class NameFate : std::uint8_t {
  kLost,
  kKept,
  kPrefix,  // the first so many, in their order
  kSubset,  // any
};

struct CutPolicy {
  DataFate data = DataFate::kLost;
  NameFate names = NameFate::kLost;

  std::string ToString() const;  // "sectors/prefix"
};

class DiskHistory {
 public:
  explicit DiskHistory(const DiskJournal& journal);

  // The events before `event` have happened, it and later ones have not. Only forward.
  void AdvanceTo(std::size_t event);
  std::size_t position() const { return position_; }
  // Nothing is pending: every policy leaves the same disk.
  bool settled() const;

  DiskImage Cut(const CutPolicy& policy, std::uint64_t seed) const;
  // The durable bytes of a file that the journal names by number.
  const SparseBytes& Durable(std::uint32_t file) const { return files_.at(file).durable; }

 private:
  struct Pending {
    std::size_t event;
    bool dropped;  // by a failed sync: it may have reached the device, but nobody will see to it
  };
  struct FileState {
    SparseBytes durable;
    std::vector<Pending> pending;
  };
  using Names = std::map<std::string, std::uint32_t>;  // kDirectory for a directory
  static constexpr std::uint32_t kDirectory = DiskEvent::kNoFile;

  const DiskEvent& At(std::size_t event) const { return journal_.events[event]; }
  void Apply(std::size_t index);
  void EndSync(const DiskEvent& begin, std::size_t begun_at);
  static void ApplyData(SparseBytes& bytes, const DiskEvent& event);
  static void ApplyName(Names& names, const DiskEvent& event);

  SparseBytes Complete(const FileState& file, DataFate fate, Random& random) const;
  SparseBytes CompleteBySector(const FileState& file, std::uint64_t sector, Random& random) const;
  SparseBytes CompleteTorn(const FileState& file, DataFate fate, Random& random) const;
  Names CompleteNames(NameFate fate, Random& random) const;

  const DiskJournal& journal_;
  std::size_t position_ = 0;
  std::map<std::uint32_t, FileState> files_;
  Names names_;
  std::vector<std::size_t> pending_names_;  // events, in order
};

}  // namespace beachdb
