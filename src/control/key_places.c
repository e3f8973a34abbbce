#include "control/key_places.h"

#include "control/charsets.h"
#include "credential/credential.h"
#include "http/request.h"
#include "policy/tells.h"

const char *const key_sources[] = {"BEARER", "HEADER", "QUERY", NULL};

static const struct charset charset_header = {"A-Za-z", "A-Za-z0-9-", false, "letters, digits and -, first a letter"};
static const struct charset charset_query = {"A-Za-z0-9_", "A-Za-z0-9_.-", false, "letters, digits and -_."};

/* Headers that say something else already: about the connection (RFC 9110, 7.6.1), the message, the caller's proof or his address. */
static const char *const taken[] = {"accept",
                                    "accept-charset",
                                    "accept-encoding",
                                    "accept-language",
                                    "age",
                                    "authorization",
                                    "cache-control",
                                    "connection",
                                    "cookie",
                                    "cookie2",
                                    "date",
                                    "expect",
                                    "forwarded",
                                    "from",
                                    "host",
                                    "http2-settings",
                                    "if-match",
                                    "if-none-match",
                                    "if-range",
                                    "if-modified-since",
                                    "if-unmodified-since",
                                    "keep-alive",
                                    "max-forwards",
                                    "origin",
                                    "pragma",
                                    "range",
                                    "referer",
                                    "te",
                                    "trailer",
                                    "transfer-encoding",
                                    "upgrade",
                                    "user-agent",
                                    "via",
                                    "x-auth-token",
                                    "x-project-id",
                                    "x-domain-id",
                                    "x-security-token",
                                    "x-real-ip",
                                    "x-stage",
                                    "x-request-id",
                                    NULL};
static const char *const taken_prefixes[] = {"access-control-", "content-",     "proxy-", "sec-",   "x-apig-", "x-bce-",
                                             "x-ca-",           "x-forwarded-", "x-hw-",  "x-sdk-", NULL};

static bool is_taken(struct bytes name)
{
    for (size_t i = 0; taken[i] != NULL; i++) {
        if (http_name_is_alias(name, bytes_of_text(taken[i]))) return true;
    }
    for (size_t i = 0; taken_prefixes[i] != NULL; i++) {
        if (bytes_start_with_folded(name, bytes_of_text(taken_prefixes[i]))) return true;
    }
    return tells_reserve(name);
}

const char *key_header_rule(struct bytes name)
{
    if (name.length == 0 || name.length > 64 || !charset_allows(&charset_header, name)) {
        return "with source HEADER: 1 to 64 characters, letters, digits and -, first a letter";
    }
    return is_taken(name) ? "with source HEADER: a header that has no other meaning (not of the connection, the message, a signature or "
                            "the gateway)"
                          : NULL;
}

static bool set_place(struct value *row, enum place_location location, struct bytes name, struct bytes prefix)
{
    row[CREDENTIAL_LOCATION] = value_integer(location);
    row[CREDENTIAL_PLACE_NAME] = value_text(name);
    row[CREDENTIAL_PLACE_PREFIX] = value_text(prefix);
    return true;
}

/* A bearer value with two dots is a JWT and nothing else, so such a key could never be used. */
static bool read_bearer(struct call *call, struct bytes name, struct bytes key, struct value *row)
{
    struct bytes rest = key;
    size_t dots = 0;
    for (size_t at = bytes_find(rest, '.'); at < rest.length; at = bytes_find(rest, '.')) {
        rest = bytes_from(rest, at + 1);
        dots++;
    }
    if (name.length > 0 && !bytes_equal_folded(name, BYTES("Authorization"))) {
        return call_refuse_rule(call, "api_key.name", "absent with source BEARER (the header is Authorization)");
    }
    if (bytes_start_with_folded(key, BYTES("csat1-")))
        return call_refuse_rule(call, "api_key.value",
                                "not beginning with csat1- and source BEARER (it would be taken for an app's access token)");
    if (dots >= 2)
        return call_refuse_rule(call, "api_key.value", "at most one dot with source BEARER (with two it would be taken for a JWT)");
    return set_place(row, PLACE_HEADER, BYTES("authorization"), BYTES("Bearer "));
}

static bool read_header(struct call *call, struct bytes name, struct value *row)
{
    const char *rule = key_header_rule(name);
    struct buffer lower = buffer_in(&call->arena, name.length);
    if (rule != NULL) return call_refuse_rule(call, "api_key.name", rule);
    buffer_add_lower(&lower, name);
    return set_place(row, PLACE_HEADER, buffer_bytes(&lower), BYTES(""));
}

static bool read_query(struct call *call, struct bytes name, struct value *row)
{
    if (!charset_allows(&charset_query, name)) {
        return call_refuse_rule(call, "api_key.name", "with source QUERY: 1 to 64 characters, letters, digits and -_.");
    }
    return set_place(row, PLACE_QUERY, name, BYTES(""));
}

bool key_place_read(struct call *call, const json_t *wanted, struct bytes key, struct value *row)
{
    const json_t *name_json = json_object_get(wanted, "name");
    struct bytes name = bytes_of(json_string_value(name_json), json_string_length(name_json));
    struct bytes source = bytes_of_text(json_string_value(json_object_get(wanted, "source")));
    if (bytes_equal(source, BYTES("BEARER"))) return read_bearer(call, name, key, row);
    if (name.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("api_key.name"));
    return bytes_equal(source, BYTES("HEADER")) ? read_header(call, name, row) : read_query(call, name, row);
}

const char *key_source_of(const struct value *row)
{
    if (row[CREDENTIAL_LOCATION].integer == PLACE_QUERY) return key_sources[2];
    return key_sources[row[CREDENTIAL_PLACE_PREFIX].bytes.length > 0 ? 0 : 1];
}
