# Takes AWS's partitions into the targets library (tools/partitions.py).
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
set(PARTITIONS_DIR ${CMAKE_BINARY_DIR}/partitions)
add_custom_command(
  OUTPUT ${PARTITIONS_DIR}/partitions_data.cc
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/partitions.py --out ${PARTITIONS_DIR}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/wheel.py ${CMAKE_SOURCE_DIR}/tools/partitions.py
    ${CMAKE_SOURCE_DIR}/tools/contract.py
  COMMENT "Taking AWS's partitions"
  VERBATIM)
target_sources(toolgate_targets PRIVATE ${PARTITIONS_DIR}/partitions_data.cc)
set_source_files_properties(${PARTITIONS_DIR}/partitions_data.cc PROPERTIES
  SKIP_PRECOMPILE_HEADERS ON)
