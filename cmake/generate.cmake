# What is written once and needed in C: statements (.sql) and files that the binary carries.
set(GENERATED_DIR ${CMAKE_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${GENERATED_DIR})

# generate_sql(OUT glob...): *.sql -> statements.h (enum sql_id) and statements.c (the table).
function(generate_sql out)
  file(GLOB files RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS ${ARGN})
  list(SORT files)
  add_custom_command(
    OUTPUT ${GENERATED_DIR}/statements.c ${GENERATED_DIR}/statements.h
    COMMAND awk -v header=${GENERATED_DIR}/statements.h -v source=${GENERATED_DIR}/statements.c
            -f ${CMAKE_SOURCE_DIR}/cmake/statements.awk ${files}
    DEPENDS ${files} cmake/statements.awk
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
  set(${out} ${GENERATED_DIR}/statements.c ${GENERATED_DIR}/statements.h PARENT_SCOPE)
endfunction()

# generate_embedded(OUT): the contract, migrations, the strategy schema and the pages, by .incbin.
function(generate_embedded out)
  file(GLOB files RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
    openapi.yaml strategies/schema.yaml migrations/*.sql api/pages/*.html api/pages/*.js api/pages/*.css
    api/pages/node_modules/swagger-ui-dist/swagger-ui.css
    api/pages/node_modules/swagger-ui-dist/swagger-ui-bundle.js
    api/pages/node_modules/swagger-ui-dist/favicon-32x32.png)
  list(SORT files)
  set(assembly ".section .rodata\n")
  set(table "")
  set(index 0)
  foreach(file ${files})
    string(APPEND assembly
      ".balign 16\n.global embedded_${index}\nembedded_${index}:\n.incbin \"${CMAKE_SOURCE_DIR}/${file}\"\n"
      ".global embedded_${index}_end\nembedded_${index}_end:\n.byte 0\n")
    string(APPEND declarations "extern const char embedded_${index}[], embedded_${index}_end[];\n")
    string(APPEND table "    {\"${file}\", embedded_${index}, embedded_${index}_end},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",@progbits\n")
  file(CONFIGURE OUTPUT ${GENERATED_DIR}/embedded.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${GENERATED_DIR}/embedded.c CONTENT
"/* Generated: the files that the binary carries, sorted by path. */
#include \"base/embedded.h\"

${declarations}
const struct embedded_file embedded_files[] = {
${table}};
const size_t embedded_file_count = ${index};
" @ONLY)
  foreach(file ${files})
    list(APPEND paths ${CMAKE_SOURCE_DIR}/${file})
  endforeach()
  set_source_files_properties(${GENERATED_DIR}/embedded.S PROPERTIES OBJECT_DEPENDS "${paths}")
  set(${out} ${GENERATED_DIR}/embedded.S ${GENERATED_DIR}/embedded.c PARENT_SCOPE)
endfunction()
