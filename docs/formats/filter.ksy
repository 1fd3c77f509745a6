meta:
  id: filter
  title: The filter block of a table, a blocked Bloom filter
  license: Apache-2.0
  endian: le
doc: Which line and which bits a key sets is told in filter.md.
doc-ref: filter.md
seq:
  - id: kind
    type: u4
    valid: 1
  - id: probes
    type: u4
  - id: num_lines
    type: u4
  - id: zero
    contents: [0, 0, 0, 0]
  - id: lines
    size: 64
    repeat: expr
    repeat-expr: num_lines
