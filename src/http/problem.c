/* The registry of problems and the document that tells one. Which problem it is, and the status line around
 * the document, are decided elsewhere (gate.c, answer.c). */
#include "base/text.h"
#include "problem_document.h"

#define FAULT_DETAIL_MAX 4096

const struct problem_row problem_rows[PROBLEM_COUNT] = {
#define PROBLEM(code, status, persian, english) [PROBLEM_##code] = {#code, status, persian, english},
#include "http/problem.def"
#undef PROBLEM
};

enum problem problem_find(struct slice code)
{
    for (size_t i = 0; i < PROBLEM_COUNT; i++)
        if (slice_is(code, problem_rows[i].code))
            return (enum problem)i;
    return PROBLEM_COUNT;
}

static void write_member(struct buffer *out, const char *prefix, const char *value)
{
    buffer_str(out, prefix);
    buffer_json_string(out, slice_of(value));
}

/* "%s" in the sentence of a fault stands for what would have been right. */
static void write_fault_detail(struct buffer *out, const struct fault *fault, bool is_persian)
{
    const char *sentence = fault_code_text(fault->code, is_persian);
    const char *blank = strstr(sentence, "%s");
    if (!blank) {
        buffer_json_string(out, slice_of(sentence));
        return;
    }
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, FAULT_DETAIL_MAX);
    buffer_append(&text, sentence, (size_t)(blank - sentence));
    buffer_str(&text, fault->expected ? fault->expected : "");
    buffer_str(&text, blank + 2);
    buffer_json_string(out, text.overflow ? slice_of(sentence) : buffer_view(&text));
}

static void write_fault(struct buffer *out, const struct fault *fault, bool is_persian)
{
    static const char *const places[] = {[FAULT_IN_BODY] = "body",
                                         [FAULT_IN_QUERY] = "query",
                                         [FAULT_IN_HEADER] = "header",
                                         [FAULT_IN_PATH] = "path"};

    write_member(out, "{\"pointer\":", fault->pointer);
    write_member(out, ",\"in\":", places[fault->place]);
    write_member(out, ",\"code\":", fault_code_name(fault->code));
    buffer_str(out, ",\"detail\":");
    write_fault_detail(out, fault, is_persian);
    if (fault->expected)
        write_member(out, ",\"expected\":", fault->expected);
    buffer_char(out, '}');
}

static void write_faults(struct buffer *out, const struct faults *faults, bool is_persian)
{
    buffer_str(out, ",\"errors\":[");
    for (size_t i = 0; i < faults->count; i++) {
        if (i > 0)
            buffer_char(out, ',');
        write_fault(out, &faults->items[i], is_persian);
    }
    buffer_char(out, ']');
    if (faults->total > faults->count) {
        buffer_str(out, ",\"errors_omitted\":");
        buffer_int(out, (int64_t)(faults->total - faults->count));
    }
}

void problem_write(struct buffer *out, const struct problem_facts *facts)
{
    const struct problem_row *row = &problem_rows[facts->problem];
    bool is_persian = facts->language == LANGUAGE_FA;

    buffer_printf(out, "{\"type\":\"/v1/problems#%s\"", row->code);
    write_member(out, ",\"title\":", is_persian ? row->persian : row->english);
    buffer_printf(out, ",\"status\":%u", row->status);
    if (facts->detail)
        write_member(out, ",\"detail\":", facts->detail);
    if (facts->instance.len > 0 && text_is_utf8(facts->instance)) {
        buffer_str(out, ",\"instance\":");
        buffer_json_string(out, facts->instance);
    }
    write_member(out, ",\"code\":", row->code);
    write_member(out, ",\"request_id\":", facts->request_id);
    if (facts->extension.len > 0) {
        buffer_char(out, ',');
        buffer_slice(out, facts->extension);
    }
    if (facts->faults)
        write_faults(out, facts->faults, is_persian);
    buffer_char(out, '}');
}
