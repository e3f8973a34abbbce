#include "control/jwt_policies.h"

#include "control/charsets.h"
#include "control/key_places.h"
#include "control/remote_url.h"
#include "control/token_keys.h"
#include "control/token_rules.h"
#include "credential/token_rules.h"
#include "http/request.h"

#define NAME_MAX_LENGTH 64
#define CLAIM_MAX       128
#define RULES_MAX       32768

static const char *const locations[] = {"header", "query", "cookie", NULL};
static const char *const claim_locations[] = {"header", "query", NULL};
static const struct charset charset_parameter = {"A-Za-z0-9_", "A-Za-z0-9_.-", false, "letters, digits and -_."};

static const struct field claim_items[] = {
    {.name = "claim_name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = CLAIM_MAX,
     .charset = &charset_printable},
    {.name = "parameter_name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = NAME_MAX_LENGTH,
     .charset = &charset_parameter},
    {.name = "location", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = claim_locations},
};
static const struct fields claim_fields = FIELDS_OF(claim_items);

/* The members of the vendor's policy, in this API's spelling. */
static const struct field items[] = {
    {.name = "parameter",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = NAME_MAX_LENGTH,
     .charset = &charset_parameter},
    {.name = "parameter_location", .type = FIELD_STRING, .choices = locations, .preset = "\"header\""},
    {.name = "claim_parameters", .type = FIELD_OBJECTS, .most_items = TOKEN_MAX_TELLS, .members = &claim_fields, .preset = "[]"},
    {.name = "prevent_jti_replay", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "bypass_empty_token", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "ignore_expiration_check", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "jwk", .type = FIELD_STRING, .minimum = 1, .maximum = 16384},
    {.name = "jwks", .type = FIELD_STRING, .minimum = 1, .maximum = 65536},
    {.name = "remote_jwks", .type = FIELD_STRING, .minimum = 1, .maximum = REMOTE_URL_MAX, .charset = &charset_printable},
    {.name = "issuer", .type = FIELD_STRING, .maximum = 512, .charset = &charset_printable, .preset = "\"\""},
    {.name = "audience", .type = FIELD_STRING, .maximum = 256, .charset = &charset_printable, .preset = "\"\""},
    {.name = "leeway", .type = FIELD_INTEGER, .minimum = 0, .maximum = TOKEN_MOST_LEEWAY, .preset = "60"},
    {.name = "pass_through", .type = FIELD_BOOLEAN, .preset = "false"},
};
const struct fields jwt_policy_fields = FIELDS_OF(items);

static struct bytes member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool flag(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

static bool is(struct bytes text, const char *word)
{
    return bytes_equal(text, bytes_of_text(word));
}

/* --- as a call gives it ----------------------------------------------------------------------------------------------------------------
 */

static bool refuse(struct call *call, const char *name, const char *rule)
{
    char field[96];
    snprintf(field, sizeof field, "countersign.jwt_policy.%s", name);
    return call_refuse_rule(call, field, rule);
}

static bool check_parameter(struct call *call, const json_t *policy)
{
    struct bytes name = member(policy, "parameter");
    bool header = is(member(policy, "parameter_location"), "header");
    const char *rule = !header || bytes_equal_folded(name, BYTES("Authorization")) ? NULL : key_header_rule(name);
    return rule == NULL || refuse(call, "parameter", rule);
}

static bool check_claims(struct call *call, const json_t *policy)
{
    size_t i, earlier;
    const json_t *item, *claims = json_object_get(policy, "claim_parameters");
    json_array_foreach(claims, i, item)
    {
        struct bytes name = member(item, "parameter_name");
        if (is(member(item, "location"), "header") &&
            (key_header_rule(name) != NULL || bytes_equal_folded(name, member(policy, "parameter"))))
            return refuse(call, "claim_parameters.parameter_name", "a header that has no other meaning: 1 to 64 letters, digits and -");
        for (earlier = 0; earlier < i; earlier++)
            if (http_name_is_alias(name, member(json_array_get(claims, earlier), "parameter_name")))
                return refuse(call, "claim_parameters.parameter_name", "each name once");
    }
    return true;
}

/* The set of a policy whose keys are its own: as given, or of the one key that is given. */
static struct bytes set_of(struct arena *arena, const json_t *policy)
{
    struct bytes key = member(policy, "jwk");
    if (key.length == 0) return arena_copy(arena, member(policy, "jwks"));
    struct buffer set = buffer_in(arena, key.length + 16);
    buffer_add_text(&set, "{\"keys\":[");
    buffer_add(&set, key);
    buffer_add_text(&set, "]}");
    return buffer_bytes(&set);
}

static bool check_url(struct call *call, const json_t *policy)
{
    struct remote_url url;
    const char *problem = remote_url_read(member(policy, "remote_jwks"), &url);
    return problem == NULL || refuse(call, "remote_jwks", problem);
}

static bool check_keys(struct call *call, const json_t *policy)
{
    char rule[256];
    bool one = member(policy, "jwk").length > 0, set = member(policy, "jwks").length > 0, remote = member(policy, "remote_jwks").length > 0;
    if (one + set + remote != 1) return refuse(call, "jwks", "exactly one of jwk, jwks and remote_jwks");
    if (remote) return check_url(call, policy);
    const char *problem = token_public_set_problem(&call->arena, set_of(&call->arena, policy));
    if (problem == NULL) return true;
    snprintf(rule, sizeof rule, "the text of a %s for signatures; this one is refused: %s", one ? "public JWK" : "JWKS with public keys",
             problem);
    return refuse(call, one ? "jwk" : "jwks", rule);
}

bool jwt_policy_holds(struct call *call)
{
    const json_t *policy = json_object_get(json_object_get(call->body, "countersign"), "jwt_policy");
    if (policy == NULL) return true;
    if (!is(call_text(call, "auth_type"), "NONE"))
        return refuse(call, "jwks", "only with auth_type NONE: an API asks for a token or for another proof, not for both");
    if (flag(policy, "prevent_jti_replay") && flag(policy, "ignore_expiration_check"))
        return refuse(call, "prevent_jti_replay",
                      "without ignore_expiration_check: a token that never expires would have to be remembered for ever");
    return check_parameter(call, policy) && check_claims(call, policy) && check_keys(call, policy);
}

/* --- as the gateway takes it --------------------------------------------------------------------------------------------------------- */

static struct bytes copy(struct arena *arena, const json_t *object, const char *name)
{
    return arena_copy(arena, member(object, name));
}

static struct place place_of(struct arena *arena, const json_t *policy)
{
    struct bytes location = member(policy, "parameter_location"), name = copy(arena, policy, "parameter");
    struct place place = {.scheme = SCHEME_JWT, .location = PLACE_HEADER, .name = name};
    if (is(location, "query")) place.location = PLACE_QUERY;
    if (is(location, "cookie")) place.location = PLACE_COOKIE;
    if (place.location == PLACE_HEADER && bytes_equal_folded(name, BYTES("Authorization"))) {
        place.name = BYTES("authorization");
        place.prefix = BYTES("Bearer ");
    }
    return place;
}

/* The claims in one run, and beside it the names that nobody else may send. */
struct telling {
    struct buffer tells, headers, parameters;
};

static void compile_claims(struct arena *arena, const json_t *policy, struct telling *telling)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(policy, "claim_parameters"), i, item)
    {
        struct bytes name = member(item, "parameter_name");
        bool query = is(member(item, "location"), "query");
        struct buffer lower = buffer_in(arena, name.length);
        buffer_add_lower(&lower, name);
        const struct token_tell tell = {query ? TOKEN_TELL_QUERY : TOKEN_TELL_HEADER, member(item, "claim_name"), name};
        token_tell_add(&telling->tells, &tell);
        token_text_add(query ? &telling->parameters : &telling->headers, query ? name : buffer_bytes(&lower));
    }
}

