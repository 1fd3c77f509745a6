#!/usr/bin/env python3
"""The smallest useful program in Python, with nothing but ctypes: open, write, read, walk.

Leaves its database in ./shells. BEACHDB_LIBRARY names the shared library where the loader does not
find it by itself.
"""
import ctypes
import os
import sys
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_size_t, c_void_p

SONAME = "libbeachdb.so.0.1"


class BeachError(Exception):
    """What a call reported: `code` is one of beachdb_code, the message says what to do."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def load():
    """The library with the types of the functions that this program calls.

    Without argtypes ctypes passes C ints, which cut pointers in half.
    """
    lib = ctypes.CDLL(os.environ.get("BEACHDB_LIBRARY", SONAME))
    out, size = POINTER(c_void_p), c_size_t
    signatures = {
        "error_code": (c_int, c_void_p),
        "error_to_string": (c_char_p, c_void_p),
        "error_free": (None, c_void_p),
        "bytes_free": (None, c_void_p),
        "open": (c_void_p, c_char_p, c_void_p, out),
        "close": (c_void_p, c_void_p),
        "free": (None, c_void_p),
        "put": (c_void_p, c_void_p, c_void_p, c_char_p, size, c_char_p, size),
        "get": (c_void_p, c_void_p, c_void_p, c_char_p, size, out, POINTER(size)),
        "iterator_options_create": (c_void_p,),
        "iterator_options_set_prefix": (c_void_p, c_void_p, c_char_p, size),
        "iterator_options_free": (None, c_void_p),
        "new_iterator": (c_void_p, c_void_p, c_void_p, out),
        "iterator_seek_to_last": (None, c_void_p),
        "iterator_prev": (None, c_void_p),
        "iterator_valid": (c_bool, c_void_p),
        "iterator_key": (c_void_p, c_void_p, POINTER(size)),
        "iterator_value": (c_void_p, c_void_p, POINTER(size)),
        "iterator_status": (c_void_p, c_void_p),
        "iterator_free": (None, c_void_p),
    }
    for name, (result, *arguments) in signatures.items():
        function = getattr(lib, "beachdb_" + name)
        function.restype = result
        function.argtypes = arguments
    return lib


class Database:
    """An open database; a context manager that closes it."""

    def __init__(self, directory):
        self._lib = load()
        handle = c_void_p()
        self._check(self._lib.beachdb_open(os.fsencode(directory), None, byref(handle)))
        self._db = handle

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._check(self._lib.beachdb_close(self._db))
        finally:
            self._lib.beachdb_free(self._db)
            self._db = None

    def _check(self, error):
        """An error handle becomes an exception, and is freed."""
        if not error:
            return
        code = self._lib.beachdb_error_code(error)
        text = self._lib.beachdb_error_to_string(error).decode(errors="replace")
        self._lib.beachdb_error_free(error)
        raise BeachError(code, text)

    def put(self, key, value):
        self._check(self._lib.beachdb_put(self._db, None, key, len(key), value, len(value)))

    def get(self, key):
        """The value, or None."""
        value, size = c_void_p(), c_size_t()
        self._check(
            self._lib.beachdb_get(self._db, None, key, len(key), byref(value), byref(size)))
        if not value:
            return None
        copy = ctypes.string_at(value, size.value)
        self._lib.beachdb_bytes_free(value)
        return copy

    def backwards(self, prefix):
        """The records whose keys begin with the prefix, the last one first."""
        lib, it, size = self._lib, c_void_p(), c_size_t()
        options = lib.beachdb_iterator_options_create()
        if not options:
            raise MemoryError("beachdb: no memory for the options of an iterator")
        try:
            self._check(lib.beachdb_iterator_options_set_prefix(options, prefix, len(prefix)))
            self._check(lib.beachdb_new_iterator(self._db, options, byref(it)))
        finally:
            lib.beachdb_iterator_options_free(options)
        try:
            lib.beachdb_iterator_seek_to_last(it)
            while lib.beachdb_iterator_valid(it):
                # Views, good until the iterator moves: copied before it does.
                key = lib.beachdb_iterator_key(it, byref(size))
                key = ctypes.string_at(key, size.value)
                value = lib.beachdb_iterator_value(it, byref(size))
                yield key, ctypes.string_at(value, size.value)
                lib.beachdb_iterator_prev(it)
            self._check(lib.beachdb_iterator_status(it))
        finally:
            lib.beachdb_iterator_free(it)


def main():
    with Database("shells") as db:
        db.put(b"conch", b"spiral")  # on stable storage when it returns
        db.put(b"cockle", b"ribbed")
        print("conch:", db.get(b"conch").decode())
        print("whelk:", db.get(b"whelk"))
        for key, value in db.backwards(b"co"):
            print(key.decode(), "=", value.decode())
        try:
            db.put(b"", b"a key has at least one byte")
        except BeachError as error:
            print("refused:", error)
        else:
            sys.exit("an empty key was taken")


if __name__ == "__main__":
    main()
