meta:
  id: log_entry
  title: The payload of a record of a log
  license: Apache-2.0
  endian: le
  imports:
    - batch
doc-ref: wal.md
seq:
  - id: first_seqno
    type: u8
    doc: Of the batch's first operation.
  - id: durable_seqno
    type: u8
    doc: Every seqno up to it was known to be on stable storage when this was written.
  - id: applied_index
    type: u8
    doc: The position of the batch in an outside log; 0, none.
  - id: batch
    type: batch
