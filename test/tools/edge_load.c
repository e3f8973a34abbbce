/* Fills an edge without the daemon, for tests of the gateway and for vectors: JSON lines from standard input or a file.
 *
 *   edge-load --edge DIR --keys DIR [--group NAME] [--create-keys] [--nonce-rate N] [FILE]
 *
 * --create-keys draws node.key and pepper.key into the keys directory where they are missing.
 * The files that workers share (replay memory …) are made beside the edge.
 * Each line is one object; "kind" says which. Members not marked * may be left out (empty, 0, false). An unknown member is an error.
 * "remove": true in a record takes it away (only the members that name it are needed). Records go into one transaction until a commit
 * line or the end of the input; each commit prints "committed REVISION" and is visible to readers when that line is out.
 *
 *   {"kind":"clear"}                                        everything goes
 *   {"kind":"commit", "revision":N}                         N: by default one more than the picture has
 *   {"kind":"host", "instance":*, "host":*, "group":*}
 *   {"kind":"routes", "instance":*, "group":*, "environment":*(id), "environment_name":*, "entries":[{"method":* "GET".."ANY", "path":*,
 *    "prefix":bool, "api":*}]}                              no entries: the trie goes
 *   {"kind":"publication", "instance":*, "api":*, "environment":*(id), "environment_name", "id", "api_name", "group", "revision":N,
 *    "auth_type":* "NONE"|"APP"|"IAM", "places":[{"scheme":* "api-key"|"aliyun-ca"|"sdk-hmac-sha256"|"bce-auth-v1"|"app-code",
 * "location":"header"|"query", "name", "prefix", "pass_through":bool}] (name left out: the scheme's own place; places left out with APP:
 * those of both signature schemes), "body_limit":N, "hide_hint", "accept_repeated_names", "require_body_digest", "accept_undated",
 * "require_nonce", "https_only", "cors": bool, "backend":*
 * {"kind":"http"|"https", "authority":* "host:port", "host", "method", "path":*, "timeout_ms":N (60000), "verify_certificate":bool,
 * "ca_certificates":PEM, "client_certificate":bool, "retries":N (-1), "members":[{"authority":*, "weight":N (1)}]}, "signature_key":sign
 * id, "throttle":id, "acl":id, "disable_internet", "disable_internal": bool}
 *   {"kind":"key_pair", "instance":*, "key_id":*, "secrets":*[{"value":*, "until":N}], …credential}
 *   {"kind":"api_key", "instance" (empty: a token of an IAM user), "api_key":* (in clear), "location":"header"|"query", "place_name"
 * ("authorization"), "place_prefix", …credential} credential: "id", "principal":*{"kind":* "app"|"consumer"|"user", "id":*, "name",
 * "disabled":bool, "listed":bool}, "disabled":bool, "not_before":N, "not_after":N, "revision":N, "schemes":["aliyun-ca"…] (all)
 *   {"kind":"token", "instance":*, "claim_value":* (of uid, in Authorization), "key_set":*, …credential}
 *   {"kind":"key_set", "instance":*, "name":*, "jwks":TEXT, "secret":bool, "revision":N}
 *   {"kind":"user", "id":*, "name":*, "domain":*, "stamp":N (1), "disabled":bool}       of IAM, with a role everywhere in his domain
 *   {"kind":"owner", "instance":*, "project":*, "domain":*}
 *   {"kind":"authorisation", "instance":*, "api":*, "environment":*(id), "principal":*{"kind":*, "id":*}, "not_after":N}
 *   {"kind":"signature_key", "instance":*, "id":*, "type":"hmac" (default)|"basic"|"aes"|"public_key"|"bce"|"aliyun", "key":*, "secret":*,
 *    "revision":N, "next_from":N (Unix seconds), "next_key", "next_secret"}
 *   {"kind":"throttle", "instance":*, "id":*, "shared":bool, "seconds":N (60), "api":N, "user":N, "app":N, "consumer":N, "ip":N,
 *    "specials":[{"kind":"user"|"app"|"consumer", "id":*, "limit":*N}]}
 *   {"kind":"address_list", "instance":*, "id":* (of "acl", or of a "listed" principal), "deny":bool, "ranges":["first-last"…] (sorted)}
 *   {"kind":"feature", "instance":*, "name":*, "config":*}    switched on
 *   {"kind":"addresses", "authority":* "host:port", "addresses":["127.0.0.1:80", "[::1]:80"…]}
 */
