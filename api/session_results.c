/* What the ballots of a session come to: rows of session_basis in, results of its suggestions out. The
 * arithmetic is domain/committee.h; here ballots are read from JSON and results written as JSON. */
#include "sessions.h"

#include "base/buffer.h"
#include "domain/committee.h"

struct item {
    struct uuid suggestion;
    int voters, scored, abstained;
    struct committee_fraction mean;
};

struct criteria {
    struct committee_criterion items[COMMITTEE_CRITERIA_MAX];
    size_t count;
};

static int int_of(const struct rows *rows, unsigned row, const char *name)
{
    return (int)rows_int(rows, row, rows_column(rows, name));
}

static void read_criteria(struct request *req, const struct rows *rows, struct criteria *ret)
{
    json_t *array = rows_json(&req->arena, rows, 0, "criteria"), *pair;
    json_array_foreach (array, ret->count, pair) {
        ret->items[ret->count] = (struct committee_criterion){
            .weight = (int)json_integer_value(json_array_get(pair, 0)),
            .max_points = (int)json_integer_value(json_array_get(pair, 1)),
        };
    }
}

static struct committee_fraction score_of(const struct criteria *criteria, const json_t *ballot)
{
    int points[COMMITTEE_CRITERIA_MAX];
    for (size_t i = 0; i < criteria->count; i++)
        points[i] = (int)json_integer_value(json_array_get(ballot, i));
    return committee_score(criteria->items, points, criteria->count);
}

static struct item read_item(struct request *req, const struct rows *rows, unsigned row,
                             const struct criteria *criteria)
{
    struct committee_fraction scores[COMMITTEE_MEMBERS_MAX];
    json_t *ballots = rows_json(&req->arena, rows, row, "points"), *ballot;
    size_t count;
    json_array_foreach (ballots, count, ballot)
        scores[count] = score_of(criteria, ballot);
    return (struct item){
        .suggestion = rows_uuid(rows, row, rows_column(rows, "suggestion_id")),
        .voters = int_of(rows, row, "voters"),
        .abstained = int_of(rows, row, "abstained"),
        .scored = (int)count,
        .mean = committee_mean(scores, count),
    };
}

/* A place is one more than how many are better: equal ones share it. */
static int rank_of(const struct item *items, size_t count, const struct item *item)
{
    int rank = 1;
    for (size_t i = 0; i < count; i++)
        rank += committee_compare(items[i].mean, item->mean) > 0;
    return rank;
}

static void write_item(struct buffer *out, const struct item *item, int needed, int rank)
{
    char id[UUID_TEXT_LEN + 1];
    uuid_format(item->suggestion, id);
    bool is_complete = item->scored + item->abstained == item->voters;
    buffer_printf(out,
                  "{\"suggestion_id\":\"%s\",\"quorate\":%s,\"complete\":%s,\"scored\":%d,\"abstained\":%d",
                  id, item->voters >= needed ? "true" : "false", is_complete ? "true" : "false", item->scored,
                  item->abstained);
    if (item->mean.denominator != 0)
        buffer_printf(out, ",\"numerator\":%lld,\"denominator\":%lld,\"score\":%d,\"rank\":%d",
                      (long long)item->mean.numerator, (long long)item->mean.denominator,
                      committee_rounded(item->mean), rank);
    buffer_char(out, '}');
}

struct session_results session_results_of(struct request *req, const struct rows *rows)
{
    struct criteria criteria = {.count = 0};
    struct committee_quorum rule = {int_of(rows, 0, "quorum_members"), int_of(rows, 0, "quorum_numerator"),
                                    int_of(rows, 0, "quorum_denominator")};
    int needed = committee_quorum_needed(rule, int_of(rows, 0, "entitled"));
    bool is_empty = rows_is_null(rows, 0, rows_column(rows, "suggestion_id"));
    size_t count = is_empty ? 0 : rows_count(rows);
    struct item *items = arena_alloc(&req->arena, (count + 1) * sizeof *items);
    read_criteria(req, rows, &criteria);
    for (size_t i = 0; i < count; i++)
        items[i] = read_item(req, rows, (unsigned)i, &criteria);

    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 64 * 1024);
    buffer_char(&out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_char(&out, ',');
        write_item(&out, &items[i], needed, rank_of(items, count, &items[i]));
    }
    buffer_char(&out, ']');
    return (struct session_results){
        .row_version = int_of(rows, 0, "row_version"),
        .ballots = int_of(rows, 0, "ballots"),
        .quorum_needed = needed,
        .items = arena_slice(&req->arena, buffer_view(&out)),
    };
}
