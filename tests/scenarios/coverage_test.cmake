# Runs all scenarios, asks that they cover every cell, and compares the table they give with the one
# in docs/.
execute_process(COMMAND ${PROGRAM} check ${SCENARIOS} --regime all --matrix ${FRESH} --complete
    RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(failed)
    message(FATAL_ERROR "schwarm check ${SCENARIOS} --regime all --complete failed:\n${said}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${FRESH} ${WRITTEN}
    RESULT_VARIABLE differs)
if(differs)
    message(FATAL_ERROR "docs/bpmn-coverage.md is not what the scenarios give: write it again with"
        " 'build/schwarm check tests/scenarios --regime all --matrix docs/bpmn-coverage.md'")
endif()
