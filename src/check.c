/* `mosharekat check`: what is written in several places must agree. Statements with the database, handlers
 * and tests with the contract, the table of problems with the contract's list of codes. Prints every miss. */
#include "cli.h"

#include "api/api.h"
#include "check_tests.h"
#include "http/problem.h"
#include "http/server.h"
#include "statements.h"

static bool lists(const json_t *codes, const char *code)
{
    size_t i;
    json_t *one;
    json_array_foreach ((json_t *)codes, i, one) {
        if (json_is_string(one) && strcmp(json_string_value(one), code) == 0)
            return true;
    }
    return false;
}

static unsigned compare_codes(const json_t *codes)
{
    unsigned misses = 0;
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        if (lists(codes, problem_rows[i].code))
            continue;
        fprintf(stderr, "the contract's ProblemCode lacks %s\n", problem_rows[i].code);
        misses++;
    }
    for (size_t i = 0; i < json_array_size(codes); i++) {
        const char *code = json_string_value(json_array_get(codes, i));
        if (!code || problem_find(slice_of(code)) != PROBLEM_COUNT)
            continue;
        fprintf(stderr, "the contract's ProblemCode has %s, which is no problem\n", code);
        misses++;
    }
    return misses;
}

static unsigned check_problems(const struct contract *contract)
{
    struct slice text = contract_as_json(contract);
    json_t *document = json_loadb(text.data, text.len, 0, NULL), *codes = NULL;
    bool is_there = document && json_unpack(document, "{s{s{s{so}}}}", "components", "schemas", "ProblemCode",
                                            "enum", &codes) == 0;
    if (!is_there)
        fputs("the contract has no enum ProblemCode\n", stderr);
    unsigned misses = is_there ? compare_codes(codes) : 1;
    json_decref(document);
    return misses;
}

enum exit_status check_run(struct cli *cli)
{
    CLEANUP(close_contract) struct contract *contract = open_contract(cli);
    CLEANUP(close_session) struct session *session = open_migrated(cli);
    if (!contract || !session)
        return EXIT_TROUBLE;

    unsigned misses = session_check_statements(session, stderr);
    misses += server_check_bindings(contract, api_bindings, stderr);
    misses += check_problems(contract);
    misses += check_tests(cli, contract);
    if (misses > 0) {
        cli_complain(cli, "%u faults", misses);
        return EXIT_TROUBLE;
    }
    printf("%d statements, %zu operations, %d problems: all fit\n", SQL_COUNT,
           contract_operation_count(contract), PROBLEM_COUNT);
    return EXIT_FINE;
}