#include "edge/writer.h"
#include "feedback/feedback.h"
#include "jwt/claims.h"
#include "limit/limit.h"
#include "line.h"
#include "lock/lock.h"
#include "mapped/heartbeat.h"
#include "replay/replay.h"
#include "scheme/scheme.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MEMORY (4u << 20)
#define MAX_ENTRIES 10000

/* The place that a scheme uses unless told otherwise. */
static struct place default_place(struct line *line, struct bytes name)
{
    const struct scheme *scheme = scheme_by_name(name);
    if (!scheme) complain(line, "scheme", "is unknown");
    return scheme_default_place(scheme ? scheme->id : SCHEME_NONE);
}

static const char *const locations[] = {"header", "query", NULL};

static void read_places(struct line *line, struct proof_plan *plan)
{
    bool present;
    struct json_value item;
    struct bytes rest = array_of(line, "places", &present);
    if (!present && plan->auth_type == AUTH_TYPE_APP) {
        proof_plan_add(plan, default_place(line, BYTES("aliyun-ca")));
        proof_plan_add(plan, default_place(line, BYTES("sdk-hmac-sha256")));
    }
    while (element(line, &rest, &item)) {
        size_t before = line->asked;
        struct place place = default_place(line, needed(line, &item, "scheme"));
        struct bytes name = text(line, &item, "name"), prefix = text(line, &item, "prefix");
        enum place_location location = choice(line, &item, "location", locations) ? PLACE_QUERY : PLACE_HEADER;
        if (name.length) place = (struct place){.scheme = place.scheme, .location = location, .name = name, .prefix = prefix};
        place.pass_through = flag(line, &item, "pass_through");
        finish(line, &item, before);
        line->asked = before;
        if (!proof_plan_add(plan, place)) complain(line, "places", "are too many");
    }
}

static void read_members(struct line *line, const struct json_value *object, struct backend *backend)
{
    bool present;
    struct json_value item;
    struct bytes rest = array_in(line, object, "members", &present);
    while (element(line, &rest, &item)) {
        size_t before = line->asked;
        if (backend->member_count == BACKEND_MAX_MEMBERS) return complain(line, "members", "are too many");
        struct backend_member *member = &backend->members[backend->member_count++];
        *member = (struct backend_member){needed(line, &item, "authority"), (uint8_t)number(line, &item, "weight", 1)};
        finish(line, &item, before);
        line->asked = before;
    }
}

static void read_backend(struct line *line, struct backend *backend)
{
    static const char *const kinds[] = {"http", "https", NULL};
    struct json_value object = object_of(line, "backend");
    size_t before = line->asked;
    backend->kind = choice(line, &object, "kind", kinds) ? BACKEND_HTTPS : BACKEND_HTTP;
    backend->authority = needed(line, &object, "authority");
    backend->host = text(line, &object, "host");
    if (!backend->host.length) backend->host = backend->authority;
    backend->method = text(line, &object, "method");
    backend->path = needed(line, &object, "path");
    backend->timeout_ms = (uint32_t)number(line, &object, "timeout_ms", 60000);
    backend->verify_certificate = flag(line, &object, "verify_certificate");
    backend->ca_certificates = text(line, &object, "ca_certificates");
    backend->client_certificate = flag(line, &object, "client_certificate");
    backend->retries = (int8_t)number(line, &object, "retries", -1);
    read_members(line, &object, backend);
    finish(line, &object, before);
    line->asked = before;
}

