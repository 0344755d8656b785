# schwarm_module(NAME RANK n [DEPS m...] [LINK targets...] [PRIVATE_LINK targets...] [DIR folder]
#                [INSTALL])
#
# A module is a folder below src/ with include/schwarm/<module>/, src/, test/ and a README.
# Ranks are enforced here: a module may only use modules of a smaller rank (../shared design:
# "Where things live"). For each module this makes
#   schwarm_<name>        the static library (headers published from include/ only)
#   link_<name>           a link test: the whole archive and the declared dependencies, nothing else
#   test_<name>           the unit tests below test/, where there are any
#   fuzz_<x>              for each fuzz/<x>_fuzz.cpp, with SCHWARM_FUZZ (clang only)
# With INSTALL the library is part of the CMake package (cmake/SchwarmInstall.cmake).
# It also registers the public headers for the self-containment check.
#
# Adapters (net, storage_sqlite, ...) have RANK A: they may use any module up to rank 9, and
# only modules of rank 10 and above, and tests, may use them.
include(GoogleTest)
set_property(GLOBAL PROPERTY SCHWARM_MODULES "")

function(_schwarm_rank_number rank out)
    if(rank STREQUAL "A")
        set(${out} 9.5 PARENT_SCOPE)
    else()
        set(${out} ${rank} PARENT_SCOPE)
    endif()
endfunction()

function(schwarm_module name)
    cmake_parse_arguments(M "INSTALL" "RANK;DIR" "DEPS;LINK;PRIVATE_LINK;TEST_DEPS" ${ARGN})
    if(NOT M_DIR)
        set(M_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    endif()
    set(target schwarm_${name})
    _schwarm_rank_number(${M_RANK} own)
    foreach(dep IN LISTS M_DEPS)
        get_property(dep_rank GLOBAL PROPERTY SCHWARM_RANK_${dep})
        if("${dep_rank}" STREQUAL "")
            message(FATAL_ERROR "module ${name}: unknown module '${dep}' in DEPS (declared later, or of a higher rank)")
        endif()
        _schwarm_rank_number(${dep_rank} theirs)
        if(NOT theirs LESS own)
            message(FATAL_ERROR "module ${name} (rank ${M_RANK}) may not depend on ${dep} (rank ${dep_rank}): dependencies point down only")
        endif()
    endforeach()
    set_property(GLOBAL PROPERTY SCHWARM_RANK_${name} ${M_RANK})
    set_property(GLOBAL APPEND PROPERTY SCHWARM_MODULES ${name})

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${M_DIR}/src/*.cpp)
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${M_DIR}/include/*.hpp)
    add_library(${target} STATIC ${sources})
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${M_DIR}/include FILES ${headers})
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON LINKER_LANGUAGE CXX)
    target_include_directories(${target} PRIVATE ${M_DIR}/src)
    foreach(dep IN LISTS M_DEPS)
        target_link_libraries(${target} PUBLIC schwarm_${dep})
    endforeach()
    target_link_libraries(${target} PUBLIC ${M_LINK}
        PRIVATE $<BUILD_INTERFACE:schwarm_warnings> ${M_PRIVATE_LINK})

    if(M_INSTALL)
        target_compile_features(${target} PUBLIC cxx_std_20)
        set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
        add_library(schwarm::${name} ALIAS ${target})
        install(TARGETS ${target} EXPORT schwarmTargets
            ARCHIVE DESTINATION lib COMPONENT libraries
            FILE_SET HEADERS DESTINATION include COMPONENT libraries)
        install(DIRECTORY ${M_DIR}/include/ DESTINATION include COMPONENT libraries
            FILES_MATCHING PATTERN "*.def")
    endif()

    if(SCHWARM_FUZZ)
        file(GLOB fuzzers CONFIGURE_DEPENDS ${M_DIR}/fuzz/*_fuzz.cpp)
        foreach(source IN LISTS fuzzers)
            get_filename_component(fuzzer ${source} NAME_WE)
            string(REGEX REPLACE "_fuzz$" "" fuzzer ${fuzzer})
            add_executable(fuzz_${fuzzer} ${source})
            target_link_libraries(fuzz_${fuzzer} PRIVATE ${target} schwarm_warnings)
            target_link_options(fuzz_${fuzzer} PRIVATE -fsanitize=fuzzer)
            add_dependencies(fuzzers fuzz_${fuzzer})
        endforeach()
    endif()

    if(SCHWARM_TESTS)
        add_executable(link_${name} ${PROJECT_SOURCE_DIR}/cmake/link_test.cpp)
        target_link_libraries(link_${name} PRIVATE
            -Wl,--whole-archive ${target} -Wl,--no-whole-archive)
        file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${M_DIR}/test/*_test.cpp)
        if(tests)
            add_executable(test_${name} ${tests})
            target_include_directories(test_${name} PRIVATE ${M_DIR}/src ${M_DIR}/test
                ${PROJECT_SOURCE_DIR}/tests/support)
            target_link_libraries(test_${name} PRIVATE ${target} schwarm_warnings GTest::gtest_main GTest::gmock)
            foreach(dep IN LISTS M_TEST_DEPS)
                target_link_libraries(test_${name} PRIVATE schwarm_${dep})
            endforeach()
            target_compile_definitions(test_${name} PRIVATE
                SCHWARM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                SCHWARM_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
            gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}/"
                DISCOVERY_TIMEOUT 60
                PROPERTIES TIMEOUT 600 SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
        endif()
    endif()
endfunction()
