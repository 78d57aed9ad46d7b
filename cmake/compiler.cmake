# Flags of every room. The code targets x86-64-v3, because simdjson chooses its on-demand kernel at
# compile time; app/main.cc alone is built for the baseline and checks the CPU first.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  # A precompiled header is known to ccache only with these (ccache manual, "Precompiled headers").
  set(ENV{CCACHE_SLOPPINESS} "pch_defines,time_macros,include_file_mtime,include_file_ctime")
endif()

set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
if(TOOLGATE_SANITIZE)
  # A sixth less to compile, and stacks that read as the code does; most rooms are compiled without
  # any optimization where their tests are what they are for (rooms.cmake).
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
endif()
set(TOOLGATE_ARCH -march=x86-64-v3)

add_library(toolgate_flags INTERFACE)
target_compile_options(toolgate_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror
  -Wno-missing-field-initializers
  -fno-omit-frame-pointer -fstack-protector-strong)
# Asio's deprecated parts and its exceptions-for-errors forms stay out of sight. A call has some 16
# coroutine frames; Asio keeps two for reuse and takes others from aligned_alloc, which glibc does
# not cache: that was a tenth of a call's time.
target_compile_definitions(toolgate_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_DATE_TIME
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=20
  BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN
  FMT_SHARED SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB)
target_include_directories(toolgate_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
# What the precompiled header was built with, every file must be built with.
add_compile_options(-pthread)
add_link_options(-fuse-ld=lld-19 -Wl,--gc-sections)

if(TOOLGATE_SANITIZE)
  add_compile_options(-fsanitize=${TOOLGATE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TOOLGATE_SANITIZE})
  # libstdc++ is not instrumented; its containers cross into our code.
  add_compile_definitions(TOOLGATE_SANITIZED)
endif()
if(TOOLGATE_FUZZ)
  # Counters of covered edges in every room; without a fuzzer's main they cost little.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
