/* `mosharekat check`: has the server prepare and describe every statement, so that a typing error, a column
 * that is gone or one that cannot become JSON is found before any request runs into it.
 *
 * What a statement means is for the tests. */
#include "plan.h"
#include "session_of.h"

static void report(FILE *errors, const struct statement *statement, const char *text, const char *detail)
{
    fprintf(errors, "%s:%u: %s: %s%s\n", statement->file, statement->line, statement->name, text, detail);
}

static bool is_named_before(const PGresult *result, int column)
{
    for (int i = 0; i < column; i++)
        if (strcmp(PQfname(result, i), PQfname(result, column)) == 0)
            return true;
    return false;
}

static bool check_columns(const struct statement *statement, const PGresult *result, FILE *errors)
{
    bool is_fine = true;
    for (int i = 0; i < PQnfields(result); i++) {
        if (!plan_knows_type(PQftype(result, i))) {
            report(errors, statement, "cast this column to a type of db/rows.h: ", PQfname(result, i));
            is_fine = false;
        }
        if (is_named_before(result, i)) {
            report(errors, statement, "two columns have the name ", PQfname(result, i));
            is_fine = false;
        }
    }
    return is_fine;
}

static bool check_statement(struct session *session, const struct statement *statement, FILE *errors)
{
    PGresult *result;

    bool is_sent = session->conn && PQsendPrepare(session->conn, "", statement->text,
                                                  (int)statement->param_count, statement->types);
    if (session_answer(session, is_sent, false, &result) != DB_OK) {
        report(errors, statement, session->error, "");
        return false;
    }
    PQclear(result);
    if (session_answer(session, PQsendDescribePrepared(session->conn, ""), false, &result) != DB_OK) {
        report(errors, statement, session->error, "");
        return false;
    }
    bool is_fine = check_columns(statement, result, errors);
    PQclear(result);
    return is_fine;
}

unsigned session_check_statements(struct session *session, FILE *errors)
{
    unsigned failed = 0;
    for (size_t i = 0; i < session->config.statement_count; i++)
        failed += !check_statement(session, &session->config.statements[i], errors);
    return failed;
}
