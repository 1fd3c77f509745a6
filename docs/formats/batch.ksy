meta:
  id: batch
  title: The operations of one atomic write
  license: Apache-2.0
  endian: le
  imports:
    - internal_key
    - varint
doc: |
  The i-th operation, counted from 0, of a batch whose first seqno is s has the seqno s + i.
doc-ref: batch.md
seq:
  - id: count
    type: u4
  - id: operations
    type: operation
    repeat: expr
    repeat-expr: count
types:
  operation:
    seq:
      - id: kind
        type: u1
        enum: internal_key::kind
        doc: |
          The value of a delete_range is its end, of a guard a condition (batch.md), of a put_expiring
          8 bytes that say when it ends, then the value.
      - id: key
        type: sized
      - id: value
        type: sized
        if: kind != internal_key::kind::delete
  sized:
    seq:
      - id: size
        type: varint
      - id: bytes
        size: size.value
