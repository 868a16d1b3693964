/* Reading: versions become entries (a question of the same id and type is one, whatever its version), tallies become
 * counts by key. What may be shown is decided in the other files. */
#include "results_internal.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX 320

static const char *const type_names[RESULT_TYPES] = {
    "single", "multiple", "rating", "nps", "matrix", "ranking", "number", "date", "short_text", "long_text"};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* --- counts ------------------------------------------------------------------------------------ */

static void release_json(void *json)
{
    json_decref(json);
}

static json_t *group_of(json_t *counts, const char *key)
{
    json_t *group = json_object_get(counts, key);
    if (!group)
        json_object_set_new(counts, key, group = json_object());
    return group;
}

static void add_tally(struct results *results, const json_t *tally)
{
    char group[KEY_MAX], cell[KEY_MAX];
    const char *question = json_string_value(json_array_get(tally, 1)),
               *key = json_string_value(json_array_get(tally, 2)),
               *by = json_string_value(json_array_get(tally, 3)),
               *by_cell = json_string_value(json_array_get(tally, 4));
    json_int_t version = json_integer_value(json_array_get(tally, 0)),
               n = json_integer_value(json_array_get(tally, 5));
    if (question[0] == '\0') {
        results->responses += n;
        return;
    }
    snprintf(group, sizeof group, "%d/%s/%s", (int)version, question, by);
    snprintf(cell, sizeof cell, "%s/%s", key, by_cell);
    json_object_set_new(group_of(results->counts, group), cell, json_integer(n));
}

int64_t results_count(const struct results *results, const struct entry *entry, const char *cell,
                      const struct entry *by, const char *by_cell)
{
    char group[KEY_MAX], key[KEY_MAX];
    int64_t sum = 0;
    snprintf(key, sizeof key, "%s/%s", cell, by_cell);
    for (size_t i = 0; i < entry->version_count; i++) {
        snprintf(group, sizeof group, "%d/%s/%s", entry->versions[i], entry->id, by ? by->id : "");
        sum += json_integer_value(json_object_get(json_object_get(results->counts, group), key));
    }
    return sum;
}

const char **results_keys(const struct results *results, const struct entry *entry, size_t *ret_count)
{
    json_t *seen = json_object();
    arena_defer(results->arena, release_json, seen);
    for (size_t i = 0; i < entry->version_count; i++) {
        char group[KEY_MAX];
        snprintf(group, sizeof group, "%d/%s/", entry->versions[i], entry->id);
        json_object_update(seen, json_object_get(results->counts, group));
    }
    const char **keys = arena_alloc_array(results->arena, json_object_size(seen) + 1, sizeof *keys), *key;
    json_t *value;
    *ret_count = 0;
    json_object_foreach (seen, key, value) {
        size_t len = strlen(key) - 1; /* without the slash */
        if (len > 0)
            keys[(*ret_count)++] = arena_copy(results->arena, key, len);
    }
    return keys;
}

/* --- entries ----------------------------------------------------------------------------------- */

struct entry *results_find(const struct results *results, const char *id)
{
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->entries[i].id, id) == 0)
            return &results->entries[i];
    return NULL;
}

static enum result_type type_of(const json_t *question)
{
    const char *name = text_of(question, "type");
    enum result_type type = 0;
    while (type < RESULT_LONG_TEXT && strcmp(type_names[type], name) != 0)
        type++;
    return type;
}

static struct entry *entry_for(struct results *results, const json_t *question, size_t version_count)
{
    enum result_type type = type_of(question);
    for (size_t i = 0; i < results->count; i++)
        if (results->entries[i].type == type && strcmp(results->entries[i].id, text_of(question, "id")) == 0)
            return &results->entries[i];
    struct entry *entry = &results->entries[results->count++];
    *entry = (struct entry){.id = text_of(question, "id"), .type = type, .question = question, .is_by = true};
    entry->versions = arena_alloc_array(results->arena, version_count, sizeof *entry->versions);
    entry->definitions = arena_alloc_array(results->arena, version_count, sizeof *entry->definitions);
    return entry;
}

