#include "wal/log_files.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/failpoint.h"
#include "base/try.h"
#include "format/file_names.h"

namespace beachdb {

LogFiles::LogFiles(FileSystem& fs, Clock& clock, const Logger& logger, std::string directory,
                   const DatabaseId& database, std::uint64_t capacity,
                   std::function<std::uint64_t()> new_number)
    : fs_(fs),
      clock_(clock),
      logger_(logger),
      directory_(std::move(directory)),
      database_(database),
      capacity_(LogWriter::RoundCapacity(capacity)),
      new_number_(std::move(new_number)) {
  CHECK(capacity_ > kLogDataStart);
}

std::string LogFiles::PathOf(std::uint64_t number) const {
  return JoinPath(directory_, LogName(number));
}

Result<std::unique_ptr<LogWriter>> LogFiles::Next(std::uint64_t capacity_min) {
  std::unique_ptr<LogWriter> overtaken;
  auto log = [&]() -> Result<std::unique_ptr<LogWriter>> {
    MutexLock lock(mu_);
    if (prepared_ != nullptr && prepared_->capacity() >= capacity_min) return std::move(prepared_);
    // A prepared one is too small for this entry; its number will be below the one made now.
    overtaken = std::move(prepared_);
    return Make(std::max(capacity_, capacity_min));
  }();
  if (overtaken != nullptr) Retire(*overtaken);
  return log;
}

Status LogFiles::Prepare() {
  MutexLock lock(mu_);
  if (prepared_ != nullptr) return OkStatus();
  ASSIGN_OR_RETURN(prepared_, Make(capacity_));
  return OkStatus();
}

bool LogFiles::prepared() const {
  MutexLock lock(mu_);
  return prepared_ != nullptr;
}

Result<std::unique_ptr<LogWriter>> LogFiles::Make(std::uint64_t capacity) {
  const FileIdentity identity{database_, new_number_()};
  auto log = CreateOrRecycle(identity, capacity);
  if (!log.ok()) return log;
  // FAILPOINT: wal_directory_sync
  const Status synced =
      SyncStep("wal_directory_sync", [&] { return fs_.SyncDirectory(directory_); });
  if (!synced.ok()) {
    log->reset();
    Remove(identity.number);
    return synced.error();
  }
  return log;
}

Result<std::unique_ptr<LogWriter>> LogFiles::CreateOrRecycle(const FileIdentity& identity,
                                                             std::uint64_t capacity) {
  const std::string path = PathOf(identity.number);
  const std::uint64_t now = clock_.WallMicros();
  if (capacity != capacity_ || retired_.empty()) {
    return LogWriter::Create(fs_, path, identity, capacity, now);
  }
  // Taken off the list first: after an error nobody knows under which name it stands.
  const Retired old = retired_.back();
  retired_.pop_back();
  return LogWriter::Recycle(fs_, PathOf(old.number), path, identity, capacity, old.log, now);
}

void LogFiles::Retire(LogWriter& log) {
  const RetiredLog retired = log.Retire();
  if (!Keep({log.number(), retired}, log.capacity())) Remove(log.number());
}

void LogFiles::Retire(std::uint64_t number) {
  const auto file_size = fs_.FileSize(PathOf(number));
  // What is known of it is forgotten; its beginning was written.
  if (file_size.ok() && Keep({number, RetiredLog{}}, *file_size)) return;
  Remove(number);
}

bool LogFiles::Keep(const Retired& retired, std::uint64_t file_size) {
  MutexLock lock(mu_);
  if (file_size != capacity_ || retired_.size() >= kRetiredMax) return false;
  retired_.push_back(retired);
  return true;
}

void LogFiles::Remove(std::uint64_t number) const {
  // Not durable until somebody syncs the directory. Should the name come back after a crash, its
  // number is below the MANIFEST's log number, or it holds no record.
  // FAILPOINT: wal_remove
  const Status removed = Step("wal_remove", [&] { return fs_.RemoveFile(PathOf(number)); });
  if (!removed.ok()) {
    logger_.Warning(fmt::format("retired log stays: {}", removed.error().message()));
  }
}

void LogFiles::RemoveSpares() {
  MutexLock lock(mu_);
  if (prepared_ != nullptr) {
    const std::uint64_t number = prepared_->number();
    prepared_.reset();
    Remove(number);
  }
  for (const Retired& retired : retired_) Remove(retired.number);
  retired_.clear();
}

std::vector<std::uint64_t> LogFiles::Spares() const {
  MutexLock lock(mu_);
  std::vector<std::uint64_t> numbers;
  if (prepared_ != nullptr) numbers.push_back(prepared_->number());
  for (const Retired& retired : retired_) numbers.push_back(retired.number);
  return numbers;
}

}  // namespace beachdb
