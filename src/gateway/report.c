#include "gateway/report.h"

#include "base/hash.h"
#include "base/text.h"
#include "feedback/refused.h"
#include "gateway/context.h"
#include "gateway/state.h"
#include "gateway/target.h"

#define USE_SETS         512 /* a power of two */
#define USE_WAYS         8   /* a line of the cache */
#define USE_EVERY        60  /* seconds: a credential in use is told once in so many, by each worker */
#define SAMPLES_A_SECOND 5
#define WISHES           64  /* a power of two */
#define SERIES           256 /* a power of two */
#define MASK             "***"

/* Per worker: in which series the accepted requests of a publication are counted, which credentials were told of late, and how many samples
 * this second. */
static struct {
    struct {
        uint64_t publication; /* its serial */
        uint32_t kind;        /* what else the series depends on */
        struct feedback_series *series;
    } series[SERIES];
    struct use {
        uint32_t hash; /* the half that did not pick the set */
        uint32_t due;  /* Unix seconds */
    } uses[USE_SETS][USE_WAYS] __attribute__((aligned(64)));
    time_t second;
    struct {
        uint64_t hash;
        time_t second;
    } wishes[WISHES];
    unsigned samples;
} told;

static enum feedback_outcome outcome_of(const struct gateway_context *context)
{
    switch (context->stage) {
    case STAGE_ACCEPTED:
    case STAGE_FORWARDED:
        return FEEDBACK_ACCEPTED;
    case STAGE_REFUSED:
        return context->admission.outcome == ADMISSION_FAULT ? FEEDBACK_FAULT : FEEDBACK_REFUSED;
    case STAGE_ANSWERED:
        return FEEDBACK_ANSWERED;
    case STAGE_NEW:
    case STAGE_READING_BODY:
        break;
    }
    return FEEDBACK_NONE;
}

/* The rest stays NUL. */
static void put(char *field, size_t size, struct bytes text)
{
    if (text.length > 0) ngx_memcpy(field, text.data, ngx_min(text.length, size));
}

/* By the times that nginx has at hand; a clock that was set back makes it 0. */
static uint64_t milliseconds_of(const ngx_http_request_t *r)
{
    ngx_time_t *now = ngx_timeofday();
    int64_t passed = ((int64_t)now->sec - (int64_t)r->start_sec) * 1000 + ((int64_t)now->msec - (int64_t)r->start_msec);
    return passed > 0 ? (uint64_t)passed : 0;
}

static struct bytes instance_of(const ngx_http_request_t *r)
{
    const struct gateway_server *server = ngx_http_get_module_srv_conf(r, ngx_http_countersign_module);
    return bytes_of_str(server->instance);
}

static struct feedback_key key_of(const struct gateway_context *context, enum feedback_outcome outcome)
{
    const ngx_http_request_t *r = context->request;
    const struct admission *admission = &context->admission;
    struct feedback_key key = {.outcome = (uint8_t)outcome, .status_class = (uint8_t)(r->headers_out.status / 100)};
    put(key.instance, sizeof key.instance, instance_of(r));
    if (context->publication != NULL) put(key.api, sizeof key.api, context->publication->api_id);
    if (outcome == FEEDBACK_REFUSED) put(key.refusal, sizeof key.refusal, bytes_of_text(refusal_name(admission->refusal)));
    if (admission->known) key.principal_kind = (uint8_t)admission->credential.principal.kind;
    if (admission->claim.scheme != NULL) key.scheme = (uint8_t)admission->claim.scheme->id;
    return key;
}

static void count(struct feedback *feedback, const struct gateway_context *context, enum feedback_outcome outcome)
{
    struct feedback_key key = key_of(context, outcome);
    feedback_count(feedback, &key, milliseconds_of(context->request));
}

/* The key of a series is a hundred bytes; of accepted requests, which are the most, it is known again by the publication. */
static void count_accepted(struct feedback *feedback, const struct gateway_context *context)
{
    const struct admission *admission = &context->admission;
    uint64_t publication = context->publication->serial;
    uint32_t kind = (uint32_t)(context->request->headers_out.status / 100) << 16;
    if (admission->known) kind |= (uint32_t)admission->credential.principal.kind << 8;
    if (admission->claim.scheme != NULL) kind |= (uint32_t)admission->claim.scheme->id;
    size_t place = (publication + kind) & (SERIES - 1);
    if (told.series[place].publication != publication || told.series[place].kind != kind || told.series[place].series == NULL) {
        struct feedback_key key = key_of(context, FEEDBACK_ACCEPTED);
        told.series[place].series = feedback_series_of(feedback, &key);
        told.series[place].publication = publication;
        told.series[place].kind = kind;
    }
    if (told.series[place].series != NULL) feedback_count_in(told.series[place].series, milliseconds_of(context->request));
}

