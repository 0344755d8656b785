# What other programs can use alone: the modules with INSTALL, as the CMake package "schwarm", in the
# installation's component "libraries".
include(CMakePackageConfigHelpers)
set(config_dir lib/cmake/schwarm)
install(EXPORT schwarmTargets NAMESPACE schwarm:: DESTINATION ${config_dir} COMPONENT libraries)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/schwarmConfig.cmake.in
    ${PROJECT_BINARY_DIR}/schwarmConfig.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/schwarmConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/schwarmConfig.cmake
    ${PROJECT_BINARY_DIR}/schwarmConfigVersion.cmake
    DESTINATION ${config_dir} COMPONENT libraries)
