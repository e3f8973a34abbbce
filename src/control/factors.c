#include "control/factors.h"

#include "base/text.h"
#include "control/apis.h"
#include "control/attempts.h"
#include "control/charsets.h"
#include "control/iam_users.h"
#include "control/related.h"
#include "control/resources.h"
#include "control/sign_in.h"
#include "control/step_up_codes.h"
#include "control/tokens.h"
#include "crypto/random.h"
#include "crypto/totp.h"
#include "store/sealing.h"

#define RECOVERY_CODES  10
#define RECOVERY_LENGTH 16
#define MOST_FAILURES   5
#define MOST_ANYWHERE   20 /* from all addresses together: a code has six digits, and addresses are to be had by the million */
#define LOCK_SECONDS    (15 * 60)

static const struct field fields[] = {
    {.name = "user_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = FACTOR_USER_ID},
    {.name = "confirmed", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = FACTOR_CONFIRMED},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = FACTOR_CREATE_TIME},
};
static const struct fields factor_fields = FIELDS_OF(fields);

static const struct resource resource_factor = {
    .name = "factor",
    .entity = &entity_factor,
    .fields = &factor_fields,
    .instance_column = FACTOR_USER_ID,
    .unknown = ERROR_FACTOR_UNKNOWN,
};

/* *found: there is a row, confirmed or not. */
static bool read_row(struct call *call, struct bytes user_id, struct value *row, bool *found)
{
    enum store_result result = store_get(call->session, &entity_factor, user_id, &call->arena, row);
    *found = result == STORE_OK;
    return result == STORE_NOTHING || call_store(call, result);
}

bool factor_read(struct call *call, struct bytes user_id, struct value row[static FACTOR_COLUMNS], bool *has)
{
    if (!read_row(call, user_id, row, has)) return false;
    *has = *has && row[FACTOR_CONFIRMED].integer != 0;
    return true;
}

static bool open_secret(struct call *call, const struct value *row, struct bytes *secret)
{
    struct seal *seal = store_keys_seal(call->daemon->keys);
    struct buffer out = buffer_in(&call->arena, TOTP_SECRET_SIZE);
    bool done = seal != NULL && store_open_factor(seal, row, &out);
    seal_destroy(seal);
    *secret = buffer_bytes(&out);
    return done || call_fault(call, "a factor could not be opened");
}

static bool write_row(struct call *call, const struct value *row)
{
    return call_store(call, store_update(call->session, &entity_factor, row));
}

/* The list without the hash of `code`; *found says whether it was there. */
static bool use_recovery(struct call *call, struct value *row, struct bytes code, bool *found)
{
    struct bytes hash = token_hash(call, "recovery ", code);
    struct bytes rest = row[FACTOR_RECOVERY].bytes;
    struct bytes one;
    struct buffer left = buffer_in(&call->arena, rest.length);
    *found = false;
    while (bytes_next_part(&rest, ' ', &one)) {
        if (bytes_equal(one, hash)) {
            *found = true;
            continue;
        }
        if (left.length > 0) buffer_add_byte(&left, ' ');
        buffer_add(&left, one);
    }
    row[FACTOR_RECOVERY] = value_text(buffer_bytes(&left));
    return !left.overflow || call_fault(call, "no memory for recovery codes");
}

bool factor_accepts(struct call *call, const struct value row[static FACTOR_COLUMNS], struct bytes code, bool *accepted)
{
    struct value after[FACTOR_COLUMNS];
    struct bytes secret;
    for (size_t i = 0; i < FACTOR_COLUMNS; i++) after[i] = row[i];
    if (code.length == RECOVERY_LENGTH) {
        if (!use_recovery(call, after, code, accepted)) return false;
    } else {
        if (!open_secret(call, row, &secret)) return false;
        *accepted = totp_accepts(secret, code, call->now, &after[FACTOR_LAST_STEP].integer);
    }
    return !*accepted || write_row(call, after);
}

/* Whoever gets here gave the right password: unlike a name's failures, those of its codes can be counted wherever they come from. */
bool factor_confirm(struct call *call, struct bytes user_id, struct bytes code, struct bytes *methods)
{
    struct value row[FACTOR_COLUMNS];
    struct attempt failures = {"passcode of", user_id, call->source, MOST_FAILURES, LOCK_SECONDS};
    struct attempt anywhere = {"passcode of", user_id, BYTES(""), MOST_ANYWHERE, LOCK_SECONDS};
    bool has, accepted;
    if (!factor_read(call, user_id, row, &has)) return false;
    *methods = has ? BYTES("password,totp") : BYTES("password");
    if (!has) return true;
    if (code.length == 0) return call_refuse(call, ERROR_IAM_PASSCODE_MISSING, BYTES(""));
    bool allowed = attempt_take(call->daemon->attempts, &failures, call->now) && attempt_take(call->daemon->attempts, &anywhere, call->now);
    if (!allowed) return call_refuse(call, ERROR_IAM_LOCKED, BYTES(""));
    if (!factor_accepts(call, row, code, &accepted)) return false;
    if (!accepted) return call_refuse(call, ERROR_IAM_PASSCODE, BYTES(""));
    attempt_forget(call->daemon->attempts, &failures);
    attempt_give_back(call->daemon->attempts, &anywhere);
    return true;
}

