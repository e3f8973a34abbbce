#include "edge/listing.h"

#include "base/json.h"
#include "base/text.h"
#include "credential/token_rules.h"
#include "edge/record.h"
#include "edge/sealing.h"

#include <stdio.h>
#include <string.h>

static void name(struct buffer *out, const char *member)
{
    if (out->length && out->data[out->length - 1] != '{' && out->data[out->length - 1] != '[') buffer_add_byte(out, ',');
    buffer_add_byte(out, '"');
    buffer_add_text(out, member);
    buffer_add_text(out, "\":");
}

static void text(struct buffer *out, const char *member, struct bytes value)
{
    name(out, member);
    json_write_string(out, value);
}

static void number(struct buffer *out, const char *member, int64_t value)
{
    name(out, member);
    buffer_add_number(out, value);
}

static void flag(struct buffer *out, const char *member, bool value)
{
    name(out, member);
    buffer_add_text(out, value ? "true" : "false");
}

static void hex(struct buffer *out, const char *member, struct bytes value)
{
    name(out, member);
    buffer_add_byte(out, '"');
    hex_encode(out, value);
    buffer_add_byte(out, '"');
}

static void sealed(struct buffer *out, const char *member, struct bytes value)
{
    char words[40];
    snprintf(words, sizeof words, "sealed, %zu bytes", value.length);
    text(out, member, bytes_of_text(words));
}

static bool describe_meta(struct buffer *out, const struct edge_entry *entry)
{
    struct edge_meta meta;
    if (!meta_decode(entry->value, &meta)) return false;
    number(out, "format", meta.format);
    number(out, "revision", (int64_t)meta.revision);
    text(out, "store_id", meta.store_id);
    text(out, "boot_id", meta.boot_id);
    number(out, "node_key_id", meta.node_key_id);
    return true;
}

static bool describe_host(struct buffer *out, const struct edge_entry *entry)
{
    struct bytes group;
    if (!host_decode(entry->value, &group)) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "host", entry->parts[1]);
    text(out, "group", group);
    return true;
}

static bool describe_routes(struct buffer *out, const struct edge_entry *entry)
{
    struct record record = record_over(entry->value);
    struct bytes environment = record_bytes(&record);
    if (record.bad) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "group", entry->parts[1]);
    text(out, "environment", environment);
    text(out, "environment_name", entry->parts[2]);
    number(out, "trie_bytes", (int64_t)entry->value.length);
    return true;
}

static const char *scheme_word(enum scheme_id scheme)
{
    static const char *const words[] = {[SCHEME_API_KEY] = "api-key",
                                        [SCHEME_ALIYUN_CA] = "aliyun-ca",
                                        [SCHEME_SDK_HMAC_SHA256] = "sdk-hmac-sha256",
                                        [SCHEME_BCE_AUTH_V1] = "bce-auth-v1",
                                        [SCHEME_APP_CODE] = "app-code",
                                        [SCHEME_SDK_HMAC_SM3] = "sdk-hmac-sm3",
                                        [SCHEME_V11_HMAC_SHA256] = "v11-hmac-sha256",
                                        [SCHEME_JWT] = "jwt",
                                        [SCHEME_AUTH_TOKEN] = "auth-token",
                                        [SCHEME_APP_SECRET] = "app-secret",
                                        [SCHEME_APP_BASIC] = "app-basic",
                                        [SCHEME_SDK_ECDSA_P256_SHA256] = "sdk-ecdsa-p256-sha256",
                                        [SCHEME_SDK_SM2_SM3] = "sdk-sm2-sm3",
                                        [SCHEME_APP_TOKEN] = "app-token"};
    return scheme < sizeof words / sizeof *words && words[scheme] ? words[scheme] : "other";
}

static const char *location_word(enum place_location location)
{
    return location == PLACE_QUERY ? "query" : location == PLACE_COOKIE ? "cookie" : "header";
}

static void describe_plan(struct buffer *out, const struct proof_plan *plan)
{
    text(out, "auth_type", bytes_of_text(auth_type_name(plan->auth_type)));
    name(out, "places");
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < plan->place_count; i++) {
        const struct place *place = &plan->places[i];
        buffer_add_text(out, i ? ",{" : "{");
        text(out, "scheme", bytes_of_text(scheme_word(place->scheme)));
        text(out, "location", bytes_of_text(location_word(place->location)));
        text(out, "name", place->name);
        text(out, "prefix", place->prefix);
        flag(out, "pass_through", place->pass_through);
        if (place->claim.length) text(out, "claim", place->claim);
        buffer_add_byte(out, '}');
    }
    buffer_add_byte(out, ']');
}

