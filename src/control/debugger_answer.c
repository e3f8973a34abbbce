#include "control/debugger.h"

#include "base/text.h"
#include "control/apis.h"
#include "explain/examples.h"

#define EXAMPLE_SIZE (128 * 1024)

/* Texts come from strangers: what is no UTF-8, and NUL, is shown as U+FFFD. */
static bool put(struct call *call, json_t *object, const char *name, struct bytes text)
{
    size_t mark = call->arena.used;
    struct buffer out = buffer_in(&call->arena, 3 * text.length);
    while (text.length > 0) {
        size_t length = text.data[0] == 0 ? 0 : utf8_character_length(text);
        buffer_add(&out, length == 0 ? BYTES("\xef\xbf\xbd") : bytes_slice(text, 0, length));
        text = bytes_from(text, length == 0 ? 1 : length);
    }
    bool done = !out.overflow && json_put(call, object, name, buffer_bytes(&out));
    arena_rewind(&call->arena, mark);
    return done;
}

static bool put_text(struct call *call, json_t *object, const char *name, const char *text)
{
    return put(call, object, name, bytes_of_text(text));
}

static bool put_number(json_t *object, const char *name, size_t number)
{
    return json_object_set_new(object, name, json_integer((json_int_t)number)) == 0;
}

static bool put_request(struct call *call, json_t *object, const struct debugged *debugged)
{
    const struct http_request *request = debugged->request;
    return put_text(call, object, "source", debugged->source) && put(call, object, "method", request->method) &&
           put(call, object, "host", http_field_value(request, BYTES("host"))) && put(call, object, "path", request->path) &&
           put(call, object, "api_id", debugged->api_id) && put(call, object, "api_name", debugged->api_name) &&
           put(call, object, "environment", debugged->environment) && json_put_time(object, "server_time", debugged->now);
}

static const char *location_name(const struct place *place)
{
    static const char *const names[] = {"", "header", "query", "cookie"};
    return place == NULL ? "" : names[place->location];
}

static bool put_claim(struct call *call, json_t *object, const struct claim *claim)
{
    const struct place *place = claim->place;
    return put_text(call, object, "scheme", claim->scheme == NULL ? "" : claim->scheme->name) &&
           put_text(call, object, "location", location_name(place)) &&
           put(call, object, "place", place == NULL ? BYTES("") : place->name) && put(call, object, "key_id", claim->key_id) &&
           put(call, object, "signed_names", claim->signed_names) && put(call, object, "time", claim->time_text) &&
           json_object_set_new(object, "time_is_signed", json_boolean(claim->time_is_signed)) == 0;
}

static const char *outcome_name(const struct diagnosis *diagnosis)
{
    if (diagnosis->outcome == ADMISSION_ACCEPTED) return "accepted";
    return diagnosis->judged || diagnosis->refusal != REFUSAL_NONE ? "refused" : "not_told";
}

static bool put_verdict(struct call *call, json_t *object, const struct diagnosis *diagnosis)
{
    const struct principal *principal = &diagnosis->principal;
    return put_text(call, object, "outcome", outcome_name(diagnosis)) &&
           put_text(call, object, "refusal", refusal_name(diagnosis->refusal)) && put(call, object, "field", diagnosis->field) &&
           put_text(call, object, "proof", diagnosis_proof_name(diagnosis->proof)) &&
           put_text(call, object, "principal_kind", diagnosis->known ? principal_kind_name(principal->kind) : "") &&
           put(call, object, "principal_id", principal->id) && put(call, object, "principal_name", principal->name) &&
           put(call, object, "credential_id", diagnosis->credential_id);
}

static bool put_difference(struct call *call, json_t *object, const struct difference *difference)
{
    if (!difference->differs) return json_object_set_new(object, "difference", json_null()) == 0;
    json_t *inner = json_object();
    bool done = put_number(inner, "line", difference->line) && put_number(inner, "byte", difference->column) &&
                put_number(inner, "offset", difference->offset) && put(call, inner, "gateway_line", difference->gateway_line) &&
                put(call, inner, "client_line", difference->client_line);
    return json_object_set_new(object, "difference", inner) == 0 && done;
}

static bool put_texts(struct call *call, json_t *object, const struct diagnosis *diagnosis)
{
    static const char *const sources[] = {"none", "given", "deduced"};
    return put(call, object, "gateway_text", diagnosis->gateway_text) && put(call, object, "client_text", diagnosis->client_text) &&
           put_text(call, object, "client_text_source", sources[diagnosis->client_text_source]) &&
           put_difference(call, object, &diagnosis->difference);
}

static bool put_causes(struct call *call, json_t *object, const struct diagnosis *diagnosis)
{
    json_t *list = json_array();
    bool done = json_object_set_new(object, "causes", list) == 0;
    for (size_t i = 0; i < diagnosis->finding_count && done; i++) {
        const struct finding *finding = &diagnosis->findings[i];
        json_t *item = json_object();
        done = json_array_append_new(list, item) == 0 && put_text(call, item, "cause", cause_name(finding->cause)) &&
               put_text(call, item, "words", cause_words(finding->cause)) && put(call, item, "note", finding->note) &&
               json_object_set_new(item, "certain", json_boolean(finding->certain)) == 0;
    }
    return done;
}

