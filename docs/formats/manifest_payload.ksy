meta:
  id: manifest_payload
  title: The payload of a record of a MANIFEST
  license: Apache-2.0
  endian: le
  imports:
    - varint
doc: |
  A row of fields whose tags never descend. A field of an unknown tag may be skipped if the tag is
  odd; if it is even, the file must be refused.
doc-ref: manifest.md
seq:
  - id: fields
    type: field
    repeat: eos
types:
  field:
    seq:
      - id: tag
        type: varint
      - id: len_contents
        type: varint
      - id: contents
        size: len_contents.value
        type:
          switch-on: tag.value
          cases:
            4: varint   # level count
            6: varint   # record count of the snapshot
            8: varint   # log number
            10: varint  # next file number
            12: varint  # last seqno
            14: varint  # durable index
            16: removed_table
            18: added_table
            20: added_table_with_more
        doc: 2 is the name of the comparator.
  removed_table:
    seq:
      - id: level
        type: varint
      - id: number
        type: varint
  added_table:
    seq:
      - id: level
        type: varint
      - id: number
        type: varint
      - id: size
        type: varint
      - id: checksum
        type: u4
        doc: CRC-32C of the whole table file.
      - id: entries
        type: varint
      - id: tombstones
        type: varint
      - id: distinct_keys
        type: varint
      - id: smallest_seqno
        type: varint
      - id: largest_seqno
        type: varint
      - id: smallest
        type: key
      - id: largest
        type: key
  added_table_with_more:
    seq:
      - id: table
        type: added_table
      - id: range_tombstones
        type: varint
      - id: base_seqno
        type: varint
        doc: Added to every seqno in the table; 0, the table is the database's own.
      - id: origin_database
        size: 16
        if: base_seqno.value != 0
      - id: origin_number
        type: varint
        if: base_seqno.value != 0
  key:
    seq:
      - id: size
        type: varint
      - id: bytes
        size: size.value
