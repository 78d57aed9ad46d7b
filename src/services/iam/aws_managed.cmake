# Takes the policies of AWS whose documents are known into the iam library as text.
set(AWS_MANAGED_FILE ${CMAKE_CURRENT_SOURCE_DIR}/services/iam/aws_managed.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${AWS_MANAGED_FILE})
file(READ ${AWS_MANAGED_FILE} AWS_MANAGED_TEXT)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/services/iam/aws_managed_text.cc @ONLY CONTENT [[
#include "services/iam/aws_managed.h"

namespace toolgate::services::iam {
const std::string_view aws_managed_text = R"aws(@AWS_MANAGED_TEXT@)aws";
}
]])
target_sources(toolgate_services_iam PRIVATE
  ${CMAKE_BINARY_DIR}/services/iam/aws_managed_text.cc)
