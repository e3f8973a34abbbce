#include "control/step_up_codes.h"

#include "control/apis.h"
#include "control/audit.h"
#include "control/code_sender.h"
#include "control/code_webhook.h"
#include "control/factors.h"
#include "control/tokens.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <string.h>

#define CODE_DIGITS 6
#define DAY_SECONDS 86400
#define BATCH       50
#define MASKED_MAX  320

const char *const step_up_method_names[METHOD_COUNT] = {"totp", "sms", "email", NULL};

static const char *name_of(enum step_up_method method)
{
    return step_up_method_names[method - 1];
}

static bool read_user(struct call *call, struct means *means)
{
    enum store_result result = store_get(call->session, &entity_user, call->actor_id, &call->arena, means->user);
    return result == STORE_OK || call_fault(call, "the caller's row is not there");
}

bool step_up_means(struct call *call, struct means *means)
{
    bool served;
    memset(means, 0, sizeof *means);
    if (!factor_read(call, call->actor_id, means->factor, &means->any)) return false;
    means->has[METHOD_TOTP] = means->any;
    if (means->any) return true;
    if (!webhook_read(call, means->webhook, &served)) return false;
    if (!served) return true;
    if (!read_user(call, means)) return false;
    means->has[METHOD_SMS] = means->user[USER_MOBILE].bytes.length > 0;
    means->has[METHOD_EMAIL] = means->user[USER_EMAIL].bytes.length > 0;
    means->any = means->has[METHOD_SMS] || means->has[METHOD_EMAIL];
    return true;
}

static struct bytes destination_of(const struct means *means, enum step_up_method method)
{
    return means->user[method == METHOD_SMS ? USER_MOBILE : USER_EMAIL].bytes;
}

/* Enough to know one's own by, and no more: +49*******21, a***@example.com. */
static struct bytes mask(struct call *call, enum step_up_method method, struct bytes text)
{
    struct buffer out = buffer_in(&call->arena, MASKED_MAX);
    if (method == METHOD_EMAIL) {
        buffer_add(&out, bytes_slice(text, 0, 1));
        buffer_add_text(&out, "***");
        buffer_add(&out, bytes_from(text, bytes_find(text, '@')));
        return buffer_bytes(&out);
    }
    size_t shown = text.length >= 10 ? 3 : 1;
    for (size_t i = 0; i < text.length; i++) buffer_add_byte(&out, i < shown || i + 2 >= text.length ? text.data[i] : '*');
    return buffer_bytes(&out);
}

json_t *means_say(struct call *call, const struct means *means)
{
    json_t *list = json_array();
    for (enum step_up_method method = METHOD_SMS; list != NULL && method < METHOD_COUNT; method++) {
        json_t *item = means->has[method] ? json_object() : NULL;
        if (!means->has[method]) continue;
        bool done = item != NULL && json_put(call, item, "method", bytes_of_text(name_of(method))) &&
                    json_put(call, item, "destination", mask(call, method, destination_of(means, method)));
        if (!done || json_array_append(list, item) != 0) {
            json_decref(list);
            list = NULL;
        }
        json_decref(item);
    }
    return list;
}

bool step_up_method_of_body(struct call *call, const struct means *means, enum step_up_method *method)
{
    struct bytes wanted = call_text(call, "method");
    if (!means->any) return call_refuse(call, ERROR_FACTOR_MISSING, BYTES(""));
    for (*method = METHOD_TOTP; *method < METHOD_COUNT; (*method)++) {
        bool asked = wanted.length == 0 || bytes_equal(wanted, bytes_of_text(name_of(*method)));
        if (asked && means->has[*method]) return true;
    }
    return call_refuse(call, ERROR_CODE_METHOD, wanted);
}

