/* The worker: a table of jobs, a pass over each at its next instant, and the sleep between. What a job does is
 * a statement in a .sql file; nothing here knows a resource by name but that table. Jobs of one hand share a
 * thread and a session, and take turns; so that no deadline waits for a virus scanner that hangs, or for
 * figures that are long in adding up, there are three.
 *
 * A pass statement takes what is due in a bounded batch (FOR UPDATE SKIP LOCKED, so any number of workers may
 * run it) and returns: done int8 (0: nothing is left that can be taken now), next_at (when something falls
 * due, or NULL), now (by the database's clock); where things that are put off still wait, waits_since tells
 * since when the oldest does. Where SQL cannot do the work, the job has a function besides
 * that goes on from what the statement returned. A notification makes every job due: whoever sends one need
 * not know which of them it concerns, and a pass with nothing to do costs less than a millisecond. A job that
 * fails waits longer each time, whatever is notified, and the others take their turns meanwhile. */
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

#define CHANNEL          "mosharekat_work"
#define SLEEP_LEAST_MS   200
#define SLEEP_MOST_MS    60000
#define BACK_OFF_MOST_MS 30000
#define PASS_TIMEOUT_MS  30000
#define LOCK_TIMEOUT_MS  2000 /* the other jobs wait as long */

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

/* Who does it: one thread each. */
enum hand_name {
    HAND_HOUSE,   /* what falls due */
    HAND_FIGURES, /* what is added up, in passes as long as they are best */
    HAND_ERRAND,  /* what waits for the disk, the virus scanner, the identity provider */
    HANDS,
};

static const struct job {
    const char *name;
    enum hand_name hand;
    unsigned statement;
    job_params *params; /* NULL: the statement has none */
    job_follow *follow; /* NULL: the statement does it all */
} jobs[] = {
    {"draft_windows", HAND_HOUSE, SQL_WINDOWS_PASS, NULL, NULL},              /* draft.opened, draft.closed */
    {"recompute", HAND_HOUSE, SQL_RECOMPUTE_PASS, NULL, recompute_deadlines}, /* case.deadline_moved */
    {"escalate", HAND_HOUSE, SQL_ESCALATE_PASS, NULL, NULL},                  /* case.escalated */
    {"close_answered", HAND_HOUSE, SQL_CLOSE_PASS, NULL, NULL},               /* case.closed */
    {"orphans", HAND_ERRAND, SQL_ORPHANS_PASS, NULL, attachments_forget},     /* attachment.removed */
    {"sweep", HAND_ERRAND, SQL_SWEEP_PASS, NULL, attachments_sweep}, /* files that no attachment has */
    {"scan", HAND_ERRAND, SQL_SCAN_PASS, NULL, attachments_scan}, /* attachment.clean, attachment.infected */
    {"identity_keys", HAND_ERRAND, SQL_IDENTITY_PASS, identity_pass_params,
     identity_keys_look},                                                   /* who signs for citizens */
    {"stats", HAND_FIGURES, SQL_STATS_PASS, stats_pass_params, stats_pace}, /* figures take in what changed */
    {"reminders", HAND_HOUSE, SQL_REMINDERS_PASS, NULL, reminders_tell},    /* what falls due next */
    {"housekeeping", HAND_HOUSE, SQL_HOUSEKEEPING_PASS, housekeeping_pass_params,
     NULL},                                                              /* what nobody needs any more */
    {"survey_windows", HAND_HOUSE, SQL_SURVEY_WINDOWS_PASS, NULL, NULL}, /* survey.opened, survey.ended */
    {"survey_forget", HAND_HOUSE, SQL_SURVEY_FORGET_PASS, NULL, NULL},   /* who answered anonymised surveys */
    {"supports", HAND_FIGURES, SQL_SUPPORTS_PASS, NULL, NULL}, /* of suggestions, for the order of lists */
    {"results", HAND_FIGURES, SQL_RESULTS_PASS, NULL, results_make}, /* of surveys, in steps */
};

struct job_state {
    atomic_uint_least64_t passes, done, failures;
    atomic_int_least64_t lag_us; /* how late the oldest thing was that the last busy pass found; 0: on time */
    atomic_int_least64_t due_ms; /* since when a pass is owed, or when the next one will be */
    /* Of its hand alone: */
    int64_t next_ms;        /* when it is tried next: due_ms, or later after it failed */
    unsigned failed_in_row; /* 0: all is well */
    bool is_under_way;      /* it lets the others pass between two batches of its own */
};

struct hand {
    enum hand_name name;
    struct worker *worker;
    struct session *session; /* NULL: there is no database now */
    pthread_t thread;
};

