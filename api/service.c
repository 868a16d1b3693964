/* About the server itself: the registry of problems, the contract and the page that shows it. */
#include "handlers.h"

#include "base/buffer.h"
#include "base/embedded.h"

struct reply problem_list(struct request *req)
{
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 64 * 1024);
    buffer_str(&out, "{\"items\":[");
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_row *row = &problem_rows[i];
        buffer_printf(&out, "%s{\"code\":\"%s\",\"status\":%u,\"title_fa\":", i ? "," : "", row->code,
                      row->status);
        buffer_json_string(&out, slice_of(row->persian));
        buffer_str(&out, ",\"title_en\":");
        buffer_json_string(&out, slice_of(row->english));
        buffer_char(&out, '}');
    }
    buffer_str(&out, "]}");
    return reply_bytes(200, "application/json; charset=utf-8", arena_slice(&req->arena, buffer_view(&out)));
}

/* Nothing from elsewhere, nothing inline: the page works offline and under this policy. */
static const char docs_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

static const struct asset {
    const char *name, *path, *media_type;
} docs_assets[] = {
    {"", "api/pages/index.html", "text/html; charset=utf-8"},
    {"docs.js", "api/pages/docs.js", "text/javascript; charset=utf-8"},
    {"docs.css", "api/pages/docs.css", "text/css; charset=utf-8"},
    {"swagger-ui.css", "api/pages/node_modules/swagger-ui-dist/swagger-ui.css", "text/css; charset=utf-8"},
    {"swagger-ui-bundle.js", "api/pages/node_modules/swagger-ui-dist/swagger-ui-bundle.js",
     "text/javascript; charset=utf-8"},
    {"favicon-32x32.png", "api/pages/node_modules/swagger-ui-dist/favicon-32x32.png", "image/png"},
};

static struct reply embedded_reply(const char *path, const char *media_type)
{
    const struct embedded_file *file = embedded_find(path);
    return file ? reply_bytes(200, media_type, embedded_slice(file)) : refused(not_found);
}

static struct reply docs_asset(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(docs_assets); i++) {
        const struct asset *asset = &docs_assets[i];
        if (!slice_is(name, asset->name))
            continue;
        struct reply reply = embedded_reply(asset->path, asset->media_type);
        reply_add_header(&reply, "Content-Security-Policy", docs_policy);
        reply_add_header(&reply, "Referrer-Policy", "no-referrer");
        return reply;
    }
    return refused(not_found);
}

struct reply docs_get(struct request *req UNUSED)
{
    return docs_asset(SLICE(""));
}

struct reply docs_asset_get(struct request *req)
{
    return docs_asset(request_text(req, "asset"));
}

struct reply contract_yaml_get(struct request *req UNUSED)
{
    return embedded_reply("openapi.yaml", "application/yaml; charset=utf-8");
}

struct reply contract_json_get(struct request *req)
{
    return reply_bytes(200, "application/json; charset=utf-8", request_contract_json(req));
}