static void count_refused(struct feedback *feedback, const struct gateway_context *context)
{
    const struct admission *admission = &context->admission;
    struct feedback_refused_key key = {.instance = {0}};
    put(key.instance, sizeof key.instance, instance_of(context->request));
    if (admission->known) put(key.principal, sizeof key.principal, admission->credential.principal.id);
    put(key.refusal, sizeof key.refusal, bytes_of_text(refusal_name(admission->refusal)));
    feedback_count_refused(feedback, &key, ngx_time());
}

/* Where a credential stands among those that were told of late; NULL: it does, and is not due. Who is due first makes room. */
static struct use *due_use(uint64_t hash, uint32_t now)
{
    struct use *set = told.uses[hash >> 32 & (USE_SETS - 1)], *oldest = set;
    for (size_t way = 0; way < USE_WAYS; way++) {
        if (set[way].hash == (uint32_t)hash) return now < set[way].due ? NULL : &set[way];
        if (set[way].due < oldest->due) oldest = &set[way];
    }
    return oldest;
}

static void tell_use(struct feedback *feedback, struct bytes credential)
{
    uint64_t hash = hash_of(0, credential);
    struct use *place = due_use(hash, (uint32_t)ngx_time());
    if (place == NULL) return;
    *place = (struct use){(uint32_t)hash, (uint32_t)ngx_time() + USE_EVERY};
    struct feedback_use use = {.time = ngx_time()};
    put(use.credential, sizeof use.credential, credential);
    feedback_tell_use(feedback, &use);
}

/* The set from elsewhere that a token named an unknown key of; empty: there is none such. */
static struct bytes missed_set(const struct gateway_context *context)
{
    struct token_rules rules;
    const struct credential *credential = &context->admission.credential;
    bool policy = context->publication != NULL && context->publication->token_policy.length > 0;
    struct bytes run = policy ? context->publication->token_policy : credential->token_rules;
    if (context->admission.refusal != REFUSAL_TOKEN_KEY_UNKNOWN || !token_rules_read(run, &rules) || !rules.remote) return BYTES("");
    return rules.key_set;
}

/* Once a second for each set, whoever sends tokens with invented keys. */
static void tell_wish(struct feedback *feedback, const struct gateway_context *context)
{
    struct feedback_wish wish = {{0}};
    struct bytes set = missed_set(context);
    if (set.length == 0) return;
    uint64_t hash = hash_of(0, set);
    size_t place = hash >> 20 & (WISHES - 1);
    if (told.wishes[place].hash == hash && told.wishes[place].second == ngx_time()) return;
    told.wishes[place].hash = hash;
    told.wishes[place].second = ngx_time();
    put(wish.set, sizeof wish.set, set);
    feedback_tell_wish(feedback, &wish);
}

static bool may_sample(void)
{
    if (told.second != ngx_time()) told.samples = 0;
    told.second = ngx_time();
    return told.samples++ < SAMPLES_A_SECOND;
}

static void add_caller(struct feedback_sample *sample, const struct admission *admission)
{
    if (!admission->known) return;
    feedback_sample_add(sample, SAMPLE_PRINCIPAL_ID, admission->credential.principal.id);
    feedback_sample_add(sample, SAMPLE_CREDENTIAL, admission->credential.id);
}

