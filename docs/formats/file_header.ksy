meta:
  id: file_header
  title: The first 64 bytes of every BeachDB log, manifest and table
  license: Apache-2.0
  endian: le
doc: |
  What the file is, whose it is, which one it is. A reader refuses a version that is newer than it
  knows, and incompatible features that it does not know.
doc-ref: file_header.md
seq:
  - id: magic
    type: str
    size: 8
    encoding: ASCII
    doc: BEACHWAL, BEACHMAN or BEACHSST
  - id: version
    type: u4
    valid: 1
  - id: incompatible_features
    type: u4
    valid: 0
  - id: compatible_features
    type: u4
  - id: zero
    contents: [0, 0, 0, 0]
  - id: database
    size: 16
    doc: The UUID of the database.
  - id: number
    type: u8
    doc: The file number, as in the name.
  - id: created_micros
    type: u8
    doc: Microseconds since 1970, UTC.
  - id: zero2
    contents: [0, 0, 0, 0]
  - id: checksum
    type: u4
    doc: CRC-32C of the 60 bytes before; not computed here.
