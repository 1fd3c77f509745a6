// Bulk loads, table files and what takes them in.
#include <string>
#include <utility>
#include <vector>

#include "base/try.h"
#include "c/guard.h"
#include "c/handles.h"

using beachdb::Compression;
using beachdb::Guarded;
using beachdb::IngestMode;
using beachdb::OkStatus;
using beachdb::Status;
using beachdb::View;

static_assert(BEACHDB_INGEST_COPY == static_cast<int>(IngestMode::kCopy));
static_assert(BEACHDB_INGEST_MOVE == static_cast<int>(IngestMode::kMove));

beachdb_error_t* beachdb_new_bulk_load(beachdb_t* db, beachdb_bulk_load_t** load) {
  *load = nullptr;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(beachdb::BulkLoad begun, db->db.NewBulkLoad());
    *load = new beachdb_bulk_load_t{std::move(begun)};
    return OkStatus();
  });
}

beachdb_error_t* beachdb_bulk_load_add(beachdb_bulk_load_t* load, const char* key, size_t key_size,
                                       const char* value, size_t value_size) {
  return Guarded([&] { return load->load.Add(View(key, key_size), View(value, value_size)); });
}

beachdb_error_t* beachdb_bulk_load_commit(beachdb_bulk_load_t* load) {
  return Guarded([&] { return load->load.Commit(); });
}

uint64_t beachdb_bulk_load_entries(const beachdb_bulk_load_t* load) { return load->load.entries(); }
void beachdb_bulk_load_free(beachdb_bulk_load_t* load) { delete load; }

beachdb_table_file_options_t* beachdb_table_file_options_create() {
  return beachdb::NewHandle<beachdb_table_file_options_t>();
}
void beachdb_table_file_options_free(beachdb_table_file_options_t* options) { delete options; }
void beachdb_table_file_options_set_block_size(beachdb_table_file_options_t* options,
                                               size_t bytes) {
  options->options.block_size = bytes;
}
void beachdb_table_file_options_set_filter_bits_per_key(beachdb_table_file_options_t* options,
                                                        int bits) {
  options->options.filter_bits_per_key = bits;
}
void beachdb_table_file_options_set_compression(beachdb_table_file_options_t* options,
                                                int compression) {
  options->compression = compression;
}
void beachdb_table_file_options_set_direct_writes(beachdb_table_file_options_t* options,
                                                  bool value) {
  options->options.direct_writes = value;
}

beachdb_error_t* beachdb_table_file_create(const char* path,
                                           const beachdb_table_file_options_t* options,
                                           beachdb_table_file_t** file) {
  *file = nullptr;
  return Guarded([&]() -> Status {
    beachdb::TableFileOptions made_with;
    if (options != nullptr) {
      made_with = options->options;
      ASSIGN_OR_RETURN(made_with.compression,
                       beachdb::ToEnum(options->compression, Compression::kZstd, "compression"));
    }
    ASSIGN_OR_RETURN(auto made, beachdb::TableFileBuilder::Create(path, made_with));
    *file = new beachdb_table_file_t{std::move(made)};
    return OkStatus();
  });
}

beachdb_error_t* beachdb_table_file_add(beachdb_table_file_t* file, const char* key,
                                        size_t key_size, const char* value, size_t value_size) {
  return Guarded([&] { return file->builder.Add(View(key, key_size), View(value, value_size)); });
}

beachdb_error_t* beachdb_table_file_finish(beachdb_table_file_t* file) {
  return Guarded([&] { return file->builder.Finish(); });
}

uint64_t beachdb_table_file_entries(const beachdb_table_file_t* file) {
  return file->builder.entries();
}
uint64_t beachdb_table_file_bytes(const beachdb_table_file_t* file) {
  return file->builder.bytes();
}
void beachdb_table_file_free(beachdb_table_file_t* file) { delete file; }

beachdb_error_t* beachdb_ingest(beachdb_t* db, size_t count, const char* const* paths, int mode) {
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const IngestMode taken, beachdb::ToEnum(mode, IngestMode::kMove, "mode"));
    return db->db.Ingest(std::vector<std::string>(paths, paths + count), taken);
  });
}
