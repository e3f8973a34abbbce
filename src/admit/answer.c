#include "admit/answer.h"

#include "admit/answer_words.h"
#include "base/date.h"
#include "base/json.h"
#include "base/text.h"

#define HEADER_LIMIT        4096  /* nginx and clients bound the size of a header */
#define BODY_LIMIT          16384 /* of a message in a body */
#define CHALLENGE_SIGNATURE "SDK-HMAC-SHA256 realm=\"countersign\""
#define CHALLENGE_BEARER    "Bearer realm=\"countersign\""
#define CHALLENGE_BASIC     "Basic realm=\"countersign\""

#define FIELD_LIMIT 256 /* of the name of a field at fault */

/* What the formats differ in. */
struct style {
    char newline;       /* shows a newline of the canonical text */
    const char *before; /* the canonical text */
    const char *after;  /* it */
    size_t message_limit;
    bool basic_dates; /* 20191115T033655Z, else RFC 3339 */
};

static const struct style styles[] = {
    /* Both sentences before the text are read by machines: SDKs cut it out behind them (huawei.md 2.1, alibaba.md 1.8). */
    [ANSWER_APIG] = {'|', ", canonicalRequest:", "", BODY_LIMIT, true},
    [ANSWER_CA] = {'#', ", Server StringToSign:`", "`", HEADER_LIMIT, false},
    [ANSWER_BCE] = {'|', ", canonicalRequest:", "", HEADER_LIMIT, false},
};

/* Who fills in the parts of a text, and how they may be written. */
struct filling {
    const struct admission *admission;
    enum answer_format format;
    bool hint;
    struct buffer *out;
};

static void add_percent(struct buffer *out, uint8_t byte)
{
    static const char digits[] = "0123456789ABCDEF";
    buffer_add_byte(out, '%');
    buffer_add_byte(out, (uint8_t)digits[byte >> 4]);
    buffer_add_byte(out, (uint8_t)digits[byte & 15]);
}

/* A caller's own bytes, such that they cannot end a header line or a log line: newlines as the vendors show them, other control bytes
 * percent-encoded, non-ASCII kept only when the whole is UTF-8. */
static void add_foreign(const struct filling *filling, struct bytes text)
{
    bool utf8 = utf8_is_valid(text);
    struct buffer *out = filling->out;
    for (size_t i = 0; i < text.length && out->length + 4 < out->capacity; i++) {
        uint8_t byte = text.data[i];
        if (byte == '\n') {
            buffer_add_byte(out, (uint8_t)styles[filling->format].newline);
        } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8)) {
            add_percent(out, byte);
        } else {
            buffer_add_byte(out, byte);
        }
    }
}

static void add_text(const struct filling *filling)
{
    if (!filling->hint || filling->admission->canonical.length == 0) return;
    buffer_add_text(filling->out, styles[filling->format].before);
    add_foreign(filling, filling->admission->canonical);
    buffer_add_text(filling->out, styles[filling->format].after);
}

static void add_key(const struct filling *filling, enum auth_type type)
{
    if (filling->admission->claim.key_id.length == 0) return;
    buffer_add_text(filling->out, type == AUTH_TYPE_IAM ? " " : ", appkey ");
    add_foreign(filling, filling->admission->claim.key_id);
}

/* "1 minute", as the vendor writes it. */
static void add_period(struct buffer *out, uint32_t seconds)
{
    static const struct {
        uint32_t seconds;
        const char *name;
    } units[] = {{24 * 3600, " day"}, {3600, " hour"}, {60, " minute"}, {1, " second"}};
    size_t i = 0;
    while (seconds % units[i].seconds != 0) i++;
    buffer_add_number(out, seconds / units[i].seconds);
    buffer_add_text(out, units[i].name);
}

static void add_policy(struct buffer *out, const struct throttled *throttled)
{
    if (throttled == NULL) return;
    buffer_add_text(out, "policy ");
    buffer_add_text(out, throttle_kind_name(throttled->kind));
    buffer_add_text(out, " over ratelimit,limit:");
    buffer_add_number(out, throttled->limit);
    buffer_add_text(out, ",time:");
    add_period(out, throttled->seconds);
}