static bool put_example(struct call *call, json_t *list, const struct example *example, enum example_language language)
{
    size_t mark = call->arena.used;
    struct buffer out = buffer_in(&call->arena, EXAMPLE_SIZE);
    bool done = true;
    if (example_write(example, language, &call->arena, &out) && !out.overflow) {
        json_t *item = json_object();
        done = json_array_append_new(list, item) == 0 && put_text(call, item, "language", example_language_name(language)) &&
               put(call, item, "code", buffer_bytes(&out));
    }
    arena_rewind(&call->arena, mark);
    return done;
}

static bool put_examples(struct call *call, json_t *object, const struct debugged *debugged)
{
    struct example_question question = {debugged->request, debugged->body, debugged->https, &debugged->diagnosis->claim};
    struct example *example = arena_take(&call->arena, sizeof *example);
    json_t *list = json_array();
    bool done = json_object_set_new(object, "examples", list) == 0 && example != NULL;
    if (!done || !example_prepare(&question, &call->arena, example)) return done;
    for (int language = 0; language < EXAMPLE_LANGUAGES && done; language++)
        done = put_example(call, list, example, (enum example_language)language);
    return done;
}

json_t *debugger_answer(struct call *call, const struct debugged *debugged)
{
    const struct diagnosis *diagnosis = debugged->diagnosis;
    json_t *object = json_object();
    bool done = put_request(call, object, debugged) && put_claim(call, object, &diagnosis->claim) && put_verdict(call, object, diagnosis) &&
                put_texts(call, object, diagnosis) && put_causes(call, object, diagnosis) && put_examples(call, object, debugged);
    if (done) return object;
    json_decref(object);
    return NULL;
}

static const char *const sources[] = {"curl", "raw", "refused_request", NULL};
static const char *const outcomes[] = {"accepted", "refused", "not_told", NULL};
static const char *const proofs[] = {"nothing_signed", "not_told", "unknown_key", "holds", "does_not_hold", NULL};
static const char *const text_sources[] = {"none", "given", "deduced", NULL};

static const struct field difference_items[] = {ANSWERED("line", FIELD_INTEGER), ANSWERED("byte", FIELD_INTEGER),
                                                ANSWERED("offset", FIELD_INTEGER), ANSWERED("gateway_line", FIELD_STRING),
                                                ANSWERED("client_line", FIELD_STRING)};
static const struct fields difference_fields = FIELDS_OF(difference_items);
static const struct field cause_items[] = {ANSWERED("cause", FIELD_STRING), ANSWERED("words", FIELD_STRING), ANSWERED("note", FIELD_STRING),
                                           ANSWERED("certain", FIELD_BOOLEAN)};
static const struct fields cause_fields = FIELDS_OF(cause_items);
static const struct field example_items[] = {ANSWERED("language", FIELD_STRING), ANSWERED("code", FIELD_STRING)};
static const struct fields example_fields = FIELDS_OF(example_items);

static const struct field items[] = {
    {.name = "source", .type = FIELD_STRING, .flags = FIELD_READ_ONLY, .choices = sources},
    ANSWERED("method", FIELD_STRING),
    ANSWERED("host", FIELD_STRING),
    ANSWERED("path", FIELD_STRING),
    ANSWERED("api_id", FIELD_STRING),
    ANSWERED("api_name", FIELD_STRING),
    ANSWERED("environment", FIELD_STRING),
    ANSWERED("server_time", FIELD_TIME),
    ANSWERED("scheme", FIELD_STRING),
    ANSWERED("location", FIELD_STRING),
    ANSWERED("place", FIELD_STRING),
    ANSWERED("key_id", FIELD_STRING),
    ANSWERED("signed_names", FIELD_STRING),
    ANSWERED("time", FIELD_STRING),
    ANSWERED("time_is_signed", FIELD_BOOLEAN),
    {.name = "outcome", .type = FIELD_STRING, .flags = FIELD_READ_ONLY, .choices = outcomes},
    ANSWERED("refusal", FIELD_STRING),
    ANSWERED("field", FIELD_STRING),
    {.name = "proof", .type = FIELD_STRING, .flags = FIELD_READ_ONLY, .choices = proofs},
    ANSWERED("principal_kind", FIELD_STRING),
    ANSWERED("principal_id", FIELD_STRING),
    ANSWERED("principal_name", FIELD_STRING),
    ANSWERED("credential_id", FIELD_STRING),
    ANSWERED("gateway_text", FIELD_STRING),
    ANSWERED("client_text", FIELD_STRING),
    {.name = "client_text_source", .type = FIELD_STRING, .flags = FIELD_READ_ONLY, .choices = text_sources},
    {.name = "difference", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &difference_fields},
    {.name = "causes", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &cause_fields},
    {.name = "examples", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &example_fields},
};
const struct fields debugger_answer_fields = FIELDS_OF(items);
