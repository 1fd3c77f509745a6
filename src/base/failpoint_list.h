// Every failpoint there is: the one list that `beach failpoints` prints, docs/failpoints.md shows,
// and tests/failpoints compares with the marks in the sources.
//
// A site carries the mark `// FAILPOINT: <name>` and calls one function of base/failpoint.h, by the
// kind of the point; each point has exactly one site.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace beachdb {

enum class FailpointKind : std::uint8_t {
  kCrash,  // CrashPoint: a place between two steps, where a process may die
  kError,  // ErrorPoint: a place where an error may come up
  kStep,   // Step: a write, a new name or a removal; the process may die before or after it, and
           // it may fail
  kSync,   // SyncStep: a sync, or a change whose place in the order is what recovery relies on; may
           // also be left out silently, which the power-cut tests must notice
};

struct FailpointInfo {
  std::string_view name;
  FailpointKind kind;
  std::string_view file;  // the site, below src/
  std::string_view
      meaning;  // a crash: what is done; a step: what it does; a sync: what relies on it
};

// clang-format off
inline constexpr FailpointInfo kFailpoints[] = {
    // A new database.
    {"create_directory", FailpointKind::kStep, "engine/recovery.cc",
     "the database's directory is made"},
    {"identity_sync", FailpointKind::kSync, "engine/recovery.cc",
     "IDENTITY holds the database's name before CURRENT exists"},
    {"create_parent_sync", FailpointKind::kSync, "engine/recovery.cc",
     "the directory itself is found after a power cut"},

    // The log.
    {"wal_allocate", FailpointKind::kStep, "wal/log_writer.cc",
     "a new log gets its blocks and its first zeros"},
    {"wal_recycle_rename", FailpointKind::kStep, "wal/log_writer.cc",
     "a retired log gets the name of the next one"},
    {"wal_header_write", FailpointKind::kStep, "wal/log_writer.cc",
     "a log's header replaces zeros, or the header of its former life"},
    {"wal_header_sync", FailpointKind::kSync, "wal/log_writer.cc",
     "a log's header and blocks are durable before its first record"},
    {"wal_directory_sync", FailpointKind::kSync, "wal/log_files.cc",
     "a log's name is durable before its first record is acknowledged"},
    {"wal_after_rotate", FailpointKind::kCrash, "engine/write_path.cc",
     "the next log is there, no memtable uses it"},
    {"wal_append", FailpointKind::kStep, "wal/log_writer.cc",
     "a group's records are written"},
    {"wal_after_append", FailpointKind::kCrash, "wal/log_writer.cc",
     "a group's records are written or mapped, not synced, not in the memtable"},
    {"wal_sync", FailpointKind::kSync, "wal/log_writer.cc",
     "a group's records are durable before it is acknowledged"},
    {"wal_sync_error", FailpointKind::kError, "wal/log_writer.cc",
     "the sync reports a failure although the bytes have reached the disk"},
    {"wal_after_sync", FailpointKind::kCrash, "wal/log_writer.cc",
     "a group is durable, not visible, not acknowledged"},
    {"wal_prewrite", FailpointKind::kStep, "wal/log_writer.cc",
     "zeros are written ahead of the appends"},
    {"wal_remove", FailpointKind::kStep, "wal/log_files.cc",
     "a log that nobody needs is removed"},

    // Flush.
    {"memtable_after_switch", FailpointKind::kCrash, "engine/write_path.cc",
     "the full memtable waits for its flush, an empty one takes its place"},
    {"flush_after_file_sync", FailpointKind::kCrash, "engine/background.cc",
     "a flush's table is durable, the manifest does not name it"},
    {"sst_publish_error", FailpointKind::kError, "engine/background.cc",
     "a flush's table cannot be installed"},
    {"flush_after_publish", FailpointKind::kCrash, "engine/background.cc",
     "the manifest names a flush's table, its log is still there"},

    // Tables.
    {"sst_create", FailpointKind::kStep, "compaction/table_writer.cc",
     "an empty table file is made"},
    {"sst_write_error", FailpointKind::kError, "sstable/table_file_writer.cc",
     "a piece of a table cannot be written"},
    {"sst_truncate", FailpointKind::kStep, "sstable/table_file_writer.cc",
     "a table written past the page cache is cut to its size"},
    {"sst_sync", FailpointKind::kSync, "sstable/table_file_writer.cc",
     "a table's bytes are durable before the manifest names it"},
    {"sst_directory_sync", FailpointKind::kSync, "compaction/table_writer.cc",
     "the names of a job's tables are durable before the manifest names them"},
    {"sst_discard", FailpointKind::kStep, "compaction/table_writer.cc",
     "what a failed job has written is removed"},
    {"publish_discard", FailpointKind::kStep, "engine/background.cc",
     "tables that a full disk kept the manifest from naming are removed"},
    {"sst_remove", FailpointKind::kStep, "engine/engine.cc",
     "a table that no version and no reader needs is removed"},

    // Compaction.
    {"compaction_after_file_sync", FailpointKind::kCrash, "engine/background.cc",
     "a compaction's tables are durable, the manifest does not name them"},
    {"compaction_publish_error", FailpointKind::kError, "engine/background.cc",
     "a compaction's edit cannot be installed"},
    {"compaction_after_publish", FailpointKind::kCrash, "engine/background.cc",
     "the manifest names a compaction's tables, its inputs are still there"},

    // The manifest and CURRENT.
    {"manifest_create", FailpointKind::kStep, "manifest/manifest.cc",
     "an empty MANIFEST is made"},
    {"manifest_snapshot_write", FailpointKind::kStep, "manifest/manifest.cc",
     "the new MANIFEST gets a snapshot of the state"},
    {"manifest_snapshot_sync", FailpointKind::kSync, "manifest/manifest.cc",
     "the new MANIFEST is complete before CURRENT names it"},
    {"manifest_directory_sync", FailpointKind::kSync, "manifest/manifest.cc",
     "the new MANIFEST's name is durable before CURRENT names it"},
    {"current_sync", FailpointKind::kSync, "manifest/manifest.cc",
     "the line that names the new MANIFEST is durable before it becomes CURRENT"},
    {"current_rename", FailpointKind::kSync, "manifest/manifest.cc",
     "CURRENT names the new MANIFEST before anything is appended to it"},
    {"current_directory_sync", FailpointKind::kSync, "manifest/manifest.cc",
     "CURRENT is durable before anything relies on the new MANIFEST"},
    {"manifest_remove", FailpointKind::kStep, "manifest/manifest.cc",
     "the MANIFEST that CURRENT no longer names is removed"},
    {"manifest_discard", FailpointKind::kStep, "manifest/manifest.cc",
     "a new MANIFEST that could not be completed is removed"},
    {"manifest_append", FailpointKind::kStep, "manifest/manifest.cc",
     "an edit is appended"},
    {"manifest_append_undo", FailpointKind::kStep, "manifest/manifest.cc",
     "what a full disk took of an edit is cut off"},
    {"manifest_append_undo_sync", FailpointKind::kSync, "manifest/manifest.cc",
     "the cut is durable before the caller may remove the edit's tables"},
    {"manifest_append_sync", FailpointKind::kSync, "manifest/manifest.cc",
     "an edit is durable before it takes effect"},

    // Recovery.
    {"manifest_recover_sync", FailpointKind::kSync, "manifest/manifest.cc",
     "on a full disk: what was read is durable before the database opens on top of it"},
    {"recovery_after_replay", FailpointKind::kCrash, "engine/recovery.cc",
     "the logs are in tables, the manifest does not name them"},
    {"recovery_discard", FailpointKind::kStep, "engine/replay.cc",
     "the tables of a replay that failed are removed"},
    {"recovery_publish_error", FailpointKind::kError, "engine/recovery.cc",
     "the tables of the replayed logs cannot be installed"},
    {"recovery_after_publish", FailpointKind::kCrash, "engine/recovery.cc",
     "the manifest names the tables of the replayed logs, which are still there"},
    {"recovery_remove_log", FailpointKind::kStep, "engine/recovery.cc",
     "a replayed log is removed"},
    {"recovery_remove_orphan", FailpointKind::kStep, "engine/recovery.cc",
     "a file of ours that nothing names is removed"},

    // A checkpoint.
    {"checkpoint_link", FailpointKind::kStep, "engine/checkpoint.cc",
     "a table gets a second name in the checkpoint"},
    {"checkpoint_discard", FailpointKind::kStep, "engine/checkpoint.cc",
     "a second name is taken away from a checkpoint that failed"},

    // Tables from outside.
    {"table_file_directory_sync", FailpointKind::kSync, "engine/table_file.cc",
     "a finished table file is found after a power cut"},
    {"table_file_discard", FailpointKind::kStep, "engine/table_file.cc",
     "a table file that was not finished is removed"},
    {"ingest_link", FailpointKind::kStep, "engine/ingest.cc",
     "a table from outside gets a name in the directory"},
    {"ingest_sync", FailpointKind::kSync, "engine/ingest.cc",
     "its content is durable before the manifest names it"},
    {"ingest_directory_sync", FailpointKind::kSync, "engine/ingest.cc",
     "its name is durable before the manifest names it"},
    {"ingest_discard", FailpointKind::kStep, "engine/ingest.cc",
     "a table that was not taken in after all is removed"},
    {"ingest_publish_error", FailpointKind::kError, "engine/background_tables.cc",
     "tables from outside cannot be installed"},
    {"ingest_after_publish", FailpointKind::kCrash, "engine/background_tables.cc",
     "the manifest names the new tables, nobody knows yet"},
    {"ingest_remove_source", FailpointKind::kStep, "engine/engine.cc",
     "a table that was moved in loses its old name"},
    // Backups.
    {"backup_repository_sync", FailpointKind::kSync, "backup/repository.cc",
     "the line that makes a directory a repository is durable before it gets its name"},
    {"backup_repository_rename", FailpointKind::kStep, "backup/repository.cc",
     "a directory becomes a repository of backups"},
    {"backup_repository_directory_sync", FailpointKind::kSync, "backup/repository.cc",
     "a directory is known as a repository before anything is put into it"},
    {"backup_copy", FailpointKind::kStep, "backup/create_backup.cc",
     "a file of a backup is begun under a temporary name"},
    {"backup_copy_sync", FailpointKind::kSync, "backup/create_backup.cc",
     "a file of a backup is durable before its name says that it is whole"},
    {"backup_copy_rename", FailpointKind::kStep, "backup/create_backup.cc",
     "a file of a backup gets the name that says what is in it"},
    {"backup_copy_discard", FailpointKind::kStep, "backup/create_backup.cc",
     "a file that could not be copied is removed"},
    {"backup_files_directory_sync", FailpointKind::kSync, "backup/create_backup.cc",
     "the names of a backup's files are durable before its record names them"},
    {"backup_record_sync", FailpointKind::kSync, "backup/create_backup.cc",
     "a backup's record is durable before it gets its name"},
    {"backup_record_rename", FailpointKind::kStep, "backup/create_backup.cc",
     "a backup's record gets its name: the backup is there"},
    {"backup_record_directory_sync", FailpointKind::kSync, "backup/create_backup.cc",
     "a backup is found after a power cut once it was acknowledged"},
    {"backup_prune", FailpointKind::kStep, "backup/prune_backups.cc",
     "the record of an old backup is removed"},
    {"backup_prune_directory_sync", FailpointKind::kSync, "backup/prune_backups.cc",
     "a record is gone for good before the files that it names go"},
    {"backup_remove_file", FailpointKind::kStep, "backup/repository.cc",
     "a file that no backup needs is removed"},
    {"restore_begin", FailpointKind::kStep, "backup/restore_backup.cc",
     "a directory gets the mark of a restore"},
    {"restore_begin_directory_sync", FailpointKind::kSync, "backup/restore_backup.cc",
     "the mark of a restore is durable before anything else is there"},
    {"restore_copy", FailpointKind::kStep, "backup/restore_backup.cc",
     "a table is begun in the restored database"},
    {"restore_copy_sync", FailpointKind::kSync, "backup/restore_backup.cc",
     "a restored table is durable before CURRENT makes it part of a database"},
    {"restore_identity_sync", FailpointKind::kSync, "backup/restore_backup.cc",
     "IDENTITY of a restored database is durable before CURRENT exists"},
    {"restore_discard", FailpointKind::kStep, "backup/restore_backup.cc",
     "what a restore that failed has written is removed"},
    {"restore_end", FailpointKind::kStep, "backup/restore_backup.cc",
     "the mark of a restore is removed from what is a database now"},

    // Closing.
    {"close_after_flush", FailpointKind::kCrash, "engine/engine.cc",
     "everything is in tables, the logs are still there"},
};
// clang-format on

inline constexpr std::size_t kFailpointCount = std::size(kFailpoints);

constexpr std::string_view FailpointKindName(FailpointKind kind) {
  switch (kind) {
    case FailpointKind::kCrash:
      return "crash";
    case FailpointKind::kError:
      return "error";
    case FailpointKind::kStep:
      return "step";
    case FailpointKind::kSync:
      return "sync";
  }
  return "?";
}

}  // namespace beachdb