static void add_flow(struct buffer *out, const struct throttled *throttled)
{
    if (throttled != NULL) buffer_add_upper(out, bytes_of_text(throttle_kind_name(throttled->kind)));
}

static void add_part(const struct filling *filling, struct bytes name, enum auth_type type)
{
    const struct admission *admission = filling->admission;
    if (bytes_equal(name, BYTES("field"))) {
        add_foreign(filling, bytes_slice(admission->claim.field, 0, FIELD_LIMIT));
    } else if (bytes_equal(name, BYTES("time"))) {
        add_foreign(filling, admission->claim.time_text);
    } else if (bytes_equal(name, BYTES("key"))) {
        add_key(filling, type);
    } else if (bytes_equal(name, BYTES("text"))) {
        add_text(filling);
    } else if (bytes_equal(name, BYTES("policy"))) {
        add_policy(filling->out, admission->throttled);
    } else if (bytes_equal(name, BYTES("flow"))) {
        add_flow(filling->out, admission->throttled);
    } else if (styles[filling->format].basic_dates) {
        date_format_basic(filling->out, admission->now);
    } else {
        date_format_rfc3339(filling->out, admission->now);
    }
}

static void fill(const struct filling *filling, const char *text, enum auth_type type)
{
    struct bytes rest = bytes_of_text(text);
    while (rest.length > 0) {
        size_t open = bytes_find(rest, '{'), close = bytes_find(rest, '}');
        buffer_add(filling->out, bytes_slice(rest, 0, open));
        if (open < rest.length) add_part(filling, bytes_slice(rest, open + 1, close - open - 1), type);
        rest = bytes_from(rest, open < rest.length ? close + 1 : rest.length);
    }
}

enum answer_format answer_format_of(const struct http_request *request)
{
    for (size_t i = 0; i < request->field_count; i++) {
        if (bytes_start_with_folded(request->fields[i].name, BYTES("X-Ca-"))) return ANSWER_CA;
        if (bytes_equal_folded(request->fields[i].name, BYTES("X-Bce-Signature"))) return ANSWER_BCE;
        if (!bytes_equal_folded(request->fields[i].name, BYTES("Authorization"))) continue;
        if (bytes_start_with_folded(request->fields[i].value, BYTES("APPCODE "))) return ANSWER_CA;
        if (bytes_start_with(request->fields[i].value, BYTES("bce-auth-v"))) return ANSWER_BCE;
    }
    return ANSWER_APIG;
}

static void add_field(struct answer *answer, struct bytes name, struct bytes value)
{
    answer->fields[answer->field_count++] = (struct http_field){name, value};
}

/* The order of the members is that of real answers (huawei.md 2). When the arena is full the answer goes without its explanation. */
static void write_apig(const struct answer_words *words, struct bytes message, struct bytes request_id, struct arena *arena,
                       struct answer *answer)
{
    struct buffer body = buffer_in(arena, 6 * message.length + request_id.length + 128);
    buffer_add_text(&body, "{\"error_msg\":");
    json_write_string(&body, message);
    buffer_add_text(&body, ",\"error_code\":\"");
    buffer_add_text(&body, words->code);
    buffer_add_text(&body, "\",\"request_id\":");
    json_write_string(&body, request_id);
    buffer_add_text(&body, "}");
    answer->content_type = BYTES("application/json");
    answer->body = body.overflow ? BYTES("{\"error_msg\":\"API request error.\",\"error_code\":\"APIG.0201\"}") : buffer_bytes(&body);
    add_field(answer, BYTES("X-Request-Id"), request_id);
}

static void write_ca(const struct answer_words *words, struct bytes message, struct bytes request_id, struct answer *answer)
{
    add_field(answer, BYTES("X-Ca-Request-Id"), request_id);
    add_field(answer, BYTES("X-Ca-Error-Code"), bytes_of_text(words->code));
    if (message.length > 0) add_field(answer, BYTES("X-Ca-Error-Message"), message);
}

