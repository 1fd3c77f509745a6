meta:
  id: wal
  title: A write-ahead log of BeachDB
  file-extension: wal
  license: Apache-2.0
  endian: le
  imports:
    - file_header
    - record
doc: |
  Records back to back from 4096 on, as far as a header carries the number of this file: what
  follows was never written, or is the file's former life. Where damage and torn tails end a log is
  for a reader that computes checksums (wal.md).
doc-ref: wal.md
seq:
  - id: header
    type: file_header
  - id: zero
    size: 4032
  - id: slots
    type: slot
    repeat: until
    repeat-until: not _.is_record
    doc: The records, and behind them one slot that is empty.
  - id: unused
    size-eos: true
types:
  slot:
    seq:
      - id: record
        type: record
        if: is_record
    instances:
      offset:
        value: _io.pos
        doc: In the file, if asked for before the record is read, as is_record does.
      has_room:
        value: offset + 16 <= _root._io.size
      number:
        pos: offset + 12
        type: u4
        if: has_room
      is_record:
        value: has_room and number == _root.header.number % 4294967296
