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
      - id: key
        type: sized
      - id: value
        type: sized
        if: kind == internal_key::kind::put
  sized:
    seq:
      - id: size
        type: varint
      - id: bytes
        size: size.value
