#include "engine/event_log.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/try.h"

namespace beachdb {

void EventLog::OpenFile() {
  MutexLock lock(mu_);
  if (const Status opened = OpenFileLocked(); !opened.ok()) GiveUpLocked(opened.error());
}

Status EventLog::OpenFileLocked() {
  ASSIGN_OR_RETURN(const bool exists, fs_.Exists(path_));
  ASSIGN_OR_RETURN(file_, fs_.Open(path_, exists ? OpenMode::kReadWrite : OpenMode::kCreate));
  ASSIGN_OR_RETURN(end_, file_->Size());
  if (end_ > kFileMax) RETURN_IF_ERROR(CutLocked(end_));
  for (const Event& event : recent_) AppendLocked(event);
  return OkStatus();
}

// Keeps the newest whole lines. A crash in between loses old events, nothing else.
Status EventLog::CutLocked(std::uint64_t size) {
  std::string tail(kFileKept, '\0');
  ASSIGN_OR_RETURN(const std::size_t got, file_->ReadAt(size - kFileKept, tail));
  tail.resize(got);
  const std::size_t line = tail.find('\n');
  tail.erase(0, line == std::string::npos ? tail.size() : line + 1);
  ASSIGN_OR_RETURN(file_, fs_.Open(path_, OpenMode::kReplace));
  end_ = 0;
  RETURN_IF_ERROR(file_->WriteAt(0, tail));
  end_ = tail.size();
  return OkStatus();
}

void EventLog::Emit(Event event) noexcept {
  event.wall_micros = clock_.WallMicros();
  MutexLock lock(mu_);
  try {
    AppendLocked(event);
    if (listener_) listener_(event);
    recent_.push_back(std::move(event));
  } catch (const std::bad_alloc&) {
    return;  // what it tells of has happened, and matters more
  }
  if (recent_.size() > kRecentMax) recent_.pop_front();
}

void EventLog::Emit(EventKind kind, std::string_view detail) noexcept {
  try {
    Emit({.kind = kind, .detail = std::string(detail)});
  } catch (const std::bad_alloc&) {
    return;  // as above
  }
}

void EventLog::AppendLocked(const Event& event) {
  if (file_ == nullptr) return;
  const std::string line = event.ToJson() + "\n";
  if (const Status written = file_->WriteAt(end_, line); !written.ok()) {
    return GiveUpLocked(written.error());
  }
  end_ += line.size();
}

void EventLog::GiveUpLocked(const Error& error) {
  file_.reset();
  logger_.Warning("events are no longer written until the next open: " + error.ToString());
}

void EventLog::SetListener(Listener listener) {
  MutexLock lock(mu_);
  listener_ = std::move(listener);
  if (!listener_) return;
  for (const Event& event : recent_) listener_(event);
}

std::vector<Event> EventLog::Recent() const {
  MutexLock lock(mu_);
  return {recent_.begin(), recent_.end()};
}

}  // namespace beachdb
