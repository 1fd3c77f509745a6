# Tests. Every test is its own ctest entry, so that ctest runs them side by side and names the
# one that fails; a test must therefore use a directory of its own.
#
#   src/<layer>/*_test.cc   <layer>_test, linked to that layer and the simulated world
#   src/<layer>/*_test.c    a program of C99 each, linked to that layer, run in an empty directory
#   tests/<dir>/*.cc        tests_<dir>, linked to everything
#   tests/support/*.cc      what several of them share; #include "tests/support/<file>.h"
#   tests/<dir>/*_test.sh   run as it is; finds the programs in $BEACHDB_BIN_DIR, the build in
#                           $BEACHDB_BUILD_DIR; skips with a line `skipped: why`
#   examples/*.cc, *.c      compiled against the public headers only, then run
#   examples/ elsewhere     ForeignExamples.cmake: other languages, through the shared library
#   fuzz/*_fuzz.cc          replayed over fuzz/corpus/<name>/; a libFuzzer target in preset fuzz
include(GoogleTest)
find_package(GTest REQUIRED)

set(BEACHDB_TEST_TIMEOUT_S 600)
set(BEACHDB_TEST_ENVIRONMENT
    "ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1"
    "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1"
    "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1")

function(beachdb_test name label)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE GTest::gmock GTest::gtest_main)
  # Programs and data that a test may want, without any absolute path in the sources.
  target_compile_definitions(${name} PRIVATE
    BEACHDB_SOURCE_DIR="${PROJECT_SOURCE_DIR}" BEACHDB_BIN_DIR="${BEACHDB_BIN_DIR}")
  gtest_discover_tests(${name} TEST_PREFIX "${label}/" DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 120
    PROPERTIES LABELS "${label}" TIMEOUT ${BEACHDB_TEST_TIMEOUT_S}
               ENVIRONMENT "${BEACHDB_TEST_ENVIRONMENT}")
endfunction()

# Adds the test `name`: `program` in a directory of its own, emptied first.
function(beachdb_program_test name label program)
  add_test(NAME ${name}
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${program}>
            -D DIRECTORY=${PROJECT_BINARY_DIR}/run/${name}
            -P ${PROJECT_SOURCE_DIR}/cmake/RunInEmptyDirectory.cmake)
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 60
                       ENVIRONMENT "${BEACHDB_TEST_ENVIRONMENT}")
endfunction()