/* Headers that open something elsewhere, or with another proof: SDKs sign what they send (X-Security-Token among it). */
static bool is_secret_header(struct bytes name)
{
    static const char *const names[] = {"authorization", "cookie",         "proxy-authorization", "x-auth-token",
                                        "x-hw-appkey",   "x-apig-appcode", "x-security-token"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (http_name_is_alias(name, bytes_of_text(names[i]))) return true;
    return false;
}

/* All schemes write a signed header as a line "name:value". Empty: no memory. */
static struct bytes masked_lines(ngx_http_request_t *r, struct bytes text)
{
    size_t room = 2 * text.length;
    uint8_t *memory = ngx_palloc(r->pool, room);
    struct buffer out = buffer_over(memory, memory == NULL ? 0 : room);
    while (text.length > 0) {
        size_t end = bytes_find(text, '\n');
        struct bytes line = bytes_slice(text, 0, end), name = bytes_slice(line, 0, bytes_find(line, ':'));
        bool secret = name.length + 1 < line.length && is_secret_header(name);
        buffer_add(&out, secret ? bytes_slice(line, 0, name.length + 1) : line);
        if (secret) buffer_add_text(&out, MASK);
        if (end < text.length) buffer_add_byte(&out, '\n');
        text = bytes_from(text, end + 1);
    }
    return out.overflow ? BYTES("") : buffer_bytes(&out);
}

/* What was asked and what was claimed; no value of a header, no body. The signed text holds values, so it stands here only where the caller
 * reads it too, and without those that open something. Lengths before lengthy things: what does not fit is cut at the end. */
static void add_texts(struct feedback_sample *sample, const struct gateway_context *context)
{
    ngx_http_request_t *r = context->request;
    const struct admission *admission = &context->admission;
    const struct publication *publication = context->publication;
    const struct claim *claim = &admission->claim;
    feedback_sample_add(sample, SAMPLE_INSTANCE, instance_of(r));
    feedback_sample_add(sample, SAMPLE_REQUEST_ID, bytes_of(context->request_id, REQUEST_ID_LENGTH));
    if (publication != NULL) feedback_sample_add(sample, SAMPLE_API, publication->api_id);
    if (publication != NULL) feedback_sample_add(sample, SAMPLE_ENVIRONMENT, publication->environment_name);
    bool refused = admission->outcome == ADMISSION_REFUSED;
    feedback_sample_add(sample, SAMPLE_REFUSAL, refused ? bytes_of_text(refusal_name(admission->refusal)) : BYTES("fault"));
    if (claim->scheme != NULL) feedback_sample_add(sample, SAMPLE_SCHEME, bytes_of_text(claim->scheme->name));
    add_caller(sample, admission);
    feedback_sample_add(sample, SAMPLE_CLIENT, bytes_of_str(r->connection->addr_text));
    feedback_sample_add(sample, SAMPLE_METHOD, bytes_slice(bytes_of_str(r->method_name), 0, 32));
    feedback_sample_add(sample, SAMPLE_HOST, bytes_slice(bytes_of_str(r->headers_in.server), 0, 255));
    feedback_sample_add(sample, SAMPLE_TARGET, bytes_slice(target_masked(r, context), 0, 512));
    feedback_sample_add(sample, SAMPLE_KEY, bytes_slice(claim->key_id, 0, 128));
    feedback_sample_add(sample, SAMPLE_FIELD, bytes_slice(claim->field, 0, 64));
    feedback_sample_add(sample, SAMPLE_SIGNED_NAMES, bytes_slice(claim->signed_names, 0, 256));
    if (publication == NULL || publication->rules.hide_hint) return;
    struct bytes text = bytes_slice(admission->canonical, 0, sizeof sample->data);
    feedback_sample_add(sample, SAMPLE_CANONICAL, masked_lines(r, text));
}

static void tell_sample(struct feedback *feedback, const struct gateway_context *context)
{
    struct feedback_sample *sample = may_sample() ? feedback_sample_begin(feedback) : NULL;
    if (sample == NULL) return;
    sample->time = ngx_time();
    sample->status = (uint32_t)context->request->headers_out.status;
    add_texts(sample, context);
    feedback_sample_tell(feedback);
}

ngx_int_t report_handler(ngx_http_request_t *r)
{
    struct feedback *feedback = state_feedback();
    if (feedback == NULL) return NGX_OK;
    const struct gateway_context *context = context_find(r);
    if (context == NULL) return NGX_OK;
    enum feedback_outcome outcome = outcome_of(context);
    if (outcome == FEEDBACK_ACCEPTED && context->publication != NULL && context->publication->serial != 0) {
        count_accepted(feedback, context);
    } else {
        count(feedback, context, outcome);
    }
    if (outcome == FEEDBACK_ACCEPTED && context->admission.known) tell_use(feedback, context->admission.credential.id);
    if (outcome == FEEDBACK_REFUSED) {
        count_refused(feedback, context);
        tell_wish(feedback, context);
    }
    if (outcome == FEEDBACK_REFUSED || outcome == FEEDBACK_FAULT) tell_sample(feedback, context);
    return NGX_OK;
}
