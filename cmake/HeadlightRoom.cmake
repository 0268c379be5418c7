# A room is one folder of src/: a static library `headlight_<room>` whose sources are the .cpp files of the folder and
# of its subfolders. Registries (.def) are the exception: their entries are read from the list, so that a listed file
# that is missing fails at configure time and a file that is not listed is not built.
option(HEADLIGHT_UNITY "Compile several sources at once: builds from nothing are much faster, edits slower" OFF)

# headlight_read_registry(<out> <def file>): names in HEADLIGHT_...(name) lines, in order; <out>_FILES are their sources.
# A second word names the file where it is not called as the entry: HEADLIGHT_DETECTOR(offset_2, offsets).
function(headlight_read_registry out def)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${def})
    get_filename_component(folder ${def} DIRECTORY)
    file(STRINGS ${def} lines REGEX "^HEADLIGHT_[A-Z_]+\\(")
    set(names)
    set(files)
    foreach(line IN LISTS lines)
        string(REGEX MATCH "^HEADLIGHT_[A-Z_]+\\(([A-Za-z0-9_]+)(, *([A-Za-z0-9_/.]+))?" found "${line}")
        set(name ${CMAKE_MATCH_1})
        set(file ${CMAKE_MATCH_1})
        if(CMAKE_MATCH_3)
            set(file ${CMAKE_MATCH_3})
        endif()
        if(NOT EXISTS ${folder}/${file}.cpp)
            message(FATAL_ERROR "${def} lists '${name}', but ${folder}/${file}.cpp does not exist")
        endif()
        list(APPEND names ${name})
        get_filename_component(source ${folder}/${file}.cpp ABSOLUTE)
        list(APPEND files ${source})
    endforeach()
    list(REMOVE_DUPLICATES files)
    set(${out} ${names} PARENT_SCOPE)
    set(${out}_FILES ${files} PARENT_SCOPE)
endfunction()

# headlight_room_sources(<out> [lists.def...]): the sources of the current folder, registry entries as their lists say. A
# source directly in the folder of a list is compiled only if some list names it.
function(headlight_room_sources out)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    set(named)
    foreach(def IN LISTS ARGN)
        get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR}/${def} DIRECTORY)
        headlight_read_registry(entries ${CMAKE_CURRENT_SOURCE_DIR}/${def})
        if(NOT folder STREQUAL CMAKE_CURRENT_SOURCE_DIR)
            list(FILTER sources EXCLUDE REGEX "^${folder}/[^/]*$")
        endif()
        list(APPEND named ${entries_FILES})
    endforeach()
    if(named)
        # Entries name their parts alike (matches, read_config, draw), so each is compiled by itself.
        set_source_files_properties(${named} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
        list(APPEND sources ${named})
        list(REMOVE_DUPLICATES sources)
    endif()
    set(${out} ${sources} PARENT_SCOPE)
endfunction()

# Both only where HEADLIGHT_UNITY asks for them: `dev` compiles file by file, so that includes stay honest.
# headlight_parse_once(<target> [headers...]): headers that almost every file includes are parsed once.
function(headlight_parse_once target)
    if(HEADLIGHT_UNITY)
        target_precompile_headers(${target} PRIVATE <algorithm> <filesystem> <functional> <map> <memory> <optional> <span>
            <string> <vector> ${ARGN})
    endif()
endfunction()

# headlight_compile_together(<target> [headers...]): the same, and sources in batches.
function(headlight_compile_together target)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${HEADLIGHT_UNITY} UNITY_BUILD_BATCH_SIZE 12)
    headlight_parse_once(${target} ${ARGN})
endfunction()

# headlight_link_rooms(<target> DEPENDS rooms... [LINK libraries...]): what the target may include and is linked with. The
# one place where an arrow is written: tests/lint compares every #include, and the table of docs/architecture.md.
function(headlight_link_rooms target)
    cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${target} PRIVATE headlight_options)
    foreach(dep IN LISTS ARG_DEPENDS)
        if(TARGET headlight_${dep})
            target_link_libraries(${target} PUBLIC headlight_${dep})
        endif()
    endforeach()
    target_link_libraries(${target} PUBLIC ${ARG_LINK})
endfunction()

# headlight_add_room(<room> [DEPENDS rooms...] [LINK libraries...] [REGISTRIES sub/list.def...])
function(headlight_add_room room)
    cmake_parse_arguments(ARG "" "" "DEPENDS;LINK;REGISTRIES" ${ARGN})
    headlight_room_sources(sources ${ARG_REGISTRIES})
    add_library(headlight_${room} STATIC ${sources})
    headlight_compile_together(headlight_${room} <fmt/format.h> <tl/expected.hpp>)
    headlight_link_rooms(headlight_${room} DEPENDS ${ARG_DEPENDS} LINK ${ARG_LINK})
endfunction()

# headlight_add_test(<name> LABEL <label> [ROOMS rooms...] [LINK libraries...] SOURCES files...)
# One doctest executable per room; tests/<room>/ mirrors src/<room>/. The tests see where the clone lies, and
# the fixtures beside it (which may be absent: such tests say so and skip).
function(headlight_add_test name)
    cmake_parse_arguments(ARG "" "LABEL" "ROOMS;LINK;SOURCES" ${ARGN})
    if(NOT TARGET headlight_test_support)
        add_library(headlight_test_support STATIC ${PROJECT_SOURCE_DIR}/tests/support/test_main.cpp
            ${PROJECT_SOURCE_DIR}/tests/support/places.cpp)
        target_include_directories(headlight_test_support PUBLIC ${PROJECT_SOURCE_DIR}/tests)
        target_link_libraries(headlight_test_support PUBLIC headlight_options doctest::doctest)
        set_source_files_properties(${PROJECT_SOURCE_DIR}/tests/support/places.cpp TARGET_DIRECTORY headlight_test_support
            PROPERTIES COMPILE_DEFINITIONS
            "HEADLIGHT_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\";HEADLIGHT_BINARY_DIR=\"${CMAKE_BINARY_DIR}\"")
    endif()
    add_executable(${name} ${ARG_SOURCES})
    if(NOT torch_cpu IN_LIST ARG_LINK)  # LibTorch defines CHECK too: such tests include doctest after it
        headlight_parse_once(${name} <doctest/doctest.h> <fmt/format.h> <tl/expected.hpp>)
    endif()
    foreach(room IN LISTS ARG_ROOMS)
        target_link_libraries(${name} PRIVATE headlight_${room})
    endforeach()
    target_link_libraries(${name} PRIVATE headlight_test_support ${ARG_LINK})
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()
