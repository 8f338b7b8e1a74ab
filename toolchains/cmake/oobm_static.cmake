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

# oobm_source_package(NAME VARIABLE): VARIABLE becomes the folder with the sources of Debian's source package NAME, Debian's
# patches applied, where what ships is built and the package is there; else it is empty. The folder is named after the
# package's version, so that another version is never built from what is left of this one.
set(OOBM_SOURCE_PACKAGES /sysroot/source CACHE PATH "Folder with Debian source packages")
function(oobm_source_package name variable)
  set(${variable} "" PARENT_SCOPE)
  file(GLOB package CONFIGURE_DEPENDS "${OOBM_SOURCE_PACKAGES}/${name}_*.dsc")
  if(NOT OOBM_SHIPPED OR NOT package)
    return()
  endif()
  cmake_path(GET package STEM LAST_ONLY version)
  set(folder "${CMAKE_BINARY_DIR}/source/${version}")
  if(NOT EXISTS "${folder}")
    file(REMOVE_RECURSE "${folder}.new")
    file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/source")
    execute_process(COMMAND dpkg-source --no-check --extract "${package}" "${folder}.new" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    file(RENAME "${folder}.new" "${folder}")
  endif()
  set_property(GLOBAL APPEND PROPERTY OOBM_SOURCE_FOLDERS "${folder}")  # for the bill of materials
  set(${variable} "${folder}" PARENT_SCOPE)
endfunction()

# oobm_source_library(TARGET SOURCE...): a static library of C from a source package, hardened as what ships is. Its warnings
# are its authors'; no exception passes through C, so that it needs no tables for that.
function(oobm_source_library target)
  add_library(${target} STATIC ${ARGN})
  target_compile_options(${target} PRIVATE -w -ffunction-sections -fdata-sections -fstack-protector-strong
    -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=."
    -fno-asynchronous-unwind-tables -fno-unwind-tables)
endfunction()
