# Turns src/LAYERS into libraries. A line `sstable: base io kv cache` becomes the static library
# beachdb_sstable, made of src/sstable/*.cc and linked to exactly those four. A layer that has no
# .cc file (yet) is an INTERFACE library. tests/layering checks the #include lines against the
# same file.

# The public API: the ground that every layer stands on.
file(GLOB api_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/beachdb/*.h")
add_library(beachdb_api INTERFACE)
target_sources(beachdb_api INTERFACE FILE_SET HEADERS
               BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${api_headers})
target_include_directories(beachdb_api INTERFACE "${PROJECT_SOURCE_DIR}/include")
target_compile_features(beachdb_api INTERFACE cxx_std_20)

# Sources of one layer. Only src/tools has subfolders: one per program with many commands.
function(beachdb_layer_files layer out_sources out_headers out_tests)
  set(folder "${PROJECT_SOURCE_DIR}/src/${layer}")
  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cc" "${folder}/*/*.cc")
  file(GLOB headers CONFIGURE_DEPENDS "${folder}/*.h" "${folder}/*/*.h")
  # x_test.cc is a test; x_test_util.h and .cc are what tests of the layer share.
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test(_[a-z]+)?\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test(_[a-z]+)?|main)\\.cc$")
  list(FILTER headers EXCLUDE REGEX "_test_[a-z]+\\.h$")
  set(${out_sources} ${sources} PARENT_SCOPE)
  set(${out_headers} ${headers} PARENT_SCOPE)
  set(${out_tests} ${tests} PARENT_SCOPE)
endfunction()

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/LAYERS")
file(STRINGS "${PROJECT_SOURCE_DIR}/src/LAYERS" layer_lines REGEX "^[a-z]")
set(BEACHDB_LAYERS "")
foreach(line IN LISTS layer_lines)
  if(NOT line MATCHES "^([a-z_]+):([a-z_ ]*)$")
    message(FATAL_ERROR "src/LAYERS: cannot read the line '${line}'")
  endif()
  set(layer "${CMAKE_MATCH_1}")
  separate_arguments(below UNIX_COMMAND "${CMAKE_MATCH_2}")
  foreach(lower IN LISTS below)
    if(NOT lower IN_LIST BEACHDB_LAYERS)
      message(FATAL_ERROR "src/LAYERS: ${layer} stands on ${lower}, which is not below it")
    endif()
  endforeach()
  list(APPEND BEACHDB_LAYERS ${layer})

  set(BEACHDB_BELOW_${layer} ${below})
  beachdb_layer_files(${layer} sources headers BEACHDB_UNIT_TESTS_${layer})
  if(sources)
    add_library(beachdb_${layer} STATIC ${sources})
    beachdb_lint(beachdb_${layer})
    if(layer STREQUAL "tools")
      beachdb_compile_fast(beachdb_tools)
    endif()
    set(visibility PUBLIC)
  else()
    add_library(beachdb_${layer} INTERFACE)
    set(visibility INTERFACE)
  endif()
  target_sources(beachdb_${layer} ${visibility} FILE_SET HEADERS
                 BASE_DIRS "${PROJECT_SOURCE_DIR}/src" FILES ${headers})
  target_include_directories(beachdb_${layer} ${visibility} "${PROJECT_SOURCE_DIR}/src")
  list(TRANSFORM below PREPEND beachdb_)
  target_link_libraries(beachdb_${layer} ${visibility} beachdb_api ${below} Threads::Threads)
  foreach(package IN LISTS BEACHDB_PACKAGES_${layer})
    target_link_libraries(beachdb_${layer} ${visibility} beachdb_pkg_${package})
  endforeach()
endforeach()

set_property(SOURCE "${PROJECT_SOURCE_DIR}/src/c/library.cc" APPEND PROPERTY
             COMPILE_DEFINITIONS "BEACHDB_VERSION=\"${PROJECT_VERSION}\"")

# What a user links: the whole engine and its C API, but only the public headers.
add_library(beachdb INTERFACE)
add_library(beachdb::beachdb ALIAS beachdb)
target_link_libraries(beachdb INTERFACE beachdb_api $<LINK_ONLY:beachdb_c>)
