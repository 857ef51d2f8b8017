option(HEARTHLINE_TESTS "Build the tests" OFF)
option(HEARTHLINE_BENCH "Build the load and benchmark programs" ON)
option(HEARTHLINE_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(HEARTHLINE_WERROR "Treat warnings as errors" OFF)
set(HEARTHLINE_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined")
option(HEARTHLINE_COVERAGE "Instrument for gcov" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_library(hl_flags INTERFACE)
target_compile_definitions(hl_flags INTERFACE _GNU_SOURCE HEARTHLINE_VERSION="${PROJECT_VERSION}")
target_compile_options(hl_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wformat=2 -Wundef -Wvla -Wunused-result -Wpointer-arith -Wcast-qual
  -fno-common)
if(HEARTHLINE_WERROR)
  target_compile_options(hl_flags INTERFACE -Werror)
endif()
if(HEARTHLINE_SANITIZE)
  target_compile_options(hl_flags INTERFACE -fsanitize=${HEARTHLINE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(hl_flags INTERFACE -fsanitize=${HEARTHLINE_SANITIZE})
endif()
if(HEARTHLINE_COVERAGE)
  target_compile_options(hl_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(hl_flags INTERFACE --coverage)
endif()
if(HEARTHLINE_FUZZ)
  target_compile_options(hl_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
