# Takes the Python shim into the app library as text; `toolgate` writes it where Python finds it.
set(SHIM_FILE ${CMAKE_CURRENT_SOURCE_DIR}/app/shim/sitecustomize.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${SHIM_FILE})
file(READ ${SHIM_FILE} SHIM_TEXT)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/shim/shim_text.cc @ONLY CONTENT [[
#include "app/trust_files.h"

namespace toolgate::app {
const std::string_view shim_text = R"shim(@SHIM_TEXT@)shim";
}
]])
target_sources(toolgate_app PRIVATE ${CMAKE_BINARY_DIR}/shim/shim_text.cc)
