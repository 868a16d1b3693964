/* Definitions of surveys between the domain and the contract: faults as the contract words them, and the
 * compiled definitions that a province's answers are held against without a look into the database. Judges
 * no state: that is survey_answer's part, in SQL, under a lock. */
#include "surveys.h"

#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>

/* --- faults ------------------------------------------------------------------------------------ */

static const enum fault_code codes[SURVEY_FAULT_COUNT] = {
#define SURVEY_FAULT(name) [SURVEY_FAULT_##name] = FAULT_##name,
    SURVEY_FAULTS(SURVEY_FAULT)
#undef SURVEY_FAULT
};

struct report {
    struct survey_report base;
    struct faults *faults;
};

static void add_fault(struct survey_report *base, enum survey_fault fault, const char *pointer,
                      const char *expected)
{
    struct report *report = CONTAINER_OF(base, struct report, base);
    faults_add(report->faults, codes[fault], FAULT_IN_BODY, pointer, expected);
}

static struct report report_new(struct request *req, const char *prefix)
{
    struct faults *faults = arena_alloc(&req->arena, sizeof *faults);
    faults_init(faults, &req->arena, (size_t)request_settings(req)->faults_max);
    return (struct report){.base = {.arena = &req->arena, .prefix = prefix, .add = add_fault},
                           .faults = faults};
}

static struct reply refuse(const struct report *report)
{
    struct reply reply = refused(validation_failed);
    reply.faults = report->faults;
    return reply;
}

bool survey_questions_check(struct request *req, struct slice *ret_text, struct reply *ret_reply)
{
    const json_t *questions = json_object_get(req->body, "questions");
    struct report report = report_new(req, "/questions");
    *ret_text = (struct slice){0};
    if (questions) {
        survey_free(survey_compile(questions, &report.base));
        *ret_text = json_text(&req->arena, questions);
    }
    if (report.faults->total == 0)
        return true;
    *ret_reply = refuse(&report);
    return false;
}

bool survey_answers_refuse(struct request *req, const struct survey *survey, struct reply *ret_reply)
{
    struct report report = report_new(req, "/answers");
    survey_check_answers(survey, json_object_get(req->body, "answers"), &report.base);
    if (report.faults->total == 0)
        return false;
    *ret_reply = refuse(&report);
    return true;
}

bool survey_definition_read(struct request *req, struct slice questions, struct survey **ret)
{
    struct report report = report_new(req, "/questions");
    json_t *json = json_loadb(questions.data, questions.len, 0, NULL);
    struct survey *survey = survey_compile(json, &report.base);
    json_decref(json);
    if (!survey) {
        log_error("survey.definition", log_int("faults", (int64_t)report.faults->total));
        return false;
    }
    *ret = survey;
    return true;
}

/* --- what is at hand --------------------------------------------------------------------------- */

#define KEPT_MAX 64

struct kept {
    struct survey_definition definition; /* first: what callers hold */
    unsigned references;                 /* one of them is the table's */
    uint64_t used;
};

static struct {
    pthread_mutex_t lock;
    struct kept *entries[KEPT_MAX];
    uint64_t uses;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void unref(struct kept *kept)
{
    if (!kept || --kept->references > 0)
        return;
    survey_free(kept->definition.survey);
    free(kept);
}

static struct kept *find_kept(struct uuid survey_id, int64_t version)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        struct kept *kept = table.entries[i];
        if (kept && kept->definition.version == version && uuid_equal(kept->definition.survey_id, survey_id))
            return kept;
    }
    return NULL;
}

static const struct survey_definition *take(struct kept *kept)
{
    kept->used = ++table.uses;
    kept->references++;
    return &kept->definition;
}

const struct survey_definition *survey_definition_find(struct uuid survey_id, int64_t version)
{
    pthread_mutex_lock(&table.lock);
    struct kept *kept = find_kept(survey_id, version);
    const struct survey_definition *found = kept ? take(kept) : NULL;
    pthread_mutex_unlock(&table.lock);
    return found;
}

/* A free place, or that of the one that was left alone longest. */
static struct kept **find_place(void)
{
    struct kept **place = &table.entries[0];
    for (size_t i = 0; i < KEPT_MAX && *place; i++)
        if (!table.entries[i] || table.entries[i]->used < (*place)->used)
            place = &table.entries[i];
    return place;
}

const struct survey_definition *survey_definition_keep(const struct survey_definition *definition)
{
    pthread_mutex_lock(&table.lock);
    struct kept *kept = find_kept(definition->survey_id, definition->version);
    if (kept) { /* another loop was faster */
        survey_free(definition->survey);
    } else {
        struct kept **place = find_place();
        kept = malloc(sizeof *kept);
        if (!kept)
            abort();
        *kept = (struct kept){.definition = *definition, .references = 1};
        unref(*place);
        *place = kept;
    }
    const struct survey_definition *found = take(kept);
    pthread_mutex_unlock(&table.lock);
    return found;
}

void survey_definition_release(const struct survey_definition *definition)
{
    pthread_mutex_lock(&table.lock);
    unref(CONTAINER_OF(definition, struct kept, definition));
    pthread_mutex_unlock(&table.lock);
}
