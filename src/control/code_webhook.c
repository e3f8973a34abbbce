#include "control/code_webhook.h"

#include "base/text.h"
#include "control/apis.h"
#include "control/authority.h"
#include "control/code_sender.h"
#include "control/resources.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "store/sealing.h"

#define DRAWN_SIZE    32
#define SECRET_LEAST  24 /* Standard Webhooks: 24 to 64 bytes, written "whsec_" and their base64 */
#define SECRET_PREFIX "whsec_"
#define TEXT_MAX      (sizeof SECRET_PREFIX + 4 * (CODE_SECRET_MAX / 3 + 1))

static bool is_loopback(struct bytes host)
{
    return bytes_equal(host, BYTES("localhost")) || bytes_equal(host, BYTES("127.0.0.1")) || bytes_equal(host, BYTES("::1"));
}

static bool is_url_text(struct bytes url)
{
    for (size_t i = 0; i < url.length; i++)
        if (url.data[i] <= 0x20 || url.data[i] >= 0x7f || bytes_find(BYTES("#\\\""), url.data[i]) < 3) return false;
    return true;
}

/* Codes in clear travel through no network. */
static bool is_address(struct bytes url)
{
    struct authority authority;
    bool plain = bytes_start_with(url, BYTES("http://"));
    if (!is_url_text(url) || (!plain && !bytes_start_with(url, BYTES("https://")))) return false;
    struct bytes rest = bytes_from(url, plain ? sizeof "http://" - 1 : sizeof "https://" - 1);
    struct bytes written = bytes_slice(rest, 0, bytes_find(rest, '/'));
    if (bytes_find(written, '@') < written.length || bytes_find(written, '?') < written.length) return false;
    return authority_read(written, &authority) == NULL && (!plain || is_loopback(authority.host));
}

static bool read_secret(struct bytes text, struct buffer *out)
{
    size_t prefix = sizeof SECRET_PREFIX - 1;
    return bytes_start_with(text, BYTES(SECRET_PREFIX)) && base64_decode(out, bytes_from(text, prefix)) && out->length >= SECRET_LEAST;
}

static bool is_secret(struct bytes text)
{
    uint8_t memory[CODE_SECRET_MAX];
    struct buffer out = buffer_over(memory, sizeof memory);
    bool good = read_secret(text, &out);
    secret_wipe(memory, sizeof memory);
    return good;
}

#define MOST(word, at, highest, value)                                                                                                     \
    {                                                                                                                                      \
        .name = word, .type = FIELD_INTEGER, .flags = FIELD_STORED, .column = at, .minimum = 1, .maximum = highest, .preset = value        \
    }
static const struct field fields[] = {
    {.name = "secret",
     .type = FIELD_STRING,
     .flags = FIELD_SECRET,
     .minimum = 1,
     .maximum = 128,
     .accepts = is_secret,
     .rule = "whsec_ and the base64 of 24 to 64 bytes"},
    {.name = "draw_secret", .type = FIELD_BOOLEAN, .preset = "false"},
    MOST("user_daily_most", WEBHOOK_USER_DAILY_MOST, 1000, "20"),
    MOST("daily_most", WEBHOOK_DAILY_MOST, 1000000, "1000"),
    {.name = "url",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = WEBHOOK_URL,
     .minimum = 8,
     .maximum = CODE_URL_MAX,
     .accepts = is_address,
     .rule = "https://HOST[:PORT]/PATH, or http:// to this machine (localhost, 127.0.0.1, [::1]), without user or fragment"},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = WEBHOOK_CREATE_TIME},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = WEBHOOK_UPDATE_TIME},
};
static const struct fields webhook_fields = FIELDS_OF(fields);

static const struct resource resource_webhook = {
    .name = "code_webhook",
    .entity = &entity_webhook,
    .fields = &webhook_fields,
    .instance_column = WEBHOOK_ID,
    .unknown = ERROR_WEBHOOK_UNKNOWN,
};

bool webhook_read(struct call *call, struct value row[static WEBHOOK_COLUMNS], bool *found)
{
    enum store_result result = store_get(call->session, &entity_webhook, call->caller.domain_id, &call->arena, row);
    *found = result == STORE_OK;
    return result == STORE_NOTHING || call_store(call, result);
}

bool webhook_open(struct call *call, const struct value row[static WEBHOOK_COLUMNS], struct bytes *secret)
{
    struct seal *seal = store_keys_seal(call->daemon->keys);
    struct buffer out = buffer_in(&call->arena, CODE_SECRET_MAX);
    bool done = seal != NULL && store_open_webhook(seal, row, &out);
    seal_destroy(seal);
    *secret = buffer_bytes(&out);
    return done || call_fault(call, "the secret of the webhook does not open");
}

