// Prints what a file holds, read by the parser of its description alone, as the lines of JSON that
// the dump programs print. Checksums are shown, not computed.
//
//   node read_file.js MODULES FORMATS KIND FILE   KIND: wal, sstable, manifest, current, identity
//   node read_file.js MODULES FORMATS compile     only compiles every description, for several
//                                                 languages, and prints their names
'use strict';
const fs = require('fs');
const {Parsers} = require('./parsers.js');

const hex8 = (number) => (number >>> 0).toString(16).padStart(8, '0');

const uuid = (bytes) =>
    Buffer.from(bytes).toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');

// A user's bytes: as text, or as base64 under another name.
function bytesField(name, bytes) {
  try {
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
    return {[name]: text};
  } catch (error) {
    return {[name + '_base64']: Buffer.from(bytes).toString('base64')};
  }
}

function headerLine(header) {
  return {
    line: 'header',
    offset: 0,
    version: header.version,
    database: uuid(header.database),
    number: header.number,
    created_micros: header.createdMicros,
  };
}

const kKinds = {1: 'delete', 2: 'put', 3: 'delete_range', 4: 'guard', 5: 'put_expiring'};

const uint64 = (bytes) => Number(Buffer.from(bytes).readBigUInt64LE());

function guardFields(value) {
  const operand = value.subarray(1);
  switch (value[0]) {
    case 1: return {requires: 'absent'};
    case 2: return {requires: 'equal', ...bytesField('value', operand)};
    case 3: return {requires: 'unchanged', since_seqno: uint64(operand)};
    default: throw new Error('unknown condition ' + value[0]);
  }
}

function valueFields(kind, value) {
  switch (kind) {
    case 1: return {};
    case 2: return bytesField('value', value);
    case 3: return bytesField('end', value);
    case 4: return guardFields(value);
    case 5: return {expires_at: uint64(value.subarray(0, 8)), ...bytesField('value', value.subarray(8))};
    default: throw new Error('unknown kind ' + kind);
  }
}

function operationLine(kind, fields, key, value) {
  return {line: kKinds[kind], ...fields, ...bytesField('key', key), ...valueFields(kind, value)};
}

function* walLines(wal) {
  yield headerLine(wal.header);
  let index = 0;
  for (const slot of wal.slots) {
    if (!slot.isRecord) continue;
    const record = slot.record;
    const entry = record.payload;
    const count = entry.batch.count;
    yield {
      line: 'record',
      index: index++,
      offset: slot.offset,
      payload_bytes: record.lenPayload,
      log: record.number,
      checksum: hex8(record.checksum),
      first_seqno: entry.firstSeqno,
      ...(count > 0 ? {last_seqno: entry.firstSeqno + count - 1} : {}),
      operations: count,
      durable_seqno: entry.durableSeqno,
      applied_index: entry.appliedIndex,
    };
    let seqno = entry.firstSeqno;
    for (const op of entry.batch.operations) {
      yield operationLine(op.kind, {seqno: seqno++}, op.key.bytes, op.value && op.value.bytes);
    }
  }
}

function* manifestLines(manifest) {
  yield headerLine(manifest.header);
  let offset = 64;
  let index = 0;
  for (const record of manifest.records) {
    yield {
      line: 'record',
      index: index++,
      offset,
      type: {2: 'snapshot', 3: 'edit'}[record.type],
      payload_bytes: record.lenPayload,
      checksum: hex8(record.checksum),
    };
    yield* payloadLines(record.payload.fields);
    offset += 16 + record.lenPayload + record.padding.length;
  }
}

function* payloadLines(fields) {
  const first = (tag) => fields.find((field) => field.tag.value === tag);
  if (first(2)) {
    yield {
      line: 'order',
      ...bytesField('comparator', first(2).contents),
      levels: first(4).contents.value,
      records: first(6).contents.value,
    };
  }
  const numbers = {8: 'log_number', 10: 'next_file_number', 12: 'last_seqno', 14: 'durable_index'};
  const set = {};
  for (const [tag, name] of Object.entries(numbers)) {
    if (first(Number(tag))) set[name] = first(Number(tag)).contents.value;
  }
  if (Object.keys(set).length > 0) yield {line: 'set', ...set};
  for (const field of fields) {
    const more = field.tag.value === 20 ? field.contents : undefined;
    const table = more ? more.table : field.contents;
    if (field.tag.value === 16) {
      yield {line: 'remove', level: table.level.value, table: table.number.value};
    } else if (field.tag.value === 18 || more) {
      yield {
        line: 'add',
        level: table.level.value,
        table: table.number.value,
        bytes: table.size.value,
        entries: table.entries.value,
        tombstones: table.tombstones.value,
        distinct_keys: table.distinctKeys.value,
        smallest_seqno: table.smallestSeqno.value,
        largest_seqno: table.largestSeqno.value,
        ...bytesField('smallest', table.smallest.bytes),
        ...bytesField('largest', table.largest.bytes),
        table_checksum: hex8(table.checksum),
        ...(more ? moreFields(more) : {}),
      };
    }
  }
}

