// Opening, closing, writing and looking after a database; reads are in reads.cc.
#include <string>
#include <utility>

#include "base/try.h"
#include "c/guard.h"
#include "c/handles.h"

using beachdb::CopyText;
using beachdb::Db;
using beachdb::Guarded;
using beachdb::OkStatus;
using beachdb::Options;
using beachdb::Status;
using beachdb::View;
using beachdb::WriteOptions;

beachdb_error_t* beachdb_open(const char* directory, const beachdb_options_t* options,
                              beachdb_t** db) {
  *db = nullptr;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const Options opened_with, beachdb::ToOptions(options));
    ASSIGN_OR_RETURN(Db opened, Db::Open(directory, opened_with));
    *db = new beachdb_t{std::move(opened)};
    return OkStatus();
  });
}

beachdb_error_t* beachdb_open_read_only(const char* directory, const beachdb_options_t* options,
                                        beachdb_t** db) {
  *db = nullptr;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const Options opened_with, beachdb::ToOptions(options));
    ASSIGN_OR_RETURN(Db opened, Db::OpenReadOnly(directory, opened_with));
    *db = new beachdb_t{std::move(opened)};
    return OkStatus();
  });
}

beachdb_error_t* beachdb_close(beachdb_t* db) {
  return Guarded([&] { return db->db.Close(); });
}

void beachdb_free(beachdb_t* db) { delete db; }

beachdb_error_t* beachdb_put(beachdb_t* db, const beachdb_write_options_t* options, const char* key,
                             size_t key_size, const char* value, size_t value_size) {
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const WriteOptions written_with, beachdb::ToWriteOptions(options));
    return db->db.Put(View(key, key_size), View(value, value_size), written_with);
  });
}

beachdb_error_t* beachdb_delete(beachdb_t* db, const beachdb_write_options_t* options,
                                const char* key, size_t key_size) {
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const WriteOptions written_with, beachdb::ToWriteOptions(options));
    return db->db.Delete(View(key, key_size), written_with);
  });
}

beachdb_error_t* beachdb_delete_range(beachdb_t* db, const beachdb_write_options_t* options,
                                      const char* begin, size_t begin_size, const char* end,
                                      size_t end_size) {
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const WriteOptions written_with, beachdb::ToWriteOptions(options));
    return db->db.DeleteRange(View(begin, begin_size), View(end, end_size), written_with);
  });
}

beachdb_error_t* beachdb_put_expiring(beachdb_t* db, const beachdb_write_options_t* options,
                                      const char* key, size_t key_size, const char* value,
                                      size_t value_size, uint64_t expires_at) {
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const WriteOptions written_with, beachdb::ToWriteOptions(options));
    return db->db.PutExpiring(View(key, key_size), View(value, value_size), expires_at,
                              written_with);
  });
}

beachdb_error_t* beachdb_set_clock(beachdb_t* db, beachdb_clock_function seconds, void* context) {
  return Guarded([&] {
    if (seconds == nullptr) return db->db.SetClock({});
    return db->db.SetClock([seconds, context] { return seconds(context); });
  });
}

beachdb_error_t* beachdb_write(beachdb_t* db, const beachdb_write_options_t* options,
                               const beachdb_batch_t* batch) {
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const WriteOptions written_with, beachdb::ToWriteOptions(options));
    return db->db.Write(batch->batch, written_with);
  });
}

beachdb_error_t* beachdb_sync_wal(beachdb_t* db) {
  return Guarded([&] { return db->db.SyncWal(); });
}

beachdb_error_t* beachdb_flush(beachdb_t* db) {
  return Guarded([&] { return db->db.Flush(); });
}

beachdb_error_t* beachdb_compact_range(beachdb_t* db, const char* from, size_t from_size,
                                       const char* to, size_t to_size) {
  return Guarded([&] { return db->db.CompactRange(View(from, from_size), View(to, to_size)); });
}

beachdb_error_t* beachdb_checkpoint(beachdb_t* db, const char* directory) {
  return Guarded([&] { return db->db.Checkpoint(directory); });
}

uint64_t beachdb_applied_index(const beachdb_t* db) { return db->db.AppliedIndex(); }
uint64_t beachdb_durable_index(const beachdb_t* db) { return db->db.DurableIndex(); }

beachdb_error_t* beachdb_stats_to_string(const beachdb_t* db, char** text) {
  *text = nullptr;
  return Guarded([&] {
    *text = CopyText(db->db.GetStats().ToString());
    return OkStatus();
  });
}

beachdb_error_t* beachdb_stats_to_json(const beachdb_t* db, char** json) {
  *json = nullptr;
  return Guarded([&] {
    *json = CopyText(db->db.GetStats().ToJson());
    return OkStatus();
  });
}

beachdb_error_t* beachdb_verify(const beachdb_t* db, beachdb_verify_report_t** report) {
  *report = nullptr;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(beachdb::VerifyReport found, db->db.Verify());
    *report = new beachdb_verify_report_t{std::move(found)};
    return OkStatus();
  });
}

beachdb_error_t* beachdb_verify_with(const beachdb_t* db, bool deep,
                                     beachdb_verify_progress_function progress, void* context,
                                     beachdb_verify_report_t** report) {
  *report = nullptr;
  return Guarded([&]() -> Status {
    beachdb::VerifyOptions options;
    if (deep) options.depth = beachdb::VerifyDepth::kTree;
    if (progress != nullptr) {
      options.progress = [&](std::uint64_t done, std::uint64_t whole) {
        progress(context, done, whole);
      };
    }
    ASSIGN_OR_RETURN(beachdb::VerifyReport found, db->db.Verify(options));
    *report = new beachdb_verify_report_t{std::move(found)};
    return OkStatus();
  });
}

uint64_t beachdb_verify_report_files(const beachdb_verify_report_t* report) {
  return report->report.files;
}
uint64_t beachdb_verify_report_bytes(const beachdb_verify_report_t* report) {
  return report->report.bytes;
}
uint64_t beachdb_verify_report_blocks(const beachdb_verify_report_t* report) {
  return report->report.blocks;
}
uint64_t beachdb_verify_report_entries(const beachdb_verify_report_t* report) {
  return report->report.entries;
}
size_t beachdb_verify_report_problems(const beachdb_verify_report_t* report) {
  return report->report.problems.size();
}
const char* beachdb_verify_report_problem(const beachdb_verify_report_t* report, size_t i) {
  return i < report->report.problems.size() ? report->report.problems[i].c_str() : nullptr;
}
void beachdb_verify_report_free(beachdb_verify_report_t* report) { delete report; }
