// Power cuts around a full disk: the two syncs that only a full disk reaches
// (manifest_append_undo_sync, manifest_recover_sync). The enumeration of tests/support has no full
// disks, so these two short stories are told here, and cut at every event in the same ways.
#pragma once

#include <string>

namespace beachdb {

// A flush's edit does not fit and is taken back; then the flush succeeds. Returns the first cut
// that breaks the contract; empty: none does.
std::string CutAroundTakenBackEdit();

// A process dies between an edit and its sync; the next one finds no room for a new MANIFEST, and
// opens all the same. The same return.
std::string CutAfterOpeningOnFullDisk();

}  // namespace beachdb
