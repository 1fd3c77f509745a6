# Programs: src/tools/<name>_main.cc becomes <name>; bench/*.cc becomes bench.

function(beachdb_program name)
  add_executable(${name} ${ARGN})
  beachdb_lint(${name})
  beachdb_compile_fast(${name})
  target_compile_definitions(${name} PRIVATE BEACHDB_VERSION="${PROJECT_VERSION}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${BEACHDB_BIN_DIR}")
endfunction()

file(GLOB mains CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/tools/*_main.cc")
set(BEACHDB_TOOL_PROGRAMS "")
foreach(main IN LISTS mains)
  get_filename_component(name "${main}" NAME)
  string(REGEX REPLACE "_main\\.cc$" "" name "${name}")
  beachdb_program(${name} "${main}")
  list(APPEND BEACHDB_TOOL_PROGRAMS ${name})
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
    beachdb_compile_fast(beachdb_bench)
    target_include_directories(beachdb_bench PUBLIC "${PROJECT_SOURCE_DIR}")
    target_compile_definitions(beachdb_bench PRIVATE BEACHDB_VERSION="${PROJECT_VERSION}")
    # A report says how it was built; of the options, those that change what the machine does.
    string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
    get_directory_property(build_options COMPILE_OPTIONS)
    list(FILTER build_options INCLUDE REGEX "^-(march|mtune|fsanitize)")
    list(JOIN build_options " " build_options)
    set_property(SOURCE "${PROJECT_SOURCE_DIR}/bench/run_info.cc" APPEND PROPERTY
      COMPILE_DEFINITIONS "BEACHDB_BUILD_FLAGS=\"${CMAKE_BUILD_TYPE} ${CMAKE_CXX_FLAGS_${build_type}} ${build_options}, link-time optimisation ${BEACHDB_LTO}, invariants ${BEACHDB_INVARIANTS}\"")
    target_link_libraries(beachdb_bench PUBLIC beachdb_tools)
    # The report says whose builds the peers are.
    set(system_build "the system's build")
    if(EXISTS /etc/debian_version)
      set(system_build "Debian's build")
    endif()
    set(rocksdb_build "${system_build}")
    if(BEACHDB_ROCKSDB_ROOT)
      set(rocksdb_build "not the system's: the build of BEACHDB_ROCKSDB_ROOT")
    endif()
    target_compile_definitions(beachdb_bench PRIVATE
      BEACHDB_BENCH_SYSTEM="${system_build}" BEACHDB_BENCH_ROCKSDB_BUILD="${rocksdb_build}")
    foreach(peer rocksdb leveldb lmdb wiredtiger)
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

  # What callgrind counts, on a simulated world's one thread.
  file(GLOB instructions_sources CONFIGURE_DEPENDS
       "${PROJECT_SOURCE_DIR}/bench/instructions/*.cc")
  if(instructions_sources AND TARGET beachdb_pkg_valgrind)
    beachdb_program(instructions ${instructions_sources})
    target_include_directories(instructions PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(instructions PRIVATE beachdb_engine beachdb_sim beachdb_pkg_cli11
                          beachdb_pkg_valgrind)
  endif()
endif()

# Every line that is not a test. CMake adds all_verify_interface_header_sets: every header alone.
get_property(linted GLOBAL PROPERTY BEACHDB_LINTED)
add_custom_target(lint DEPENDS ${linted})
