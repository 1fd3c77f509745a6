// The bytes of a log record with their meaning, for people: wal_dump --hex.
// As specified in docs/formats/record.md, wal.md and batch.md.
//
// Nothing is trusted: what does not read as the format says is shown as such, to the last byte.
#pragma once

#include <string_view>

#include "format/byte_labels.h"

namespace beachdb {

// The 16 bytes before a payload.
void LabelRecordHeader(ByteLabels& bytes);
// A payload: the seqnos, the applied index, the batch.
void LabelLogEntry(ByteLabels& bytes);

}  // namespace beachdb
