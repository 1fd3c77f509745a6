// Reads of single keys, and the snapshots that they may read.
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/try.h"
#include "c/guard.h"
#include "c/handles.h"

using beachdb::Guarded;
using beachdb::OkStatus;
using beachdb::PinnedValue;
using beachdb::Status;
using beachdb::ToReadOptions;
using beachdb::View;

namespace {

// A view of bytes that may be none: in C, NULL means absent, so an empty value needs an address.
const char* Present(std::string_view bytes, size_t* size) {
  *size = bytes.size();
  return bytes.data() == nullptr ? "" : bytes.data();
}

}  // namespace

beachdb_error_t* beachdb_get(const beachdb_t* db, const beachdb_read_options_t* options,
                             const char* key, size_t key_size, char** value, size_t* value_size) {
  *value = nullptr;
  *value_size = 0;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const std::optional<PinnedValue> found,
                     db->db.GetPinned(View(key, key_size), ToReadOptions(options)));
    if (!found.has_value()) return OkStatus();
    const std::string_view view = found->view();
    // One more: malloc(0) may be NULL, which means absent.
    auto* copy = static_cast<char*>(std::malloc(view.size() + 1));
    if (copy == nullptr) throw std::bad_alloc();
    if (!view.empty()) std::memcpy(copy, view.data(), view.size());
    *value = copy;
    *value_size = view.size();
    return OkStatus();
  });
}

beachdb_error_t* beachdb_get_into(const beachdb_t* db, const beachdb_read_options_t* options,
                                  const char* key, size_t key_size, char* buffer, size_t capacity,
                                  size_t* value_size, bool* found) {
  *value_size = 0;
  *found = false;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const std::optional<PinnedValue> pinned,
                     db->db.GetPinned(View(key, key_size), ToReadOptions(options)));
    if (!pinned.has_value()) return OkStatus();
    const std::string_view view = pinned->view();
    if (!view.empty() && view.size() <= capacity) std::memcpy(buffer, view.data(), view.size());
    *value_size = view.size();
    *found = true;
    return OkStatus();
  });
}

beachdb_error_t* beachdb_get_pinned(const beachdb_t* db, const beachdb_read_options_t* options,
                                    const char* key, size_t key_size, beachdb_pinned_t** value) {
  *value = nullptr;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(std::optional<PinnedValue> found,
                     db->db.GetPinned(View(key, key_size), ToReadOptions(options)));
    if (found.has_value()) *value = new beachdb_pinned_t{std::move(*found)};
    return OkStatus();
  });
}

const char* beachdb_pinned_view(const beachdb_pinned_t* value, size_t* size) {
  return Present(value->value.view(), size);
}

void beachdb_pinned_free(beachdb_pinned_t* value) { delete value; }

beachdb_error_t* beachdb_multi_get(const beachdb_t* db, const beachdb_read_options_t* options,
                                   size_t count, const char* const* keys, const size_t* key_sizes,
                                   beachdb_values_t** values) {
  *values = nullptr;
  return Guarded([&]() -> Status {
    std::vector<std::string_view> views(count);
    for (size_t i = 0; i < count; ++i) views[i] = View(keys[i], key_sizes[i]);
    ASSIGN_OR_RETURN(auto found, db->db.MultiGet(views, ToReadOptions(options)));
    *values = new beachdb_values_t{std::move(found)};
    return OkStatus();
  });
}

size_t beachdb_values_count(const beachdb_values_t* values) { return values->values.size(); }

const char* beachdb_values_view(const beachdb_values_t* values, size_t i, size_t* size) {
  *size = 0;
  if (i >= values->values.size() || !values->values[i].has_value()) return nullptr;
  return Present(*values->values[i], size);
}

void beachdb_values_free(beachdb_values_t* values) { delete values; }

beachdb_error_t* beachdb_get_snapshot(const beachdb_t* db, beachdb_snapshot_t** snapshot) {
  *snapshot = nullptr;
  return Guarded([&] {
    *snapshot = new beachdb_snapshot_t{db->db.GetSnapshot()};
    return OkStatus();
  });
}

uint64_t beachdb_snapshot_seqno(const beachdb_snapshot_t* snapshot) {
  return snapshot->snapshot.seqno();
}

void beachdb_snapshot_free(beachdb_snapshot_t* snapshot) { delete snapshot; }