/* Six digits, each number as likely as the next. */
static bool draw(char code[static CODE_DIGITS])
{
    uint32_t number;
    do {
        if (!random_bytes(&number, sizeof number)) return false;
    } while (number >= UINT32_MAX - UINT32_MAX % 1000000);
    for (size_t i = CODE_DIGITS; i-- > 0; number /= 10) code[i] = (char)('0' + number % 10);
    return true;
}

static struct bytes hash_of(struct call *call, const struct value *row, struct bytes code)
{
    struct bytes id = row[STEP_UP_ID].bytes;
    struct buffer text = buffer_in(&call->arena, id.length + 1 + code.length);
    buffer_add(&text, id);
    buffer_add_byte(&text, ' ');
    buffer_add(&text, code);
    return token_hash(call, "step-up code ", buffer_bytes(&text));
}

bool step_up_code_is(struct call *call, const struct value row[static STEP_UP_COLUMNS], struct bytes code)
{
    return row[STEP_UP_CODE].bytes.length > 0 && secret_equal(hash_of(call, row, code), row[STEP_UP_CODE].bytes);
}

static bool count_since(struct call *call, size_t column, struct bytes who, int64_t since, int64_t *count)
{
    struct store_filter filters[] = {{column, STORE_EQUAL, value_text(who)}, {CODE_SENT, STORE_AT_LEAST, value_integer(since)}};
    struct store_query query = {.filters = filters, .filter_count = 2};
    return call_store(call, store_count(call->session, &entity_code, &query, count));
}

static bool refuse_daily(struct call *call, int64_t most)
{
    char text[24];
    struct buffer out = buffer_over(text, sizeof text);
    buffer_add_number(&out, most);
    return call_refuse(call, ERROR_CODE_DAILY, buffer_bytes(&out));
}

static bool check_bounds(struct call *call, const struct means *means)
{
    int64_t of_minute, of_user, of_domain;
    const struct value *webhook = means->webhook;
    int64_t day = call->now - DAY_SECONDS;
    if (!count_since(call, CODE_USER_ID, call->actor_id, call->now - CODE_RESEND_SECONDS + 1, &of_minute) ||
        !count_since(call, CODE_USER_ID, call->actor_id, day, &of_user) ||
        !count_since(call, CODE_DOMAIN_ID, call->caller.domain_id, day, &of_domain)) {
        return false;
    }
    if (of_minute > 0) return call_refuse(call, ERROR_CODE_TOO_SOON, BYTES(""));
    if (of_user >= webhook[WEBHOOK_USER_DAILY_MOST].integer) return refuse_daily(call, webhook[WEBHOOK_USER_DAILY_MOST].integer);
    if (of_domain >= webhook[WEBHOOK_DAILY_MOST].integer) return refuse_daily(call, webhook[WEBHOOK_DAILY_MOST].integer);
    struct code_sender *sender = call->daemon->codes;
    return sender == NULL || code_sender_has_room(sender) || call_refuse(call, ERROR_STEP_UP_TOO_MANY, BYTES(""));
}

struct ids {
    struct arena *arena;
    struct bytes items[BATCH];
    size_t count;
};

static bool keep_id(void *context, const struct value *row)
{
    struct ids *ids = context;
    ids->items[ids->count++] = arena_copy(ids->arena, row[CODE_ID].bytes);
    return ids->count < BATCH;
}

/* Those of a user until a moment, at most BATCH. */
static bool sweep(struct call *call, struct bytes user_id, int64_t until, size_t *count)
{
    struct store_filter filters[] = {{CODE_USER_ID, STORE_EQUAL, value_text(user_id)}, {CODE_SENT, STORE_AT_MOST, value_integer(until)}};
    struct store_query query = {.filters = filters, .filter_count = 2, .limit = BATCH};
    struct ids ids = {.arena = &call->arena};
    if (!call_store(call, store_list(call->session, &entity_code, &query, keep_id, &ids))) return false;
    for (size_t i = 0; i < ids.count; i++)
        if (!call_store(call, store_remove(call->session, &entity_code, ids.items[i]))) return false;
    *count = ids.count;
    return true;
}

