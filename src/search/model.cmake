# Makes the file of the embedding model beside the binary (tools/model.py). Where it cannot be
# fetched, the build goes on: the server then searches by words and says so.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
set(MODEL_FILE ${CMAKE_BINARY_DIR}/minilm.model)
add_custom_command(
  OUTPUT ${MODEL_FILE}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/model.py --out ${MODEL_FILE}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/wheel.py
    ${CMAKE_SOURCE_DIR}/tools/model.py ${CMAKE_SOURCE_DIR}/tools/characters.txt
  COMMENT "Converting the embedding model"
  VERBATIM)
add_custom_target(minilm_model ALL DEPENDS ${MODEL_FILE})
if(TOOLGATE_TESTS)
  add_dependencies(search_test minilm_model)
  set_tests_properties(search PROPERTIES ENVIRONMENT TOOLGATE_MODEL=${MODEL_FILE})
endif()