static enum edge_result load_publication(struct line *line)
{
    static const char *const auth_types[] = {"NONE", "APP", "IAM", NULL};
    struct publication publication = {
        .id = text(line, &line->object, "id"),
        .instance_id = needed(line, &line->object, "instance"),
        .api_id = needed(line, &line->object, "api"),
        .api_name = text(line, &line->object, "api_name"),
        .group_id = text(line, &line->object, "group"),
        .environment_id = needed(line, &line->object, "environment"),
        .environment_name = text(line, &line->object, "environment_name"),
        .revision = (uint64_t)number(line, &line->object, "revision", 1),
        .plan = {.auth_type = (enum auth_type)choice(line, &line->object, "auth_type", auth_types)},
        .rules = {.body_limit = (uint64_t)number(line, &line->object, "body_limit", 0),
                  .hide_hint = flag(line, &line->object, "hide_hint"),
                  .accept_repeated_names = flag(line, &line->object, "accept_repeated_names"),
                  .require_body_digest = flag(line, &line->object, "require_body_digest"),
                  .accept_undated = flag(line, &line->object, "accept_undated"),
                  .require_nonce = flag(line, &line->object, "require_nonce"),
                  .https_only = flag(line, &line->object, "https_only"),
                  .cors = flag(line, &line->object, "cors"),
                  .disable_internet = flag(line, &line->object, "disable_internet"),
                  .disable_internal = flag(line, &line->object, "disable_internal")},
        .acl_id = text(line, &line->object, "acl"),
        .signature_key_id = text(line, &line->object, "signature_key"),
        .throttle_id = text(line, &line->object, "throttle"),
    };
    read_places(line, &publication.plan);
    read_backend(line, &publication.backend);
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    if (line->remove) return edge_remove_publication(line->writer, publication.instance_id, publication.api_id, publication.environment_id);
    return edge_put_publication(line->writer, &publication);
}

static enum edge_result load_host(struct line *line)
{
    struct bytes instance = needed(line, &line->object, "instance"), host = needed(line, &line->object, "host");
    struct bytes group = needed(line, &line->object, "group");
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_host(line->writer, instance, host) : edge_put_host(line->writer, instance, host, group);
}

static enum edge_result load_routes(struct line *line)
{
    bool present;
    struct json_value item;
    struct bytes instance = needed(line, &line->object, "instance");
    struct route_entry *entries = arena_take_array(&line->arena, MAX_ENTRIES, sizeof *entries);
    struct route_table table = {.group_id = needed(line, &line->object, "group"),
                                .environment_name = needed(line, &line->object, "environment_name"),
                                .environment_id = needed(line, &line->object, "environment"),
                                .entries = entries};
    struct bytes rest = array_of(line, "entries", &present);
    while (table.count < MAX_ENTRIES && element(line, &rest, &item)) {
        size_t before = line->asked;
        entries[table.count++] = (struct route_entry){.method = needed(line, &item, "method"),
                                                      .path = needed(line, &item, "path"),
                                                      .prefix = flag(line, &item, "prefix"),
                                                      .api_id = needed(line, &item, "api")};
        finish(line, &item, before);
        line->asked = before;
    }
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    if (line->remove) table.count = 0;
    return edge_put_routes(line->writer, instance, &table);
}

static void read_principal(struct line *line, struct principal *principal)
{
    static const char *const kinds[] = {"app", "consumer", "user", NULL};
    struct json_value object = object_of(line, "principal");
    size_t before = line->asked;
    principal->kind = (enum principal_kind)(choice(line, &object, "kind", kinds) + PRINCIPAL_APP);
    principal->id = needed(line, &object, "id");
    principal->name = text(line, &object, "name");
    principal->enabled = !flag(line, &object, "disabled");
    principal->listed = flag(line, &object, "listed");
    finish(line, &object, before);
    line->asked = before;
}

static uint32_t read_schemes(struct line *line)
{
    bool present;
    uint32_t schemes = 0;
    struct json_value item;
    struct bytes rest = array_of(line, "schemes", &present);
    while (element(line, &rest, &item)) schemes |= 1u << default_place(line, item.text).scheme;
    return present ? schemes : ~1u;
}

