# Files that stand in a library as text.
#
#   embedded(LIBRARY HEADER NAMESPACE NAME FILE [NAME FILE …])
#
# defines NAMESPACE::NAME, which HEADER declares as `extern const std::string_view`, for each file.
function(embedded LIBRARY HEADER NAMESPACE)
  set(EMBEDDED "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
  while(ARGN)
    list(POP_FRONT ARGN name file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(APPEND EMBEDDED "const std::string_view ${name} = R\"embedded(${text})embedded\";\n")
  endwhile()
  string(APPEND EMBEDDED "}\n")
  set(source ${CMAKE_BINARY_DIR}/embedded/${LIBRARY}.cc)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "@EMBEDDED@")
  target_sources(${LIBRARY} PRIVATE ${source})
endfunction()
