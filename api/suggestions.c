/* What suggestions alone have: who suggested one and by which shares, opinions of experts, duplicates, progress,
 * supports, and those that are like another. They are filed, listed and moved as all cases are (cases.c,
 * case_transitions.c); what a committee decides, and rewards, stand elsewhere. */
#include "cases.h"
#include "voter.h"

#include "base/text.h"
#include "domain/percent.h"

/* --- who suggests it --------------------------------------------------------------------------- */

static struct slice member_of(const json_t *person, const char *name)
{
    const json_t *member = json_object_get(person, name);
    return (struct slice){json_string_value(member), json_string_length(member)};
}

/* Whoever has the same number or address is the same; with nothing to tell them apart, the name says it. */
static bool is_same_person(struct request *req, const json_t *a, const json_t *b)
{
    static const char *const telling[] = {"national_id", "mobile", "email"};
    bool is_told_apart = false;
    for (size_t i = 0; i < ARRAY_LEN(telling); i++) {
        struct slice left = member_of(a, telling[i]), right = member_of(b, telling[i]);
        if (!left.data || !right.data)
            continue;
        if (slice_equal(left, right))
            return true;
        is_told_apart = true;
    }
    struct slice left = member_of(a, "name"), right = member_of(b, "name");
    return !is_told_apart && left.data && right.data &&
           slice_equal(text_fingerprint(&req->arena, left), text_fingerprint(&req->arena, right));
}

static bool has_one_person_twice(struct request *req, const json_t *main_one, const json_t *others)
{
    size_t i;
    json_t *person;
    json_array_foreach ((json_t *)others, i, person) {
        if (is_same_person(req, main_one, person))
            return true;
        for (size_t k = 0; k < i; k++)
            if (is_same_person(req, json_array_get(others, k), person))
                return true;
    }
    return false;
}

static bool add_share(const json_t *share, int *total)
{
    int hundredths;
    if (!percent_hundredths(json_number_value(share), &hundredths) || hundredths == 0)
        return false;
    *total += hundredths;
    return true;
}

static struct reply refused_shares(struct request *req, int total)
{
    struct reply reply = refused(shares_not_whole);
    reply.extension = slice_of(arena_printf(&req->arena, "\"sum\":%d.%02d", total / 100,
                                            total % 100)); /* in percent, as they were */
    return reply;
}

/* Whether the shares add up to 100 %, to the last hundredth. Alone, the author has them all. */
static bool add_shares(const struct request *req, int *ret_total)
{
    const json_t *share = json_object_get(req->body, "share"),
                 *others = json_object_get(req->body, "co_suggesters");
    bool is_fine = true;
    size_t i;
    json_t *other;
    if (share)
        is_fine = add_share(share, ret_total);
    else if (json_array_size(others) == 0)
        *ret_total = PERCENT_WHOLE;
    json_array_foreach ((json_t *)others, i, other)
        is_fine = add_share(json_object_get(other, "share"), ret_total) && is_fine;
    return is_fine && *ret_total == PERCENT_WHOLE;
}

/* The case's text is what was written, whatever is completed later. */
static void set_text(struct request *req)
{
    const char *text = arena_printf(&req->arena, "%s\n\n%s", request_member(req, "problem").data,
                                    request_member(req, "proposal").data);
    json_object_set_new(req->body, "text", json_string(text));
    req->body_text = json_text(&req->arena, req->body);
}

struct reply suggestion_create(struct request *req)
{
    const json_t *author = json_object_get(req->body, "suggester");
    const json_t *others = json_object_get(req->body, "co_suggesters");
    bool is_anonymous = json_object_size(author) == 0;
    int total = 0;
    if (is_anonymous && (others || json_object_get(req->body, "share")))
        return refused(anonymous_has_no_share);
    if (!add_shares(req, &total))
        return refused_shares(req, total);
    if (has_one_person_twice(req, author, others))
        return refused(person_twice);
    set_text(req);
    return case_create(req);
}

/* --- review ------------------------------------------------------------------------------------ */

static struct reply opine(struct request *req, bool is_recusal)
{
    return created(req, SQL_SUGGESTION_OPINE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_now(req), as_actor(req), as_request_digest(req),
                   as_bool(is_recusal), as_confidential(req));
}

struct reply suggestion_opine(struct request *req)
{
    return opine(req, false);
}

struct reply suggestion_recuse(struct request *req)
{
    return opine(req, true);
}

struct reply suggestion_duplicate(struct request *req)
{
    struct reply reply = changed(req, SQL_SUGGESTION_DUPLICATE, as_uuid(request_new_id(req)), as_org(req),
                                 request_param(req, "id"), as_body(req), as_if_match(req), as_now(req),
                                 as_actor(req), as_request_digest(req), as_known(req, THING_SUGGESTION),
                                 as_permitted(req, THING_SUGGESTION), as_confidential(req));
    reply.then = case_show;
    return reply;
}

struct reply suggestion_tell(struct request *req)
{
    return created(req, SQL_SUGGESTION_TELL, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_slice(request_member(req, "text")), as_now(req),
                   as_actor(req), as_request_digest(req), as_confidential(req));
}

/* --- the public -------------------------------------------------------------------------------- */

struct reply suggestion_public_list(struct request *req)
{
    bool is_by_support = slice_is(request_text(req, "sort"), "supports");
    return listed(req, is_by_support ? SQL_SUGGESTION_PUBLIC_LIST_BY_SUPPORT : SQL_SUGGESTION_PUBLIC_LIST,
                  as_org(req), request_param(req, "state"), request_param(req, "service"), as_cursor_at(req),
                  as_cursor_id(req), as_limit(req), as_count_wanted(req));
}

struct reply suggestion_public_get(struct request *req)
{
    return found(req, SQL_SUGGESTION_PUBLIC_GET, as_org(req), request_param(req, "id"));
}

/* A verified citizen counts as that, whatever device they use. */
static struct reply support(struct request *req, bool is_active)
{
    struct uuid id = request_uuid(req, "id");
    struct param voter = as_identity(req, id);
    if (voter.kind == PARAM_NULL)
        voter = as_device(req, id);
    if (voter.kind == PARAM_NULL)
        return refused(voter_needed);
    return changed(req, SQL_SUGGESTION_SUPPORT, as_org(req), as_uuid(id), voter, as_bool(is_active),
                   as_now(req));
}

struct reply suggestion_support(struct request *req)
{
    return support(req, true);
}

struct reply suggestion_unsupport(struct request *req)
{
    return support(req, false);
}

struct reply suggestion_similar(struct request *req)
{
    static const char *const names[] = {"text", "subject", "problem", "proposal"};
    CLEANUP(buffer_done) struct buffer words;
    buffer_init(&words, 256 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        buffer_slice(&words, request_member(req, names[i]));
        buffer_char(&words, ' ');
    }
    struct slice text = arena_slice(&req->arena, buffer_view(&words));
    return listed(req, SQL_SUGGESTION_SIMILAR, as_org(req), as_slice(text),
                  as_bool(request_may(req, PERMISSION_CASE_READ)),
                  as_int(json_integer_value(json_object_get(req->body, "limit"))));
}
