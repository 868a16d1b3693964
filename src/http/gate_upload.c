/* The part of the gate that is for bodies of bytes: one step before the body comes, one when it is there. */
#include "answer.h"
#include "engine.h"
#include "gate.h"
#include "upload.h"

static enum gate_verdict refuse(struct exchange *exchange, enum problem problem)
{
    answer_problem(exchange, problem);
    return GATE_ANSWERED;
}

/* Whatever is wrong with the parameters is told before a byte is taken. Only when the database has yet to say
 * whose key it is does the body come first, and this step find an upload that gate_keep() will judge. */
enum gate_verdict gate_upload(struct exchange *exchange)
{
    if (!exchange->is_streamed)
        return GATE_PASS;
    enum gate_verdict verdict = gate_schema(exchange);
    if (verdict != GATE_PASS || !exchange->head.has_body || exchange->upload || upload_begin(exchange))
        return verdict;
    exchange->answer.is_closing = true;
    return refuse(exchange, exchange->upload->problem);
}

static enum gate_verdict refuse_empty(struct exchange *exchange)
{
    struct faults faults;
    faults_init(&faults, &exchange->request.arena, 1);
    faults_add(&faults, FAULT_required, FAULT_IN_BODY, "", NULL);
    answer_refusal(exchange, &(struct refusal){.problem = PROBLEM_validation_failed, .faults = &faults});
    return GATE_ANSWERED;
}

/* What would be accepted, as members of the problem. */
static struct slice accepted_members(struct arena *arena)
{
    char *text = "\"accepted\":[";
    for (enum media media = 0; media < MEDIA_COUNT; media++)
        text = arena_printf(arena, "%s%s\"%s\"", text, media > 0 ? "," : "", media_type(media));
    return slice_of(arena_printf(arena, "%s]", text));
}

static enum gate_verdict refuse_upload(struct exchange *exchange, enum problem problem)
{
    struct refusal refusal = {.problem = problem};
    if (problem == PROBLEM_unsupported_media_type) {
        refusal.extension = accepted_members(&exchange->request.arena);
        refusal.persian = "محتوای این پرونده از گونه‌های پذیرفته نیست.";
        refusal.english = "The content of this file is of no type that is accepted.";
    }
    answer_refusal(exchange, &refusal);
    return GATE_ANSWERED;
}

/* Comes by twice: with the complete body, and when the keeper is done with it. */
enum gate_verdict gate_keep(struct exchange *exchange)
{
    struct request *req = &exchange->request;
    struct upload *upload = exchange->upload;
    if (!exchange->is_streamed)
        return GATE_PASS;
    if (!upload)
        return refuse_empty(exchange);
    if (upload->problem != PROBLEM_COUNT)
        return refuse_upload(exchange, upload->problem);
    if (!upload->is_kept) {
        upload_keep(exchange);
        return GATE_WAITS;
    }
    req->file = &upload->file;
    req->body_text = slice_of(crypto_hex(&req->arena, upload->file.sha256, DIGEST_LEN));
    return GATE_PASS;
}
