#include "edge/keys.h"

#include <string.h>

static void append(struct edge_key *key, struct bytes part)
{
    if (part.length > EDGE_KEY_MAX - key->length) {
        key->too_long = true;
        return;
    }
    if (part.length) memcpy(key->data + key->length, part.data, part.length);
    key->length += part.length;
}

void edge_key_start(struct edge_key *key, enum edge_kind kind, struct bytes first)
{
    key->joints = 0;
    key->too_long = false;
    key->data[0] = (uint8_t)kind;
    key->length = 1;
    append(key, first);
    key->checked = key->length;
}

void edge_key_add(struct edge_key *key, struct bytes part)
{
    edge_key_add_raw(key, part);
    key->checked = key->length;
}

void edge_key_add_raw(struct edge_key *key, struct bytes part)
{
    append(key, bytes_of("", 1));
    key->checked = key->length;
    key->joints++;
    append(key, part);
}

bool edge_key_is_sound(const struct edge_key *key)
{
    size_t zeros = 0;
    for (size_t i = 0; i < key->checked; i++) zeros += key->data[i] == 0;
    return !key->too_long && zeros == key->joints;
}

/* "[::1]:443" and "host:443" lose the port; "host." means the same as "host" (RFC 1034, 3.1). */
static struct bytes host_without_port(struct bytes host)
{
    size_t end = host.length && host.data[0] == '[' ? bytes_find(host, ']') + 1 : bytes_find(host, ':');
    host = bytes_slice(host, 0, end);
    if (host.length && host.data[host.length - 1] == '.') host.length--;
    return host;
}

void edge_key_of_host(struct edge_key *key, struct bytes instance, struct bytes host)
{
    edge_key_start(key, EDGE_HOST, instance);
    size_t start = key->length + 1;
    edge_key_add(key, host_without_port(host));
    for (size_t i = start; i < key->length; i++) key->data[i] = byte_to_lower(key->data[i]);
}

void edge_key_of_routes(struct edge_key *key, struct bytes instance, struct bytes group_id, struct bytes environment_name)
{
    edge_key_start(key, EDGE_ROUTES, instance);
    edge_key_add(key, group_id);
    edge_key_add(key, environment_name);
}

void edge_key_of_publication(struct edge_key *key, struct bytes instance, struct bytes api_id, struct bytes environment_id)
{
    edge_key_start(key, EDGE_PUBLICATION, instance);
    edge_key_add(key, api_id);
    edge_key_add(key, environment_id);
}

void edge_key_of_key_pair(struct edge_key *key, struct bytes instance, struct bytes key_id)
{
    edge_key_start(key, EDGE_KEY_PAIR, instance);
    edge_key_add(key, key_id);
}

void edge_key_of_api_key(struct edge_key *key, struct bytes instance, struct bytes keyed_hash)
{
    edge_key_start(key, EDGE_API_KEY, instance);
    edge_key_add_raw(key, keyed_hash);
}

void edge_key_of_token(struct edge_key *key, struct bytes instance, struct bytes holder)
{
    edge_key_start(key, EDGE_TOKEN, instance);
    edge_key_add_raw(key, holder);
}

void edge_key_of_key_set(struct edge_key *key, struct bytes instance, struct bytes name)
{
    edge_key_start(key, EDGE_KEY_SET, instance);
    edge_key_add(key, name);
}

void edge_key_of_authorisation(struct edge_key *key, struct bytes instance, const struct edge_authorisation *authorisation)
{
    uint8_t kind = (uint8_t)('0' + authorisation->kind);
    edge_key_start(key, EDGE_AUTHORISATION, instance);
    edge_key_add(key, authorisation->api_id);
    edge_key_add(key, authorisation->environment_id);
    edge_key_add(key, bytes_of(&kind, 1));
    edge_key_add(key, authorisation->principal_id);
}

void edge_key_of_signature_key(struct edge_key *key, struct bytes instance, struct bytes sign_id)
{
    edge_key_start(key, EDGE_SIGNATURE_KEY, instance);
    edge_key_add(key, sign_id);
}

void edge_key_of_throttle(struct edge_key *key, struct bytes instance, struct bytes throttle_id)
{
    edge_key_start(key, EDGE_THROTTLE, instance);
    edge_key_add(key, throttle_id);
}

void edge_key_of_address_list(struct edge_key *key, struct bytes instance, struct bytes id)
{
    edge_key_start(key, EDGE_ADDRESS_LIST, instance);
    edge_key_add(key, id);
}

void edge_key_of_feature(struct edge_key *key, struct bytes instance, struct bytes feature)
{
    edge_key_start(key, EDGE_FEATURE, instance);
    edge_key_add(key, feature);
}

void edge_key_of_owner(struct edge_key *key, struct bytes instance)
{
    edge_key_start(key, EDGE_OWNER, instance);
}

void edge_key_of_user(struct edge_key *key, struct bytes user_id)
{
    edge_key_start(key, EDGE_USER, user_id);
}

void edge_key_of_addresses(struct edge_key *key, struct bytes authority)
{
    edge_key_start(key, EDGE_ADDRESSES, authority);
}
