/* Signing a client's request, in the three schemes that the gateway admits. */
#include "internal.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_HEADERS CS_MORE_HEADERS

typedef struct cs_result {
    countersign_signed shown;
    cs_arena arena;
    countersign_header headers[MOST_HEADERS];
} cs_result;

typedef struct cs_job {
    cs_result *made;
    cs_arena *arena;
    cs_request request;
    const countersign_credential *credential;
    countersign_signing options;
    cs_names names;
    cs_span text, canonical;
    countersign_error *error;
} cs_job;

static bool invalid(cs_job *job, const char *detail)
{
    return cs_refuse(job->error, COUNTERSIGN_INVALID_ARGUMENT, detail);
}

static void set_header(cs_job *job, const char *name, cs_span value)
{
    countersign_signed *shown = &job->made->shown;
    job->made->headers[shown->header_count++] = (countersign_header){cs_copy(job->arena, cs_string(name)), cs_copy(job->arena, value)};
    shown->headers = job->made->headers;
}

/* Sets it on the request as well, so that it is signed; there it replaces those of its name. */
static void put_header(cs_job *job, const char *name, cs_span value)
{
    cs_pairs *headers = &job->request.headers;
    size_t kept = 0;
    set_header(job, name, value);
    for (size_t i = 0; i < headers->count; i++)
        if (!cs_is_folded(headers->items[i].name, name)) headers->items[kept++] = headers->items[i];
    headers->count = kept;
    cs_request_add(&job->request, cs_string(name), value);
}

static void put_unless_there(cs_job *job, const char *name, cs_span value)
{
    if (!cs_has(&job->request, name)) put_header(job, name, value);
}

static bool add_name(cs_job *job, cs_span name)
{
    cs_span lower = cs_lower(job->arena, name);
    for (size_t i = 0; i < job->names.count; i++)
        if (cs_equal(job->names.items[i], lower)) return true;
    if (cs_header_count_of(&job->request, lower) > 0) job->names.items[job->names.count++] = lower;
    return true;
}

/* Those of the scheme, those with the prefix, and those that the caller wants: the ones that are there, sorted. */
static bool choose_names(cs_job *job, const char *const *own, size_t own_count, const char *prefix)
{
    const cs_pairs *headers = &job->request.headers;
    size_t length = strlen(prefix);
    job->names = (cs_names){.items = cs_take(job->arena, own_count + headers->count + job->options.signed_header_count, sizeof(cs_span))};
    if (job->names.items == NULL) return cs_fault(job->error);
    for (size_t i = 0; i < own_count; i++) add_name(job, cs_string(own[i]));
    for (size_t i = 0; i < job->options.signed_header_count; i++) add_name(job, cs_string(job->options.signed_headers[i]));
    for (size_t i = 0; length > 0 && i < headers->count; i++) {
        cs_span name = headers->items[i].name;
        if (name.size >= length && cs_is_folded(cs_part(name, 0, length), prefix) && !cs_is_folded(name, job->options.header))
            add_name(job, name);
    }
    cs_names_sort(&job->names);
    return true;
}

static cs_span joined_names(cs_job *job, const char *separator)
{
    cs_text text = {.arena = job->arena};
    for (size_t i = 0; i < job->names.count; i++) {
        if (i > 0) cs_add_string(&text, separator);
        cs_add(&text, job->names.items[i]);
    }
    return cs_done(&text);
}

static bool format_now(cs_job *job, const char *form, char *text, size_t size)
{
    struct tm parts;
    time_t now = (time_t)job->options.now;
    return (gmtime_r(&now, &parts) != NULL && strftime(text, size, form, &parts) > 0) || invalid(job, "now is no time that can be written");
}

static bool make_nonce(char text[37])
{
    unsigned char b[16];
    if (RAND_bytes(b, sizeof b) != 1) return false;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6],
             b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return true;
}

static bool sign_aliyun_ca(cs_job *job)
{
    static const char *const own[] = {"x-ca-key", "x-ca-timestamp", "x-ca-nonce"};
    cs_request *request = &job->request;
    char stamp[32], nonce[37];
    snprintf(stamp, sizeof stamp, "%lld", (long long)job->options.now * 1000);
    if (!make_nonce(nonce)) return cs_fault(job->error);
    const char *kept_stamp = cs_copy(job->arena, cs_string(stamp)), *kept_nonce = cs_copy(job->arena, cs_string(nonce));
    put_header(job, "X-Ca-Key", cs_string(job->credential->id));
    put_unless_there(job, "Accept", cs_string("*/*"));
    put_unless_there(job, "X-Ca-Timestamp", cs_string(kept_stamp));
    put_unless_there(job, "X-Ca-Nonce", cs_string(kept_nonce));
    if (request->body.size > 0 && !cs_is_form(request)) put_unless_there(job, "Content-MD5", cs_content_md5(job->arena, request->body));
    if (!choose_names(job, own, 3, "") || !cs_ca_text(request, &job->names, &job->text, job->error)) return false;
    cs_span mac = cs_base64_mac(job->arena, cs_string(job->credential->secret), job->text);
    set_header(job, "X-Ca-Signature-Headers", joined_names(job, ","));
    set_header(job, "X-Ca-Signature", mac);
    return mac.size > 0 || cs_fault(job->error);
}

