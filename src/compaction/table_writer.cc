#include "compaction/table_writer.h"

#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "base/rare_branch.h"
#include "base/try.h"
#include "format/file_names.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kGrandparentTables = 10;
constexpr unsigned kAddsBetweenStopChecks = 1024;

}  // namespace

FileMetadata MetadataOf(std::uint64_t number, TableSummary summary) {
  TableProperties& properties = summary.properties;
  return {
      .number = number,
      .size = summary.file_size,
      .checksum = summary.file_checksum,
      .entries = properties.entries,
      .tombstones = properties.tombstones,
      .distinct_keys = properties.distinct_keys,
      .range_tombstones = properties.range_tombstones,
      .smallest = std::move(properties.smallest_key),
      .largest = std::move(properties.largest_key),
      .smallest_seqno = properties.smallest_seqno,
      .largest_seqno = properties.largest_seqno,
  };
}

TableWriter::TableWriter(OutputContext& output, const TableOptions& options, TableJob job,
                         TableCuts cuts)
    : output_(output), options_(options), job_(std::move(job)), cuts_(std::move(cuts)) {}

TableWriter::~TableWriter() {
  if (kept_) return;
  builder_.reset();
  for (const std::uint64_t number : numbers_) {
    // What cannot be removed now is an orphan, which the next opening removes.
    // FAILPOINT: sst_discard
    static_cast<void>(Step("sst_discard", [&] { return output_.fs.RemoveFile(PathOf(number)); }));
  }
}

Status TableWriter::Add(std::string_view user_key, std::uint64_t trailer, std::string_view value,
                        bool warm) {
  if (adds_++ % kAddsBetweenStopChecks == 0 && output_.stop.load(std::memory_order_relaxed)) {
    return Error(Code::kShutDown, "the database is closing");
  }
  const bool passes_grandparent = PassesGrandparent(user_key);
  if (builder_.has_value()) {
    // At a grandparent's end a table may be a quarter short of full: then the compaction out of it
    // does not have to read that grandparent's neighbour for the sake of a few keys.
    const bool full = !full_after_.empty() && user_key != full_after_;
    const bool fits_grandparents =
        passes_grandparent && (grandparent_bytes_ > kGrandparentTables * cuts_.table_size ||
                               builder_->EstimatedSize() >= cuts_.table_size / 4 * 3);
    if (fits_grandparents && !full) RARE_BRANCH("table_cut_at_grandparent");
    if (user_key == full_after_) RARE_BRANCH("table_held_open_for_versions");
    if (full || fits_grandparents) RETURN_IF_ERROR(FinishTable(Place::kInside));
  }
  if (!builder_.has_value()) RETURN_IF_ERROR(OpenTable());
  RETURN_IF_ERROR(builder_->Add(user_key, trailer, value, warm));
  if (!ranges_.empty()) last_key_ = user_key;
  if (full_after_.empty() && builder_->EstimatedSize() >= cuts_.table_size) {
    full_after_ = user_key;
  }
  return OkStatus();
}

// Whether the last key and this one lie on different sides of a grandparent's end. Then they are
// different keys, so a table may be cut between them.
bool TableWriter::PassesGrandparent(std::string_view user_key) {
  const std::vector<FileRef>& files = cuts_.grandparents;
  const std::size_t before = next_grandparent_;
  while (next_grandparent_ < files.size() && files[next_grandparent_]->largest < user_key) {
    grandparent_bytes_ += files[next_grandparent_++]->size;
  }
  return next_grandparent_ != before;
}

Status TableWriter::OpenTable() {
  const std::uint64_t number = output_.new_file_number();
  const std::string path = PathOf(number);
  // FAILPOINT: sst_create
  ASSIGN_OR_RETURN(auto file, Step("sst_create", [&] {
                     return output_.fs.Open(path, OpenMode::kCreate, output_.io);
                   }));
  numbers_.push_back(number);
  builder_.emplace(std::move(file), FileIdentity{output_.database, number}, options_, job_,
                   output_.clock.WallMicros(), output_.cache);
  full_after_.clear();
  grandparent_bytes_ = 0;
  return OkStatus();
}

// What of the ranges lies between ranges_from_ and `bound` (empty: no bound), in stored order.
std::vector<RangeTombstone> TableWriter::RangesUpTo(std::string_view bound) const {
  std::vector<RangeTombstone> parts;
  for (RangeTombstone part : ranges_) {
    if (!bound.empty() && part.begin >= bound) break;
    part.begin = std::max(part.begin, std::string_view(ranges_from_));
    if (!bound.empty()) part.end = std::min(part.end, bound);
    if (part.begin < part.end) parts.push_back(part);
  }
  std::sort(parts.begin(), parts.end(), StoredBefore);  // several may begin where the table does
  return parts;
}

Status TableWriter::FinishTable(Place place) {
  const std::string bound =
      place == Place::kInside && !ranges_.empty() ? KeySuccessor(last_key_) : std::string();
  ASSIGN_OR_RETURN(TableSummary summary, builder_->Finish(RangesUpTo(bound)));
  ranges_from_ = bound;
  warm_.push_back(builder_->TakeWarmBlocks());
  builder_.reset();
  finished_.push_back(MetadataOf(numbers_.back(), std::move(summary)));
  return OkStatus();
}

Result<std::vector<FileMetadata>> TableWriter::Finish() {
  if (!builder_.has_value() && !RangesUpTo({}).empty()) RETURN_IF_ERROR(OpenTable());
  if (builder_.has_value()) RETURN_IF_ERROR(FinishTable(Place::kLast));
  // FAILPOINT: sst_directory_sync
  if (!numbers_.empty()) {
    RETURN_IF_ERROR(SyncStep("sst_directory_sync",
                             [&] { return output_.fs.SyncDirectory(output_.directory); }));
  }
  kept_ = true;
  return std::move(finished_);
}

std::string TableWriter::PathOf(std::uint64_t number) const {
  return JoinPath(output_.directory, TableName(number));
}

}  // namespace beachdb