/* Which of the two documented shapes a client of that vendor looks at is not known, so both are there (baidu.md 2.5). */
static void write_bce(const struct answer_words *words, struct bytes message, struct bytes request_id, struct arena *arena,
                      struct answer *answer)
{
    struct buffer body = buffer_in(arena, 6 * message.length + request_id.length + 128);
    buffer_add_text(&body, "{\"requestId\":");
    json_write_string(&body, request_id);
    buffer_add_text(&body, ",\"code\":\"");
    buffer_add_text(&body, words->code);
    buffer_add_text(&body, "\",\"message\":");
    json_write_string(&body, message);
    buffer_add_text(&body, "}");
    answer->content_type = BYTES("application/json;charset=UTF-8");
    answer->body = body.overflow ? BYTES("{\"code\":\"InvalidHTTPRequest\"}") : buffer_bytes(&body);
    add_field(answer, BYTES("X-Bce-Request-Id"), request_id);
    add_field(answer, BYTES("X-Bce-Exception-Point"), BYTES("Gateway"));
    add_field(answer, BYTES("X-Bce-Error-Code"), bytes_of_text(words->code));
    if (message.length > 0) add_field(answer, BYTES("X-Bce-Error-Message"), message);
}

static bool is_bearer_key(const struct place *place)
{
    return place->scheme == SCHEME_API_KEY && bytes_start_with_folded(place->prefix, BYTES("Bearer"));
}

/* RFC 9110, 15.5.2: a 401 names the schemes that would do. Who brought a token is told that it is none (RFC 6750, 3.1). */
static void add_challenge(const struct admission *admission, const struct publication *publication, struct answer *answer)
{
    enum { SIGNATURE = 1, BEARER = 2, BASIC = 4 };
    static const struct bytes challenges[] = {
        [0] = BYTES(CHALLENGE_SIGNATURE),
        [SIGNATURE] = BYTES(CHALLENGE_SIGNATURE),
        [BEARER] = BYTES(CHALLENGE_BEARER),
        [SIGNATURE | BEARER] = BYTES(CHALLENGE_SIGNATURE ", " CHALLENGE_BEARER),
        [BASIC] = BYTES(CHALLENGE_BASIC),
        [SIGNATURE | BASIC] = BYTES(CHALLENGE_SIGNATURE ", " CHALLENGE_BASIC),
        [BEARER | BASIC] = BYTES(CHALLENGE_BEARER ", " CHALLENGE_BASIC),
        [SIGNATURE | BEARER | BASIC] = BYTES(CHALLENGE_SIGNATURE ", " CHALLENGE_BEARER ", " CHALLENGE_BASIC),
    };
    unsigned taken = 0;
    if (admission->claim.scheme == &scheme_jwt || admission->claim.scheme == &scheme_app_token) {
        add_field(answer, BYTES("WWW-Authenticate"), BYTES(CHALLENGE_BEARER ", error=\"invalid_token\""));
        return;
    }
    for (size_t i = 0; publication != NULL && i < publication->plan.place_count; i++) {
        const struct place *place = &publication->plan.places[i];
        if (place->scheme == SCHEME_SDK_HMAC_SHA256) taken |= SIGNATURE;
        if (place->scheme == SCHEME_JWT || place->scheme == SCHEME_APP_TOKEN || is_bearer_key(place)) taken |= BEARER;
        if (place->scheme == SCHEME_APP_BASIC) taken |= BASIC;
    }
    add_field(answer, BYTES("WWW-Authenticate"), challenges[taken]);
}

/* What only the holder of the secret may learn. Who has not proved that the key is his reads that it is unknown, whatever is wrong with it;
 * the log has the true word. */