static void read_credential(struct line *line, struct credential *credential)
{
    credential->id = text(line, &line->object, "id");
    credential->enabled = !flag(line, &line->object, "disabled");
    credential->not_before = number(line, &line->object, "not_before", 0);
    credential->not_after = number(line, &line->object, "not_after", 0);
    credential->revision = (uint64_t)number(line, &line->object, "revision", 1);
    credential->schemes = read_schemes(line);
    read_principal(line, &credential->principal);
}

static void read_secrets(struct line *line, struct credential *credential)
{
    bool present;
    struct json_value item;
    struct bytes rest = array_of(line, "secrets", &present);
    while (element(line, &rest, &item)) {
        size_t before = line->asked;
        if (credential->secret_count == CREDENTIAL_MAX_SECRETS) return complain(line, "secrets", "are more than two");
        credential->secrets[credential->secret_count++] =
            (struct credential_secret){.value = needed(line, &item, "value"), .until = number(line, &item, "until", 0)};
        finish(line, &item, before);
        line->asked = before;
    }
}

static enum edge_result load_key_pair(struct line *line)
{
    struct credential credential = {.kind = CREDENTIAL_KEY_PAIR};
    struct bytes instance = needed(line, &line->object, "instance"), key_id = needed(line, &line->object, "key_id");
    read_credential(line, &credential);
    read_secrets(line, &credential);
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_key_pair(line->writer, instance, key_id)
                        : edge_put_key_pair(line->writer, instance, key_id, &credential);
}

static enum edge_result load_api_key(struct line *line)
{
    struct credential credential = {.kind = CREDENTIAL_API_KEY};
    struct bytes instance = text(line, &line->object, "instance"), api_key = needed(line, &line->object, "api_key");
    struct digest_value hash = edge_api_key_hash(line->keys, api_key);
    read_credential(line, &credential);
    credential.location = choice(line, &line->object, "location", locations) ? PLACE_QUERY : PLACE_HEADER;
    credential.place_name = text(line, &line->object, "place_name");
    credential.place_prefix = text(line, &line->object, "place_prefix");
    if (!credential.place_name.length) {
        struct place place = default_place(line, BYTES("api-key"));
        credential.place_name = place.name;
        credential.place_prefix = place.prefix;
    }
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_api_key(line->writer, instance, digest_bytes(&hash))
                        : edge_put_api_key(line->writer, instance, digest_bytes(&hash), &credential);
}

/* A consumer's token credential: whom the claim names is who holds it; it counts in the usual place. */
static enum edge_result load_token(struct line *line)
{
    struct credential credential = {.kind = CREDENTIAL_TOKEN};
    struct place place = default_place(line, BYTES("jwt"));
    struct bytes instance = needed(line, &line->object, "instance");
    const struct token_rules rules = {.key_set = needed(line, &line->object, "key_set"), .claim = place.claim, .leeway = 60};
    struct digest_value holder = jwt_holder_name(place.claim, needed(line, &line->object, "claim_value"));
    struct buffer run = buffer_in(&line->arena, 512);
    read_credential(line, &credential);
    token_rules_write(&run, &rules);
    credential.location = place.location;
    credential.place_name = place.name;
    credential.place_prefix = place.prefix;
    credential.token_rules = buffer_bytes(&run);
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_token(line->writer, instance, digest_bytes(&holder))
                        : edge_put_token(line->writer, instance, digest_bytes(&holder), &credential);
}

static enum edge_result load_key_set(struct line *line)
{
    struct bytes instance = needed(line, &line->object, "instance"), name = needed(line, &line->object, "name");
    const struct edge_key_set set = {.revision = (uint64_t)number(line, &line->object, "revision", 1),
                                     .secret = flag(line, &line->object, "secret"),
                                     .text = text(line, &line->object, "jwks")};
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_key_set(line->writer, instance, name) : edge_put_key_set(line->writer, instance, name, &set);
}

