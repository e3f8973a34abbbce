/* The signature debugger: a request, pasted or refused of late, and why it does not pass. What the gateway would say is asked of the edge
 * itself; only whoever may write a credential is told what a signature by it is worth, the rest sees what is public: how the text to sign
 * is made. So nobody finds out here what he could not at the gateway; and since the gateway's own locks do not count here, questions are
 * counted instead, and each is in the audit. */
#include "base/date.h"
#include "base/text.h"
#include "control/attempts.h"
#include "control/audit.h"
#include "control/charsets.h"
#include "control/debugger.h"
#include "control/resources.h"
#include "explain/paste.h"
#include "store/traffic.h"

#define MOST_A_MINUTE 60

/* One question. */
struct debugging {
    struct call *call;
    struct pasted pasted;
    struct diagnosis diagnosis;
    struct debugged debugged;
    json_t *answer;
};

static int64_t moment_of(struct call *call)
{
    int64_t seconds = call->now;
    return date_parse_rfc3339(call_text(call, "time"), &seconds) ? seconds : call->now;
}

/* Whose keys the caller may change, and so know what they are worth. */
static unsigned may_verify(const struct call *call)
{
    struct scope here = {call->project_id, call->instance_id};
    unsigned kinds = 0;
    if (caller_may(&call->caller, RIGHT_WRITE_APPS, here)) kinds |= 1u << PRINCIPAL_APP | 1u << PRINCIPAL_CONSUMER;
    if (caller_may(&call->caller, RIGHT_WRITE_USERS, here)) kinds |= 1u << PRINCIPAL_USER;
    return kinds;
}

static bool refuse_paste(struct call *call, const struct curl_problem *problem)
{
    struct buffer rule = buffer_in(&call->arena, 512);
    buffer_add_text(&rule, "a curl command or a raw HTTP/1.1 request: ");
    buffer_add_text(&rule, problem->words);
    if (problem->about.length > 0) buffer_add_text(&rule, ": ");
    buffer_add(&rule, bytes_slice(problem->about, 0, 100));
    struct bytes text = buffer_bytes(&rule);
    while (text.length > 0 && !utf8_is_valid(text)) text.length--;
    const char *words = arena_copy_text(&call->arena, text);
    return words == NULL ? call_fault(call, "no memory") : call_refuse_rule(call, "request", words);
}

static bool explain_pasted(struct debugging *debugging)
{
    struct call *call = debugging->call;
    struct debugged *debugged = &debugging->debugged;
    struct curl_problem problem;
    if (!paste_read(&call->arena, call_text(call, "request"), &debugging->pasted, &problem)) return refuse_paste(call, &problem);
    struct bytes host = http_field_value(&debugging->pasted.request, BYTES("host"));
    debugged->source = debugging->pasted.curl ? "curl" : "raw";
    debugged->body = debugging->pasted.body;
    debugged->https = debugging->pasted.curl ? debugging->pasted.https : bytes_find(host, ':') == host.length;
    struct diagnosis_question question = {.request = &debugging->pasted.request,
                                          .body = debugging->pasted.body,
                                          .client_text = call_text(call, "string_to_sign"),
                                          .now = debugged->now,
                                          .may_verify = may_verify(call)};
    return debugger_ask_edge(call, &question, debugged, &debugging->answer);
}

/* What was kept of it, as a request with nothing but a host. */
static bool rebuild_request(struct debugging *debugging, const struct value *row)
{
    struct http_field *host = arena_take(&debugging->call->arena, sizeof *host);
    struct http_request *request = &debugging->pasted.request;
    if (host == NULL) return false;
    *host = (struct http_field){BYTES("Host"), row[REFUSED_HOST].bytes};
    *request = (struct http_request){.method = row[REFUSED_METHOD].bytes, .fields = host, .field_count = 1};
    return http_request_set_target(request, row[REFUSED_TARGET].bytes) || http_request_set_target(request, BYTES("/"));
}

static const struct resource resource_refused = {
    .name = "refused_request", .entity = &entity_refused, .instance_column = REFUSED_INSTANCE_ID, .unknown = ERROR_REFUSED_UNKNOWN};

