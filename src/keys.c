/* `mosharekat key ...`: API keys. The key itself is printed once and kept nowhere; the database has its
 * SHA-256. */
#include "cli.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "statements.h"

#define KEY_PREFIX "mk_"
#define ROLES_MAX  16

struct new_key {
    struct uuid id;
    struct slice roles[ROLES_MAX];
    size_t role_count;
    struct param expires;
    const char *text;
    uint8_t hash[DIGEST_LEN];
};

static bool wants(const struct cli *cli, const char *option)
{
    const char *value = cli_value(cli, option);
    if (value && *value)
        return true;
    cli_complain(cli, "missing: --%s", option);
    return false;
}

static bool read_roles(const struct cli *cli, struct new_key *key)
{
    for (const char *at = cli_value(cli, "role"); at;) {
        size_t len = strcspn(at, ",");
        if (len == 0 || key->role_count == ROLES_MAX) {
            cli_complain(cli, "--role: names separated by commas, at most %d", ROLES_MAX);
            return false;
        }
        key->roles[key->role_count++] = (struct slice){at, len};
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return true;
}

/* The key works until the end of that local day. */
static bool read_expiry(const struct cli *cli, struct new_key *key)
{
    const char *text = cli_value(cli, "expires");
    struct date date;
    key->expires = as_null();
    if (!text)
        return true;
    if (!date_parse(slice_of(text), &date)) {
        cli_complain(cli, "--expires: a date like 2027-03-20, not \"%s\"", text);
        return false;
    }
    int64_t end_us = clock_from_local((struct local_time){.date = date_from_days(date_to_days(date) + 1)});
    if (end_us <= clock_now_us()) {
        cli_complain(cli, "--expires: %s is over", text);
        return false;
    }
    key->expires = as_instant(end_us);
    return true;
}

static void make_key(struct arena *arena, struct new_key *key)
{
    uint8_t random[32];
    crypto_random(random, sizeof random);
    key->id = uuid_new(clock_now_us());
    key->text = arena_printf(arena, KEY_PREFIX "%s", crypto_base64url(arena, random, sizeof random));
    crypto_sha256(slice_of(key->text), key->hash);
}

/* False after a complaint, when the database knows no such organisation or role. */
static bool is_made(const struct cli *cli, const struct rows *rows)
{
    struct slice roles = {NULL, 0};
    int column = rows_column(rows, "unknown_roles");
    if (rows_bool(rows, 0, rows_column(rows, "is_org_unknown"))) {
        cli_complain(cli, "there is no organisation \"%s\"", cli_value(cli, "org"));
        return false;
    }
    if (rows_is_null(rows, 0, column))
        return true;
    roles = rows_text(rows, 0, column);
    cli_complain(cli, "there is no role: %.*s", (int)roles.len, roles.data);
    return false;
}

static enum exit_status store_key(const struct cli *cli, const struct new_key *key)
{
    const char *org = cli_value(cli, "org"), *name = cli_value(cli, "name");
    CLEANUP(close_session) struct session *session = open_migrated(cli);
    CLEANUP(close_rows) struct rows *rows = NULL;
    const struct param params[] = {
        as_uuid(key->id),
        strcmp(org, "all") == 0 ? as_null() : as_text(org),
        as_text(name ? name : cli_value(cli, "role")),
        as_texts(key->roles, key->role_count),
        as_bytes(key->hash, sizeof key->hash),
        key->expires,
    };
    if (!session || !open_run(cli, session, SQL_KEY_CREATE, params, ARRAY_LEN(params), &rows) ||
        !is_made(cli, rows))
        return EXIT_TROUBLE;

    char id[UUID_TEXT_LEN + 1];
    uuid_format(key->id, id);
    fprintf(stderr, "%s\n", id);
    puts(key->text);
    return EXIT_FINE;
}

enum exit_status key_create_run(struct cli *cli)
{
    struct new_key key = {0};
    if (!wants(cli, "org") || !wants(cli, "role") || !read_roles(cli, &key) || !read_expiry(cli, &key))
        return EXIT_USAGE;
    CLEANUP(arena_done) struct arena arena;
    arena_init(&arena, 1024);
    make_key(&arena, &key);
    return store_key(cli, &key);
}

enum exit_status key_revoke_run(struct cli *cli)
{
    struct uuid id;
    if (!uuid_parse_text(slice_of(cli->operands[0]), &id)) {
        cli_complain(cli, "not the id of a key: %s", cli->operands[0]);
        return EXIT_USAGE;
    }
    CLEANUP(close_session) struct session *session = open_migrated(cli);
    CLEANUP(close_rows) struct rows *rows = NULL;
    const struct param params[] = {as_uuid(id)};
    if (!session || !open_run(cli, session, SQL_KEY_REVOKE, params, ARRAY_LEN(params), &rows))
        return EXIT_TROUBLE;
    if (rows_count(rows) == 0) {
        cli_complain(cli, "there is no such key");
        return EXIT_TROUBLE;
    }
    puts(rows_bool(rows, 0, rows_column(rows, "was_revoked")) ? "was revoked already" : "revoked");
    return EXIT_FINE;
}

/* --- the list ------------------------------------------------------------------------------------------- */

static void print_text(const struct rows *rows, unsigned row, const char *column)
{
    struct slice text = rows_text(rows, row, rows_column(rows, column));
    printf("\t%.*s", (int)text.len, text.data);
}

static void print_instant(const struct rows *rows, unsigned row, const char *name)
{
    char text[CLOCK_TEXT_MAX] = "-";
    int column = rows_column(rows, name);
    if (!rows_is_null(rows, row, column))
        clock_format(rows_instant_us(rows, row, column), text);
    printf("\t%s", text);
}

enum exit_status key_list_run(struct cli *cli)
{
    CLEANUP(close_session) struct session *session = open_migrated(cli);
    CLEANUP(close_rows) struct rows *rows = NULL;
    if (!session || !open_run(cli, session, SQL_KEY_LIST, NULL, 0, &rows))
        return EXIT_TROUBLE;
    puts("id\torganisation\tname\troles\tcreated\texpires\trevoked");
    for (unsigned row = 0; row < rows_count(rows); row++) {
        char id[UUID_TEXT_LEN + 1];
        uuid_format(rows_uuid(rows, row, rows_column(rows, "id")), id);
        fputs(id, stdout);
        print_text(rows, row, "org");
        print_text(rows, row, "name");
        print_text(rows, row, "roles");
        print_instant(rows, row, "created_at");
        print_instant(rows, row, "expires_at");
        print_instant(rows, row, "revoked_at");
        putchar('\n');
    }
    return EXIT_FINE;
}
