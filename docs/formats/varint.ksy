meta:
  id: varint
  title: A number as BeachDB writes it when it is mostly small
  license: Apache-2.0
  endian: le
doc: |
  LEB128: seven bits a byte, the lowest first; the high bit says that another byte follows. At most
  ten bytes, and always the shortest form: a last byte of zero behind others is damage.
doc-ref: README.md, rules for all formats
seq:
  - id: groups
    type: u1
    repeat: until
    repeat-until: _ < 0x80
instances:
  len:
    value: groups.size
  value:
    doc: Right below 2^63; a number of ten bytes has its highest bit in groups[9].
    value: >-
      (groups[0] % 128)
      + (len > 1 ? (groups[1] % 128) * 128 : 0)
      + (len > 2 ? (groups[2] % 128) * 16384 : 0)
      + (len > 3 ? (groups[3] % 128) * 2097152 : 0)
      + (len > 4 ? (groups[4] % 128) * 268435456 : 0)
      + (len > 5 ? (groups[5] % 128) * 34359738368 : 0)
      + (len > 6 ? (groups[6] % 128) * 4398046511104 : 0)
      + (len > 7 ? (groups[7] % 128) * 562949953421312 : 0)
      + (len > 8 ? (groups[8] % 128) * 72057594037927936 : 0)
