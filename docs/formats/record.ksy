meta:
  id: record
  title: The frame around every entry of a log and of a manifest
  license: Apache-2.0
  endian: le
  imports:
    - log_entry
    - manifest_payload
doc: |
  Records begin at multiples of 8 of their file. The checksum is bound to database, file number and
  offset (file_header.md); it is not computed here.
doc-ref: record.md
seq:
  - id: checksum
    type: u4
  - id: len_payload
    type: u4
  - id: type
    type: u1
    enum: record_type
  - id: zero
    contents: [0, 0, 0]
  - id: number
    type: u4
    doc: The low 32 bits of the file number.
  - id: payload
    size: len_payload
    type:
      switch-on: type
      cases:
        'record_type::batch': log_entry
        'record_type::manifest_snapshot': manifest_payload
        'record_type::manifest_edit': manifest_payload
  - id: padding
    size: (8 - len_payload % 8) % 8
    doc: Zeros.
enums:
  record_type:
    1: batch
    2: manifest_snapshot
    3: manifest_edit