static struct token_rules rules_of(const json_t *policy)
{
    return (struct token_rules){.issuer = member(policy, "issuer"),
                                .leeway = (uint32_t)json_integer_value(json_object_get(policy, "leeway")),
                                .ignore_expiry = flag(policy, "ignore_expiration_check"),
                                .single_use = flag(policy, "prevent_jti_replay"),
                                .pass_through = flag(policy, "pass_through"),
                                .remote = member(policy, "remote_jwks").length > 0};
}

struct bytes jwt_policy_key_set(struct arena *arena, struct bytes api_id, struct bytes environment_id)
{
    struct buffer name = buffer_in(arena, 8 + api_id.length + environment_id.length);
    buffer_add_text(&name, "api-");
    buffer_add(&name, api_id);
    buffer_add_byte(&name, '@');
    buffer_add(&name, environment_id);
    return buffer_bytes(&name);
}

static json_t *read_definition(struct bytes definition)
{
    return json_loadb((const char *)definition.data, definition.length, JSON_REJECT_DUPLICATES, NULL);
}

static const json_t *policy_in(const json_t *api)
{
    return json_object_get(json_object_get(api, "countersign"), "jwt_policy");
}

const char *jwt_policy_compile(struct arena *arena, const json_t *policy, struct publication *publication)
{
    struct buffer run = buffer_in(arena, RULES_MAX), audiences = buffer_in(arena, 512);
    struct telling telling = {buffer_in(arena, RULES_MAX / 4), buffer_in(arena, 2048), buffer_in(arena, 2048)};
    struct token_rules rules = rules_of(policy);
    if (policy == NULL) return NULL;
    if (publication->plan.auth_type != AUTH_TYPE_NONE) return "countersign.jwt_policy stands beside another auth_type than NONE";
    compile_claims(arena, policy, &telling);
    if (member(policy, "audience").length > 0) token_text_add(&audiences, member(policy, "audience"));
    rules.key_set = rules.remote ? token_remote_name(arena, member(policy, "remote_jwks"))
                                 : jwt_policy_key_set(arena, publication->api_id, publication->environment_id);
    rules.audiences = buffer_bytes(&audiences);
    rules.tells = buffer_bytes(&telling.tells);
    token_rules_write(&run, &rules);
    publication->token_policy = buffer_bytes(&run);
    publication->told_headers = buffer_bytes(&telling.headers);
    publication->told_parameters = buffer_bytes(&telling.parameters);
    publication->rules.accept_anonymous = flag(policy, "bypass_empty_token");
    bool fits = proof_plan_add(&publication->plan, place_of(arena, policy)) && publication->token_policy.length > 0 && !arena->exhausted;
    return fits ? NULL : "countersign.jwt_policy does not fit";
}

struct bytes jwt_policy_keys(struct arena *arena, struct bytes definition)
{
    json_t *api = read_definition(definition);
    struct bytes keys = set_of(arena, policy_in(api));
    json_decref(api);
    return keys;
}

struct bytes jwt_policy_passes(struct arena *arena, struct bytes definition)
{
    json_t *api = read_definition(definition);
    const json_t *policy = policy_in(api);
    bool passes = flag(policy, "pass_through") && is(member(policy, "parameter_location"), "header");
    struct bytes header = passes ? copy(arena, policy, "parameter") : BYTES("");
    json_decref(api);
    return header;
}

struct bytes jwt_policy_url(struct arena *arena, struct bytes definition)
{
    json_t *api = read_definition(definition);
    struct bytes url = copy(arena, policy_in(api), "remote_jwks");
    json_decref(api);
    return url;
}
