/* Fetches the key set of the identity provider. What its keys are for is http/identity.c's business. A look
 * is bounded in time and size, follows no redirect, and goes over TLS unless the provider is on this machine.
 * One that fails leaves the keys that there are. */
#include "jobs.h"

#include "base/buffer.h"
#include "base/log.h"
#include "statements.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdlib.h>

#define ANSWER_MAX ((size_t)256 * 1024)
#define FETCH_MS   5000L
#define RETRY_MS   10000
#define URL_MAX    1024
#define DISCOVERY  "/.well-known/openid-configuration" /* OpenID Connect Discovery, section 4 */
#define OVER_TLS   "https://"

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool is_fit(const char *url)
{
    static const char *const fit[] = {OVER_TLS, "http://127.0.0.1:", "http://localhost:", "http://[::1]:"};
    for (size_t i = 0; i < ARRAY_LEN(fit); i++)
        if (starts_with(url, fit[i]))
            return true;
    return false;
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct buffer *answer = context;
    buffer_slice(answer, (struct slice){data, size * count});
    return answer->overflow ? 0 : size * count;
}

/* The worker is asked to stop: nothing waits for a slow provider. */
static int is_to_stop(void *context, curl_off_t dl_total, curl_off_t dl_now, curl_off_t ul_total,
                      curl_off_t ul_now)
{
    (void)dl_total, (void)dl_now, (void)ul_total, (void)ul_now;
    return worker_is_stopping(context);
}

/* NULL, with a line in the log, if there is no such document. */
static json_t *fetch(const struct job_context *context, const char *url)
{
    CLEANUP(buffer_done) struct buffer answer;
    CURL *curl = is_fit(url) ? curl_easy_init() : NULL;
    long status = 0;

    buffer_init(&answer, ANSWER_MAX);
    if (!curl) {
        log_warn("identity.address_unfit");
        return NULL;
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, starts_with(url, OVER_TLS) ? "https" : "http");
    curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L); /* http://127.0.0.1:1@elsewhere/ */
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, FETCH_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_to_stop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)context->hand);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);

    bool is_there = code == CURLE_OK && status == 200;
    json_t *document = is_there ? json_loadb(answer.data, answer.len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!document)
        log_warn("identity.not_fetched", log_int("status", status),
                 log_text("error", code == CURLE_OK ? "no such document" : curl_easy_strerror(code)));
    return document;
}

/* Where the key set lies: the setting, or what the provider itself says. False: it says nothing of use. A
 * provider elsewhere sends nobody to this machine. */
static bool find_keys(const struct job_context *context, char url[URL_MAX])
{
    const struct settings *settings = context->settings;
    snprintf(url, URL_MAX, "%s", settings->identity_keys);
    if (url[0])
        return true;
    snprintf(url, URL_MAX, "%s" DISCOVERY, settings->identity_issuer);
    json_t *provider = fetch(context, url);
    const char *issuer = json_string_value(json_object_get(provider, "issuer"));
    const char *keys = json_string_value(json_object_get(provider, "jwks_uri"));
    bool is_found = issuer && keys && strcmp(issuer, settings->identity_issuer) == 0 &&
                    strlen(keys) < URL_MAX && (starts_with(keys, OVER_TLS) || !starts_with(issuer, OVER_TLS));
    if (is_found)
        snprintf(url, URL_MAX, "%s", keys);
    json_decref(provider);
    return is_found;
}

/* The set as JSON text (free it), or NULL. */
static char *fetch_keys(const struct job_context *context)
{
    char url[URL_MAX];
    json_t *set = find_keys(context, url) ? fetch(context, url) : NULL;
    char *text = json_is_array(json_object_get(set, "keys")) ? json_dumps(set, JSON_COMPACT) : NULL;
    json_decref(set);
    return text;
}

enum db_outcome identity_keys_look(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    const struct settings *settings = context->settings;
    if (!rows_bool(rows, 0, rows_column(rows, "is_due")))
        return DB_OK;

    struct rows *written = NULL;
    char *keys = fetch_keys(context);
    const struct param params[] = {as_text(settings->identity_issuer), as_json(slice_of(keys)),
                                   as_int(keys ? settings->identity_refresh_ms : RETRY_MS)};
    enum db_outcome outcome =
        session_run(context->session, SQL_IDENTITY_KEYS_PUT, params, ARRAY_LEN(params), &written);
    rows_free(written);
    free(keys);
    *done += outcome == DB_OK;
    return outcome;
}
