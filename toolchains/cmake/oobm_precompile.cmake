# Headers that nearly every source reads, compiled once: one set for libraries, one for unit tests.
include_guard(GLOBAL)

# oobm_precompiled(TARGET library|test): TARGET's sources start from the precompiled headers, if they are wanted.
function(oobm_precompiled target kind)
  # What ships is compiled from its sources alone.
  if(NOT OOBM_PRECOMPILE OR (OOBM_SHIPPED AND kind STREQUAL "library"))
    return()
  endif()
  if(NOT TARGET oobm_precompiled_${kind})
    cmake_language(CALL oobm_precompile_${kind})
  endif()
  target_precompile_headers(${target} REUSE_FROM oobm_precompiled_${kind})
endfunction()

set(oobm_precompiled_headers
  <algorithm> <array> <chrono> <cstdint> <expected> <functional> <map> <memory> <optional> <ranges> <string> <string_view>
  <utility> <variant> <vector>)

function(oobm_precompile_library)
  file(WRITE "${CMAKE_BINARY_DIR}/precompiled.cpp" "")
  add_library(oobm_precompiled_library OBJECT "${CMAKE_BINARY_DIR}/precompiled.cpp")
  target_precompile_headers(oobm_precompiled_library PRIVATE ${oobm_precompiled_headers})
endfunction()

# A program, since a program's sources are compiled with -fPIE and a library's with -fPIC.
function(oobm_precompile_test)
  file(WRITE "${CMAKE_BINARY_DIR}/precompiled_main.cpp" "int main() {}\n")
  add_executable(oobm_precompiled_test EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/precompiled_main.cpp")
  target_link_libraries(oobm_precompiled_test PRIVATE GTest::gmock)
  oobm_test_options(oobm_precompiled_test)
  target_precompile_headers(oobm_precompiled_test PRIVATE ${oobm_precompiled_headers} <gmock/gmock.h> <gtest/gtest.h>)
endfunction()

if(OOBM_PRECOMPILE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # The time of a header must not be part of the result: ccache compares contents.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()
