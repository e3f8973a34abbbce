/* Every kind of record: what was encoded comes back; whatever our encoder would not have written is refused. */
#include "fixture.h"

#include "edge/record.h"

static uint8_t memory[4096];

static struct buffer out_buffer(void)
{
    return buffer_over(memory, sizeof memory);
}

typedef bool (*decodes)(struct bytes value);

/* Cut anywhere, longer by a byte, of another version: refused. */
static void refuses_all_but_whole(struct bytes value, decodes decode)
{
    static uint8_t changed[4096];
    assert_true(value.length > 1 && value.length < sizeof changed);
    assert_true(decode(value));
    for (size_t length = 0; length < value.length; length++) assert_false(decode(bytes_of(value.data, length)));
    memcpy(changed, value.data, value.length);
    changed[value.length] = 0;
    assert_false(decode(bytes_of(changed, value.length + 1)));
    changed[0] = RECORD_VERSION + 1;
    assert_false(decode(bytes_of(changed, value.length)));
}

static bool decodes_meta(struct bytes value)
{
    struct edge_meta meta;
    return meta_decode(value, &meta);
}

static void meta(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct edge_meta written = {EDGE_FORMAT, 0x1122334455667788, BYTES("store"), BYTES("boot"), 0xfedcba98}, read;
    meta_encode(&out, &written);
    assert_true(meta_decode(buffer_bytes(&out), &read));
    assert_int_equal(read.revision, 0x1122334455667788);
    assert_int_equal(read.node_key_id, 0xfedcba98);
    assert_true(bytes_equal(read.boot_id, BYTES("boot")));
    refuses_all_but_whole(buffer_bytes(&out), decodes_meta);
}

static bool decodes_host(struct bytes value)
{
    struct bytes group;
    return host_decode(value, &group);
}

static void host(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct bytes group;
    host_encode(&out, BYTES("group"));
    assert_true(host_decode(buffer_bytes(&out), &group));
    assert_true(bytes_equal(group, BYTES("group")));
    refuses_all_but_whole(buffer_bytes(&out), decodes_host);
}

static bool decodes_authorisation(struct bytes value)
{
    int64_t not_after;
    return authorisation_decode(value, &not_after);
}

static void authorisation(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    int64_t not_after = 0;
    authorisation_encode(&out, -5);
    assert_true(authorisation_decode(buffer_bytes(&out), &not_after));
    assert_int_equal(not_after, -5);
    refuses_all_but_whole(buffer_bytes(&out), decodes_authorisation);
}

static bool decodes_addresses(struct bytes value)
{
    struct edge_addresses addresses;
    return addresses_decode(value, &addresses);
}

static void addresses(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct edge_addresses written = {{{.ip = {10, 1, 2, 3}, .port = 65535}, {.ip = {0xfd, [15] = 9}, .v6 = true, .port = 1}}, 2}, read;
    addresses_encode(&out, &written);
    assert_true(addresses_decode(buffer_bytes(&out), &read));
    assert_int_equal(read.count, 2);
    assert_memory_equal(read.items[0].ip, written.items[0].ip, 16);
    assert_memory_equal(read.items[1].ip, written.items[1].ip, 16);
    assert_int_equal(read.items[0].port, 65535);
    assert_true(read.items[1].v6);
    refuses_all_but_whole(buffer_bytes(&out), decodes_addresses);
    memory[1] = EDGE_MAX_ADDRESSES + 1;
    assert_false(decodes_addresses(buffer_bytes(&out)));
    written.count = EDGE_MAX_ADDRESSES + 1;
    out = out_buffer();
    addresses_encode(&out, &written);
    assert_true(out.overflow);
}

static bool decodes_credential(struct bytes value)
{
    struct credential credential;
    return credential_decode(value, &credential);
}

static void key_pair(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct credential written = fixture_key_pair(BYTES("sealed")), read;
    credential_encode(&out, &written);
    assert_true(credential_decode(buffer_bytes(&out), &read));
    assert_int_equal(read.secret_count, 2);
    assert_true(bytes_equal(read.secrets[1].value, BYTES("the next one")));
    assert_true(bytes_equal(read.principal.id, BYTES("app-1")));
    refuses_all_but_whole(buffer_bytes(&out), decodes_credential);
    written.secret_count = CREDENTIAL_MAX_SECRETS + 1;
    out = out_buffer();
    credential_encode(&out, &written);
    assert_true(out.overflow);
}

static void api_key(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct credential written = fixture_api_key(), read;
    credential_encode(&out, &written);
    assert_true(credential_decode(buffer_bytes(&out), &read));
    assert_int_equal(read.location, PLACE_HEADER);
    assert_true(bytes_equal(read.place_name, BYTES("authorization")));
    refuses_all_but_whole(buffer_bytes(&out), decodes_credential);
}