bool factor_remove(struct call *call, struct bytes user_id)
{
    struct value row[FACTOR_COLUMNS];
    bool found;
    return read_row(call, user_id, row, &found) && (!found || resource_remove(call, &resource_factor, row));
}

static bool make_row(struct call *call, struct value *row, struct bytes *secret)
{
    struct seal *seal = store_keys_seal(call->daemon->keys);
    struct buffer sealed = buffer_in(&call->arena, TOTP_SECRET_SIZE + SEAL_OVERHEAD);
    uint8_t *drawn = arena_take(&call->arena, TOTP_SECRET_SIZE);
    row_clear(&entity_factor, row);
    row[FACTOR_ID] = row[FACTOR_USER_ID] = value_text(call->actor_id);
    row[FACTOR_REVISION] = value_integer((int64_t)store_revision(call->session));
    row[FACTOR_CREATE_TIME] = value_integer(call->now);
    bool done = seal != NULL && drawn != NULL && random_bytes(drawn, TOTP_SECRET_SIZE) &&
                store_seal_factor(seal, row, bytes_of(drawn, TOTP_SECRET_SIZE), &sealed);
    seal_destroy(seal);
    *secret = bytes_of(drawn, TOTP_SECRET_SIZE);
    row[FACTOR_SECRET] = value_blob(buffer_bytes(&sealed));
    return done || call_fault(call, "a factor could not be made");
}

/* otpauth://totp/Countersign:NAME?secret=…&issuer=Countersign: what apps read from a picture. */
static bool answer_made(struct call *call, struct bytes secret)
{
    struct buffer text = buffer_in(&call->arena, 64);
    struct buffer uri = buffer_in(&call->arena, 512);
    base32_encode(&text, secret);
    buffer_add_text(&uri, "otpauth://totp/Countersign:");
    percent_encode(&uri, call->actor_name);
    buffer_add_text(&uri, "?secret=");
    buffer_add(&uri, buffer_bytes(&text));
    buffer_add_text(&uri, "&issuer=Countersign");
    json_t *answer = json_object();
    if (answer != NULL && !uri.overflow && json_put(call, answer, "secret", buffer_bytes(&text)) &&
        json_put(call, answer, "uri", buffer_bytes(&uri))) {
        return call_answer(call, 201, answer);
    }
    json_decref(answer);
    return call_fault(call, "no memory for the answer");
}

/* A new factor asks for the password; one that is there already was asked for by step_up.c. It counts when it is confirmed. */
static bool create(struct call *call)
{
    struct value user[USER_COLUMNS], row[FACTOR_COLUMNS];
    struct bytes secret;
    bool has;
    if (!user_load(call, call->actor_id, user) || !factor_read(call, call->actor_id, row, &has)) return false;
    if (has) return call_refuse(call, ERROR_FACTOR_EXISTS, BYTES(""));
    call_let_go(call);
    if (!password_confirm(call, user, call_text(call, "password")) || !call_begin(call, true)) return false;
    if (!factor_read(call, call->actor_id, row, &has)) return false;
    if (has) return call_refuse(call, ERROR_FACTOR_EXISTS, BYTES("")); /* confirmed while the password was looked at */
    return factor_remove(call, call->actor_id) && make_row(call, row, &secret) && resource_insert(call, &resource_factor, row) &&
           answer_made(call, secret);
}

static json_t *draw_recovery(struct call *call, struct buffer *hashes)
{
    json_t *codes = json_array();
    for (int i = 0; codes != NULL && i < RECOVERY_CODES; i++) {
        struct buffer code = buffer_in(&call->arena, RECOVERY_LENGTH);
        if (!random_text(&code, RECOVERY_LENGTH)) break;
        if (i > 0) buffer_add_byte(hashes, ' ');
        buffer_add(hashes, token_hash(call, "recovery ", buffer_bytes(&code)));
        json_array_append_new(codes, json_stringn((const char *)code.data, code.length));
    }
    if (json_array_size(codes) == RECOVERY_CODES && !hashes->overflow) return codes;
    json_decref(codes);
    call_fault(call, "no recovery codes");
    return NULL;
}

