/* The worker's thread: a table of jobs, a pass over each at its next instant, and the sleep between. What a
 * job does is a statement in a .sql file; nothing here knows a resource by name but that table.
 *
 * A pass statement takes what is due in a bounded batch (FOR UPDATE SKIP LOCKED, so any number of workers may
 * run it) and returns: done int8 (0: nothing is left that can be taken now), next_at (when something falls
 * due, or NULL), now (by the database's clock). Where SQL cannot do the work, the job has a function besides
 * that goes on from what the statement returned. A notification makes every job due: whoever sends one need
 * not know which of them it concerns, and a pass with nothing to do costs less than a millisecond. */
#include "worker/worker.h"

#include "jobs.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/session.h"
#include "statements.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CHANNEL         "mosharekat_work"
#define SLEEP_LEAST_MS  200
#define SLEEP_MOST_MS   60000
#define PASS_TIMEOUT_MS 30000

static unsigned identity_pass_params(const struct settings *settings, struct param ret[JOB_PARAMS_MAX])
{
    ret[0] = as_text(settings->identity_issuer);
    return 1;
}

static unsigned housekeeping_pass_params(const struct settings *settings, struct param ret[JOB_PARAMS_MAX])
{
    ret[0] = as_int(settings->notification_days);
    return 1;
}

static const struct job {
    const char *name;
    unsigned statement;
    job_params *params; /* NULL: the statement has none */
    job_follow *follow; /* NULL: the statement does it all */
} jobs[] = {
    {"draft_windows", SQL_WINDOWS_PASS, NULL, NULL},              /* draft.opened, draft.closed */
    {"recompute", SQL_RECOMPUTE_PASS, NULL, recompute_deadlines}, /* case.deadline_moved */
    {"escalate", SQL_ESCALATE_PASS, NULL, NULL},                  /* case.escalated */
    {"close_answered", SQL_CLOSE_PASS, NULL, NULL},               /* case.closed */
    {"orphans", SQL_ORPHANS_PASS, NULL, attachments_forget},      /* attachment.removed */
    {"sweep", SQL_SWEEP_PASS, NULL, attachments_sweep},           /* files that no attachment has */
    {"scan", SQL_SCAN_PASS, NULL, attachments_scan},              /* attachment.clean, attachment.infected */
    {"identity_keys", SQL_IDENTITY_PASS, identity_pass_params,
     identity_keys_look},                                     /* who signs for citizens */
    {"stats", SQL_STATS_PASS, stats_pass_params, stats_pace}, /* figures take in what changed */
    {"reminders", SQL_REMINDERS_PASS, NULL, reminders_tell},  /* what falls due next */
    {"housekeeping", SQL_HOUSEKEEPING_PASS, housekeeping_pass_params, NULL}, /* what nobody needs any more */
    {"survey_windows", SQL_SURVEY_WINDOWS_PASS, NULL, NULL},                 /* survey.opened, survey.ended */
    {"survey_forget", SQL_SURVEY_FORGET_PASS, NULL, NULL}, /* who answered anonymised surveys */
    {"supports", SQL_SUPPORTS_PASS, NULL, NULL},           /* of suggestions, for the order of lists */
    {"results", SQL_RESULTS_PASS, NULL, results_make},     /* of surveys, in steps */
};

struct job_state {
    atomic_uint_least64_t passes, done, failures;
    atomic_int_least64_t lag_us; /* how late the oldest thing was that the last busy pass found; 0: on time */
    int64_t next_ms;             /* its next instant, by the clock that is never set; the thread's own */
    bool is_under_way;           /* it lets the others pass between two batches of its own; likewise */
};

struct worker {
    pthread_t thread;
    int stop_fd;
    atomic_bool is_stopping;
    const struct settings *settings;
    struct session *session;
    struct job_state states[ARRAY_LEN(jobs)];
};

/* What a pass told: how much it did, and how far ahead what is due next lies (negative: late). */
struct pass {
    int64_t done, ahead_us;
};

static enum db_outcome pass_run(struct worker *worker, const struct job *job, struct pass *ret)
{
    struct rows *rows = NULL;
    struct param params[JOB_PARAMS_MAX];
    unsigned param_count = job->params ? job->params(worker->settings, params) : 0;
    enum db_outcome outcome = session_run(worker->session, job->statement, params, param_count, &rows);
    if (outcome != DB_OK)
        return outcome;

    struct pass pass = {rows_int(rows, 0, rows_column(rows, "done")), SLEEP_MOST_MS * INT64_C(1000)};
    int next_column = rows_column(rows, "next_at");
    if (!rows_is_null(rows, 0, next_column))
        pass.ahead_us =
            rows_instant_us(rows, 0, next_column) - rows_instant_us(rows, 0, rows_column(rows, "now"));
    const struct job_context context = {worker->session, worker->settings, worker};
    if (job->follow)
        outcome = job->follow(&context, rows, &pass.done);
    rows_free(rows);
    if (outcome == DB_OK)
        *ret = pass;
    return outcome;
}

