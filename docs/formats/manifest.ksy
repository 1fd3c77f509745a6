meta:
  id: manifest
  title: A MANIFEST of BeachDB, the log of changes to the set of live tables
  license: Apache-2.0
  endian: le
  imports:
    - file_header
    - record
doc: |
  A snapshot, then edits. A file whose last record is torn does not parse to its end here; a reader
  that computes checksums ignores such a record (manifest.md).
doc-ref: manifest.md
seq:
  - id: header
    type: file_header
  - id: records
    type: record
    repeat: eos