/* An IAM user who may call wherever his domain's projects are, and whose the instance is. */
static enum edge_result load_user(struct line *line)
{
    char memory[64];
    struct buffer scopes = buffer_over(memory, sizeof memory);
    struct bytes id = needed(line, &line->object, "id");
    user_scope_add(&scopes, &(struct user_scope){BYTES(""), BYTES("")});
    const struct user user = {.enabled = !flag(line, &line->object, "disabled"),
                              .name = needed(line, &line->object, "name"),
                              .domain_id = needed(line, &line->object, "domain"),
                              .stamp = (uint64_t)number(line, &line->object, "stamp", 1),
                              .scopes = buffer_bytes(&scopes)};
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_user(line->writer, id) : edge_put_user(line->writer, id, &user);
}

static enum edge_result load_owner(struct line *line)
{
    struct bytes instance = needed(line, &line->object, "instance");
    const struct instance_owner owner = {needed(line, &line->object, "project"), needed(line, &line->object, "domain")};
    finish(line, &line->object, 0);
    return line->problem ? EDGE_NOTHING : edge_put_instance_owner(line->writer, instance, &owner);
}

static enum edge_result load_authorisation(struct line *line)
{
    struct principal principal = {0};
    struct bytes instance = needed(line, &line->object, "instance");
    struct edge_authorisation authorisation = {.api_id = needed(line, &line->object, "api"),
                                               .environment_id = needed(line, &line->object, "environment"),
                                               .not_after = number(line, &line->object, "not_after", 0)};
    read_principal(line, &principal);
    authorisation.kind = principal.kind;
    authorisation.principal_id = principal.id;
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_authorisation(line->writer, instance, &authorisation)
                        : edge_put_authorisation(line->writer, instance, &authorisation);
}

static enum edge_result load_signature_key(struct line *line)
{
    static const char *const types[] = {"hmac", "basic", "aes", "public_key", "bce", "aliyun", NULL};
    struct bytes instance = needed(line, &line->object, "instance");
    struct signature_key key = {.type = (enum signature_type)(choice(line, &line->object, "type", types) + SIGNATURE_HMAC),
                                .id = needed(line, &line->object, "id"),
                                .key = needed(line, &line->object, "key"),
                                .secret = needed(line, &line->object, "secret"),
                                .revision = (uint64_t)number(line, &line->object, "revision", 1),
                                .next_from = number(line, &line->object, "next_from", 0),
                                .next_key = text(line, &line->object, "next_key"),
                                .next_secret = text(line, &line->object, "next_secret")};
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_signature_key(line->writer, instance, key.id) : edge_put_signature_key(line->writer, instance, &key);
}

static void read_specials(struct line *line, struct buffer *out)
{
    static const char *const words[] = {"user", "app", "consumer", NULL};
    bool present;
    struct json_value item;
    struct bytes rest = array_of(line, "specials", &present);
    while (element(line, &rest, &item)) {
        size_t before = line->asked;
        const struct throttle_special special = {.kind = (enum throttle_kind)(THROTTLE_USER + choice(line, &item, "kind", words)),
                                                 .id = needed(line, &item, "id"),
                                                 .limit = (uint32_t)number(line, &item, "limit", 0)};
        throttle_special_add(out, &special);
        finish(line, &item, before);
        line->asked = before;
    }
}

static enum edge_result load_throttle(struct line *line)
{
    uint8_t memory[1024];
    struct buffer specials = buffer_over(memory, sizeof memory);
    struct bytes instance = needed(line, &line->object, "instance");
    struct throttle throttle = {.id = needed(line, &line->object, "id"),
                                .shared = flag(line, &line->object, "shared"),
                                .seconds = (uint32_t)number(line, &line->object, "seconds", 60)};
    for (int i = 0; i < THROTTLE_KINDS; i++)
        throttle.limits[i] = (uint32_t)number(line, &line->object, throttle_kind_name((enum throttle_kind)i), 0);
    read_specials(line, &specials);
    throttle.specials = buffer_bytes(&specials);
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_throttle(line->writer, instance, throttle.id) : edge_put_throttle(line->writer, instance, &throttle);
}

