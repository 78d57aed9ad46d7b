# Takes our programs that run handlers into the functions library as text.
embedded(toolgate_functions functions/bootstraps.h toolgate::functions
  python_bootstrap_text ${CMAKE_CURRENT_SOURCE_DIR}/functions/bootstrap/bootstrap.py
  node_bootstrap_text ${CMAKE_CURRENT_SOURCE_DIR}/functions/bootstrap/bootstrap.mjs)
