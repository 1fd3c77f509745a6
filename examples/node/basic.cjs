// The smallest useful program in Node: open, write, read, walk. Leaves its database in ./shells.
// koffi calls C: `npm install koffi`. BEACHDB_LIBRARY names the shared library where the loader does
// not find it by itself.
//
// Calls block the thread that makes them, as fs.readFileSync does. A server moves them to a worker.
const koffi = require("koffi");

const SONAME = "libbeachdb.so.0.1";
const lib = koffi.load(process.env.BEACHDB_LIBRARY ?? SONAME);

// Handles are opaque pointers; `_Out_ T**` is filled in by the call.
for (const name of ["t", "error_t", "options_t", "write_options_t", "read_options_t", "iterator_t"]) {
  koffi.opaque(`beachdb_${name}`);
}
koffi.opaque("beachdb_iterator_options_t");

const c = Object.fromEntries(
  [
    "int beachdb_error_code(const beachdb_error_t* error)",
    "const char* beachdb_error_to_string(const beachdb_error_t* error)",
    "void beachdb_error_free(beachdb_error_t* error)",
    "void beachdb_bytes_free(void* bytes)",
    "beachdb_error_t* beachdb_open(const char* directory, const beachdb_options_t* options, _Out_ beachdb_t** db)",
    "beachdb_error_t* beachdb_close(beachdb_t* db)",
    "void beachdb_free(beachdb_t* db)",
    "beachdb_error_t* beachdb_put(beachdb_t* db, const beachdb_write_options_t* options, const uint8_t* key, size_t key_size, const uint8_t* value, size_t value_size)",
    "beachdb_error_t* beachdb_get(const beachdb_t* db, const beachdb_read_options_t* options, const uint8_t* key, size_t key_size, _Out_ void** value, _Out_ size_t* value_size)",
    "beachdb_iterator_options_t* beachdb_iterator_options_create()",
    "beachdb_error_t* beachdb_iterator_options_set_prefix(beachdb_iterator_options_t* options, const uint8_t* prefix, size_t prefix_size)",
    "void beachdb_iterator_options_free(beachdb_iterator_options_t* options)",
    "beachdb_error_t* beachdb_new_iterator(const beachdb_t* db, const beachdb_iterator_options_t* options, _Out_ beachdb_iterator_t** iterator)",
    "void beachdb_iterator_seek_to_last(beachdb_iterator_t* iterator)",
    "void beachdb_iterator_prev(beachdb_iterator_t* iterator)",
    "bool beachdb_iterator_valid(const beachdb_iterator_t* iterator)",
    "void* beachdb_iterator_key(const beachdb_iterator_t* iterator, _Out_ size_t* size)",
    "void* beachdb_iterator_value(const beachdb_iterator_t* iterator, _Out_ size_t* size)",
    "beachdb_error_t* beachdb_iterator_status(const beachdb_iterator_t* iterator)",
    "void beachdb_iterator_free(beachdb_iterator_t* iterator)",
  ].map((signature) => [signature.match(/beachdb_(\w+)\(/)[1], lib.func(signature)]),
);

// An error handle becomes an exception, and is freed.
function check(error) {
  if (error === null) return;
  const exception = new Error(c.error_to_string(error));
  exception.code = c.error_code(error);
  c.error_free(error);
  throw exception;
}

// A copy of bytes that the library owns.
const copyOf = (bytes, size) => Buffer.from(koffi.decode(bytes, koffi.array("uint8_t", size)));

class Database {
  #db;

  constructor(directory) {
    const out = [null];
    check(c.open(directory, null, out));
    this.#db = out[0];
  }

  close() {
    try {
      check(c.close(this.#db));
    } finally {
      c.free(this.#db);
    }
  }

  put(key, value) {
    check(c.put(this.#db, null, Buffer.from(key), Buffer.byteLength(key),
                Buffer.from(value), Buffer.byteLength(value)));
  }

  // A Buffer, or null.
  get(key) {
    const value = [null];
    const size = [0];
    check(c.get(this.#db, null, Buffer.from(key), Buffer.byteLength(key), value, size));
    if (value[0] === null) return null;
    const copy = copyOf(value[0], Number(size[0]));
    c.bytes_free(value[0]);
    return copy;
  }

  // The records whose keys begin with the prefix, the last one first.
  *backwards(prefix) {
    const out = [null];
    const options = c.iterator_options_create();
    try {
      check(c.iterator_options_set_prefix(options, Buffer.from(prefix), Buffer.byteLength(prefix)));
      check(c.new_iterator(this.#db, options, out));
    } finally {
      c.iterator_options_free(options);
    }
    const it = out[0];
    try {
      const size = [0];
      for (c.iterator_seek_to_last(it); c.iterator_valid(it); c.iterator_prev(it)) {
        // Views, good until the iterator moves: copied before it does.
        const key = copyOf(c.iterator_key(it, size), Number(size[0]));
        const value = copyOf(c.iterator_value(it, size), Number(size[0]));
        yield [key, value];
      }
      check(c.iterator_status(it));
    } finally {
      c.iterator_free(it);
    }
  }
}

const db = new Database("shells");
try {
  db.put("conch", "spiral"); // on stable storage when it returns
  db.put("cockle", "ribbed");
  console.log(`conch: ${db.get("conch")}`);
  console.log(`whelk: ${db.get("whelk")}`);
  for (const [key, value] of db.backwards("co")) console.log(`${key} = ${value}`);
  try {
    db.put("", "a key has at least one byte");
    throw new Error("an empty key was taken");
  } catch (error) {
    if (error.code === undefined) throw error;
    console.log(`refused: ${error.message}`);
  }
} finally {
  db.close();
}
