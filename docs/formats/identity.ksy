meta:
  id: identity
  title: IDENTITY, the UUID of the database
  license: Apache-2.0
  encoding: ASCII
doc-ref: identity.md
seq:
  - id: word
    contents: 'beachdb-identity '
  - id: version
    type: str
    terminator: 0x20
  - id: uuid
    type: str
    terminator: 0x20
  - id: checksum
    type: str
    size: 8
    doc: CRC-32C of what is before the last space, in lower-case hex digits.
  - id: newline
    contents: [0x0a]