static void describe_rules(struct buffer *out, const struct admission_rules *rules)
{
    number(out, "body_limit", (int64_t)rules->body_limit);
    flag(out, "hide_hint", rules->hide_hint);
    flag(out, "accept_repeated_names", rules->accept_repeated_names);
    flag(out, "require_body_digest", rules->require_body_digest);
    flag(out, "accept_anonymous", rules->accept_anonymous);
    flag(out, "accept_undated", rules->accept_undated);
    flag(out, "require_nonce", rules->require_nonce);
    flag(out, "https_only", rules->https_only);
    flag(out, "cors", rules->cors);
    flag(out, "disable_internet", rules->disable_internet);
    flag(out, "disable_internal", rules->disable_internal);
}

static void describe_members(struct buffer *out, const struct backend *backend)
{
    name(out, "members");
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < backend->member_count; i++) {
        buffer_add_text(out, i ? ",{" : "{");
        text(out, "authority", backend->members[i].authority);
        number(out, "weight", backend->members[i].weight);
        buffer_add_byte(out, '}');
    }
    buffer_add_byte(out, ']');
}

static void describe_backend(struct buffer *out, const struct backend *backend)
{
    name(out, "backend");
    buffer_add_byte(out, '{');
    static const char *const kinds[] = {"", "http", "https", "mock"};
    text(out, "kind", bytes_of_text(kinds[backend->kind]));
    text(out, "authority", backend->authority);
    text(out, "host", backend->host);
    text(out, "method", backend->method);
    text(out, "path", backend->path);
    number(out, "timeout_ms", backend->timeout_ms);
    flag(out, "verify_certificate", backend->verify_certificate);
    number(out, "ca_certificates_bytes", (int64_t)backend->ca_certificates.length);
    flag(out, "client_certificate", backend->client_certificate);
    number(out, "retries", backend->retries);
    describe_members(out, backend);
    buffer_add_byte(out, '}');
}

static bool describe_publication(struct buffer *out, const struct edge_entry *entry)
{
    struct publication publication;
    if (!publication_decode(entry->value, &publication)) return false;
    text(out, "instance", publication.instance_id);
    text(out, "api", publication.api_id);
    text(out, "api_name", publication.api_name);
    text(out, "id", publication.id);
    text(out, "group", publication.group_id);
    text(out, "environment", publication.environment_id);
    text(out, "environment_name", publication.environment_name);
    number(out, "revision", (int64_t)publication.revision);
    describe_plan(out, &publication.plan);
    describe_rules(out, &publication.rules);
    describe_backend(out, &publication.backend);
    text(out, "signature_key", publication.signature_key_id);
    text(out, "throttle", publication.throttle_id);
    text(out, "acl", publication.acl_id);
    flag(out, "token_policy", publication.token_policy.length > 0);
    return true;
}

static void describe_principal(struct buffer *out, const struct principal *principal)
{
    name(out, "principal");
    buffer_add_byte(out, '{');
    text(out, "kind", bytes_of_text(principal_kind_name(principal->kind)));
    text(out, "id", principal->id);
    text(out, "name", principal->name);
    flag(out, "enabled", principal->enabled);
    flag(out, "listed", principal->listed);
    buffer_add_byte(out, '}');
}

static void describe_credential(struct buffer *out, const struct credential *credential)
{
    text(out, "id", credential->id);
    flag(out, "enabled", credential->enabled);
    number(out, "not_before", credential->not_before);
    number(out, "not_after", credential->not_after);
    number(out, "revision", (int64_t)credential->revision);
    number(out, "schemes", credential->schemes);
    describe_principal(out, &credential->principal);
}

static bool describe_key_pair(struct buffer *out, const struct edge_entry *entry)
{
    struct credential credential;
    if (!credential_decode(entry->value, &credential)) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "key_id", entry->parts[1]);
    describe_credential(out, &credential);
    name(out, "secrets");
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < credential.secret_count; i++) {
        buffer_add_text(out, i ? ",{" : "{");
        sealed(out, "value", credential.secrets[i].value);
        number(out, "until", credential.secrets[i].until);
        buffer_add_byte(out, '}');
    }
    buffer_add_byte(out, ']');
    return true;
}

