# Build rules shared by every room: language level, warnings, and how a library or a test is declared.

include(GNUInstallDirs)

option(OOBM_TESTS "Build tests and bench programs" ON)
option(OOBM_SIMULATORS "Build alms-sim and modem-sim" ON)
option(OOBM_SHIPPED "Build as shipped: hardened, link-time optimised, C++ runtime linked statically" OFF)
option(OOBM_PRECOMPILE "Precompile the headers that most sources read" OFF)
set(OOBM_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# Third-party libraries: link oobm::asio, oobm::json, oobm::cli11, oobm::cares, oobm::mbedtls, oobm::paho_mqttpp,
# oobm::paho_mqttpp_ssl (bench programs only) or oobm::seccomp.
include(oobm_static)
include(asio)
include(cares)
include(json)
include(mbedtls)
include(paho)
include(seccomp)
if(OOBM_TESTS OR OOBM_SIMULATORS)
  include(cli11)
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast> $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>
  -Werror -ffunction-sections -fdata-sections
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
add_link_options(-Wl,--gc-sections -Wl,--as-needed)
add_compile_definitions(ASIO_STANDALONE ASIO_NO_DEPRECATED)

if(OOBM_SANITIZE)
  add_compile_options(-fsanitize=${OOBM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${OOBM_SANITIZE})
endif()
if(OOBM_SHIPPED)
  include(oobm_shipped)
else()
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

# Includes are written from the top of the tree ("agent/core/time.hpp"); the HAL's public
# contracts are <oobm/hal/...>, so that a board author needs only hal/include.
include_directories("${CMAKE_SOURCE_DIR}")

include(oobm_precompile)

# oobm_library(NAME SOURCES ... [LINKS ...])
function(oobm_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC ${arg_LINKS})
  oobm_precompiled(${name} library)
endfunction()

# What is tested is built as shipped; the tests themselves need not be small, but soon compiled.
function(oobm_test_options name)
  if(OOBM_SHIPPED)
    target_compile_options(${name} PRIVATE -O0 -fno-lto -U_FORTIFY_SOURCE)
  endif()
endfunction()

# oobm_unit_test(NAME SOURCES ... [LINKS ...] [NATIVE_ONLY]): one GoogleTest program, its cases listed to CTest under the
# label "unit"; GTest::gmock_main supplies main(). NATIVE_ONLY leaves it out of cross builds: for what an emulator of user
# programs cannot do (seccomp filters, network namespaces).
function(oobm_unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NATIVE_ONLY" "" "SOURCES;LINKS")
  if(arg_NATIVE_ONLY AND CMAKE_CROSSCOMPILING)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} GTest::gmock_main)
  target_compile_definitions(${name} PRIVATE OOBM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  oobm_test_options(${name})
  oobm_precompiled(${name} test)
  if(CMAKE_CROSSCOMPILING)
    # As a whole: the emulator translates a program anew each time it starts, which would take longer than its cases.
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 600)
  else()
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit TIMEOUT 120)
  endif()
  add_dependencies(unit_tests ${name})
endfunction()
