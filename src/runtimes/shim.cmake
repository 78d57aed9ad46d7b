# Takes the shims into the runtimes library as text.
set(SHIM_FOLDER ${CMAKE_CURRENT_SOURCE_DIR}/runtimes/shim)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${SHIM_FOLDER}/sitecustomize.py ${SHIM_FOLDER}/node.cjs)
file(READ ${SHIM_FOLDER}/sitecustomize.py PYTHON_SHIM_TEXT)
file(READ ${SHIM_FOLDER}/node.cjs NODE_SHIM_TEXT)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/shim/shim_texts.cc @ONLY CONTENT [[
#include "runtimes/shims.h"

namespace toolgate::runtimes {
const std::string_view python_shim_text = R"shim(@PYTHON_SHIM_TEXT@)shim";
const std::string_view node_shim_text = R"shim(@NODE_SHIM_TEXT@)shim";
}
]])
target_sources(toolgate_runtimes PRIVATE ${CMAKE_BINARY_DIR}/shim/shim_texts.cc)