file(GLOB support_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.cc")
if(support_sources)
  add_library(beachdb_test_support STATIC ${support_sources})
  target_include_directories(beachdb_test_support PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(beachdb_test_support PUBLIC beachdb_backup beachdb_sim GTest::gtest)
endif()

# Where one thread runs at a time, in the simulated world, by itself, or in processes of their own,
# nothing can race: the thread sanitizer is spared it.
set(tested_layers ${BEACHDB_LAYERS})
if(BEACHDB_SANITIZE STREQUAL "thread")
  list(REMOVE_ITEM tested_layers sim format kv record manifest compaction tools)
endif()
foreach(layer IN LISTS tested_layers)
  if(BEACHDB_UNIT_TESTS_${layer})
    beachdb_test(${layer}_test ${layer} ${BEACHDB_UNIT_TESTS_${layer}})
    target_link_libraries(${layer}_test PRIVATE beachdb_${layer} beachdb_sim)
    beachdb_compile_fast(${layer}_test)
  endif()
endforeach()

file(GLOB c_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*/*_test.c")
foreach(source IN LISTS c_tests)
  cmake_path(GET source PARENT_PATH folder)
  cmake_path(GET folder FILENAME layer)
  cmake_path(GET source STEM name)
  add_executable(${layer}_${name} "${source}")
  target_link_libraries(${layer}_${name} PRIVATE beachdb_${layer})
  beachdb_program_test(${layer}/${name} ${layer} ${layer}_${name})
endforeach()

file(GLOB test_folders CONFIGURE_DEPENDS LIST_DIRECTORIES true "${PROJECT_SOURCE_DIR}/tests/*")
list(FILTER test_folders EXCLUDE REGEX "/support$")
if(BEACHDB_SANITIZE STREQUAL "thread")
  list(FILTER test_folders INCLUDE REGEX "/(concurrency|metamorphic)$")
endif()
foreach(folder IN LISTS test_folders)
  get_filename_component(name "${folder}" NAME)
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cc")
  if(sources)
    beachdb_test(tests_${name} ${name} ${sources})
    if(name MATCHES "^(concurrency|metamorphic)$")
      target_link_libraries(tests_${name} PRIVATE beachdb_engine beachdb_sim)
    else()
      target_link_libraries(tests_${name} PRIVATE beachdb_tools)
    endif()
    if(name MATCHES "^(c_api|docs|failpoints|golden|kaitai|layering|tools)$")
      beachdb_compile_fast(tests_${name})
    endif()
    if(name MATCHES "^(docs|golden|kaitai|tools)$")
      add_dependencies(tests_${name} ${BEACHDB_TOOL_PROGRAMS})  # it runs them
      if(name MATCHES "^(golden|kaitai)$")
        target_sources(tests_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/tools/program.cc")
      endif()
    elseif(name STREQUAL "crash")
      add_dependencies(tests_crash crash)  # the same
    endif()
    if(TARGET beachdb_test_support)
      target_link_libraries(tests_${name} PRIVATE beachdb_test_support)
    endif()
  endif()
endforeach()

if(TARGET tests_metamorphic)
  if(TARGET beachdb_pkg_leveldb)
    target_link_libraries(tests_metamorphic PRIVATE beachdb_pkg_leveldb)
    target_compile_definitions(tests_metamorphic PRIVATE BEACHDB_PEER_LEVELDB=1)
  else()
    target_compile_definitions(tests_metamorphic PRIVATE BEACHDB_PEER_LEVELDB=0)
  endif()
endif()

if(BEACHDB_SANITIZE STREQUAL "thread")
  return()
endif()

file(GLOB scripts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/*/*_test.sh")
foreach(script IN LISTS scripts)
  get_filename_component(name "${script}" NAME_WE)
  add_test(NAME scripts/${name} COMMAND "${script}")
  set_tests_properties(scripts/${name} PROPERTIES LABELS scripts TIMEOUT ${BEACHDB_TEST_TIMEOUT_S}
    ENVIRONMENT "BEACHDB_BIN_DIR=${BEACHDB_BIN_DIR};BEACHDB_BUILD_DIR=${PROJECT_BINARY_DIR}"
    SKIP_REGULAR_EXPRESSION "^skipped: ")
endforeach()

if(TARGET beachdb_bench)
  file(GLOB bench_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*_test.cc")
  if(bench_tests)
    beachdb_test(bench_test bench ${bench_tests})
    target_link_libraries(bench_test PRIVATE beachdb_bench)
    add_dependencies(bench_test bench)  # one of them runs it
  endif()
endif()

file(GLOB examples CONFIGURE_DEPENDS
     "${PROJECT_SOURCE_DIR}/examples/*.cc" "${PROJECT_SOURCE_DIR}/examples/*.c")
foreach(source IN LISTS examples)
  cmake_path(GET source FILENAME file)
  string(REPLACE "." "_" target "example_${file}")
  add_executable(${target} "${source}")
  target_link_libraries(${target} PRIVATE beachdb::beachdb)
  beachdb_program_test(examples/${file} examples ${target})
endforeach()
if(TARGET beachdb_shared)
  include(ForeignExamples)
endif()

file(GLOB fuzz_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/fuzz/*_fuzz.cc")
add_custom_target(fuzzers)  # all of them, and nothing else
foreach(source IN LISTS fuzz_sources)
  get_filename_component(target "${source}" NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name "${target}")
  add_executable(${target} "${source}")
  add_dependencies(fuzzers ${target})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  if(name STREQUAL "api")
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests/metamorphic/operation.cc"
                   "${PROJECT_SOURCE_DIR}/tests/metamorphic/runner.cc"
                   "${PROJECT_SOURCE_DIR}/tests/metamorphic/setup.cc")
  endif()
  if(name MATCHES "^(api|database)$")
    target_link_libraries(${target} PRIVATE beachdb_engine beachdb_sim)
  else()
    target_link_libraries(${target} PRIVATE beachdb_tools)
  endif()
  if(BEACHDB_LIBFUZZER)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set(replay -runs=0)
  else()
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/fuzz/replay_main.cc")
    set(replay "")
  endif()
  add_test(NAME fuzz/${name}
           COMMAND ${target} ${replay} "${PROJECT_SOURCE_DIR}/fuzz/corpus/${name}")
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT ${BEACHDB_TEST_TIMEOUT_S}
                       ENVIRONMENT "${BEACHDB_TEST_ENVIRONMENT}")
endforeach()
