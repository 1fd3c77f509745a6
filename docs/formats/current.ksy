meta:
  id: current
  title: CURRENT, which manifest is alive
  license: Apache-2.0
  encoding: ASCII
doc-ref: current.md
seq:
  - id: manifest
    type: str
    terminator: 0x20
  - id: checksum
    type: str
    size: 8
    doc: CRC-32C of the name, in lower-case hex digits.
  - id: newline
    contents: [0x0a]
