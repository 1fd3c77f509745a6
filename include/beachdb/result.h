// Errors are values. A call that can fail returns Result<T>, or Status when it has nothing to give.
//
// Codes are few: one per reaction of the caller. The message says the rest: which file, at which
// offset, what was expected, what was found, and what to do. Absence is no error: a lookup that
// finds nothing returns an empty optional.
//
// Thread safety: values are immutable once made; copies may be read from any thread.
#pragma once

#include <cassert>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace beachdb {

enum class Code : unsigned char {
  kInvalidArgument = 1,  // the call is wrong: fix the caller
  kCorruption,           // bytes on disk are not what was written: restore, or salvage
  kIoError,              // the operating system failed: see the message; reopen
  kNoSpace,              // the disk is full: free space, then retry; writes resume by themselves
  kBusy,                 // somebody else holds it (the directory's lock): retry later
  kConflict,             // a precondition of the write no longer holds: re-read, then retry
  kNotSupported,         // a newer format or a feature that this build lacks
  kShutDown,             // the database is closed, or went read-only after a failed sync: reopen
};

// "corruption", "I/O error": the code in words, for messages and tools.
[[nodiscard]] std::string_view CodeName(Code code);

// Why a call failed. Cheap to move, cheap to copy (the message is shared).
class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message)
      : code_(code), message_(std::make_shared<const std::string>(std::move(message))) {}

  Code code() const { return code_; }
  const std::string& message() const { return *message_; }
  // "corruption: 000007.sst: footer: bad magic"
  std::string ToString() const;
  // The same error, told from one step further up: "opening 000007.sst: " + message.
  Error WithContext(std::string_view context) const;

 private:
  Code code_;
  std::shared_ptr<const std::string> message_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit, so that `return value;` and `return Error(...);` both read naturally.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(*-explicit-*)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(*-explicit-*)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const = delete;  // ambiguous for Result<bool>; say ok()

  // REQUIRES: ok().
  T& value() & { return *Checked(std::get_if<0>(&state_)); }
  const T& value() const& { return *Checked(std::get_if<0>(&state_)); }
  T&& value() && { return std::move(*Checked(std::get_if<0>(&state_))); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok().
  const Error& error() const { return *Checked(std::get_if<1>(&state_)); }

  Result WithContext(std::string_view context) && {
    if (ok()) return std::move(*this);
    return error().WithContext(context);
  }

 private:
  template <typename P>
  static P* Checked(P* held) {
    assert(held != nullptr);
    return held;
  }

  std::variant<T, Error> state_;
};

// Success, or why not. One pointer wide when all is well.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error)  // NOLINT(*-explicit-*): implicit, as above
      : error_(std::make_shared<const Error>(std::move(error))) {}

  bool ok() const { return error_ == nullptr; }
  explicit operator bool() const = delete;

  // REQUIRES: !ok().
  const Error& error() const {
    assert(error_ != nullptr);
    return *error_;
  }
  // "ok", or the error in words.
  std::string ToString() const { return ok() ? "ok" : error_->ToString(); }

  Result WithContext(std::string_view context) && {
    if (ok()) return std::move(*this);
    return error_->WithContext(context);
  }

 private:
  std::shared_ptr<const Error> error_;
};

using Status = Result<void>;

inline Status OkStatus() { return {}; }

}  // namespace beachdb
