# cmake -D PROGRAM=... -D DIRECTORY=... [-D INTERPRETER=...] [-D NEEDS=... -D REMEDY=...]
#       -P RunInEmptyDirectory.cmake
# Runs PROGRAM in DIRECTORY, emptied first, so that an example may leave its database behind. Where
# the file NEEDS does not exist, says so and what to do, and runs nothing.
if(NEEDS AND NOT EXISTS "${NEEDS}")
  message(STATUS "skipped: there is no ${NEEDS}: ${REMEDY}")
  return()
endif()
file(REMOVE_RECURSE "${DIRECTORY}")
file(MAKE_DIRECTORY "${DIRECTORY}")
execute_process(COMMAND ${INTERPRETER} "${PROGRAM}" WORKING_DIRECTORY "${DIRECTORY}"
                RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}")
endif()
