meta:
  id: export
  title: A stream of batches, as beach export writes it
  license: Apache-2.0
  endian: le
  imports:
    - file_header
    - record
doc: |
  The records of one state of a database, in key order. The last record has an empty batch.
doc-ref: export.md
seq:
  - id: header
    type: file_header
  - id: records
    type: record
    repeat: eos
