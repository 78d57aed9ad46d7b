# Takes our programs that run handlers into the functions library as text.
set(BOOTSTRAP_FOLDER ${CMAKE_CURRENT_SOURCE_DIR}/functions/bootstrap)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${BOOTSTRAP_FOLDER}/bootstrap.py ${BOOTSTRAP_FOLDER}/bootstrap.mjs)
file(READ ${BOOTSTRAP_FOLDER}/bootstrap.py PYTHON_BOOTSTRAP_TEXT)
file(READ ${BOOTSTRAP_FOLDER}/bootstrap.mjs NODE_BOOTSTRAP_TEXT)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/functions/bootstrap_texts.cc @ONLY CONTENT [[
#include "functions/bootstraps.h"

namespace toolgate::functions {
const std::string_view python_bootstrap_text = R"bootstrap(@PYTHON_BOOTSTRAP_TEXT@)bootstrap";
const std::string_view node_bootstrap_text = R"bootstrap(@NODE_BOOTSTRAP_TEXT@)bootstrap";
}
]])
target_sources(toolgate_functions PRIVATE ${CMAKE_BINARY_DIR}/functions/bootstrap_texts.cc)
