# libbeachdb as files that a stranger's project links, and what `cmake --install` puts where:
#
#   lib/libbeachdb.a, cmake: beachdb::beachdb   static; the engine's own libraries come from the system
#   lib/libbeachdb.so, cmake: beachdb::shared   shows the public API alone (cmake/libbeachdb.map)
#   include/beachdb/                            the public headers
#   lib/cmake/beachdb/                          for find_package(beachdb)
#   lib/pkgconfig/                              beachdb.pc (shared), beachdb-static.pc
#   bin/                                        the programs for users; not the proof's and the bench
#   share/man, share/*completion*               what those say of themselves (--man, beach completion)
#
# Components: runtime (what a linked program needs), dev (what linking needs), tools.
# tests/install/ builds a stranger's project in every one of these ways.
# Debian's folder for libraries of one architecture, under any prefix: there its linker and its
# pkg-config look, under /usr and /usr/local.
if(CMAKE_LIBRARY_ARCHITECTURE AND EXISTS /etc/debian_version)
  set(CMAKE_INSTALL_LIBDIR "lib/${CMAKE_LIBRARY_ARCHITECTURE}" CACHE PATH "Where libraries go")
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- the two libraries --------------------------------------------------------------------------

# The objects of the layers themselves: nothing is compiled twice.
set(library_objects "")
set(library_packages "")
foreach(layer IN LISTS BEACHDB_BELOW_engine ITEMS engine backup c)
  get_target_property(type beachdb_${layer} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    list(APPEND library_objects $<TARGET_OBJECTS:beachdb_${layer}>)
  endif()
  foreach(package IN LISTS BEACHDB_PACKAGES_${layer})
    if(BEACHDB_${package}_LIBRARY)
      list(APPEND library_packages ${package})
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES library_packages)

add_library(beachdb_archive STATIC ${library_objects})
add_library(beachdb_shared SHARED ${library_objects})
add_library(beachdb::shared ALIAS beachdb_shared)
foreach(library archive shared)
  set_target_properties(beachdb_${library} PROPERTIES OUTPUT_NAME beachdb LINKER_LANGUAGE CXX)
  target_include_directories(beachdb_${library} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
set_target_properties(beachdb_archive PROPERTIES EXPORT_NAME beachdb)
# Until 1.0 a minor version may change the API: it is part of the soname.
set_target_properties(beachdb_shared PROPERTIES
  EXPORT_NAME shared
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/libbeachdb.map")
target_link_options(beachdb_shared PRIVATE
  "-Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/libbeachdb.map")

set(beachdb_system_libraries "")  # as pkg-config names them
foreach(package IN LISTS library_packages)
  target_link_libraries(beachdb_shared PRIVATE beachdb_pkg_${package})
  cmake_path(GET BEACHDB_${package}_LIBRARY STEM name)
  string(REGEX REPLACE "^lib" "-l" name "${name}")
  target_link_libraries(beachdb_archive INTERFACE ${name})
  string(APPEND beachdb_system_libraries " ${name}")
endforeach()
target_link_libraries(beachdb_archive INTERFACE Threads::Threads)
target_link_libraries(beachdb_shared PRIVATE Threads::Threads)

# ---- what goes where ----------------------------------------------------------------------------

install(TARGETS beachdb_shared EXPORT beachdb
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT dev)
install(TARGETS beachdb_archive EXPORT beachdb
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
install(FILES ${api_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/beachdb COMPONENT dev)
if(BEACHDB_PROGRAMS)
  set(user_programs ${BEACHDB_TOOL_PROGRAMS})
  list(REMOVE_ITEM user_programs crash)
  install(TARGETS ${user_programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
  # What the programs say of themselves, as manual pages and completions.
  set(said "${PROJECT_BINARY_DIR}/said")
  file(MAKE_DIRECTORY "${said}")
  set(pages "")
  foreach(program IN LISTS user_programs)
    add_custom_command(OUTPUT "${said}/${program}.1"
      COMMAND ${program} --man > "${said}/${program}.1" DEPENDS ${program} VERBATIM)
    list(APPEND pages "${said}/${program}.1")
  endforeach()
  set(completions "")
  foreach(shell_file bash=beach zsh=_beach fish=beach.fish)
    string(REPLACE "=" ";" pair "${shell_file}")
    list(GET pair 0 shell)
    list(GET pair 1 file)
    add_custom_command(OUTPUT "${said}/${file}"
      COMMAND beach completion ${shell} > "${said}/${file}" DEPENDS beach VERBATIM)
    list(APPEND completions "${said}/${file}")
  endforeach()
  add_custom_target(said ALL DEPENDS ${pages} ${completions})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)
  install(FILES "${said}/beach" COMPONENT tools
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions)
  install(FILES "${said}/_beach" COMPONENT tools
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/vendor-completions)
  install(FILES "${said}/beach.fish" COMPONENT tools
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d)
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/beachdb)
install(EXPORT beachdb NAMESPACE beachdb:: FILE beachdbTargets.cmake
  DESTINATION ${package_folder} COMPONENT dev)
configure_package_config_file(cmake/beachdbConfig.cmake.in
  "${PROJECT_BINARY_DIR}/beachdbConfig.cmake" INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/beachdbConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/beachdbConfig.cmake"
              "${PROJECT_BINARY_DIR}/beachdbConfigVersion.cmake"
  DESTINATION ${package_folder} COMPONENT dev)

# A .pc file says where it was installed, which is known then and not before.
foreach(name beachdb beachdb-static)
  install(CODE "
    set(BEACHDB_PREFIX \"\${CMAKE_INSTALL_PREFIX}\")
    set(BEACHDB_LIBDIR \"${CMAKE_INSTALL_LIBDIR}\")
    set(BEACHDB_INCLUDEDIR \"${CMAKE_INSTALL_INCLUDEDIR}\")
    set(BEACHDB_VERSION \"${PROJECT_VERSION}\")
    set(BEACHDB_SYSTEM_LIBRARIES \"${beachdb_system_libraries}\")
    configure_file(\"${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in\"
                   \"${PROJECT_BINARY_DIR}/${name}.pc\" @ONLY)"
    COMPONENT dev)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc"
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
endforeach()