static bool describe_api_key(struct buffer *out, const struct edge_entry *entry)
{
    struct credential credential;
    if (!credential_decode(entry->value, &credential)) return false;
    text(out, "instance", entry->parts[0]);
    hex(out, "keyed_hash", entry->parts[1]);
    describe_credential(out, &credential);
    text(out, "location", bytes_of_text(location_word(credential.location)));
    text(out, "place_name", credential.place_name);
    text(out, "place_prefix", credential.place_prefix);
    return true;
}

static bool describe_token(struct buffer *out, const struct edge_entry *entry)
{
    struct credential credential;
    struct token_rules rules;
    if (!credential_decode(entry->value, &credential) || !token_rules_read(credential.token_rules, &rules)) return false;
    text(out, "instance", entry->parts[0]);
    hex(out, "holder", entry->parts[1]);
    describe_credential(out, &credential);
    text(out, "location", bytes_of_text(location_word(credential.location)));
    text(out, "place_name", credential.place_name);
    text(out, "place_prefix", credential.place_prefix);
    text(out, "claim", rules.claim);
    text(out, "issuer", rules.issuer);
    text(out, "key_set", rules.key_set);
    flag(out, "remote", rules.remote);
    number(out, "leeway", rules.leeway);
    return true;
}

static bool describe_key_set(struct buffer *out, const struct edge_entry *entry)
{
    struct edge_key_set set;
    if (!key_set_decode(entry->value, &set)) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "name", entry->parts[1]);
    number(out, "revision", (int64_t)set.revision);
    if (set.secret)
        sealed(out, "keys", set.text);
    else
        text(out, "keys", set.text);
    return true;
}

static bool describe_authorisation(struct buffer *out, const struct edge_entry *entry)
{
    int64_t not_after;
    if (!authorisation_decode(entry->value, &not_after) || entry->parts[3].length != 1) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "api", entry->parts[1]);
    text(out, "environment", entry->parts[2]);
    text(out, "principal_kind", bytes_of_text(principal_kind_name((enum principal_kind)(entry->parts[3].data[0] - '0'))));
    text(out, "principal", entry->parts[4]);
    number(out, "not_after", not_after);
    return true;
}

/* A member that is a secret for some types. */
static void secret_or_text(struct buffer *out, const struct signature_key *key, const char *member, struct bytes value)
{
    if (signature_key_is_secret(key))
        sealed(out, member, value);
    else
        text(out, member, value);
}

static bool describe_signature_key(struct buffer *out, const struct edge_entry *entry)
{
    struct signature_key key;
    if (!signature_key_decode(entry->value, &key)) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "id", key.id);
    text(out, "type", bytes_of_text(signature_type_name(key.type)));
    secret_or_text(out, &key, "key", key.key);
    sealed(out, "secret", key.secret);
    number(out, "revision", (int64_t)key.revision);
    number(out, "next_from", key.next_from);
    if (key.next_from == 0) return true;
    secret_or_text(out, &key, "next_key", key.next_key);
    sealed(out, "next_secret", key.next_secret);
    return true;
}

static bool describe_throttle(struct buffer *out, const struct edge_entry *entry)
{
    struct throttle throttle;
    struct throttle_special special;
    if (!throttle_decode(entry->value, &throttle)) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "id", throttle.id);
    flag(out, "shared", throttle.shared);
    number(out, "seconds", throttle.seconds);
    for (size_t i = 0; i < THROTTLE_KINDS; i++) number(out, throttle_kind_name((enum throttle_kind)i), throttle.limits[i]);
    name(out, "specials");
    buffer_add_byte(out, '[');
    for (bool first = true; throttle_special_next(&throttle.specials, &special); first = false) {
        buffer_add_text(out, first ? "{" : ",{");
        text(out, "kind", bytes_of_text(throttle_kind_name(special.kind)));
        text(out, "id", special.id);
        number(out, "limit", special.limit);
        buffer_add_byte(out, '}');
    }
    buffer_add_byte(out, ']');
    return true;
}

