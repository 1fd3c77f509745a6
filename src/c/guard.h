// The boundary that no exception crosses.
//
//   return Guarded([&]() -> Status {
//     RETURN_IF_ERROR(db->db.Flush());
//     ...
//   });
//
// Errors: what `call` returns or throws, as a handle of the caller's. std::bad_alloc is
// BEACHDB_OUT_OF_MEMORY, whose handle takes no memory; anything else is BEACHDB_INTERNAL.
// Lifetime: an exception leaves the C++ objects as their destructors leave them.
#pragma once

#include <new>
#include <utility>

#include "beachdb/c.h"
#include "beachdb/result.h"

namespace beachdb {

// nullptr for a status that is ok.
beachdb_error_t* ToHandle(const Status& status) noexcept;
// REQUIRES: called while an exception is handled.
beachdb_error_t* HandleOfException() noexcept;
beachdb_error_t* OutOfMemory() noexcept;

template <typename Call>
beachdb_error_t* Guarded(Call&& call) noexcept {
  try {
    return ToHandle(std::forward<Call>(call)());
  } catch (...) {
    return HandleOfException();
  }
}

// A new handle, or nullptr when memory is exhausted.
template <typename Handle>
Handle* NewHandle() noexcept {
  try {
    return new Handle();
  } catch (...) {
    return nullptr;
  }
}

}  // namespace beachdb
