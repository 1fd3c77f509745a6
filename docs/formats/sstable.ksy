meta:
  id: sstable
  title: A table of BeachDB, an immutable file of sorted entries
  file-extension: sst
  license: Apache-2.0
  endian: le
  imports:
    - file_header
    - filter
    - internal_key
    - varint
doc: |
  Header, data blocks, filter block, index block, range tombstones block, properties block, footer,
  back to back. The index says how long each data block is. Contents that are compressed stand here as they are stored.
doc-ref: sstable.md
seq:
  - id: header
    type: file_header
  - id: data_blocks
    type: stored_block
    size: index_entries[_index].stored_size
    repeat: expr
    repeat-expr: index_entries.size
instances:
  footer:
    pos: _io.size - 128
    type: footer
  index_block:
    pos: footer.index.offset
    size: footer.index.size
    type: stored_block
  index_entries:
    value: index_block.contents.as<index>.entries
  filter_block:
    pos: footer.filter.offset
    size: footer.filter.size
    type: stored_block
    if: footer.filter.size != 0
  range_tombstones_block:
    pos: footer.range_tombstones.offset
    size: footer.range_tombstones.size
    type: stored_block
    if: footer.range_tombstones.size != 0
  properties_block:
    pos: footer.properties.offset
    size: footer.properties.size
    type: stored_block
types:
  handle:
    seq:
      - id: offset
        type: u8
      - id: size
        type: u4
        doc: Stored bytes, trailer included.
      - id: zero
        contents: [0, 0, 0, 0]
  footer:
    seq:
      - id: magic
        contents: BEACHSST
      - id: version
        type: u4
        valid: 1
      - id: zero
        contents: [0, 0, 0, 0]
      - id: index
        type: handle
      - id: filter
        type: handle
        doc: All zero, if there is none.
      - id: properties
        type: handle
      - id: range_tombstones
        type: handle
        doc: All zero, if there are none.
      - id: file_size
        type: u8
      - id: reserved
        size: 36
      - id: checksum
        type: u4
  stored_block:
    seq:
      - id: contents
        size: _io.size - 12
        type:
          switch-on: 'compression_ahead == 0 ? type_ahead : 0'
          cases:
            1: data
            2: index
            3: filter
            4: properties
            5: range_tombstones
      - id: type
        type: u1
      - id: compression
        type: u1
        enum: compression
      - id: zero
        contents: [0, 0]
      - id: raw_size
        type: u4
        doc: Bytes of the contents before compression.
      - id: checksum
        type: u4
        doc: Bound to database, file number and offset (file_header.md); not computed here.
    instances:
      type_ahead:
        pos: _io.size - 12
        type: u1
      compression_ahead:
        pos: _io.size - 11
        type: u1
  data:
    seq:
      - id: num_entries
        type: u4
      - id: len_prefix
        type: u4
      - id: offset_width
        type: u1
        valid:
          any-of: [2, 4]
      - id: zero
        contents: [0, 0, 0]
      - id: prefix
        size: len_prefix
        doc: What all user keys of the block begin with.
      - id: heads
        type: u4
        repeat: expr
        repeat-expr: num_entries
        doc: Of each key the four bytes behind the prefix as one number, the first byte highest.
      - id: offsets
        type: offset(offset_width)
        repeat: expr
        repeat-expr: num_entries + 1
        doc: Of each entry from the start of the contents; the last is the end.
      - id: entries
        type: entry
        size: offsets[_index + 1].value - offsets[_index].value
        repeat: expr
        repeat-expr: num_entries
  offset:
    params:
      - id: width
        type: u1
    seq:
      - id: low
        type: u2
      - id: high
        type: u2
        if: width == 4
    instances:
      value:
        value: 'low + (width == 4 ? high * 65536 : 0)'
  entry:
    doc: The user key is the prefix, then the head cut to `remainder` bytes, then the tail.
    seq:
      - id: remainder
        type: varint
        doc: Bytes of the key behind the prefix.
      - id: tail
        size: 'remainder.value > 4 ? remainder.value - 4 : 0'
      - id: trailer
        type: internal_key::trailer
      - id: value
        size-eos: true
  index:
    seq:
      - id: num_blocks
        type: u4
      - id: zero
        contents: [0, 0, 0, 0]
      - id: entries
        type: index_entry
        repeat: expr
        repeat-expr: num_blocks
  index_entry:
    seq:
      - id: stored_size
        type: u4
        doc: Of the data block, trailer included.
      - id: packed
        type: varint
        doc: Bytes of the separator, times two, plus one if a key goes on from block to block.
      - id: separator
        size: len_separator
      - id: trailer
        type: internal_key::trailer
        if: continues
    instances:
      continues:
        value: packed.value % 2 == 1
      len_separator:
        value: (packed.value - packed.value % 2) / 2
  range_tombstones:
    seq:
      - id: num_ranges
        type: u4
      - id: ranges
        type: range_tombstone
        repeat: expr
        repeat-expr: num_ranges
  range_tombstone:
    seq:
      - id: len_begin
        type: varint
      - id: begin
        size: len_begin.value
      - id: len_end
        type: varint
      - id: end
        size: len_end.value
        doc: Not in the range.
      - id: seqno
        type: u8
  properties:
    seq:
      - id: properties
        type: property
        repeat: eos
  property:
    seq:
      - id: tag
        type: varint
      - id: size
        type: varint
      - id: value
        size: size.value
        type:
          switch-on: tag.value
          cases:
            11: bytes   # smallest user key
            12: bytes   # largest user key
            21: varints # job inputs
            _: varint
  bytes:
    seq:
      - id: bytes
        size-eos: true
  varints:
    seq:
      - id: items
        type: varint
        repeat: eos
enums:
  compression:
    0: none
    1: lz4
    2: zstd
