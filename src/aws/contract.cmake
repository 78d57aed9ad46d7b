# Cuts the AWS service models at build time and takes them into the aws library (tools/contract.py).
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
set(CONTRACT_DIR ${CMAKE_BINARY_DIR}/contract)
add_custom_command(
  OUTPUT ${CONTRACT_DIR}/contract_data.cc
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/contract.py --out ${CONTRACT_DIR}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/wheel.py ${CMAKE_SOURCE_DIR}/tools/contract.py
    ${CMAKE_CURRENT_SOURCE_DIR}/aws/served.txt
  COMMENT "Cutting the AWS service models"
  VERBATIM)
target_sources(toolgate_aws PRIVATE ${CONTRACT_DIR}/contract_data.cc)
# The assembler reads the cut models, which the compiler's own list of dependencies does not name.
set_source_files_properties(${CONTRACT_DIR}/contract_data.cc PROPERTIES
  OBJECT_DEPENDS ${CONTRACT_DIR}/contract_data.cc SKIP_PRECOMPILE_HEADERS ON)