/* The first few of a version, as survey_roll() counts them. */
static bool is_by(const json_t *question, unsigned *count)
{
    bool is_short = json_array_size(json_object_get(question, "options")) <= RESULTS_BY_OPTIONS;
    return type_of(question) == RESULT_SINGLE && is_short && ++*count <= RESULTS_BY_MAX;
}

static void add_version(struct results *results, const json_t *version, size_t version_count)
{
    unsigned by_count = 0;
    size_t i;
    const json_t *question;
    json_array_foreach (json_array_get(version, 1), i, question) {
        struct entry *entry = entry_for(results, question, version_count);
        entry->definitions[entry->version_count] = question;
        entry->versions[entry->version_count++] = (int)json_integer_value(json_array_get(version, 0));
        entry->is_by &= is_by(question, &by_count);
        entry->is_conditional |= json_object_get(question, "show_if") != NULL;
    }
}

/* The options (rows, columns) of all versions, each as the newest has it. */
static const json_t **gather(const struct results *results, const struct entry *entry, const char *name,
                             size_t *ret_count)
{
    size_t most = 0, count = 0, i;
    for (size_t v = 0; v < entry->version_count; v++)
        most += json_array_size(json_object_get(entry->definitions[v], name));
    const json_t **all = arena_alloc_array(results->arena, most + 1, sizeof *all), *option;
    for (size_t v = 0; v < entry->version_count; v++) {
        json_array_foreach (json_object_get(entry->definitions[v], name), i, option) {
            size_t at = 0;
            while (at < count && strcmp(text_of(all[at], "id"), text_of(option, "id")) != 0)
                at++;
            if (at == count)
                all[count++] = option;
        }
    }
    *ret_count = count;
    return all;
}

/* A question of another type under the same id would be counted with it. */
static bool is_alone(const struct results *results, const struct entry *entry)
{
    for (size_t i = 0; i < results->count; i++)
        if (&results->entries[i] != entry && strcmp(results->entries[i].id, entry->id) == 0)
            return false;
    return true;
}

static void finish_entry(struct results *results, struct entry *entry)
{
    const char *options = entry->type == RESULT_MATRIX ? "rows" : "options";
    entry->options = gather(results, entry, options, &entry->option_count);
    entry->columns = gather(results, entry, "columns", &entry->column_count);
    entry->is_by = entry->is_by && entry->option_count <= RESULTS_BY_OPTIONS && is_alone(results, entry) &&
                   !entry->is_conditional;
    entry->whole.answered = results_count(results, entry, "", NULL, "");
    if (entry->whole.answered < results->k)
        entry->withheld = WITHHELD_FEW;
    else if (entry->is_conditional && results_tells_others(results, entry))
        entry->withheld = WITHHELD_DEPENDS;
    else
        results_make_cells(results, entry);
    entry->is_done = true;
}

struct results *results_new(struct arena *arena, const json_t *versions, const json_t *tallies, int64_t k)
{
    size_t version_count = json_array_size(versions), questions = 0, i;
    const json_t *item;
    struct results *results = arena_alloc(arena, sizeof *results);
    *results = (struct results){.arena = arena, .counts = json_object(), .k = k};
    arena_defer(arena, release_json, results->counts);
    json_array_foreach (tallies, i, item)
        add_tally(results, item);
    json_array_foreach (versions, i, item)
        questions += json_array_size(json_array_get(item, 1));
    results->entries = arena_alloc_array(arena, questions + 1, sizeof *results->entries);
    json_array_foreach (versions, i, item)
        add_version(results, item, version_count);
    for (i = 0; i < results->count; i++)
        finish_entry(results, &results->entries[i]);
    return results;
}

/* --- by ---------------------------------------------------------------------------------------- */

static bool is_offered(const struct entry *entry)
{
    return entry->is_by && !entry->withheld;
}

size_t results_by_count(const struct results *results)
{
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++)
        count += is_offered(&results->entries[i]);
    return count;
}

const char *results_by_id(const struct results *results, size_t index)
{
    size_t i = 0;
    while (i < results->count && !(is_offered(&results->entries[i]) && index-- == 0))
        i++;
    return i < results->count ? results->entries[i].id : NULL;
}
