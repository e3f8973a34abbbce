/* Countersignatures of every type that has one right answer, against vectors/<type>/<behaviour>: what an independent implementation
 * signed is what we sign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admit/countersign.h"
#include "base/json.h"
#include "base/text.h"
#include "support/covered.h"
#include "support/sample.h"

static struct countersigner signer;
static struct sample request, expected;
static _Alignas(16) uint8_t memory[64 * 1024];

static struct bytes read_file(const char *type, const char *behaviour, const char *name)
{
    static char content[3][32 * 1024];
    static unsigned turn;
    char path[256];
    char *text = content[turn++ % 3];
    snprintf(path, sizeof path, "vectors/%s/%s/%s", type, behaviour, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("%s cannot be read", path);
    size_t length = fread(text, 1, sizeof content[0], file);
    fclose(file);
    return bytes_of(text, length);
}

static struct bytes member(struct arena *arena, const struct json_value *object, const char *name)
{
    struct json_value value;
    return json_member(arena, object, bytes_of_text(name), &value) ? value.text : bytes_of(NULL, 0);
}

static void read_key(struct bytes context, struct signature_key *key, int64_t *now)
{
    static struct arena arena;
    struct json_value whole, keys, first;
    arena = arena_over(memory, sizeof memory);
    assert_true(json_read(&arena, context, &whole));
    assert_true(number_parse(member(&arena, &whole, "now"), now));
    assert_true(json_member(&arena, &whole, BYTES("keys"), &keys));
    struct bytes rest = keys.raw;
    assert_true(json_next(&arena, &rest, NULL, &first));
    key->id = member(&arena, &first, "id");
    key->secret = member(&arena, &first, "secret");
    struct bytes cipher_key = member(&arena, &first, "key");
    key->key = cipher_key.length > 0 ? cipher_key : key->id;
}

static struct bytes sent_value(struct bytes name)
{
    return http_field_value(&expected.request, name);
}

/* As the gateway does: what the signature sets itself is no caller's to send. */
static void strip_carriers(enum signature_type type)
{
    struct http_field *kept = arena_take_array(&request.arena, request.request.field_count, sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < request.request.field_count; i++) {
        bool carrier = false;
        for (const char *const *name = countersign_carriers(type); *name != NULL; name++)
            carrier = carrier || bytes_equal_folded(request.request.fields[i].name, bytes_of_text(*name));
        if (!carrier) kept[count++] = request.request.fields[i];
    }
    request.request.fields = kept;
    request.request.field_count = count;
}

/* `ready`: the HMAC key that an edge keeps, or NULL. */
static void check_with(enum signature_type type, const char *folder, const char *behaviour, const struct hmac_key *ready)
{
    struct signature_key key = {.type = type};
    struct signed_fields fields;
    int64_t now;
    read_key(read_file(folder, behaviour, "context.json"), &key, &now);
    sample_set_bytes(&request, read_file(folder, behaviour, "request.txt"));
    sample_set_bytes(&expected, read_file(folder, behaviour, "signed-request.txt"));
    strip_carriers(type);
    struct body_facts facts = body_facts_of(request.body);
    struct http_request covered = covered_of(&request.request, &request.arena);
    struct countersigned outgoing = {.request = &covered, .body = &facts, .now = now};
    key.hmac = ready;
    if (!countersign_request(&signer, &key, &outgoing, &request.arena, &fields)) fail_msg("%s/%s is not signed", folder, behaviour);
    assert_true(fields.count > 0);
    for (size_t i = 0; i < fields.count; i++)
        if (!bytes_equal_folded(fields.items[i].value, sent_value(fields.items[i].name))) /* a list of names may be spelled either way */
            fail_msg("%s/%s: %.*s is\n  %.*s, expected\n  %.*s", folder, behaviour, (int)fields.items[i].name.length,
                     (const char *)fields.items[i].name.data, (int)fields.items[i].value.length, (const char *)fields.items[i].value.data,
                     (int)sent_value(fields.items[i].name).length, (const char *)sent_value(fields.items[i].name).data);
}

/* Made from the bytes of the secret, from a key that was made ready, and from what the signer kept of the time before. */
static void check(enum signature_type type, const char *folder, const char *behaviour)
{
    struct signature_key key = {.type = type};
    struct hmac_key ready;
    int64_t now;
    read_key(read_file(folder, behaviour, "context.json"), &key, &now);
    hmac_prepare(&ready, DIGEST_SHA256, type == SIGNATURE_AES ? key.key : key.secret);
    check_with(type, folder, behaviour, NULL);
    check_with(type, folder, behaviour, &ready);
    check_with(type, folder, behaviour, &ready);
}

/* Those behaviours in which a gateway signs just host, tells and its own. */
static const char *const behaviours[] = {"get", "post-json", "query-specials", "unicode-path", "root-path", "delete-slash", "put-binary"};

static void check_all(enum signature_type type, const char *folder)
{
    for (size_t i = 0; i < sizeof behaviours / sizeof behaviours[0]; i++) check(type, folder, behaviours[i]);
}

static void hmac(void **state)
{
    (void)state;
    check_all(SIGNATURE_HMAC, "hmac");
}

static void basic(void **state)
{
    (void)state;
    check_all(SIGNATURE_BASIC, "basic");
}

static void aes(void **state)
{
    (void)state;
    check_all(SIGNATURE_AES, "aes");
    check(SIGNATURE_AES, "aes", "aes-256-cfb-get");
    check(SIGNATURE_AES, "aes", "aes-256-cfb-post-json");
}

static void bce(void **state)
{
    (void)state;
    check_all(SIGNATURE_BCE, "bce");
}

static void aliyun(void **state)
{
    (void)state;
    check_all(SIGNATURE_ALIYUN, "aliyun");
    check(SIGNATURE_ALIYUN, "aliyun", "form");
}

static int prepare(void **state)
{
    (void)state;
    return countersigner_prepare(&signer) ? 0 : -1;
}

static int destroy(void **state)
{
    (void)state;
    countersigner_destroy(&signer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmac), cmocka_unit_test(basic), cmocka_unit_test(aes), cmocka_unit_test(bce), cmocka_unit_test(aliyun),
    };
    return cmocka_run_group_tests(tests, prepare, destroy);
}
