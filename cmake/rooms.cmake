# hearthline_room(NAME folder [USES libraries...])
#
# Makes the static library NAME from every .c file directly in `folder`, except
# main.c. The folder's headers become visible to those that link NAME as
# "folder/x.h", through a directory that holds nothing but links to them.
# Nobody gets a global include path: what is not linked cannot be included.
function(hearthline_room name folder)
  cmake_parse_arguments(ROOM "" "" "USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.c)
  list(FILTER sources EXCLUDE REGEX "/main\\.c$")
  set(door ${CMAKE_BINARY_DIR}/rooms/${name})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.h)
  set(door ${CMAKE_BINARY_DIR}/rooms/${name})
  file(REMOVE_RECURSE ${door}) # a header that went must not be found any more
  file(MAKE_DIRECTORY ${door}/${folder})
  foreach(header ${headers})
    get_filename_component(file ${header} NAME)
    file(CREATE_LINK ${header} ${door}/${folder}/${file} SYMBOLIC)
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} INTERFACE ${door})
  target_link_libraries(${name} PRIVATE hl_flags ${ROOM_USES})
  # A room sees itself under the same name as its visitors do.
  target_include_directories(${name} PRIVATE ${door})
endfunction()

# hearthline_program(NAME main.c USES libraries...)
function(hearthline_program name main)
  cmake_parse_arguments(PROGRAM "" "" "USES" ${ARGN})
  add_executable(${name} ${main})
  target_link_libraries(${name} PRIVATE hl_flags ${PROGRAM_USES})
endfunction()
