# The examples in other languages, run as tests against libbeachdb.so: examples/*.py with python3,
# examples/node/*.cjs with node. Where one cannot run, ctest shows it as skipped, with the reason.

# A sanitized library wants its runtime in the process before anything else.
set(foreign_environment "BEACHDB_LIBRARY=$<TARGET_FILE:beachdb_shared>")
set(foreign_obstacle "")
if(BEACHDB_SANITIZE MATCHES "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libasan.so
                  OUTPUT_VARIABLE libasan OUTPUT_STRIP_TRAILING_WHITESPACE)
  # Interpreters keep what they allocate, and are built without the other checks.
  list(APPEND foreign_environment "LD_PRELOAD=${libasan}" "ASAN_OPTIONS=detect_leaks=0")
elseif(BEACHDB_SANITIZE)
  set(foreign_obstacle "interpreters do not run under this sanitizer (${BEACHDB_SANITIZE})")
endif()

function(beachdb_foreign_example source program needs remedy)
  cmake_path(GET source FILENAME file)
  find_program(BEACHDB_${program} ${program})
  mark_as_advanced(BEACHDB_${program})
  set(obstacle "${foreign_obstacle}")
  if(NOT BEACHDB_${program})
    set(obstacle "${program} is not installed")
  endif()
  if(obstacle)
    add_test(NAME examples/${file} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${obstacle}")
  else()
    add_test(NAME examples/${file}
      COMMAND ${CMAKE_COMMAND} -D INTERPRETER=${BEACHDB_${program}} -D PROGRAM=${source}
              -D DIRECTORY=${PROJECT_BINARY_DIR}/run/examples/${file}
              -D NEEDS=${needs} -D REMEDY=${remedy}
              -P ${PROJECT_SOURCE_DIR}/cmake/RunInEmptyDirectory.cmake)
  endif()
  set_tests_properties(examples/${file} PROPERTIES LABELS examples TIMEOUT 60
    ENVIRONMENT "${foreign_environment}" SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()

file(GLOB python_examples CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/*.py")
foreach(source IN LISTS python_examples)
  beachdb_foreign_example("${source}" python3 "" "")
endforeach()

set(node_modules "${PROJECT_SOURCE_DIR}/build/node/node_modules")
list(APPEND foreign_environment "NODE_PATH=${node_modules}")
file(GLOB node_examples CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/node/*.cjs")
foreach(source IN LISTS node_examples)
  beachdb_foreign_example("${source}" node "${node_modules}/koffi"
                          "run scripts/install-npm-packages")
endforeach()
