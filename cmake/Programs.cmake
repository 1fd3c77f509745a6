# Programs: src/tools/<name>_main.cc becomes <name>; bench/*.cc becomes bench.

function(beachdb_program name)
  add_executable(${name} ${ARGN})
  beachdb_lint(${name})
  target_compile_definitions(${name} PRIVATE BEACHDB_VERSION="${PROJECT_VERSION}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${BEACHDB_BIN_DIR}")
endfunction()

file(GLOB mains CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/tools/*_main.cc")
foreach(main IN LISTS mains)
  get_filename_component(name "${main}" NAME)
  string(REGEX REPLACE "_main\\.cc$" "" name "${name}")
  beachdb_program(${name} "${main}")
  target_link_libraries(${name} PRIVATE beachdb_tools)
endforeach()

if(BEACHDB_BENCH)
  # The workload runner, with every peer that this machine has. A library, so that its tests
  # (bench/*_test.cc) can link it.
  file(GLOB bench_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.cc")
  list(FILTER bench_sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  if(bench_sources)
    add_library(beachdb_bench STATIC ${bench_sources})
    beachdb_lint(beachdb_bench)
    target_include_directories(beachdb_bench PUBLIC "${PROJECT_SOURCE_DIR}")
    target_compile_definitions(beachdb_bench PRIVATE BEACHDB_VERSION="${PROJECT_VERSION}")
    target_link_libraries(beachdb_bench PUBLIC beachdb_tools)
    foreach(peer rocksdb leveldb lmdb)
      string(TOUPPER "BEACHDB_BENCH_${peer}" macro)
      if(TARGET beachdb_pkg_${peer})
        target_link_libraries(beachdb_bench PRIVATE beachdb_pkg_${peer})
        target_compile_definitions(beachdb_bench PRIVATE ${macro}=1)
      else()
        target_compile_definitions(beachdb_bench PRIVATE ${macro}=0)
      endif()
    endforeach()
    beachdb_program(bench "${PROJECT_SOURCE_DIR}/bench/main.cc")
    target_link_libraries(bench PRIVATE beachdb_bench)
  endif()

  file(GLOB micro_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/micro/*.cc")
  if(micro_sources AND TARGET beachdb_pkg_benchmark)
    beachdb_program(bench_micro ${micro_sources})
    target_include_directories(bench_micro PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(bench_micro PRIVATE beachdb_tools beachdb_pkg_benchmark benchmark_main)
    # `for (auto _ : state)`, the library's idiom, is a dead store to the analyzer.
    set_target_properties(bench_micro PROPERTIES CXX_CLANG_TIDY "")
  endif()
endif()

# Every line that is not a test. CMake adds all_verify_interface_header_sets: every header alone.
get_property(linted GLOBAL PROPERTY BEACHDB_LINTED)
add_custom_target(lint DEPENDS ${linted})
