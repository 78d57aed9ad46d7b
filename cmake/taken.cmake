# Sources that a tool writes at build time, of a package that it fetches by name.
#
#   taken(LIBRARY TOOL SOURCE "what is said while it runs" [MORE_TOOLS …])
#
# runs tools/TOOL.py --out DIR, which writes DIR/SOURCE and what that refers to. The tool runs anew
# when it, one of MORE_TOOLS or a file named with its path changes.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

function(taken LIBRARY TOOL SOURCE COMMENT)
  set(folder ${CMAKE_BINARY_DIR}/${TOOL})
  set(depends)
  foreach(one wheel ${TOOL} ${ARGN})
    if(IS_ABSOLUTE ${one})
      list(APPEND depends ${one})
    else()
      list(APPEND depends ${CMAKE_SOURCE_DIR}/tools/${one}.py)
    endif()
  endforeach()
  add_custom_command(
    OUTPUT ${folder}/${SOURCE}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/${TOOL}.py --out ${folder}
    DEPENDS ${depends}
    COMMENT "${COMMENT}"
    VERBATIM)
  target_sources(${LIBRARY} PRIVATE ${folder}/${SOURCE})
  # The assembler reads files beside some sources, which the compiler's list of what a source
  # includes does not name: a source that was written anew is compiled anew.
  set_source_files_properties(${folder}/${SOURCE} PROPERTIES
    OBJECT_DEPENDS ${folder}/${SOURCE} SKIP_PRECOMPILE_HEADERS ON)
endfunction()