function moreFields(more) {
  const ranges = more.rangeTombstones.value;
  return {
    ...(ranges > 0 ? {range_tombstones: ranges} : {}),
    ...(more.baseSeqno.value > 0 ? {
      base_seqno: more.baseSeqno.value,
      origin: uuid(more.originDatabase),
      origin_number: more.originNumber.value,
    } : {}),
  };
}

// By tag.
const kProperties = [
  '', 'entries', 'tombstones', 'range_tombstones', 'distinct_keys', 'raw_key_bytes',
  'raw_value_bytes', 'data_blocks', 'data_bytes', 'index_bytes', 'filter_bytes', 'smallest_key',
  'largest_key', 'smallest_seqno', 'largest_seqno', 'filter_bits_per_key', 'compression',
  'block_size', 'job_origin', 'job_id', 'job_output_level', 'job_input',
];
const kCompressions = ['none', 'lz4', 'zstd'];
const kOrigins = ['', 'flush', 'compaction', 'ingest'];

function* propertyLines(properties) {
  for (const property of properties) {
    const tag = property.tag.value;
    const name = kProperties[tag];
    const value = property.value;
    if (tag === 11 || tag === 12) {
      yield {line: 'property', ...bytesField(name, value.bytes)};
    } else if (tag === 16) {
      yield {line: 'property', [name]: kCompressions[value.value]};
    } else if (tag === 18) {
      yield {line: 'property', [name]: kOrigins[value.value]};
    } else if (tag === 21) {
      for (const input of value.items) yield {line: 'property', [name]: input.value};
    } else {
      yield {line: 'property', [name]: value.value};
    }
  }
}

function* filterLines(filter) {
  const bitsOf = (bytes) => {
    let bits = 0;
    for (const byte of bytes) {
      for (let bit = 0; bit < 8; ++bit) bits += (byte >> bit) & 1;
    }
    return bits;
  };
  yield {
    line: 'filter',
    kind: 'blocked Bloom',
    probes: filter.probes,
    lines: filter.numLines,
    bits: 512 * filter.numLines,
    bits_set: filter.lines.reduce((sum, line) => sum + bitsOf(line), 0),
  };
  for (const [i, line] of filter.lines.entries()) {
    yield {line: 'bits', filter_line: i, bits_set: bitsOf(line)};
  }
}

function* tableLines(table) {
  yield headerLine(table.header);
  const footer = table.footer;
  yield {
    line: 'footer',
    offset: footer.fileSize - 128,
    filter_offset: footer.filter.offset,
    filter_bytes: footer.filter.size,
    index_offset: footer.index.offset,
    index_bytes: footer.index.size,
    properties_offset: footer.properties.offset,
    properties_bytes: footer.properties.size,
    ...(footer.rangeTombstones.size > 0 ? {
      ranges_offset: footer.rangeTombstones.offset,
      ranges_bytes: footer.rangeTombstones.size,
    } : {}),
  };
  yield* propertyLines(table.propertiesBlock.contents.properties);
  if (table.filterBlock) yield* filterLines(table.filterBlock.contents);
  let offset = 64;
  for (const [i, block] of table.dataBlocks.entries()) {
    const entry = table.indexEntries[i];
    const place = {offset, stored_bytes: entry.storedSize};
    yield {
      line: 'separator',
      block: i,
      ...place,
      ...bytesField('key', entry.separator),
      ...(entry.continues ? {seqno: entry.trailer.seqno} : {}),
    };
    yield {
      line: 'block',
      index: i,
      ...place,
      raw_bytes: block.rawSize,
      compression: kCompressions[block.compression],
      checksum: hex8(block.checksum),
      entries: block.contents.numEntries,
      ...bytesField('prefix', block.contents.prefix),
    };
    yield* entryLines(i, block.contents);
    offset += entry.storedSize;
  }
  if (!table.rangeTombstonesBlock) return;
  for (const range of table.rangeTombstonesBlock.contents.ranges) {
    yield {
      line: 'delete_range',
      seqno: range.seqno,
      ...bytesField('begin', range.begin),
      ...bytesField('end', range.end),
    };
  }
}

function* entryLines(block, data) {
  for (const [i, entry] of data.entries.entries()) {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.heads[i]);
    const key = Buffer.concat(
        [data.prefix, head.subarray(0, Math.min(4, entry.remainder.value)), entry.tail]);
    yield operationLine(entry.trailer.kind, {block, seqno: entry.trailer.seqno}, key, entry.value);
  }
}

function* currentLines(current) {
  yield {line: 'current', manifest: current.manifest, checksum: current.checksum};
}

function* identityLines(identity) {
  yield {
    line: 'identity',
    version: identity.version,
    uuid: identity.uuid,
    checksum: identity.checksum,
  };
}

const kReaders = {
  wal: walLines,
  sstable: tableLines,
  manifest: manifestLines,
  current: currentLines,
  identity: identityLines,
};

async function main() {
  const [modules, formats, kind, file] = process.argv.slice(2);
  const parsers = new Parsers(modules, formats);
  if (kind === 'compile') {
    for (const name of parsers.names()) {
      for (const language of ['javascript', 'python', 'java', 'cpp_stl']) {
        await parsers.generate(name, language);
      }
      console.log(name);
    }
    return;
  }
  const tree = await parsers.parse(kind, fs.readFileSync(file));
  for (const line of kReaders[kind](tree)) console.log(JSON.stringify(line));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