static void api_key_of_a_user(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct credential written = fixture_api_key(), read;
    written.principal.kind = PRINCIPAL_USER;
    written.limit = BYTES("project");
    credential_encode(&out, &written);
    assert_true(credential_decode(buffer_bytes(&out), &read));
    assert_true(bytes_equal(read.limit, BYTES("project")));
    refuses_all_but_whole(buffer_bytes(&out), decodes_credential);
}

static bool decodes_user(struct bytes value)
{
    struct user user;
    return user_decode(value, &user);
}

static void user(void **state)
{
    (void)state;
    static uint8_t runs[256];
    struct buffer out = out_buffer(), scopes = buffer_over(runs, sizeof runs);
    user_scope_add(&scopes, &(struct user_scope){BYTES("project"), BYTES("")});
    struct user read, written = {true, BYTES("name"), BYTES("domain"), 0x1122334455667788, buffer_bytes(&scopes)};
    user_encode(&out, &written);
    assert_true(user_decode(buffer_bytes(&out), &read));
    assert_true(read.enabled && read.stamp == 0x1122334455667788);
    assert_true(bytes_equal(read.name, BYTES("name")) && bytes_equal(read.domain_id, BYTES("domain")));
    assert_true(bytes_equal(read.scopes, written.scopes));
    refuses_all_but_whole(buffer_bytes(&out), decodes_user);
    written.scopes = BYTES("x");
    out = out_buffer();
    user_encode(&out, &written);
    assert_false(decodes_user(buffer_bytes(&out)));
}

static bool decodes_instance_owner(struct bytes value)
{
    struct instance_owner owner;
    return instance_owner_decode(value, &owner);
}

static void instance_owner(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct instance_owner read, written = {BYTES("project"), BYTES("domain")};
    instance_owner_encode(&out, &written);
    assert_true(instance_owner_decode(buffer_bytes(&out), &read));
    assert_true(bytes_equal(read.project_id, BYTES("project")) && bytes_equal(read.domain_id, BYTES("domain")));
    refuses_all_but_whole(buffer_bytes(&out), decodes_instance_owner);
}

/* Kind, principal kind and flags take their own values only: a flipped byte must not become another meaning. */
static void credential_choices(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct credential written = fixture_api_key();
    written.id = BYTES("");
    credential_encode(&out, &written);
    size_t kind = 1, principal_kind = 4, principal_enabled = 5;
    const struct {
        size_t at;
        uint8_t bad;
    } changes[] = {
        {kind, 0}, {kind, 3}, {principal_kind, PRINCIPAL_NONE}, {principal_kind, 4}, {principal_enabled, 2}, {principal_enabled, 255}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        uint8_t good = memory[changes[i].at];
        assert_true(decodes_credential(buffer_bytes(&out)));
        memory[changes[i].at] = changes[i].bad;
        assert_false(decodes_credential(buffer_bytes(&out)));
        memory[changes[i].at] = good;
    }
}

static bool decodes_signature_key(struct bytes value)
{
    struct signature_key key;
    return signature_key_decode(value, &key);
}

static void signature_key(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct signature_key read, written = {.type = SIGNATURE_HMAC,
                                          .id = BYTES("id"),
                                          .key = BYTES("key"),
                                          .secret = BYTES("sealed"),
                                          .revision = 77,
                                          .next_from = -5,
                                          .next_key = BYTES("next"),
                                          .next_secret = BYTES("sealed 2")};
    signature_key_encode(&out, &written);
    assert_true(signature_key_decode(buffer_bytes(&out), &read));
    assert_int_equal(read.revision, 77);
    assert_true(bytes_equal(read.secret, BYTES("sealed")));
    refuses_all_but_whole(buffer_bytes(&out), decodes_signature_key);
    memory[1] = SIGNATURE_NONE;
    assert_false(decodes_signature_key(buffer_bytes(&out)));
}

static bool decodes_throttle(struct bytes value)
{
    struct throttle throttle;
    return throttle_decode(value, &throttle);
}

static struct buffer encoded_throttle(struct throttle written, struct throttle_special special)
{
    static uint8_t specials[64];
    struct buffer run = buffer_over(specials, sizeof specials), out = out_buffer();
    throttle_special_add(&run, &special);
    written.specials = buffer_bytes(&run);
    throttle_encode(&out, &written);
    return out;
}

