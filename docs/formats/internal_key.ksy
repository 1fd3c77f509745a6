meta:
  id: internal_key
  title: A user key and the version of it that an entry holds
  license: Apache-2.0
  endian: le
doc-ref: internal_key.md
seq:
  - id: user_key
    size: _io.size - _io.pos - 8
  - id: trailer
    type: trailer
types:
  trailer:
    doc: seqno * 256 + kind, in eight bytes.
    seq:
      - id: kind
        type: u1
        enum: kind
      - id: seqno_low
        type: u4
      - id: seqno_middle
        type: u2
      - id: seqno_high
        type: u1
    instances:
      seqno:
        value: seqno_low + seqno_middle * 4294967296 + seqno_high * 281474976710656
enums:
  kind:
    1: delete
    2: put
    3: delete_range
    4: guard
    5: put_expiring