static enum edge_result load_address_list(struct line *line)
{
    bool present;
    struct json_value item;
    struct buffer v[] = {buffer_in(&line->arena, 8192), buffer_in(&line->arena, 8192)};
    struct bytes instance = needed(line, &line->object, "instance"), id = needed(line, &line->object, "id");
    struct bytes rest = array_of(line, "ranges", &present);
    while (element(line, &rest, &item)) {
        if (!read_range(line, item.text, v)) complain(line, "ranges", "has one that is no first-last");
    }
    const struct address_list list = {flag(line, &line->object, "deny"), buffer_bytes(&v[0]), buffer_bytes(&v[1])};
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_address_list(line->writer, instance, id) : edge_put_address_list(line->writer, instance, id, &list);
}

static enum edge_result load_feature(struct line *line)
{
    struct bytes instance = needed(line, &line->object, "instance"), name = needed(line, &line->object, "name");
    struct bytes config = text(line, &line->object, "config");
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_feature(line->writer, instance, name) : edge_put_feature(line->writer, instance, name, config);
}

/* "127.0.0.1:80" or "[::1]:80". */
static bool read_address(struct line *line, struct bytes written, struct edge_address *address)
{
    char *copy = arena_copy_text(&line->arena, written);
    char *colon = copy ? strrchr(copy, ':') : NULL;
    if (!colon) return false;
    *colon = 0;
    address->port = (uint16_t)strtoul(colon + 1, NULL, 10);
    address->v6 = *copy == '[';
    if (address->v6 && colon > copy) colon[-1] = 0;
    return address->port && inet_pton(address->v6 ? AF_INET6 : AF_INET, copy + address->v6, address->ip) == 1;
}

static enum edge_result load_addresses(struct line *line)
{
    bool present;
    struct json_value item;
    struct edge_addresses addresses = {0};
    struct bytes authority = needed(line, &line->object, "authority"), rest = array_of(line, "addresses", &present);
    while (element(line, &rest, &item)) {
        if (addresses.count == EDGE_MAX_ADDRESSES || !read_address(line, item.text, &addresses.items[addresses.count++]))
            complain(line, "addresses", "are too many, or one is no ip:port");
    }
    finish(line, &line->object, 0);
    if (line->problem) return EDGE_NOTHING;
    return line->remove ? edge_remove_backend_addresses(line->writer, authority)
                        : edge_put_backend_addresses(line->writer, authority, &addresses);
}

static enum edge_result load_clear(struct line *line)
{
    finish(line, &line->object, 0);
    return line->problem ? EDGE_NOTHING : edge_write_clear(line->writer);
}

static enum edge_result commit(struct line *line, int64_t revision)
{
    struct edge_meta meta = {0};
    char boot[EDGE_BOOT_ID_SIZE];
    if (!edge_boot_id(boot)) return EDGE_FAULT;
    if (revision < 0) revision = edge_write_meta(line->writer, &meta) == EDGE_OK ? (int64_t)meta.revision + 1 : 1;
    line->open = false;
    if (edge_write_commit(line->writer, (uint64_t)revision, BYTES("edge-load"), bytes_of_text(boot)) != EDGE_OK) return EDGE_FAULT;
    printf("committed %lld\n", (long long)revision);
    fflush(stdout);
    return EDGE_OK;
}

static enum edge_result load_commit(struct line *line)
{
    int64_t revision = number(line, &line->object, "revision", -1);
    finish(line, &line->object, 0);
    return line->problem ? EDGE_NOTHING : commit(line, revision);
}

static const struct {
    const char *kind;
    enum edge_result (*load)(struct line *line);
} kinds[] = {
    {"clear", load_clear},
    {"commit", load_commit},
    {"host", load_host},
    {"routes", load_routes},
    {"key_pair", load_key_pair},
    {"publication", load_publication},
    {"api_key", load_api_key},
    {"token", load_token},
    {"key_set", load_key_set},
    {"user", load_user},
    {"owner", load_owner},
    {"addresses", load_addresses},
    {"authorisation", load_authorisation},
    {"signature_key", load_signature_key},
    {"throttle", load_throttle},
    {"address_list", load_address_list},
    {"feature", load_feature},
};

