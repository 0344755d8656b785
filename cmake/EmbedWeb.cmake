# schwarm_embed_web(target folder): puts the files of web/ and the needed parts of its npm packages
# into the target, with a content hash and a compressed copy each (see src/html assets.hpp).
function(schwarm_embed_web target web)
    set(kern ${web}/node_modules/@kern-ux/native/dist)
    if(NOT EXISTS ${kern}/kern.min.css)
        find_program(NPM npm)
        if(NPM)
            message(STATUS "web/: npm ci")
            execute_process(COMMAND ${NPM} ci --no-audit --no-fund WORKING_DIRECTORY ${web}
                RESULT_VARIABLE failed OUTPUT_QUIET)
        endif()
        if(NOT EXISTS ${kern}/kern.min.css)
            message(FATAL_ERROR "the design system is missing: install npm and run 'npm ci' in ${web}")
        endif()
    endif()
    file(GLOB_RECURSE own CONFIGURE_DEPENDS RELATIVE ${web}
        ${web}/templates/*.html ${web}/i18n/*.json ${web}/styles/*.css ${web}/scripts/*.js
        ${web}/images/*.svg)
    set(files "")
    set(sources "")
    foreach(path IN LISTS own)
        list(APPEND files "${path}=${web}/${path}")
        list(APPEND sources ${web}/${path})
    endforeach()
    foreach(pair "kern/kern.css=kern.min.css"
            "kern/fira-sans-400.woff2=fonts/fira-sans/FiraSans-Regular.woff2"
            "kern/fira-sans-600.woff2=fonts/fira-sans/FiraSans-SemiBold.woff2")
        string(REPLACE "=" ";" parts "${pair}")
        list(GET parts 0 path)
        list(GET parts 1 file)
        list(APPEND files "${path}=${kern}/${file}")
        list(APPEND sources ${kern}/${file})
    endforeach()
    set(out ${CMAKE_CURRENT_BINARY_DIR}/web)
    string(REPLACE ";" "\n" lines "${files}")
    file(GENERATE OUTPUT ${out}/files.txt CONTENT "${lines}\n")
    add_custom_command(OUTPUT ${out}/embedded.cpp
        COMMAND ${CMAKE_COMMAND} -DLIST=${out}/files.txt -DOUT=${out}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_web.cmake
        DEPENDS ${sources} ${out}/files.txt ${PROJECT_SOURCE_DIR}/cmake/embed_web.cmake
        COMMENT "Embedding web/" VERBATIM)
    target_sources(${target} PRIVATE ${out}/embedded.cpp)
endfunction()