struct worker {
    int stop_fd;
    atomic_bool is_stopping;
    const struct settings *settings;
    struct hand hands[HANDS];
    unsigned hand_count; /* threads that run */
    struct job_state states[ARRAY_LEN(jobs)];
};

/* What a pass told: how much it did, how far ahead what is due next lies, and how late the oldest thing is. */
struct pass {
    int64_t done, ahead_us, late_us;
};

/* How far ahead the instant in a column lies; `fallback` where there is none. */
static int64_t ahead_of(const struct rows *rows, const char *name, int64_t fallback)
{
    int column = rows_column(rows, name);
    if (column < 0 || rows_is_null(rows, 0, column))
        return fallback;
    return rows_instant_us(rows, 0, column) - rows_instant_us(rows, 0, rows_column(rows, "now"));
}

static enum db_outcome pass_run(struct hand *hand, const struct job *job, struct pass *ret)
{
    struct rows *rows = NULL;
    struct param params[JOB_PARAMS_MAX];
    const struct settings *settings = hand->worker->settings;
    unsigned param_count = job->params ? job->params(settings, params) : 0;
    enum db_outcome outcome = session_run(hand->session, job->statement, params, param_count, &rows);
    if (outcome != DB_OK)
        return outcome;

    struct pass pass = {.done = rows_int(rows, 0, rows_column(rows, "done")),
                        .ahead_us = ahead_of(rows, "next_at", SLEEP_MOST_MS * INT64_C(1000))};
    pass.late_us = -ahead_of(rows, "waits_since", pass.ahead_us);
    const struct job_context context = {hand->session, settings, hand};
    if (job->follow)
        outcome = job->follow(&context, rows, &pass.done);
    rows_free(rows);
    if (outcome == DB_OK)
        *ret = pass;
    return outcome;
}

/* Twice as long after each failure. */
static int64_t back_off_ms(unsigned failures)
{
    int64_t wait_ms = SLEEP_LEAST_MS;
    for (unsigned i = 1; i < failures && wait_ms < BACK_OFF_MOST_MS; i++)
        wait_ms *= 2;
    return wait_ms < BACK_OFF_MOST_MS ? wait_ms : BACK_OFF_MOST_MS;
}

static void pass_failed(struct hand *hand, size_t index, enum db_outcome outcome)
{
    struct job_state *state = &hand->worker->states[index];
    int64_t wait_ms = back_off_ms(++state->failed_in_row);
    state->next_ms = clock_mono_ms() + wait_ms;
    atomic_fetch_add(&state->failures, 1);
    if (!atomic_load(&hand->worker->is_stopping))
        log_warn("worker.pass_failed", log_text("job", jobs[index].name),
                 log_text("outcome", db_outcome_name(outcome)),
                 log_text("error", session_error(hand->session)), log_int("again_in_ms", wait_ms));
}

/* One pass, and when the next one is due. */
static void job_pass(struct hand *hand, size_t index)
{
    struct job_state *state = &hand->worker->states[index];
    struct pass pass;
    enum db_outcome outcome = pass_run(hand, &jobs[index], &pass);
    if (outcome != DB_OK) {
        pass_failed(hand, index, outcome);
        return;
    }
    atomic_fetch_add(&state->passes, 1);
    atomic_fetch_add(&state->done, (uint64_t)pass.done);
    atomic_store(&state->lag_us, pass.late_us > 0 ? pass.late_us : 0);
    int64_t ahead_ms = pass.ahead_us / 1000 + 1;
    int64_t wait_ms = pass.done > 0               ? 0
                      : ahead_ms < SLEEP_LEAST_MS ? SLEEP_LEAST_MS
                      : ahead_ms > SLEEP_MOST_MS  ? SLEEP_MOST_MS
                                                  : ahead_ms;
    state->failed_in_row = 0;
    state->next_ms = clock_mono_ms() + wait_ms;
    atomic_store(&state->due_ms, state->next_ms);
}

/* A pass over every job whose instant has come. Returns how long until the next one's. */
static int64_t jobs_pass(struct hand *hand)
{
    const struct worker *worker = hand->worker;
    int64_t first_ms = clock_mono_ms() + SLEEP_MOST_MS;
    for (size_t i = 0; i < ARRAY_LEN(jobs) && !atomic_load(&worker->is_stopping); i++) {
        struct job_state *state = &hand->worker->states[i];
        if (jobs[i].hand != hand->name || state->is_under_way)
            continue;
        if (state->next_ms <= clock_mono_ms() && !session_is_broken(hand->session)) {
            state->is_under_way = true;
            job_pass(hand, i);
            state->is_under_way = false;
        }
        first_ms = state->next_ms < first_ms ? state->next_ms : first_ms;
    }
    int64_t idle_ms = first_ms - clock_mono_ms();
    return idle_ms > 0 ? idle_ms : 0;
}