bool codes_remove_of(struct call *call, struct bytes user_id)
{
    size_t count;
    do {
        if (!sweep(call, user_id, INT64_MAX, &count)) return false;
    } while (count > 0);
    return true;
}

static bool note(struct call *call)
{
    size_t count;
    struct bytes id = call_new_id(call);
    const struct value row[CODE_COLUMNS] = {value_text(id), value_text(call->actor_id), value_text(call->caller.domain_id),
                                            value_integer(call->now)};
    return id.length > 0 && sweep(call, call->actor_id, call->now - DAY_SECONDS - 1, &count) &&
           call_store(call, store_insert(call->session, &entity_code, row));
}

static bool write_letter(struct call *call, const struct means *means, enum step_up_method method, const struct value *row,
                         struct bytes code)
{
    struct bytes to = destination_of(means, method), action = row[STEP_UP_ACTION].bytes, who = call->actor_name;
    json_t *body =
        json_pack("{s:s, s:{s:s, s:s%, s:s%, s:i, s:s%, s:s%}}", "type", "step_up.code", "data", "method", name_of(method), "destination",
                  (const char *)to.data, to.length, "code", (const char *)code.data, code.length, "ttl_seconds", CODE_SECONDS, "action",
                  (const char *)action.data, action.length, "user_name", (const char *)who.data, who.length);
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    struct code_letter *letter = arena_take(&call->arena, sizeof *letter);
    bool done = letter != NULL && text != NULL && strlen(text) <= CODE_BODY_MAX && webhook_open(call, means->webhook, &letter->secret) &&
                random_id(letter->id);
    if (done) {
        letter->url = means->webhook[WEBHOOK_URL].bytes;
        letter->body = arena_copy(&call->arena, bytes_of_text(text));
        letter->until = call->now + CODE_SECONDS;
        call->letter = letter;
        done = letter->body.length > 0;
    }
    if (text != NULL) secret_wipe(text, strlen(text));
    free(text);
    return done || call_fault(call, "a code could not be written to its provider");
}

/* Who was sent a code, and where to: without the code. */
static bool audit_sent(struct call *call, const struct value *row)
{
    struct bytes method = row[STEP_UP_METHOD].bytes, to = row[STEP_UP_DESTINATION].bytes, action = row[STEP_UP_ACTION].bytes;
    json_t *details = json_pack("{s:s%, s:s%, s:s%}", "method", (const char *)method.data, method.length, "destination",
                                (const char *)to.data, to.length, "action", (const char *)action.data, action.length);
    char *text = details != NULL ? json_dumps(details, JSON_COMPACT) : NULL;
    bool done = text != NULL ? audit_event(call, "step_up_code", row[STEP_UP_OBJECT_ID].bytes, bytes_of_text(text))
                             : call_fault(call, "no memory for an audit row");
    free(text);
    json_decref(details);
    return done;
}

bool step_up_send(struct call *call, const struct means *means, enum step_up_method method, struct value row[static STEP_UP_COLUMNS])
{
    char *memory = arena_take(&call->arena, CODE_DIGITS);
    if (!check_bounds(call, means)) return false;
    if (memory == NULL || !draw(memory)) return call_fault(call, "no code could be drawn");
    struct bytes code = bytes_of(memory, CODE_DIGITS);
    row[STEP_UP_METHOD] = value_text(bytes_of_text(name_of(method)));
    row[STEP_UP_DESTINATION] = value_text(mask(call, method, destination_of(means, method)));
    row[STEP_UP_CODE] = value_text(hash_of(call, row, code));
    row[STEP_UP_SENT] = value_integer(call->now);
    row[STEP_UP_EXPIRES] = value_integer(call->now + CODE_SECONDS);
    if (row[STEP_UP_CODE].bytes.length == 0) return call_fault(call, "no memory for a code");
    return note(call) && audit_sent(call, row) && write_letter(call, means, method, row, code);
}
