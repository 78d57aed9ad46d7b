# room(NAME [COMPUTES] [USES room...] [LIBRARIES library...])
#
# A room is a folder of src/: every .cc in it and below is its library, every *_test.cc its test
# program NAME_test. It may include only headers of itself and of the rooms that USES names;
# tools/tidy.py reads the same lines and checks it.
#
# COMPUTES: its tests would take minutes if they were sanitized and not optimized.
#
# A folder that is itself a row of rooms (services/) names its rooms with a slash: services/iam.
function(room NAME)
  cmake_parse_arguments(ARG "COMPUTES" "" "USES;LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" ID ${NAME})
  set(LIB toolgate_${ID})
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${NAME}/*.cc)
  set(TESTS ${SOURCES})
  list(FILTER TESTS INCLUDE REGEX "_test\\.cc$")
  list(FILTER SOURCES EXCLUDE REGEX "_test\\.cc$")
  list(FILTER SOURCES EXCLUDE REGEX "app/main\\.cc$")

  set(DEPENDS "")
  foreach(ROOM ${ARG_USES})
    string(REPLACE "/" "_" ROOM_ID ${ROOM})
    list(APPEND DEPENDS toolgate_${ROOM_ID})
  endforeach()

  if(SOURCES)
    add_library(${LIB} STATIC ${SOURCES})
    target_compile_options(${LIB} PRIVATE ${TOOLGATE_ARCH} -ffunction-sections -fdata-sections)
    target_link_libraries(${LIB} PUBLIC toolgate_flags ${DEPENDS} ${ARG_LIBRARIES})
    if(TOOLGATE_SANITIZE AND TOOLGATE_TESTS AND NOT ARG_COMPUTES)
      target_compile_options(${LIB} PRIVATE -O0)
      toolgate_precompile(${LIB} toolgate_plain_pch)
    else()
      toolgate_precompile(${LIB} toolgate_pch)
    endif()
  else()
    add_library(${LIB} INTERFACE)
    target_link_libraries(${LIB} INTERFACE toolgate_flags ${DEPENDS} ${ARG_LIBRARIES})
  endif()

  if(TOOLGATE_TESTS AND TESTS)
    add_executable(${ID}_test ${TESTS})
    target_compile_options(${ID}_test PRIVATE ${TOOLGATE_ARCH} ${TOOLGATE_TEST_OPTIONS})
    target_link_libraries(${ID}_test PRIVATE ${LIB} GTest::gtest GTest::gtest_main)
    toolgate_precompile(${ID}_test toolgate_test_pch)
    add_test(NAME ${ID} COMMAND ${ID}_test)
    set_tests_properties(${ID} PROPERTIES TIMEOUT 600)
  endif()
endfunction()

# The standard library, Asio's awaitable and the Json type are precompiled and reused by all: once
# optimized; once plain, as rooms for sanitized tests are built: what is run once does not repay the
# four fifths of its compile time that optimizing takes; and once with GoogleTest, for tests. These
# are plain too, and no fuzzer's: counters of their edges would be a fifth of their compile time.
set(TOOLGATE_TEST_OPTIONS -O0)
if(TOOLGATE_FUZZ)
  list(APPEND TOOLGATE_TEST_OPTIONS -fno-sanitize=fuzzer-no-link)
endif()
function(toolgate_precompiled PCH)
  cmake_parse_arguments(ARG "" "" "HEADERS;OPTIONS;LIBRARIES" ${ARGN})
  add_library(${PCH} OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
  # Without the times of the headers in it, it is the same in every clone, and ccache knows what was
  # compiled with it (ccache manual, "Precompiled headers").
  target_compile_options(${PCH} PRIVATE ${TOOLGATE_ARCH} ${ARG_OPTIONS}
                         "SHELL:-Xclang -fno-pch-timestamp")
  target_link_libraries(${PCH} PRIVATE toolgate_flags Boost::headers fmt::fmt ${ARG_LIBRARIES})
  target_precompile_headers(${PCH} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h ${ARG_HEADERS})
endfunction()
toolgate_precompiled(toolgate_pch)
toolgate_precompiled(toolgate_plain_pch OPTIONS -O0)
if(TOOLGATE_TESTS)
  toolgate_precompiled(toolgate_test_pch OPTIONS ${TOOLGATE_TEST_OPTIONS}
                       HEADERS <gtest/gtest.h> LIBRARIES GTest::gtest)
endif()
function(toolgate_precompile TARGET PCH)
  target_compile_options(${TARGET} PRIVATE -Winvalid-pch)
  target_precompile_headers(${TARGET} REUSE_FROM ${PCH})
endfunction()