static bool describe_address_list(struct buffer *out, const struct edge_entry *entry)
{
    struct address_list list;
    if (!address_list_decode(entry->value, &list)) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "id", entry->parts[1]);
    flag(out, "deny", list.deny);
    hex(out, "v4", list.v4);
    hex(out, "v6", list.v6);
    return true;
}

static bool describe_feature(struct buffer *out, const struct edge_entry *entry)
{
    struct record record = record_over(entry->value);
    struct bytes config = record_bytes(&record);
    if (!record_is_whole(&record)) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "name", entry->parts[1]);
    text(out, "config", config);
    return true;
}

static bool describe_owner(struct buffer *out, const struct edge_entry *entry)
{
    struct instance_owner owner;
    if (!instance_owner_decode(entry->value, &owner)) return false;
    text(out, "instance", entry->parts[0]);
    text(out, "project", owner.project_id);
    text(out, "domain", owner.domain_id);
    return true;
}

static bool describe_user(struct buffer *out, const struct edge_entry *entry)
{
    struct user user;
    struct user_scope scope;
    if (!user_decode(entry->value, &user)) return false;
    text(out, "id", entry->parts[0]);
    text(out, "name", user.name);
    flag(out, "enabled", user.enabled);
    text(out, "domain", user.domain_id);
    number(out, "stamp", (int64_t)user.stamp);
    name(out, "may_call");
    buffer_add_byte(out, '[');
    for (struct bytes rest = user.scopes; user_scope_next(&rest, &scope);) {
        buffer_add_byte(out, '{');
        text(out, "project", scope.project_id);
        text(out, "instance", scope.instance_id);
        buffer_add_byte(out, '}');
        if (rest.length > 0) buffer_add_byte(out, ',');
    }
    buffer_add_byte(out, ']');
    return true;
}

static void describe_address(struct buffer *out, const struct edge_address *address)
{
    char words[64];
    const uint8_t *ip = address->ip;
    if (!address->v6) {
        snprintf(words, sizeof words, "\"%u.%u.%u.%u:%u\"", ip[0], ip[1], ip[2], ip[3], address->port);
        buffer_add_text(out, words);
        return;
    }
    buffer_add_text(out, "\"[");
    for (size_t i = 0; i < 16; i += 2) {
        snprintf(words, sizeof words, "%s%x", i ? ":" : "", (unsigned)ip[i] << 8 | ip[i + 1]);
        buffer_add_text(out, words);
    }
    snprintf(words, sizeof words, "]:%u\"", address->port);
    buffer_add_text(out, words);
}

static bool describe_addresses(struct buffer *out, const struct edge_entry *entry)
{
    struct edge_addresses addresses;
    if (!addresses_decode(entry->value, &addresses)) return false;
    text(out, "authority", entry->parts[0]);
    name(out, "addresses");
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < addresses.count; i++) {
        if (i) buffer_add_byte(out, ',');
        describe_address(out, &addresses.items[i]);
    }
    buffer_add_byte(out, ']');
    return true;
}

static const struct {
    const char *kind;
    bool (*describe)(struct buffer *out, const struct edge_entry *entry);
} describers[] = {
    {"meta", describe_meta},
    {"host", describe_host},
    {"routes", describe_routes},
    {"publication", describe_publication},
    {"key_pair", describe_key_pair},
    {"api_key", describe_api_key},
    {"token", describe_token},
    {"key_set", describe_key_set},
    {"authorisation", describe_authorisation},
    {"signature_key", describe_signature_key},
    {"throttle", describe_throttle},
    {"address_list", describe_address_list},
    {"feature", describe_feature},
    {"instance_owner", describe_owner},
    {"user", describe_user},
    {"addresses", describe_addresses},
};

void edge_describe(struct buffer *out, const struct edge_entry *entry)
{
    bool described = false;
    buffer_add_byte(out, '{');
    text(out, "kind", bytes_of_text(entry->kind));
    size_t mark = out->length;
    for (size_t i = 0; i < sizeof describers / sizeof *describers; i++) {
        if (!strcmp(describers[i].kind, entry->kind)) described = describers[i].describe(out, entry);
    }
    if (!described) {
        out->length = mark;
        number(out, "damaged", (int64_t)entry->value.length);
    }
    buffer_add_byte(out, '}');
}