/* Two codes in a row show that the app runs with this secret and this clock. */
static bool check_two(struct call *call, struct value *row)
{
    const json_t *codes = json_object_get(call->body, "codes");
    struct bytes secret, first = bytes_of(json_string_value(json_array_get(codes, 0)), json_string_length(json_array_get(codes, 0)));
    struct bytes second = bytes_of(json_string_value(json_array_get(codes, 1)), json_string_length(json_array_get(codes, 1)));
    struct attempt failures = {"confirmation of", call->actor_id, BYTES(""), 2 * MOST_FAILURES, LOCK_SECONDS};
    if (!attempt_take(call->daemon->attempts, &failures, call->now)) return call_refuse(call, ERROR_IAM_LOCKED, BYTES(""));
    if (!open_secret(call, row, &secret)) return false;
    int64_t *last = &row[FACTOR_LAST_STEP].integer;
    bool right = totp_accepts(secret, first, call->now, last);
    int64_t step = *last;
    right = right && totp_accepts(secret, second, call->now, last) && *last == step + 1;
    return right || call_refuse_rule(call, "codes", "two codes of the app, one after the other, the second within half a minute");
}

static bool confirm(struct call *call)
{
    struct value before[FACTOR_COLUMNS], after[FACTOR_COLUMNS];
    struct buffer hashes = buffer_in(&call->arena, RECOVERY_CODES * (STORE_LOOKUP_SIZE + 1));
    bool found;
    if (!read_row(call, call->actor_id, before, &found)) return false;
    if (!found || before[FACTOR_CONFIRMED].integer != 0) return call_refuse(call, ERROR_FACTOR_UNKNOWN, BYTES(""));
    for (size_t i = 0; i < FACTOR_COLUMNS; i++) after[i] = before[i];
    if (!check_two(call, after)) return false;
    json_t *codes = draw_recovery(call, &hashes);
    if (codes == NULL) return false;
    after[FACTOR_CONFIRMED] = value_integer(1);
    after[FACTOR_RECOVERY] = value_text(buffer_bytes(&hashes));
    if (resource_update(call, &resource_factor, before, after)) return call_answer(call, 200, json_pack("{s:o}", "recovery_codes", codes));
    json_decref(codes);
    return false;
}

static bool show(struct call *call)
{
    struct means means;
    if (!step_up_means(call, &means)) return false;
    bool has = means.has[METHOD_TOTP];
    size_t left = has ? (means.factor[FACTOR_RECOVERY].bytes.length + 1) / (STORE_LOOKUP_SIZE + 1) : 0;
    return call_answer(
        call, 200, json_pack("{s:b, s:I, s:o}", "totp", has, "recovery_codes_left", (json_int_t)left, "codes", means_say(call, &means)));
}

static bool destroy(struct call *call)
{
    struct value row[FACTOR_COLUMNS];
    bool has;
    if (!factor_read(call, call->actor_id, row, &has)) return false;
    if (!has) return call_refuse(call, ERROR_FACTOR_UNKNOWN, BYTES(""));
    return resource_remove(call, &resource_factor, row) && call_answer(call, 204, NULL);
}

static const struct field password_items[] = {
    {.name = "password",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_SECRET,
     .minimum = 1,
     .maximum = 128,
     .charset = &charset_printable},
};
static const struct fields password_fields = FIELDS_OF(password_items);
static const struct field codes_items[] = {
    {.name = "codes", .type = FIELD_STRINGS, .flags = FIELD_REQUIRED | FIELD_SECRET, .minimum = 6, .maximum = 6, .most_items = 2},
};
static const struct fields codes_fields = FIELDS_OF(codes_items);
static const struct field made_items[] = {ANSWERED("secret", FIELD_STRING), ANSWERED("uri", FIELD_STRING)};
static const struct fields made_fields = FIELDS_OF(made_items);
static const struct field recovery_items[] = {ANSWERED("recovery_codes", FIELD_STRINGS)};
static const struct fields recovery_fields = FIELDS_OF(recovery_items);
static const struct field means_items[] = {ANSWERED("method", FIELD_STRING), ANSWERED("destination", FIELD_STRING)};
static const struct fields means_fields = FIELDS_OF(means_items);
static const struct field shown_items[] = {
    ANSWERED("totp", FIELD_BOOLEAN),
    ANSWERED("recovery_codes_left", FIELD_INTEGER),
    {.name = "codes", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &means_fields},
};
static const struct fields shown_fields = FIELDS_OF(shown_items);

#define FACTORS "/v2/{project_id}/apigw/factors"
static const struct route routes[] = {
    {"GET", FACTORS, "show_factors", RIGHT_READ_SELF, NULL, FILL_PRESETS, show, .answer = &shown_fields},
    {"POST", FACTORS "/totp", "create_totp", RIGHT_WRITE_SELF, &password_fields, FILL_PRESETS, create, .answer = &made_fields},
    {"PUT", FACTORS "/totp", "confirm_totp", RIGHT_WRITE_SELF, &codes_fields, FILL_PRESETS, confirm, .answer = &recovery_fields},
    {"DELETE", FACTORS "/totp", "delete_totp", RIGHT_WRITE_SELF, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_factors = ROUTES_OF(routes);
