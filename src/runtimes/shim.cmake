# Takes the shims into the runtimes library as text.
embedded(toolgate_runtimes runtimes/shims.h toolgate::runtimes
  python_shim_text ${CMAKE_CURRENT_SOURCE_DIR}/runtimes/shim/sitecustomize.py
  node_shim_text ${CMAKE_CURRENT_SOURCE_DIR}/runtimes/shim/node.cjs)
