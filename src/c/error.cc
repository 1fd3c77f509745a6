#include <cstring>
#include <exception>
#include <string_view>

#include "c/guard.h"
#include "c/handles.h"

namespace beachdb {
namespace {

constexpr std::size_t kSeparatorSize = 2;  // ": "

// Takes no memory when there is none.
constinit beachdb_error_t out_of_memory = {
    BEACHDB_OUT_OF_MEMORY, "an allocation failed: free memory, then retry",
    "out of memory: an allocation failed: free memory, then retry", nullptr};

beachdb_error_t* NewError(int code, std::string_view message) noexcept {
  const std::string_view name = beachdb_code_name(code);
  const std::size_t size = name.size() + kSeparatorSize + message.size();
  std::unique_ptr<char[]> bytes(new (std::nothrow) char[size + 1]);
  auto* error = new (std::nothrow) beachdb_error_t{code, nullptr, nullptr, nullptr};
  if (bytes == nullptr || error == nullptr) {
    delete error;
    return &out_of_memory;
  }
  char* end = bytes.get();
  for (const std::string_view part : {name, std::string_view(": "), message}) {
    std::memcpy(end, part.data(), part.size());
    end += part.size();
  }
  *end = '\0';
  error->text = bytes.get();
  error->message = bytes.get() + name.size() + kSeparatorSize;
  error->bytes = std::move(bytes);
  return error;
}

// The codes are the same numbers in both languages.
static_assert(BEACHDB_INVALID_ARGUMENT == static_cast<int>(Code::kInvalidArgument));
static_assert(BEACHDB_CORRUPTION == static_cast<int>(Code::kCorruption));
static_assert(BEACHDB_IO_ERROR == static_cast<int>(Code::kIoError));
static_assert(BEACHDB_NO_SPACE == static_cast<int>(Code::kNoSpace));
static_assert(BEACHDB_BUSY == static_cast<int>(Code::kBusy));
static_assert(BEACHDB_CONFLICT == static_cast<int>(Code::kConflict));
static_assert(BEACHDB_NOT_SUPPORTED == static_cast<int>(Code::kNotSupported));
static_assert(BEACHDB_SHUT_DOWN == static_cast<int>(Code::kShutDown));

}  // namespace

beachdb_error_t* OutOfMemory() noexcept { return &out_of_memory; }

beachdb_error_t* ToHandle(const Status& status) noexcept {
  if (status.ok()) return nullptr;
  return NewError(static_cast<int>(status.error().code()), status.error().message());
}

beachdb_error_t* HandleOfException() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return &out_of_memory;
  } catch (const std::exception& e) {
    return NewError(BEACHDB_INTERNAL, e.what());
  } catch (...) {
    return NewError(BEACHDB_INTERNAL, "an exception of an unknown type");
  }
}

}  // namespace beachdb

using beachdb::Code;
using beachdb::CodeName;

int beachdb_error_code(const beachdb_error_t* error) {
  return error == nullptr ? BEACHDB_OK : error->code;
}

const char* beachdb_error_message(const beachdb_error_t* error) {
  return error == nullptr ? "ok" : error->message;
}

const char* beachdb_error_to_string(const beachdb_error_t* error) {
  return error == nullptr ? "ok" : error->text;
}

void beachdb_error_free(beachdb_error_t* error) {
  if (error != beachdb::OutOfMemory()) delete error;
}

const char* beachdb_code_name(int code) {
  if (code == BEACHDB_OK) return "ok";
  if (code == BEACHDB_OUT_OF_MEMORY) return "out of memory";
  if (code == BEACHDB_INTERNAL) return "internal error";
  if (code < BEACHDB_INVALID_ARGUMENT || code > BEACHDB_SHUT_DOWN) return "unknown error";
  return CodeName(static_cast<Code>(code)).data();  // a literal: it ends with NUL
}
