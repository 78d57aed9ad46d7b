# Takes the common policies of AWS into the iam library (tools/aws_managed.py).
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
set(AWS_MANAGED_DIR ${CMAKE_BINARY_DIR}/aws_managed)
add_custom_command(
  OUTPUT ${AWS_MANAGED_DIR}/aws_managed_data.cc
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/aws_managed.py --out ${AWS_MANAGED_DIR}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/wheel.py ${CMAKE_SOURCE_DIR}/tools/aws_managed.py
    ${CMAKE_SOURCE_DIR}/tools/contract.py
  COMMENT "Taking the common policies of AWS"
  VERBATIM)
target_sources(toolgate_services_iam PRIVATE ${AWS_MANAGED_DIR}/aws_managed_data.cc)
set_source_files_properties(${AWS_MANAGED_DIR}/aws_managed_data.cc PROPERTIES
  SKIP_PRECOMPILE_HEADERS ON)
