# The libraries of others, as Debian ships them. docs/dependencies.md says why each is here.
# Found by library and header alone, so that neither pkg-config nor a CMake file of the package
# has to exist.

# Defines the target `beachdb_pkg_<name>`. A package without LIBRARY is header-only. An OPTIONAL
# package that is absent defines nothing.
function(beachdb_package name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "OPTIONAL" "LIBRARY;HEADER;DEBIAN" "")
  find_path(BEACHDB_${name}_INCLUDE ${arg_HEADER})
  mark_as_advanced(BEACHDB_${name}_INCLUDE)
  set(found ${BEACHDB_${name}_INCLUDE})
  if(arg_LIBRARY AND found)
    find_library(BEACHDB_${name}_LIBRARY ${arg_LIBRARY})
    mark_as_advanced(BEACHDB_${name}_LIBRARY)
    set(found ${BEACHDB_${name}_LIBRARY})
  endif()
  if(NOT found)
    if(arg_OPTIONAL)
      return()
    endif()
    message(FATAL_ERROR "${name} is missing: install the Debian package ${arg_DEBIAN}, "
                        "or run scripts/install-packages")
  endif()
  add_library(beachdb_pkg_${name} INTERFACE)
  target_include_directories(beachdb_pkg_${name} SYSTEM INTERFACE ${BEACHDB_${name}_INCLUDE})
  if(arg_LIBRARY)
    target_link_libraries(beachdb_pkg_${name} INTERFACE ${BEACHDB_${name}_LIBRARY})
  endif()
endfunction()

beachdb_package(fmt LIBRARY fmt HEADER fmt/format.h DEBIAN libfmt-dev)
beachdb_package(spdlog LIBRARY spdlog HEADER spdlog/spdlog.h DEBIAN libspdlog-dev)
target_compile_definitions(beachdb_pkg_spdlog INTERFACE SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
beachdb_package(isal LIBRARY isal HEADER isa-l/crc.h DEBIAN libisal-dev)
beachdb_package(xxhash HEADER xxhash.h DEBIAN libxxhash-dev)
beachdb_package(lz4 LIBRARY lz4 HEADER lz4.h DEBIAN liblz4-dev)
beachdb_package(zstd LIBRARY zstd HEADER zstd.h DEBIAN libzstd-dev)
beachdb_package(uring LIBRARY uring HEADER liburing.h DEBIAN liburing-dev)
beachdb_package(cli11 HEADER CLI/CLI.hpp DEBIAN libcli11-dev)
beachdb_package(edit LIBRARY edit HEADER editline/readline.h DEBIAN libedit-dev)
beachdb_package(json HEADER nlohmann/json.hpp DEBIAN nlohmann-json3-dev)

# What each layer takes from others; a layer that is not named takes nothing.
set(BEACHDB_PACKAGES_base fmt spdlog isal xxhash)
set(BEACHDB_PACKAGES_io uring)
set(BEACHDB_PACKAGES_sstable lz4 zstd)
set(BEACHDB_PACKAGES_tools cli11 edit json)

# The independent engine that tests/metamorphic compares with, and a peer of bench/. Not under the
# thread sanitizer, which cannot see into it.
if((BEACHDB_TESTS OR BEACHDB_BENCH) AND NOT BEACHDB_SANITIZE STREQUAL "thread")
  beachdb_package(leveldb OPTIONAL LIBRARY leveldb HEADER leveldb/db.h DEBIAN libleveldb-dev)
endif()

# Debian's RocksDB, or the build that BEACHDB_ROCKSDB_ROOT names (bench/README.md).
set(BEACHDB_ROCKSDB_ROOT "" CACHE PATH
    "A RocksDB to compare with instead of Debian's: a folder with include/ and the library")
function(beachdb_rocksdb)
  # Searched anew each time: the folder may be another one than last time.
  unset(BEACHDB_rocksdb_INCLUDE CACHE)
  unset(BEACHDB_rocksdb_LIBRARY CACHE)
  if(BEACHDB_ROCKSDB_ROOT)
    find_path(BEACHDB_rocksdb_INCLUDE rocksdb/db.h NO_DEFAULT_PATH
              PATHS "${BEACHDB_ROCKSDB_ROOT}/include")
    find_library(BEACHDB_rocksdb_LIBRARY rocksdb NO_DEFAULT_PATH
                 PATHS "${BEACHDB_ROCKSDB_ROOT}" PATH_SUFFIXES lib lib64 build .)
    if(NOT BEACHDB_rocksdb_INCLUDE OR NOT BEACHDB_rocksdb_LIBRARY)
      message(FATAL_ERROR "BEACHDB_ROCKSDB_ROOT is ${BEACHDB_ROCKSDB_ROOT}: expected "
                          "include/rocksdb/db.h there, and librocksdb in it or in its lib, lib64 "
                          "or build; name another folder, or none for Debian's")
    endif()
  endif()
  beachdb_package(rocksdb OPTIONAL LIBRARY rocksdb HEADER rocksdb/db.h DEBIAN librocksdb-dev)
endfunction()

# The other peers and the timing library of bench/: used when present, never required.
if(BEACHDB_BENCH)
  beachdb_rocksdb()
  beachdb_package(wiredtiger OPTIONAL LIBRARY wiredtiger HEADER wiredtiger.h
                  DEBIAN libwiredtiger-dev)
  beachdb_package(lmdb OPTIONAL LIBRARY lmdb HEADER lmdb.h DEBIAN liblmdb-dev)
  beachdb_package(benchmark OPTIONAL LIBRARY benchmark HEADER benchmark/benchmark.h
                  DEBIAN libbenchmark-dev)
  # Only its header: the marks between which callgrind counts.
  beachdb_package(valgrind OPTIONAL HEADER valgrind/callgrind.h DEBIAN valgrind)
endif()
