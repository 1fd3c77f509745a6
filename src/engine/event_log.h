// Where events go (beachdb/events.h): a ring in memory, the listener, and EVENTS.log.
//
//   EVENTS.log   one JSON object a line, appended with plain writes, never synced. Beyond
//                kFileMax it is cut down to its newest kFileKept bytes when the database is opened.
//
// Nothing depends on that file: the first write that fails is said in the log, and no further one
// is tried until the next open.
//
// Thread safety: all of it. The listener is called from the thread on which it happened, one call
// at a time, and must not call back into the database.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/logger.h"
#include "base/mutex.h"
#include "beachdb/events.h"
#include "io/clock.h"
#include "io/file_system.h"

namespace beachdb {

class EventLog {
 public:
  using Listener = std::function<void(const Event&)>;

  static constexpr std::size_t kRecentMax = 256;  // events kept in memory
  static constexpr std::uint64_t kFileMax = 4u << 20;
  static constexpr std::uint64_t kFileKept = 1u << 20;

  EventLog(FileSystem& fs, Clock& clock, const Logger& logger, std::string path)
      : fs_(fs), clock_(clock), logger_(logger), path_(std::move(path)) {}

  // From here on events go to the file, too, those so far first. REQUIRES: the directory is ours.
  void OpenFile() EXCLUDES(mu_);

  // Its time is filled in here. One that there is no memory for is only missing.
  void Emit(Event event) noexcept EXCLUDES(mu_);
  void Emit(EventKind kind, std::string_view detail) noexcept;

  // Hears every event from now on, after those of RecentEvents. Empty: nobody.
  void SetListener(Listener listener) EXCLUDES(mu_);
  // The newest last.
  std::vector<Event> Recent() const EXCLUDES(mu_);

 private:
  Status OpenFileLocked() REQUIRES(mu_);
  Status CutLocked(std::uint64_t size) REQUIRES(mu_);
  void AppendLocked(const Event& event) REQUIRES(mu_);
  void GiveUpLocked(const Error& error) REQUIRES(mu_);

  FileSystem& fs_;
  Clock& clock_;
  const Logger& logger_;
  const std::string path_;

  mutable Mutex mu_;
  std::deque<Event> recent_ GUARDED_BY(mu_);
  Listener listener_ GUARDED_BY(mu_);
  std::unique_ptr<File> file_ GUARDED_BY(mu_);  // nullptr: not open, or given up
  std::uint64_t end_ GUARDED_BY(mu_) = 0;
};

}  // namespace beachdb
