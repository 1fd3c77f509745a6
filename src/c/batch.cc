#include <new>
#include <string>
#include <utility>

#include "base/try.h"
#include "c/guard.h"
#include "c/handles.h"

using beachdb::Guarded;
using beachdb::OkStatus;
using beachdb::Status;
using beachdb::View;
using beachdb::WriteBatch;

beachdb_batch_t* beachdb_batch_create() { return beachdb::NewHandle<beachdb_batch_t>(); }

beachdb_error_t* beachdb_batch_from_bytes(const char* bytes, size_t size, beachdb_batch_t** batch) {
  *batch = nullptr;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(WriteBatch made, WriteBatch::FromBytes(std::string(View(bytes, size))));
    *batch = new beachdb_batch_t{std::move(made)};
    return OkStatus();
  });
}

void beachdb_batch_free(beachdb_batch_t* batch) { delete batch; }

beachdb_error_t* beachdb_batch_put(beachdb_batch_t* batch, const char* key, size_t key_size,
                                   const char* value, size_t value_size) {
  return Guarded([&] { return batch->batch.Put(View(key, key_size), View(value, value_size)); });
}

beachdb_error_t* beachdb_batch_delete(beachdb_batch_t* batch, const char* key, size_t key_size) {
  return Guarded([&] { return batch->batch.Delete(View(key, key_size)); });
}

beachdb_error_t* beachdb_batch_delete_range(beachdb_batch_t* batch, const char* begin,
                                            size_t begin_size, const char* end, size_t end_size) {
  return Guarded(
      [&] { return batch->batch.DeleteRange(View(begin, begin_size), View(end, end_size)); });
}

beachdb_error_t* beachdb_batch_put_expiring(beachdb_batch_t* batch, const char* key,
                                            size_t key_size, const char* value, size_t value_size,
                                            uint64_t expires_at) {
  return Guarded([&] {
    return batch->batch.PutExpiring(View(key, key_size), View(value, value_size), expires_at);
  });
}

beachdb_error_t* beachdb_batch_require_absent(beachdb_batch_t* batch, const char* key,
                                              size_t key_size) {
  return Guarded([&] { return batch->batch.RequireAbsent(View(key, key_size)); });
}

beachdb_error_t* beachdb_batch_require_equal(beachdb_batch_t* batch, const char* key,
                                             size_t key_size, const char* value,
                                             size_t value_size) {
  return Guarded(
      [&] { return batch->batch.RequireEqual(View(key, key_size), View(value, value_size)); });
}

beachdb_error_t* beachdb_batch_require_unchanged(beachdb_batch_t* batch, const char* key,
                                                 size_t key_size,
                                                 const beachdb_snapshot_t* snapshot) {
  return Guarded(
      [&] { return batch->batch.RequireUnchanged(View(key, key_size), snapshot->snapshot); });
}

beachdb_error_t* beachdb_batch_append(beachdb_batch_t* batch, const beachdb_batch_t* other) {
  return Guarded([&] { return batch->batch.Append(other->batch); });
}

// Shortens a string: takes no memory.
void beachdb_batch_clear(beachdb_batch_t* batch) { batch->batch.Clear(); }

uint32_t beachdb_batch_count(const beachdb_batch_t* batch) { return batch->batch.count(); }
bool beachdb_batch_empty(const beachdb_batch_t* batch) { return batch->batch.empty(); }

const char* beachdb_batch_bytes(const beachdb_batch_t* batch, size_t* size) {
  const std::string_view bytes = batch->batch.bytes();
  *size = bytes.size();
  return bytes.data();
}
