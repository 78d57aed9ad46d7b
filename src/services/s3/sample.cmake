# Makes the sample of the public bucket at build time and takes it into the s3 library.
set(SAMPLE_DIR ${CMAKE_BINARY_DIR}/smithy_sample)
add_custom_command(
  OUTPUT ${SAMPLE_DIR}/sample_data.cc
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/smithy_sample.py --out ${SAMPLE_DIR}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/wheel.py
    ${CMAKE_SOURCE_DIR}/tools/smithy_sample.py ${CMAKE_SOURCE_DIR}/tools/smithy_models.py
    ${CMAKE_SOURCE_DIR}/tools/contract.py
  COMMENT "Making the Smithy model of DynamoDB"
  VERBATIM)
target_sources(toolgate_services_s3 PRIVATE ${SAMPLE_DIR}/sample_data.cc)
set_source_files_properties(${SAMPLE_DIR}/sample_data.cc PROPERTIES
  OBJECT_DEPENDS ${SAMPLE_DIR}/sample_data.cc SKIP_PRECOMPILE_HEADERS ON)
