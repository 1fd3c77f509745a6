# How every translation unit of this repository is compiled, whatever target it belongs to.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# C is for the tests and the examples of the C API alone.
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# No NDEBUG anywhere: a check is either worth its cost in every build (CHECK) or it is an INVARIANT.
foreach(language C CXX)
  set(CMAKE_${language}_FLAGS_RELEASE "-O3")
  set(CMAKE_${language}_FLAGS_RELWITHDEBINFO "-O1 -g1")
endforeach()

# One portable baseline for every machine and every build, so that a bug does not hide behind
# the instruction set of the builder's processor.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-march=x86-64-v2)
endif()

# __FILE__ in messages reads "src/base/arena.cc", wherever the tree lies.
add_compile_options("-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")

if(PROJECT_IS_TOP_LEVEL)  # a newer compiler's new warning must not stop an embedding project
  add_compile_options(-Werror)
endif()
add_compile_options(
  -Wall -Wextra -Wpedantic
  -Wshadow "$<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor;-Wdeprecated-copy-dtor;-Woverloaded-virtual;-Wold-style-cast>" -Wcast-qual
  -Wunused "$<$<COMPILE_LANGUAGE:CXX>:-Wextra-semi>" -Wvla -Wundef
  "$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes;-Wmissing-prototypes>"
  # Designated initialisers leave out fields on purpose: the rest keep their defaults.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(
    -Wlogical-op -Wduplicated-cond
    # GCC 12 reports std::string's own operator+ and assign (GCC bug 105651).
    -Wno-restrict
    # At -O3 GCC 12 thinks that fmt's own parser writes past its four bytes of fill characters.
    $<$<CONFIG:Release>:-Wno-stringop-overflow>)
  if(BEACHDB_SANITIZE)
    # Instrumented code hides the data flow that these warnings need: they only guess.
    add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds)
  endif()
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wthread-safety>" -Wimplicit-fallthrough)
endif()

if(BEACHDB_INVARIANTS)
  add_compile_definitions(BEACHDB_INVARIANTS=1 _GLIBCXX_ASSERTIONS)
else()
  add_compile_definitions(BEACHDB_INVARIANTS=0)
endif()

if(BEACHDB_SANITIZE)
  add_compile_definitions(BEACHDB_SANITIZED=1)
  add_compile_options(
    -fsanitize=${BEACHDB_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BEACHDB_SANITIZE})
endif()
if(BEACHDB_LIBFUZZER)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "libFuzzer comes with clang; configure with --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(BEACHDB_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT lto_works LANGUAGES CXX)
  if(lto_works)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  endif()
endif()

# What runs for a moment and compiles for long (command lines, JSON, tests): under a sanitizer
# several times as fast to compile without the optimiser.
function(beachdb_compile_fast target)
  if(BEACHDB_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# Two links at most at once: a sanitized link takes about a gigabyte.
if(PROJECT_IS_TOP_LEVEL)
  set_property(GLOBAL PROPERTY JOB_POOLS link_pool=2)
  set(CMAKE_JOB_POOL_LINK link_pool)
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# clang-tidy runs as a part of compiling, so ninja repeats it only for what has changed. The hash
# of the rules is on the command line: other rules, another command, a new run.
if(BEACHDB_TIDY)
  find_program(BEACHDB_CLANG_TIDY clang-tidy-14 REQUIRED)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
               "${PROJECT_SOURCE_DIR}/.clang-tidy")
  file(SHA256 "${PROJECT_SOURCE_DIR}/.clang-tidy" tidy_rules)
  set(BEACHDB_TIDY_COMMAND "${BEACHDB_CLANG_TIDY}" --quiet --extra-arg=-DTIDY_RULES=${tidy_rules})
  # Most of its time goes into the headers of others, so it reads several files of a library as one:
  # a quarter of the time. Those whose local names another file of their library has, too, are read
  # alone. Every other build compiles each file by itself.
  set(read_alone
    bench/beachdb_store.cc bench/leveldb_store.cc bench/lmdb_store.cc bench/report.cc
    bench/rocksdb_store.cc bench/sustain.cc bench/wiredtiger_store.cc bench/workloads_write.cc
    src/backup/repository.cc src/compaction/table_writer.cc src/engine/recovery.cc
    src/sstable/table_file_writer.cc src/sstable/table_index.cc src/sstable/table_properties.cc
    src/tools/crash/backups.cc src/tools/dump_program.cc src/tools/export_stream.cc
    src/tools/salvage/salvage.cc src/tools/salvage/source.cc src/tools/salvage/table_blocks.cc
    src/tools/tree_picture.cc)
  list(TRANSFORM read_alone PREPEND "${PROJECT_SOURCE_DIR}/")
  set_source_files_properties(${read_alone} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endif()
function(beachdb_lint target)
  if(BEACHDB_TIDY)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "${BEACHDB_TIDY_COMMAND}")
    get_target_property(type ${target} TYPE)
    # The files of the C API have using-declarations outside of any namespace.
    if(type STREQUAL "STATIC_LIBRARY" AND NOT target STREQUAL "beachdb_c")
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    endif()
  endif()
  set_property(GLOBAL APPEND PROPERTY BEACHDB_LINTED ${target})
endfunction()
