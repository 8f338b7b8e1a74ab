# Third-party libraries as imported targets, linked statically: the shipped program may need the C library and nothing else.

# oobm_static_archive(TARGET ARCHIVE PACKAGE): TARGET becomes the static library ARCHIVE (a file name such as
# libcares.a), which Debian's PACKAGE ships. Its headers are system headers: our warnings do not apply to them.
function(oobm_static_archive target archive package)
  string(MAKE_C_IDENTIFIER "OOBM_${archive}" found)
  find_library(${found} NAMES "${archive}")
  mark_as_advanced(${found})
  if(NOT ${found})
    message(FATAL_ERROR "${archive} is missing: install Debian's ${package}, or build with ./dev, whose root has it")
  endif()
  set(location "${${found}}")
  if(OOBM_SHIPPED)
    oobm_without_unwinding("${location}" location)
  endif()
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${location}")
endfunction()

# oobm_without_unwinding(ARCHIVE VARIABLE): VARIABLE becomes the path of a copy of ARCHIVE that lacks the tables by which
# exceptions pass through a function, a tenth of what it would add to the program. None passes through one of C; C++
# archives are left as they are.
function(oobm_without_unwinding archive variable)
  get_filename_component(name "${archive}" NAME)
  if(name MATCHES "pp[0-9]*\\.a$")
    return()
  endif()
  set(copy "${CMAKE_BINARY_DIR}/archives/${name}")
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/archives")
  execute_process(COMMAND "${CMAKE_OBJCOPY}" -R .eh_frame -R .rela.eh_frame "${archive}" "${copy}" COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} "${copy}" PARENT_SCOPE)
endfunction()

# oobm_headers(TARGET HEADER PACKAGE): adds the folder that HEADER stands in to TARGET's system includes.
function(oobm_headers target header package)
  string(MAKE_C_IDENTIFIER "OOBM_INCLUDE_${header}" found)
  find_path(${found} NAMES "${header}")
  mark_as_advanced(${found})
  if(NOT ${found})
    message(FATAL_ERROR "<${header}> is missing: install Debian's ${package}, or build with ./dev, whose root has it")
  endif()
  target_include_directories(${target} SYSTEM INTERFACE "${${found}}")
endfunction()

# oobm_header_library(TARGET HEADER PACKAGE): a library that is headers only.
function(oobm_header_library target header package)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  oobm_headers(${target} "${header}" "${package}")
endfunction()