/* The secret in force from now on: the one given, a drawn one, or the one before. *told: it is new, in the form to be shown once. */
static bool choose_secret(struct call *call, const struct value *before, struct bytes *secret, struct bytes *told)
{
    struct bytes given = call_text(call, "secret");
    struct buffer bytes = buffer_in(&call->arena, CODE_SECRET_MAX);
    bool draws = call_integer(call, "draw_secret", 0) != 0;
    *told = BYTES("");
    if (given.length > 0 && draws) return call_refuse_rule(call, "draw_secret", "not beside a secret that is given");
    if (given.length == 0 && !draws && before != NULL) return webhook_open(call, before, secret);
    if (given.length > 0 && !read_secret(given, &bytes)) return call_fault(call, "a secret that was accepted cannot be read");
    if (given.length == 0) {
        uint8_t *room = buffer_reserve(&bytes, DRAWN_SIZE);
        if (room == NULL || !random_bytes(room, DRAWN_SIZE)) return call_fault(call, "no secret could be drawn");
    }
    struct buffer text = buffer_in(&call->arena, TEXT_MAX);
    buffer_add_text(&text, SECRET_PREFIX);
    base64_encode(&text, buffer_bytes(&bytes));
    *secret = buffer_bytes(&bytes);
    *told = buffer_bytes(&text);
    return told->length > 0 || call_fault(call, "no memory for a secret");
}

static bool seal_secret(struct call *call, struct bytes secret, struct value *row)
{
    struct seal *seal = store_keys_seal(call->daemon->keys);
    struct buffer sealed = buffer_in(&call->arena, secret.length + SEAL_OVERHEAD);
    row[WEBHOOK_REVISION] = value_integer((int64_t)store_revision(call->session));
    bool done = seal != NULL && store_seal_webhook(seal, row, secret, &sealed);
    seal_destroy(seal);
    row[WEBHOOK_SECRET] = value_blob(buffer_bytes(&sealed));
    return done || call_fault(call, "the secret of the webhook could not be sealed");
}

static bool answer(struct call *call, const struct value *row, struct bytes told)
{
    json_t *json = resource_json(call, &resource_webhook, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (told.length == 0 || json_put(call, json, "secret", told)) return call_answer(call, 200, json);
    json_decref(json);
    return false;
}

static bool update(struct call *call)
{
    struct value before[WEBHOOK_COLUMNS], after[WEBHOOK_COLUMNS];
    struct bytes secret, told;
    bool found;
    if (!webhook_read(call, before, &found)) return false;
    row_clear(&entity_webhook, after);
    if (!choose_secret(call, found ? before : NULL, &secret, &told) || !resource_fill(call, &resource_webhook, after)) return false;
    after[WEBHOOK_ID] = value_text(call->caller.domain_id);
    after[WEBHOOK_CREATE_TIME] = found ? before[WEBHOOK_CREATE_TIME] : value_integer(call->now);
    after[WEBHOOK_UPDATE_TIME] = value_integer(call->now);
    if (!seal_secret(call, secret, after)) return false;
    bool kept = found ? resource_update(call, &resource_webhook, before, after) : resource_insert(call, &resource_webhook, after);
    return kept && answer(call, after, told);
}

static bool load(struct call *call, struct value *row)
{
    bool found;
    return webhook_read(call, row, &found) && (found || call_refuse(call, ERROR_WEBHOOK_UNKNOWN, BYTES("")));
}

static bool show(struct call *call)
{
    struct value row[WEBHOOK_COLUMNS];
    return load(call, row) && answer(call, row, BYTES(""));
}

static bool destroy(struct call *call)
{
    struct value row[WEBHOOK_COLUMNS];
    return load(call, row) && resource_remove(call, &resource_webhook, row) && call_answer(call, 204, NULL);
}

#define WEBHOOK "/v2/{project_id}/apigw/code-webhook"
static const struct route routes[] = {
    {"GET", WEBHOOK, "show_code_webhook", RIGHT_READ_USERS, NULL, FILL_PRESETS, show, .answer = &webhook_fields},
    {"PUT", WEBHOOK, "update_code_webhook", RIGHT_WRITE_USERS, &webhook_fields, FILL_PRESETS, update, .answer = &webhook_fields},
    {"DELETE", WEBHOOK, "delete_code_webhook", RIGHT_WRITE_USERS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_code_webhook = ROUTES_OF(routes);