static const bool for_the_holder[REFUSAL_COUNT] = {
    [REFUSAL_SCHEME_NOT_ALLOWED] = true, [REFUSAL_CREDENTIAL_DISABLED] = true,   [REFUSAL_CREDENTIAL_NOT_YET_VALID] = true,
    [REFUSAL_CREDENTIAL_EXPIRED] = true, [REFUSAL_PRINCIPAL_DISABLED] = true,    [REFUSAL_NOT_AUTHORISED] = true,
    [REFUSAL_APP_ADDRESS_DENIED] = true, [REFUSAL_AUTHORISATION_EXPIRED] = true, [REFUSAL_USER_TOKEN_STALE] = true,
    [REFUSAL_SECURITY_TOKEN] = true,
};

static enum refusal told(const struct admission *admission)
{
    return for_the_holder[admission->refusal] && !admission->proven ? REFUSAL_KEY_UNKNOWN : admission->refusal;
}

/* RFC 9110, 10.2.3. */
static void add_wait(const struct throttled *throttled, struct arena *arena, struct answer *answer)
{
    struct buffer text = buffer_in(arena, 10);
    buffer_add_number(&text, throttled->wait);
    if (!text.overflow) add_field(answer, BYTES("Retry-After"), buffer_bytes(&text));
}

/* A full arena leaves the words that need none. */
static struct bytes composed(const struct buffer *message, const char *text)
{
    struct bytes words = bytes_of_text(text);
    return message->overflow ? bytes_slice(words, 0, bytes_find(words, '{')) : buffer_bytes(message);
}

static struct answer_words words_of(const struct admission *admission, enum auth_type type)
{
    const struct claim *claim = &admission->claim;
    switch (admission->format) {
    case ANSWER_CA:
        return answer_words_ca(told(admission), claim->scheme == &scheme_app_code);
    case ANSWER_BCE:
        return answer_words_bce(told(admission), claim->time > admission->now);
    case ANSWER_APIG:
        break;
    }
    return answer_words_apig(told(admission), type, claim->scheme);
}

static struct answer_words words_of_failure(enum answer_format format, unsigned status)
{
    switch (format) {
    case ANSWER_CA:
        return answer_words_failure_ca(status);
    case ANSWER_BCE:
        return answer_words_failure_bce(status);
    case ANSWER_APIG:
        break;
    }
    return answer_words_failure_apig(status);
}

/* The answer in words; `message` is the text with its parts filled in. */
struct wording {
    enum answer_format format;
    struct answer_words words;
    struct bytes message;
};

static void write(const struct wording *wording, struct bytes request_id, struct arena *arena, struct answer *answer)
{
    *answer = (struct answer){.status = wording->words.status};
    switch (wording->format) {
    case ANSWER_CA:
        return write_ca(&wording->words, wording->message, request_id, answer);
    case ANSWER_BCE:
        return write_bce(&wording->words, wording->message, request_id, arena, answer);
    case ANSWER_APIG:
        return write_apig(&wording->words, wording->message, request_id, arena, answer);
    }
}

void answer_write(const struct admission *admission, const struct publication *publication, struct bytes request_id, struct arena *arena,
                  struct answer *answer)
{
    if (admission->outcome == ADMISSION_FAULT) {
        answer_write_failure(503, admission->format, request_id, arena, answer);
        return;
    }
    enum auth_type type = publication == NULL ? AUTH_TYPE_APP : publication->plan.auth_type;
    struct wording wording = {.format = admission->format, .words = words_of(admission, type)};
    struct buffer message = buffer_in(arena, styles[admission->format].message_limit);
    bool hint = publication == NULL || !publication->rules.hide_hint;
    struct filling filling = {.admission = admission, .format = admission->format, .hint = hint, .out = &message};
    fill(&filling, wording.words.text, type);
    wording.message = composed(&message, wording.words.text);
    write(&wording, request_id, arena, answer);
    if (answer->status == 401) add_challenge(admission, publication, answer);
    if (admission->throttled != NULL) add_wait(admission->throttled, arena, answer);
}

void answer_write_failure(unsigned status, enum answer_format format, struct bytes request_id, struct arena *arena, struct answer *answer)
{
    struct wording wording = {.format = format, .words = words_of_failure(format, status)};
    wording.message = bytes_of_text(wording.words.text);
    write(&wording, request_id, arena, answer);
}
