/* A PostgreSQL 15 cluster for one test program: made in a new folder, reached by its unix socket only,
 * removed at the end. PostgreSQL refuses root, so root runs it as the user postgres. */
#ifndef TEST_CLUSTER_H
#define TEST_CLUSTER_H

#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PG_BIN        "/usr/lib/postgresql/15/bin/"
#define CLUSTER_FLAGS "-c fsync=off -c listen_addresses='' -c max_connections=40 -c shared_buffers=16MB"

struct cluster {
    char folder[64];
    char conninfo[128];
    pid_t postmaster;
};

static struct cluster cluster;

static inline void become_postgres(void)
{
    struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (user && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(126);
}

/* Starts a shell command as the cluster's owner, in its folder. It ends with this program, however that ends.
 */
static inline pid_t cluster_spawn(const char *command)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    become_postgres();
    if (prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0 || chdir(cluster.folder) != 0 || !freopen("log", "a", stdout) ||
        dup2(1, 2) < 0)
        _exit(125);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static inline bool cluster_answers(void)
{
    PGconn *conn = PQconnectdb(cluster.conninfo);
    bool is_there = PQstatus(conn) == CONNECTION_OK;
    PQfinish(conn);
    return is_there;
}

/* `flags` as for postgres itself. */
static inline void cluster_start(const char *flags)
{
    char command[512];
    snprintf(command, sizeof command, "exec " PG_BIN "postgres -D data -k %s %s", cluster.folder, flags);
    cluster.postmaster = cluster_spawn(command);
    for (int i = 0; i < 300 && !cluster_answers(); i++)
        usleep(50000);
}

/* SIGINT: fast; SIGQUIT: immediate, as in a crash. */
static inline void cluster_stop(int signal_number)
{
    kill(cluster.postmaster, signal_number);
    waitpid(cluster.postmaster, NULL, 0);
}

static inline void cluster_create(const char *flags)
{
    int status = -1;
    strcpy(cluster.folder, "/tmp/mosharekat-db-XXXXXX");
    assert_non_null(mkdtemp(cluster.folder));
    struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (user)
        assert_int_equal(chown(cluster.folder, user->pw_uid, user->pw_gid), 0);
    snprintf(cluster.conninfo, sizeof cluster.conninfo, "host=%s user=postgres dbname=postgres",
             cluster.folder);
    pid_t pid =
        cluster_spawn(PG_BIN "initdb -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync");
    assert_true(waitpid(pid, &status, 0) == pid && status == 0);
    cluster_start(flags);
}

static inline int cluster_remove(void **state)
{
    (void)state;
    char command[128];
    cluster_stop(SIGQUIT);
    snprintf(command, sizeof command, "rm -rf %s", cluster.folder);
    return system(command);
}

static inline void ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static inline PGconn *cluster_connect(void)
{
    PGconn *conn = PQconnectdb(cluster.conninfo);
    PQsetNoticeProcessor(conn, ignore_notice, NULL);
    if (PQstatus(conn) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(conn));
    return conn;
}

/* Runs SQL; the first value as text, "" if there is none, valid until the next call. */
static inline const char *on_connection(PGconn *conn, const char *sql)
{
    static char value[2048];
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQresultErrorMessage(result));
    snprintf(value, sizeof value, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return value;
}

static inline const char *cluster_sql(const char *sql)
{
    PGconn *conn = cluster_connect();
    const char *value = on_connection(conn, sql);
    PQfinish(conn);
    return value;
}

/* The backend that serves us and has last run a statement like this. */
static inline pid_t cluster_backend(const char *query_like)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT pid FROM pg_stat_activity WHERE application_name = 'mosharekat' AND query LIKE '%s'"
             " AND pid <> pg_backend_pid() ORDER BY backend_start DESC LIMIT 1",
             query_like);
    return (pid_t)atol(cluster_sql(sql));
}

#endif
