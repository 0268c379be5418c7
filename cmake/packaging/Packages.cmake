# What is installed where, and what cpack makes of it (docs/packaging.md). The default build makes none of it.
#   system    the program where a distribution puts it; it uses the distribution's libraries
#   portable  the same with a launcher and the libraries that it needs, for any system
#   torch     LibTorch
#   common    all else
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
if(NOT TARGET headlight OR NOT TARGET headlight_engine)
    return()  # a build of some rooms
endif()
set(package ${CMAKE_BINARY_DIR}/package)  # what is made for packages alone
set(packaging ${PROJECT_SOURCE_DIR}/cmake/packaging)
set(HEADLIGHT_PACKAGE_CONTACT "The Headlight authors <packages@headlight.invalid>" CACHE STRING "Maintainer of the .deb")

add_executable(headlight_launcher EXCLUDE_FROM_ALL ${packaging}/launcher.cpp)
target_link_libraries(headlight_launcher PRIVATE headlight_options ${CMAKE_DL_LIBS})
# It runs before a C++ runtime is chosen, so it holds its own.
target_link_options(headlight_launcher PRIVATE -static-libstdc++ -static-libgcc)
set_target_properties(headlight_launcher PROPERTIES OUTPUT_NAME headlight RUNTIME_OUTPUT_DIRECTORY ${package}/bin)

# Manual pages and completions are what the program prints of itself.
set(manual ${package}/manual)
add_custom_command(OUTPUT ${package}/manual.stamp DEPENDS headlight VERBATIM
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${manual}
    COMMAND headlight manual --output-dir ${manual}
    COMMAND sh -c "gzip -9n \"$1\"/man/man1/*.1" gzip ${manual}
    COMMAND ${CMAKE_COMMAND} -E touch ${package}/manual.stamp
    COMMENT "Manual pages and completions")

set(icons)
set(icon_source ${PROJECT_SOURCE_DIR}/assets/icons/headlight.svg)
foreach(size 16 22 24 32 48 64 128 256 512)
    set(icon ${package}/icons/hicolor/${size}x${size}/apps/headlight.png)
    get_filename_component(folder ${icon} DIRECTORY)
    add_custom_command(OUTPUT ${icon} DEPENDS ${icon_source} VERBATIM
        COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
        COMMAND rsvg-convert --width ${size} --height ${size} --output ${icon} ${icon_source}
        COMMENT "Icon ${size} x ${size}")
    list(APPEND icons ${icon})
endforeach()

# The names of its inner functions are a fifth of LibTorch.
set(torch_libraries)
file(GLOB torch_sources ${HEADLIGHT_TORCH_LIB_DIR}/libtorch_cpu.so ${HEADLIGHT_TORCH_LIB_DIR}/libc10.so
    ${HEADLIGHT_TORCH_LIB_DIR}/libgomp*.so*)
foreach(source IN LISTS torch_sources)
    get_filename_component(name ${source} NAME)
    add_custom_command(OUTPUT ${package}/torch/${name} DEPENDS ${source} VERBATIM
        COMMAND ${CMAKE_COMMAND} -E make_directory ${package}/torch
        COMMAND ${CMAKE_STRIP} --strip-unneeded -o ${package}/torch/${name} ${source}
        COMMENT "${name} without names")
    list(APPEND torch_libraries ${package}/torch/${name})
endforeach()


string(TIMESTAMP HEADLIGHT_RELEASE_DATE "%Y-%m-%d" UTC)  # SOURCE_DATE_EPOCH says another one
configure_file(${packaging}/org.headlight.Headlight.metainfo.xml.in ${package}/org.headlight.Headlight.metainfo.xml @ONLY)

add_custom_target(package_files DEPENDS ${package}/manual.stamp ${icons} ${torch_libraries})
add_dependencies(package_files headlight headlight_engine headlight_launcher)

