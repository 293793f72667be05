# attestml_precompile(TARGET header…): the headers that most files read are read once a target.
function(attestml_precompile TARGET)
  target_precompile_headers(${TARGET} PRIVATE <algorithm> <map> <memory> <optional> <string> <vector>
    <nlohmann/json.hpp> ${ARGN})
endfunction()

# Tests are compiled without optimisation: what they test is not, and they are half of all there is to compile.
function(attestml_test_options TARGET)
  target_compile_options(${TARGET} PRIVATE -O0)
  if(NOT ATTESTML_PCH STREQUAL "OFF")
    attestml_precompile(${TARGET} <gtest/gtest.h>)
  endif()
endfunction()

# attestml_small(TARGET): code that runs once a run, not once a record. The prover hashes its own program, so what is
# not worth inlining costs twice.
function(attestml_small TARGET)
  target_compile_options(${TARGET} PRIVATE $<$<CONFIG:Release>:-Os>)
endfunction()

# attestml_small_sources(FILE…): the same for some files of a folder, which then precompile no header.
function(attestml_small_sources)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-Os> SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# attestml_folder(NAME [NO_EXCEPTIONS] [SMALL] DEPENDS folder… LINK target…)
#
# Each folder of src/ is one library, attestml_NAME, of every *.cc in it that is not a test; DEPENDS is what the table
# in ARCHITECTURE.md allows. Its *_test.cc become one program, NAME_test, beside it.
function(attestml_folder NAME)
  cmake_parse_arguments(FOLDER "NO_EXCEPTIONS;SMALL" "" "DEPENDS;LINK;TEST_LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/engine/(torch|onednn|builtin)/")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER tests EXCLUDE REGEX "/engine/(torch|onednn|builtin)/")
  string(REPLACE "/" "_" target ${NAME})
  if(sources)
    add_library(attestml_${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(attestml_${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(attestml_${target} ${scope} ${CMAKE_SOURCE_DIR}/src)
  list(TRANSFORM FOLDER_DEPENDS PREPEND attestml_)
  target_link_libraries(attestml_${target} ${scope} ${FOLDER_DEPENDS} ${FOLDER_LINK})
  if(FOLDER_NO_EXCEPTIONS AND sources)
    target_compile_options(attestml_${target} PRIVATE -fno-exceptions)
  endif()
  if(FOLDER_SMALL AND sources)
    attestml_small(attestml_${target})
  endif()
  if(sources AND ATTESTML_PCH STREQUAL "ALL")
    attestml_precompile(attestml_${target})
  endif()
  if(tests AND ATTESTML_TESTS)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE attestml_${target} ${FOLDER_TEST_LINK} GTest::gtest_main Threads::Threads)
    target_compile_definitions(${target}_test PRIVATE ATTESTML_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    attestml_test_options(${target}_test)
    gtest_discover_tests(${target}_test TEST_PREFIX "${NAME}: " DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
endfunction()