static void throttle(void **state)
{
    (void)state;
    struct throttle written = {.id = BYTES("t"), .shared = true, .seconds = 60, .limits = {9, 8, 7, 6, 2147483647}}, read;
    struct throttle_special special = {THROTTLE_APP, 77, BYTES("app")}, again;
    struct buffer out = encoded_throttle(written, special);
    assert_true(throttle_decode(buffer_bytes(&out), &read));
    assert_true(read.shared);
    assert_int_equal(read.limits[THROTTLE_IP], 2147483647);
    assert_true(throttle_special_next(&read.specials, &again));
    assert_int_equal(again.limit, 77);
    assert_true(bytes_equal(again.id, BYTES("app")));
    assert_false(throttle_special_next(&read.specials, &again));
    refuses_all_but_whole(buffer_bytes(&out), decodes_throttle);
    special.limit = 0;
    out = encoded_throttle(written, special);
    assert_false(decodes_throttle(buffer_bytes(&out)));
    out = encoded_throttle(written, (struct throttle_special){THROTTLE_IP, 1, BYTES("x")});
    assert_false(decodes_throttle(buffer_bytes(&out)));
    special.limit = 1;
    for (uint32_t seconds = 0; seconds <= THROTTLE_MOST_SECONDS + 1; seconds += THROTTLE_MOST_SECONDS + 1) {
        written.seconds = seconds;
        out = encoded_throttle(written, special);
        assert_false(decodes_throttle(buffer_bytes(&out)));
    }
}

static bool decodes_address_list(struct bytes value)
{
    struct address_list list;
    return address_list_decode(value, &list);
}

static void address_list(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct address_list written = {true, bytes_of("\1\1\1\1\1\1\1\2\1\1\1\3\1\1\1\3", 16),
                                   bytes_of("0123456789abcdef0123456789abcdeg", 32)},
                        read;
    address_list_encode(&out, &written);
    assert_true(address_list_decode(buffer_bytes(&out), &read));
    assert_true(read.deny);
    assert_int_equal(read.v4.length, 16);
    assert_int_equal(read.v6.length, 32);
    refuses_all_but_whole(buffer_bytes(&out), decodes_address_list);
    const struct bytes damaged[] = {bytes_of("\1\1\1\2\1\1\1\1", 8), bytes_of("\1\1\1\1\1\1\1\3\1\1\1\3\1\1\1\4", 16),
                                    bytes_of("\1\1\1\1", 4)};
    for (size_t i = 0; i < 3; i++) {
        written.v4 = damaged[i];
        out = out_buffer();
        address_list_encode(&out, &written);
        assert_false(decodes_address_list(buffer_bytes(&out)));
    }
}

static bool decodes_publication(struct bytes value)
{
    struct publication publication;
    return publication_decode(value, &publication);
}

static void publication(void **state)
{
    (void)state;
    struct buffer out = out_buffer();
    struct publication written = fixture_publication(), read;
    publication_encode(&out, &written);
    assert_true(publication_decode(buffer_bytes(&out), &read));
    assert_int_equal(read.plan.place_count, 2);
    assert_true(bytes_equal(read.backend.host, BYTES("backend.example")));
    assert_true(read.rules.https_only);
    assert_true(read.backend.client_certificate);
    assert_int_equal(read.backend.retries, -1);
    assert_int_equal(read.backend.member_count, 2);
    assert_true(bytes_equal(read.backend.members[1].authority, BYTES("unknown.example:1")));
    assert_int_equal(read.backend.members[0].weight, 100);
    refuses_all_but_whole(buffer_bytes(&out), decodes_publication);
    for (int retries = 0; retries <= BACKEND_MAX_RETRIES; retries++) {
        written.backend.retries = (int8_t)retries;
        out = out_buffer();
        publication_encode(&out, &written);
        assert_true(publication_decode(buffer_bytes(&out), &read));
        assert_int_equal(read.backend.retries, retries);
    }
    written.backend.members[1].weight = BACKEND_MAX_WEIGHT + 1;
    out = out_buffer();
    publication_encode(&out, &written);
    assert_false(decodes_publication(buffer_bytes(&out)));
    written.backend.member_count = BACKEND_MAX_MEMBERS + 1;
    out = out_buffer();
    publication_encode(&out, &written);
    assert_true(out.overflow);
    written.backend.member_count = 0;
    written.plan.place_count = PLAN_MAX_PLACES + 1;
    out = out_buffer();
    publication_encode(&out, &written);
    assert_true(out.overflow);
}

static void text_beyond_its_length_overflows(void **state)
{
    (void)state;
    static uint8_t large[70000], room[80000];
    struct buffer out = buffer_over(room, sizeof room);
    record_add_bytes(&out, bytes_of(large, UINT16_MAX));
    assert_false(out.overflow);
    out = buffer_over(room, sizeof room);
    record_add_bytes(&out, bytes_of(large, UINT16_MAX + 1));
    assert_true(out.overflow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meta),
        cmocka_unit_test(host),
        cmocka_unit_test(authorisation),
        cmocka_unit_test(addresses),
        cmocka_unit_test(key_pair),
        cmocka_unit_test(api_key),
        cmocka_unit_test(api_key_of_a_user),
        cmocka_unit_test(user),
        cmocka_unit_test(instance_owner),
        cmocka_unit_test(signature_key),
        cmocka_unit_test(throttle),
        cmocka_unit_test(address_list),
        cmocka_unit_test(publication),
        cmocka_unit_test(credential_choices),
        cmocka_unit_test(text_beyond_its_length_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