/* One pass. Returns how long the job may sleep, in ms; 0: go on at once. */
static int64_t job_pass(struct worker *worker, size_t index)
{
    struct job_state *state = &worker->states[index];
    struct pass pass;
    enum db_outcome outcome = pass_run(worker, &jobs[index], &pass);
    if (outcome != DB_OK) {
        atomic_fetch_add(&state->failures, 1);
        log_warn("worker.pass_failed", log_text("job", jobs[index].name),
                 log_text("outcome", db_outcome_name(outcome)));
        return SLEEP_LEAST_MS;
    }

    atomic_fetch_add(&state->passes, 1);
    atomic_fetch_add(&state->done, (uint64_t)pass.done);
    atomic_store(&state->lag_us, pass.ahead_us < 0 ? -pass.ahead_us : 0);
    if (pass.done > 0)
        return 0;
    int64_t wait_ms = pass.ahead_us / 1000 + 1;
    return wait_ms < SLEEP_LEAST_MS ? SLEEP_LEAST_MS : wait_ms > SLEEP_MOST_MS ? SLEEP_MOST_MS : wait_ms;
}

/* A pass over every job whose instant has come. Returns how long until the next one's. */
static int64_t jobs_pass(struct worker *worker)
{
    int64_t first_ms = clock_mono_ms() + SLEEP_MOST_MS;
    for (size_t i = 0; i < ARRAY_LEN(jobs) && !atomic_load(&worker->is_stopping); i++) {
        struct job_state *state = &worker->states[i];
        if (state->is_under_way)
            continue;
        if (state->next_ms <= clock_mono_ms()) {
            state->is_under_way = true;
            int64_t wait_ms = job_pass(worker, i);
            state->is_under_way = false;
            state->next_ms = clock_mono_ms() + wait_ms;
        }
        first_ms = state->next_ms < first_ms ? state->next_ms : first_ms;
    }
    int64_t idle_ms = first_ms - clock_mono_ms();
    return idle_ms > 0 ? idle_ms : 0;
}

static void all_due(struct worker *worker)
{
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
        worker->states[i].next_ms = 0;
}

void worker_let_others(struct worker *worker)
{
    if (session_wait(worker->session, CHANNEL, 0))
        all_due(worker);
    (void)jobs_pass(worker);
}

bool worker_is_stopping(const struct worker *worker)
{
    return atomic_load(&worker->is_stopping);
}

static bool worker_connect(struct worker *worker)
{
    struct session_config config = {worker->settings->database_url, statements, SQL_COUNT, PASS_TIMEOUT_MS,
                                    worker->stop_fd};
    char error[SESSION_ERROR_MAX];

    worker->session = session_open(&config, error);
    if (!worker->session) {
        if (!atomic_load(&worker->is_stopping))
            log_warn("worker.no_database", log_text("error", error));
        return false;
    }
    (void)session_wait(worker->session, CHANNEL, 0); /* listens from before the first pass on */
    all_due(worker);                                 /* who knows what was missed */
    return true;
}

static void sleep_ms(const struct worker *worker, int64_t ms)
{
    struct pollfd stop = {.fd = worker->stop_fd, .events = POLLIN};
    (void)poll(&stop, 1, (int)ms);
}

static void *worker_main(void *data)
{
    struct worker *worker = data;
    int64_t back_off_ms = SLEEP_LEAST_MS;
    while (!atomic_load(&worker->is_stopping)) {
        if (!worker->session && !worker_connect(worker)) {
            sleep_ms(worker, back_off_ms);
            back_off_ms = back_off_ms * 2 > 5000 ? 5000 : back_off_ms * 2;
            continue;
        }
        back_off_ms = SLEEP_LEAST_MS;
        int64_t idle_ms = jobs_pass(worker);
        if (!atomic_load(&worker->is_stopping) && session_wait(worker->session, CHANNEL, idle_ms))
            all_due(worker);
        if (session_is_broken(worker->session)) {
            session_close(worker->session);
            worker->session = NULL;
        }
    }
    session_close(worker->session);
    log_flush();
    return NULL;
}

struct worker *worker_start(const struct settings *settings)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return NULL;
    worker->settings = settings;
    worker->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->stop_fd < 0 || pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
        if (worker->stop_fd >= 0)
            close(worker->stop_fd);
        free(worker);
        return NULL;
    }
    return worker;
}

void worker_stop(struct worker *worker)
{
    if (!worker)
        return;
    atomic_store(&worker->is_stopping, true);
    uint64_t one = 1;
    if (write(worker->stop_fd, &one, sizeof one) < 0)
        log_warn("worker.not_interrupted");
    pthread_join(worker->thread, NULL);
    close(worker->stop_fd);
    free(worker);
}

void worker_metrics(const struct worker *worker, struct buffer *out)
{
    if (!worker)
        return;
    static const struct {
        const char *name, *type, *help;
    } series[] = {
        {"passes_total", "counter", "Passes of a job that went well"},
        {"done_total", "counter", "Things that a job has done"},
        {"failures_total", "counter", "Passes of a job that failed"},
        {"lag_seconds", "gauge", "How late the oldest thing is that a job has not done"},
    };
    for (size_t s = 0; s < ARRAY_LEN(series); s++) {
        buffer_printf(out, "# HELP mosharekat_worker_%s %s\n# TYPE mosharekat_worker_%s %s\n", series[s].name,
                      series[s].help, series[s].name, series[s].type);
        for (size_t j = 0; j < ARRAY_LEN(jobs); j++) {
            const struct job_state *state = &worker->states[j];
            const double values[] = {
                (double)atomic_load(&state->passes),
                (double)atomic_load(&state->done),
                (double)atomic_load(&state->failures),
                (double)atomic_load(&state->lag_us) / 1e6,
            };
            buffer_printf(out, "mosharekat_worker_%s{job=\"%s\"} %.15g\n", series[s].name, jobs[j].name,
                          values[s]);
        }
    }
}