static bool explain_refused(struct debugging *debugging)
{
    struct call *call = debugging->call;
    struct value row[REFUSED_COLUMNS];
    struct debugged *debugged = &debugging->debugged;
    if (!resource_load(call, &resource_refused, call_text(call, "request_id"), row)) return false;
    const struct diagnosis_sample sample = {.scheme = scheme_by_name(row[REFUSED_SCHEME].bytes),
                                            .refusal = refusal_named(row[REFUSED_REFUSAL].bytes),
                                            .field = row[REFUSED_FIELD].bytes,
                                            .key_id = row[REFUSED_KEY_ID].bytes,
                                            .signed_names = row[REFUSED_SIGNED_NAMES].bytes,
                                            .gateway_text = row[REFUSED_STRING_TO_SIGN].bytes,
                                            .client_text = call_text(call, "string_to_sign")};
    if (!rebuild_request(debugging, row) || !diagnose_sample(&sample, &call->arena, &debugging->diagnosis))
        return call_fault(call, "no memory to explain a request");
    debugging->diagnosis.credential_id = row[REFUSED_CREDENTIAL_ID].bytes;
    debugging->diagnosis.principal.id = row[REFUSED_PRINCIPAL_ID].bytes;
    debugged->source = "refused_request";
    debugged->https = true;
    debugged->now = row[REFUSED_TIME].integer;
    debugged->api_id = row[REFUSED_API_ID].bytes;
    debugged->environment = row[REFUSED_ENVIRONMENT].bytes;
    debugging->answer = debugger_answer(call, debugged);
    return debugging->answer != NULL || call_fault(call, "no memory for the answer");
}

/* Who asked about which key, and what he was told; in a session of its own, since the question itself needs none that writes. */
static bool write_audit(struct debugging *debugging)
{
    struct call *call = debugging->call;
    const struct json_t *answer = debugging->answer;
    json_t *details = json_pack("{s:O, s:O, s:O, s:O, s:O}", "source", json_object_get(answer, "source"), "scheme",
                                json_object_get(answer, "scheme"), "key_id", json_object_get(answer, "key_id"), "refusal",
                                json_object_get(answer, "refusal"), "proof", json_object_get(answer, "proof"));
    size_t length = json_dumpb(details, NULL, 0, JSON_COMPACT);
    char *text = arena_take(&call->arena, length + 1);
    struct bytes api = bytes_of_text(json_string_value(json_object_get(answer, "api_id")));
    if (text != NULL) (void)json_dumpb(details, text, length, JSON_COMPACT);
    json_decref(details);
    if (text == NULL || details == NULL) return call_fault(call, "no memory for the audit row");
    call_let_go(call);
    return call_begin(call, true) && audit_event(call, "signature", arena_copy(&call->arena, api), bytes_of(text, length));
}

static bool has_one_subject(const struct call *call)
{
    return call_has(call, "request") != call_has(call, "request_id");
}

static bool debug(struct call *call)
{
    struct attempt asked = {"debugging of", call->actor_id, BYTES(""), MOST_A_MINUTE, 60};
    struct debugging *debugging = arena_take(&call->arena, sizeof *debugging);
    if (debugging == NULL) return call_fault(call, "no memory to explain a request");
    if (!has_one_subject(call)) return call_refuse_rule(call, "request", "either a request, or the request_id of one that was refused");
    if (!attempt_take(call->daemon->attempts, &asked, call->now)) return call_refuse(call, ERROR_DEBUG_TOO_MANY, BYTES(""));
    debugging->call = call;
    debugging->debugged =
        (struct debugged){.request = &debugging->pasted.request, .now = moment_of(call), .diagnosis = &debugging->diagnosis};
    bool done = call_has(call, "request") ? explain_pasted(debugging) : explain_refused(debugging);
    if (done && write_audit(debugging)) return call_answer(call, 200, debugging->answer);
    json_decref(debugging->answer);
    return false;
}

static const struct field fields[] = {
    {.name = "request",
     .type = FIELD_STRING,
     .flags = FIELD_SECRET,
     .minimum = 1,
     .maximum = CURL_MAX_LENGTH,
     .rule = "a curl command or a raw HTTP/1.1 request"},
    {.name = "request_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "string_to_sign", .type = FIELD_STRING, .minimum = 1, .maximum = CURL_MAX_LENGTH},
    {.name = "time", .type = FIELD_TIME},
};
static const struct fields debugger_fields = FIELDS_OF(fields);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/signature-debugger", "debug_signature", RIGHT_READ, &debugger_fields, FILL_PRESETS, debug,
     .answer = &debugger_answer_fields, .status = 200},
};
const struct routes routes_signature_debugger = ROUTES_OF(routes);