static enum edge_result load(struct line *line, struct bytes written)
{
    if (!json_read(&line->arena, written, &line->object)) {
        complain(line, "", "is no JSON");
        return EDGE_NOTHING;
    }
    struct bytes kind = needed(line, &line->object, "kind");
    line->remove = flag(line, &line->object, "remove");
    if (!line->open && edge_write_begin(line->writer) != EDGE_OK) return EDGE_FAULT;
    line->open = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (bytes_equal(kind, bytes_of_text(kinds[i].kind))) return kinds[i].load(line);
    }
    complain(line, "kind", "is unknown");
    return EDGE_NOTHING;
}

static int load_all(struct line *line, FILE *input)
{
    char *written = NULL;
    size_t size = 0, row = 0;
    ssize_t length;
    while ((length = getline(&written, &size, input)) >= 0) {
        row++;
        if (length && written[length - 1] == '\n') length--;
        if (!length) continue;
        arena_reset(&line->arena);
        line->asked = 0;
        line->remove = false;
        enum edge_result result = load(line, bytes_of(written, (size_t)length));
        if (result == EDGE_OK) continue;
        const char *problem = line->problem ? line->problem : edge_writer_problem(line->writer);
        fprintf(stderr, "line %zu: %s %s\n", row, line->member ? line->member : "", problem);
        return 1;
    }
    free(written);
    return !line->open || commit(line, -1) == EDGE_OK ? 0 : 1;
}

struct options {
    const char *edge, *keys, *group;
    bool create_keys;
    unsigned nonce_rate;
};

static bool read_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {{"edge", 1, NULL, 'e'},        {"keys", 1, NULL, 'k'},       {"group", 1, NULL, 'g'},
                                          {"create-keys", 0, NULL, 'c'}, {"nonce-rate", 1, NULL, 'n'}, {0}};
    for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (name == 'e') options->edge = optarg;
        if (name == 'k') options->keys = optarg;
        if (name == 'g') options->group = optarg;
        if (name == 'c') options->create_keys = true;
        if (name == 'n') options->nonce_rate = (unsigned)strtoul(optarg, NULL, 10);
        if (name == '?') return false;
    }
    return options->edge && options->keys;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct edge_keys keys;
    char problem[256] = "";
    if (!read_options(&options, argc, argv)) {
        fprintf(stderr, "usage: edge-load --edge DIR --keys DIR [--group NAME] [--create-keys] [FILE]\n");
        return 2;
    }
    bool ready = (!options.create_keys || edge_keys_create(options.keys, problem)) && edge_keys_load(&keys, options.keys, problem);
    struct line line = {.keys = &keys};
    if (ready) line.writer = edge_writer_open(options.edge, &keys, options.group, problem);
    const struct mapped_place place = {options.edge, options.group};
    if (line.writer &&
        (!mapped_provide(&place, &replay_form, replay_size_for(options.nonce_rate), problem) ||
         !mapped_provide(&place, &feedback_form, feedback_size(), problem) || !mapped_provide(&place, &lock_form, lock_size(), problem) ||
         !mapped_provide(&place, &limit_form, limit_size(), problem) ||
         !mapped_provide(&place, &heartbeat_form, heartbeat_form.least, problem))) {
        edge_writer_close(line.writer);
        line.writer = NULL;
    }
    FILE *input = argv[optind] ? fopen(argv[optind], "r") : stdin;
    void *memory = malloc(LINE_MEMORY);
    if (!line.writer || !input || !memory) {
        fprintf(stderr, "edge-load: %s\n", problem[0] ? problem : "the input cannot be read");
        edge_writer_close(line.writer);
        return 3;
    }
    line.arena = arena_over(memory, LINE_MEMORY);
    int status = load_all(&line, input);
    edge_writer_close(line.writer);
    free(memory);
    return status;
}