static bool sign_sdk_hmac(cs_job *job)
{
    static const char *const own[] = {"host", "x-sdk-date", CS_PAYLOAD};
    char date[32];
    if (!format_now(job, "%Y%m%dT%H%M%SZ", date, sizeof date)) return false;
    put_unless_there(job, "X-Sdk-Date", cs_string(cs_copy(job->arena, cs_string(date))));
    if (!choose_names(job, own, 3, "") || !cs_sdk_canonical(&job->request, &job->names, &job->canonical, job->error)) return false;
    if (!cs_sdk_text("SDK-HMAC-SHA256", &job->request, job->canonical, &job->text)) return cs_fault(job->error);
    cs_span mac = cs_hex_mac(job->arena, cs_string(job->credential->secret), job->text);
    cs_text proof = {.arena = job->arena};
    cs_add_string(&proof, "SDK-HMAC-SHA256 Access=");
    cs_add_string(&proof, job->credential->id);
    cs_add_string(&proof, ", SignedHeaders=");
    cs_add(&proof, joined_names(job, ";"));
    cs_add_string(&proof, ", Signature=");
    cs_add(&proof, mac);
    set_header(job, "Authorization", cs_done(&proof));
    return mac.size > 0 || cs_fault(job->error);
}

static bool sign_bce(cs_job *job)
{
    static const char *const own[] = {"host", "content-type", "content-md5"};
    char date[32], expiration[16];
    if (!format_now(job, "%Y-%m-%dT%H:%M:%SZ", date, sizeof date)) return false;
    if (!choose_names(job, own, 3, "x-bce-") || !cs_bce_text(&job->request, &job->names, &job->text, job->error)) return false;
    snprintf(expiration, sizeof expiration, "%d", (int)job->options.expiration);
    const char *const parts[] = {"bce-auth-v1/", job->credential->id, "/", date, "/", expiration};
    cs_text proof = {.arena = job->arena};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) cs_add_string(&proof, parts[i]);
    cs_span signing_key = cs_hex_mac(job->arena, cs_string(job->credential->secret), cs_done(&proof));
    cs_span mac = cs_hex_mac(job->arena, signing_key, job->text);
    cs_add_string(&proof, "/");
    cs_add(&proof, joined_names(job, ";"));
    cs_add_string(&proof, "/");
    cs_add(&proof, mac);
    set_header(job, job->options.header, cs_done(&proof));
    return (signing_key.size > 0 && mac.size > 0) || cs_fault(job->error);
}

static bool prepare(cs_job *job, const countersign_request *request, const countersign_signing *options)
{
    if (options != NULL) job->options = *options;
    if (job->options.now == 0) job->options.now = cs_system_clock();
    if (job->options.expiration == 0) job->options.expiration = 1800;
    if (job->options.header == NULL) job->options.header = "Authorization";
    if (job->credential->id[0] == '\0' || job->credential->secret[0] == '\0') return invalid(job, "a credential needs an id and a secret");
    if (job->options.expiration < 0) return invalid(job, "the expiration is no number of seconds");
    for (const char *c = request->target; *c != '\0'; c++)
        if ((unsigned char)*c > 0x7e) return invalid(job, "the target must be percent-encoded");
    job->request = cs_request_read(job->arena, request);
    char *method = cs_take(job->arena, job->request.method.size + 1, 1);
    if (method == NULL || job->request.headers.items == NULL) return cs_fault(job->error);
    for (size_t i = 0; i < job->request.method.size; i++) {
        char c = job->request.method.data[i];
        method[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    job->request.method.data = method;
    return true;
}

static countersign_code sign(bool (*scheme)(cs_job *), cs_job *job, const countersign_request *request, const countersign_signing *options,
                             countersign_signed **signed_request)
{
    countersign_error ignored;
    if (job->error == NULL) job->error = &ignored;
    *signed_request = NULL;
    *job->error = (countersign_error){.code = COUNTERSIGN_OK};
    job->text = job->canonical = (cs_span){"", 0};
    job->made = calloc(1, sizeof *job->made);
    if (job->made == NULL) {
        cs_fault(job->error);
        return COUNTERSIGN_FAULT;
    }
    job->arena = &job->made->arena;
    bool good = prepare(job, request, options) && scheme(job);
    if (job->arena->failed) good = cs_fault(job->error);
    /* A request that no verifier could read is the caller's mistake here. */
    if (job->error->code == COUNTERSIGN_MALFORMED) job->error->code = COUNTERSIGN_INVALID_ARGUMENT;
    countersign_signed *shown = &job->made->shown;
    shown->string_to_sign = job->text.data;
    shown->string_to_sign_size = job->text.size;
    shown->canonical_request = job->canonical.data;
    shown->canonical_request_size = job->canonical.size;
    if (good)
        *signed_request = shown;
    else
        countersign_signed_free(shown);
    return job->error->code;
}

countersign_code countersign_sign_aliyun_ca(const countersign_request *request, const countersign_credential *credential,
                                            const countersign_signing *options, countersign_signed **result, countersign_error *error)
{
    return sign(sign_aliyun_ca, &(cs_job){.credential = credential, .error = error}, request, options, result);
}

countersign_code countersign_sign_sdk_hmac(const countersign_request *request, const countersign_credential *credential,
                                           const countersign_signing *options, countersign_signed **result, countersign_error *error)
{
    return sign(sign_sdk_hmac, &(cs_job){.credential = credential, .error = error}, request, options, result);
}

countersign_code countersign_sign_bce(const countersign_request *request, const countersign_credential *credential,
                                      const countersign_signing *options, countersign_signed **result, countersign_error *error)
{
    return sign(sign_bce, &(cs_job){.credential = credential, .error = error}, request, options, result);
}

void countersign_signed_free(countersign_signed *shown)
{
    if (shown == NULL) return;
    cs_result *made = (cs_result *)(void *)shown; /* `shown` is its first member */
    cs_arena_free(&made->arena);
    free(made);
}