# All
install(TARGETS headlight_engine LIBRARY DESTINATION lib/headlight COMPONENT common)
# All other assets are inside of the program.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/assets/demo DESTINATION share/headlight/assets COMPONENT common)
install(DIRECTORY ${manual}/man DESTINATION share COMPONENT common)
install(DIRECTORY ${manual}/bash-completion ${manual}/fish DESTINATION share COMPONENT common)
install(DIRECTORY ${package}/icons/hicolor DESTINATION share/icons COMPONENT common)
install(FILES ${icon_source} DESTINATION share/icons/hicolor/scalable/apps COMPONENT common)
install(FILES ${packaging}/headlight.desktop DESTINATION share/applications COMPONENT common)
install(FILES ${packaging}/headlight-mime.xml DESTINATION share/mime/packages RENAME headlight.xml COMPONENT common)
install(FILES ${package}/org.headlight.Headlight.metainfo.xml DESTINATION share/metainfo COMPONENT common)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/headlight RENAME copyright COMPONENT common)
# What is compiled into the program has licences that go with it.
foreach(package_inside fonts-inter libimgui-dev libcli11-dev nlohmann-json3-dev libexpected-dev libboost-graph-dev libfmt-dev libspdlog-dev)
    install(FILES /usr/share/doc/${package_inside}/copyright DESTINATION share/doc/headlight/licences
        RENAME ${package_inside}.txt COMPONENT common)
endforeach()
install(FILES ${torch_libraries} DESTINATION lib/headlight COMPONENT torch)
install(FILES ${HEADLIGHT_TORCH_LIB_DIR}/../LICENSE DESTINATION share/doc/headlight RENAME libtorch-licence.txt COMPONENT torch)

# Where a distribution puts it
install(TARGETS headlight RUNTIME DESTINATION bin COMPONENT system)
set(zsh_folder share/zsh/site-functions)
if(EXISTS /etc/debian_version)
    set(zsh_folder share/zsh/vendor-completions)
endif()
install(FILES ${manual}/zsh/site-functions/_headlight DESTINATION ${zsh_folder} COMPONENT system)

# For any system
install(TARGETS headlight RUNTIME DESTINATION libexec COMPONENT portable EXCLUDE_FROM_ALL)
install(TARGETS headlight_launcher RUNTIME DESTINATION bin COMPONENT portable EXCLUDE_FROM_ALL)
install(FILES ${manual}/zsh/site-functions/_headlight DESTINATION share/zsh/site-functions COMPONENT portable EXCLUDE_FROM_ALL)
install(FILES ${packaging}/fonts.conf ${HEADLIGHT_INTER_DIR}/Inter-Regular.otf ${HEADLIGHT_INTER_DIR}/Inter-SemiBold.otf
    DESTINATION share/headlight/fonts COMPONENT portable EXCLUDE_FROM_ALL)
install(CODE "execute_process(COMMAND python3 ${packaging}/bundle.py --root \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\"
        --skip-dir ${HEADLIGHT_TORCH_LIB_DIR} $<TARGET_FILE:headlight> $<TARGET_FILE:headlight_engine>
    COMMAND_ERROR_IS_FATAL ANY)" COMPONENT portable EXCLUDE_FROM_ALL)

set(CPACK_PACKAGE_NAME headlight)
set(CPACK_PACKAGE_VENDOR "The Headlight authors")
set(CPACK_PACKAGE_CONTACT ${HEADLIGHT_PACKAGE_CONTACT})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "shows where a transformer looks: every layer, every head")
set(CPACK_PACKAGE_DESCRIPTION "Headlight opens a checkpoint and its tokenizer, runs the text that you type, captures the
attention of every layer and head exactly, and shows it at once: as a window, or as
reports and figures from the command line. LibTorch is inside.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
string(TOLOWER ${CMAKE_SYSTEM_NAME} system)
set(CPACK_PACKAGE_FILE_NAME headlight-${PROJECT_VERSION}-${system}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_GENERATOR DEB TXZ)
set(CPACK_PROJECT_CONFIG_FILE ${packaging}/package_kinds.cmake)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${package}/torch)
# What is drawn with is opened by name, so shlibdeps does not see it.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libgl1, fonts-inter | fonts-dejavu-core | fonts-noto-core")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libgl1-mesa-dri, fonts-inter, fonts-noto-core, fonts-noto-color-emoji, hicolor-icon-theme")
include(CPack)