/* What failed keeps its time: its trouble is not over because something happened. */
static void all_due(struct hand *hand)
{
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        struct job_state *state = &hand->worker->states[i];
        if (jobs[i].hand != hand->name)
            continue;
        if (atomic_load(&state->due_ms) > now_ms)
            atomic_store(&state->due_ms, now_ms);
        if (state->failed_in_row == 0)
            state->next_ms = now_ms;
    }
}

void worker_let_others(struct hand *hand)
{
    if (session_wait(hand->session, CHANNEL, 0))
        all_due(hand);
    (void)jobs_pass(hand);
}

bool worker_is_stopping(const struct hand *hand)
{
    return atomic_load(&hand->worker->is_stopping);
}

static bool hand_connect(struct hand *hand)
{
    const struct worker *worker = hand->worker;
    const struct session_config config = {worker->settings->database_url,
                                          statements,
                                          SQL_COUNT,
                                          PASS_TIMEOUT_MS,
                                          worker->stop_fd,
                                          LOCK_TIMEOUT_MS};
    char error[SESSION_ERROR_MAX];

    hand->session = session_open(&config, error);
    if (!hand->session) {
        if (!atomic_load(&worker->is_stopping))
            log_warn("worker.no_database", log_text("error", error));
        return false;
    }
    (void)session_wait(hand->session, CHANNEL, 0); /* listens from before the first pass on */
    return true;
}

static void sleep_ms(const struct worker *worker, int64_t ms)
{
    struct pollfd stop = {.fd = worker->stop_fd, .events = POLLIN};
    (void)poll(&stop, 1, (int)ms);
}

static void *hand_main(void *data)
{
    struct hand *hand = data;
    struct worker *worker = hand->worker;
    int64_t wait_ms = SLEEP_LEAST_MS;
    while (!atomic_load(&worker->is_stopping)) {
        if (!hand->session && !hand_connect(hand)) {
            sleep_ms(worker, wait_ms);
            wait_ms = wait_ms * 2 > 5000 ? 5000 : wait_ms * 2;
            continue;
        }
        wait_ms = SLEEP_LEAST_MS;
        int64_t idle_ms = jobs_pass(hand);
        if (!atomic_load(&worker->is_stopping) && !session_is_broken(hand->session) &&
            session_wait(hand->session, CHANNEL, idle_ms))
            all_due(hand);
        if (session_is_broken(hand->session)) {
            session_close(hand->session);
            hand->session = NULL;
            all_due(hand); /* what comes from now on is not heard of */
        }
    }
    session_close(hand->session);
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
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
        atomic_store(&worker->states[i].due_ms, clock_mono_ms());
    for (unsigned i = 0; i < HANDS && worker->stop_fd >= 0; i++) {
        struct hand *hand = &worker->hands[i];
        *hand = (struct hand){.name = (enum hand_name)i, .worker = worker};
        if (pthread_create(&hand->thread, NULL, hand_main, hand) != 0)
            break;
        worker->hand_count++;
    }
    if (worker->hand_count == HANDS)
        return worker;
    worker_stop(worker);
    return NULL;
}

void worker_stop(struct worker *worker)
{
    if (!worker)
        return;
    atomic_store(&worker->is_stopping, true);
    uint64_t one = 1;
    if (worker->hand_count > 0 && write(worker->stop_fd, &one, sizeof one) < 0)
        log_warn("worker.not_interrupted");
    for (unsigned i = 0; i < worker->hand_count; i++)
        pthread_join(worker->hands[i].thread, NULL);
    if (worker->stop_fd >= 0)
        close(worker->stop_fd);
    free(worker);
}

/* How late a job is: as its last pass found, or because a pass is owed that failed, was held up or has no
 * database. */
static double lag_seconds(const struct job_state *state)
{
    int64_t found_ms = atomic_load(&state->lag_us) / 1000;
    int64_t owed_ms = clock_mono_ms() - atomic_load(&state->due_ms);
    int64_t lag_ms = owed_ms > found_ms ? owed_ms : found_ms;
    return (double)(lag_ms > 0 ? lag_ms : 0) / 1e3;
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
                lag_seconds(state),
            };
            buffer_printf(out, "mosharekat_worker_%s{job=\"%s\"} %.15g\n", series[s].name, jobs[j].name,
                          values[s]);
        }
    }
}
