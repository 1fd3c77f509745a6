# cmake -D PROGRAM=... -D DIRECTORY=... -P RunInEmptyDirectory.cmake
# Runs PROGRAM in DIRECTORY, emptied first, so that an example may leave its database behind.
file(REMOVE_RECURSE "${DIRECTORY}")
file(MAKE_DIRECTORY "${DIRECTORY}")
execute_process(COMMAND "${PROGRAM}" WORKING_DIRECTORY "${DIRECTORY}" RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}")
endif()
