#include "cli/relations.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/reference.h"
#include "control/routes.h"

#define PAGE        500
#define KEYS_MAX    7 /* with a NULL behind them */
#define REFERENCE   "value_from"
#define RELEASE     "RELEASE"
#define RELEASE_ID  "DEFAULT_ENVIRONMENT_RELEASE_ID"
#define MEMBERS_MAX 20

struct relation {
    const char *list;
    const char *noun;
    enum kind_place parent; /* each of these has some */
    const char *path;       /* where they are listed; it holds the parent's id, unless `query` names a parameter for it */
    const char *query;
    const char *answered;                                  /* the member of the answer that lists them */
    const char *keys[KEYS_MAX];                            /* by which an item is known */
    const char *members[MEMBERS_MAX];                      /* the others */
    json_t *(*show)(const struct state *, const json_t *); /* an item of the answer as one of the document; NULL: it is none */
    json_t *(*write)(const json_t *item);                  /* the body that makes it, but for what `resolve` adds */
    const char *create;
    const char *update; /* NULL: it is made again, and removed before when `once` */
    const char *remove;
    bool nested; /* these paths hold the parent's id */
    bool strict; /* a member that the document leaves out is none */
    bool once;
    const char *secret; /* a member that never stands in a document, but where it is to be had: "value_from"; NULL: there is none */
};

const char *relation_list(const struct relation *relation)
{
    return relation->list;
}

static const char *text_of(const json_t *item, const char *member)
{
    const char *text = json_string_value(json_object_get(item, member));
    return text != NULL ? text : "";
}

/* Copies those members of `from` that it has and that say something. */
static void copy_members(json_t *to, const json_t *from, const char *const *members)
{
    for (size_t i = 0; i < MEMBERS_MAX && members[i] != NULL; i++) {
        json_t *value = json_object_get(from, members[i]);
        if (value != NULL && !json_is_null(value)) json_object_set(to, members[i], value);
    }
}

/* --- names --- */

/* The item that has this id; NULL: none of this kind. */
static const json_t *item_of(const struct state *state, enum kind_place kind, const char *id)
{
    for (size_t i = 0; i < json_array_size(state->ids[kind]); i++)
        if (strcmp(json_string_value(json_array_get(state->ids[kind], i)), id) == 0) return json_array_get(state->items[kind], i);
    return NULL;
}

static void put_name(json_t *item, const char *member, const json_t *named)
{
    if (named != NULL) json_object_set(item, member, json_object_get(named, "name"));
}

static void put_env(const struct state *state, json_t *item, const json_t *raw)
{
    const char *id = text_of(raw, "env_id");
    if (strcmp(id, RELEASE_ID) == 0) json_object_set_new(item, "env_id", json_string(RELEASE));
    put_name(item, "env_id", item_of(state, KIND_ENV, id));
}

static void put_api(const struct state *state, json_t *item, const json_t *raw)
{
    const json_t *api = item_of(state, KIND_API, text_of(raw, "api_id"));
    put_name(item, "api_id", api);
    json_object_set(item, "group_id", json_object_get(api, "group_id"));
}

/* The id of what the item names; NULL: there is none. */
static const char *id_of(const struct state *state, enum kind_place kind, const json_t *item)
{
    static const char *const members[] = {[KIND_ENV] = "env_id", [KIND_GROUP] = "group_id",       [KIND_API] = "api_id",
                                          [KIND_APP] = "app_id", [KIND_CONSUMER] = "consumer_id", [KIND_SIGN] = "sign_id"};
    const char *name = text_of(item, members[kind]);
    if (kind == KIND_ENV && strcmp(name, RELEASE) == 0) return RELEASE_ID;
    for (size_t i = 0; i < json_array_size(state->items[kind]); i++) {
        const json_t *one = json_array_get(state->items[kind], i);
        bool here = strcmp(text_of(one, "name"), name) == 0;
        if (kind == KIND_API) here = here && strcmp(text_of(one, "group_id"), text_of(item, "group_id")) == 0;
        if (here) return json_string_value(json_array_get(state->ids[kind], i));
    }
    return NULL;
}

/* --- one relation after the other --- */

static json_t *show_domain(const struct state *state, const json_t *raw)
{
    (void)state;
    return json_pack("{s:O, s:O*}", "url_domain", json_object_get(raw, "domain"), "min_ssl_version",
                     json_object_get(raw, "min_ssl_version"));
}

/* Tokens stand among them, too, and have a relation of their own. */
static json_t *show_key(const struct state *state, const json_t *raw)
{
    static const char *const members[MEMBERS_MAX] = {"kind",    "access_key", "source",     "name",
                                                     "display", "enabled",    "start_time", "end_time"};
    (void)state;
    if (strcmp(text_of(raw, "kind"), "JWT") == 0) return NULL;
    json_t *item = json_object();
    copy_members(item, raw, members);
    return item;
}

static const char *const token_members[MEMBERS_MAX] = {
    "key_type", "jwks",        "remote_jwks", "token_location",    "token_name", "token_prefix", "pass_through", "audiences",
    "leeway",   "require_exp", "single_use",  "claims_to_headers", "enabled",    "start_time",   "end_time"};
static const char *const token_keys[MEMBERS_MAX] = {"claim", "claim_value", "issuer"};

static json_t *show_token(const struct state *state, const json_t *raw)
{
    json_t *item = json_object();
    (void)state;
    copy_members(item, raw, token_keys);
    copy_members(item, raw, token_members);
    return item;
}

static json_t *show_api_pair(const struct state *state, const json_t *raw)
{
    static const char *const members[MEMBERS_MAX] = {"end_time"};
    json_t *item = json_object();
    put_api(state, item, raw);
    put_env(state, item, raw);
    put_name(item, "app_id", item_of(state, KIND_APP, text_of(raw, "app_id")));
    put_name(item, "consumer_id", item_of(state, KIND_CONSUMER, text_of(raw, "consumer_id")));
    put_name(item, "sign_id", item_of(state, KIND_SIGN, text_of(raw, "sign_id")));
    copy_members(item, raw, members);
    return item;
}

static json_t *write_domain(const json_t *item)
{
    static const char *const members[MEMBERS_MAX] = {"url_domain", "min_ssl_version"};
    json_t *body = json_object();
    copy_members(body, item, members);
    return body;
}

static json_t *write_key(const json_t *item)
{
    bool is_pair = strcmp(text_of(item, "kind"), "HMAC") == 0;
    const char *const members[MEMBERS_MAX] = {is_pair ? "access_key" : "source", is_pair ? NULL : "name"};
    json_t *inner = json_pack("{s:s}", "generate_mode", "CUSTOM");
    copy_members(inner, item, members);
    json_object_set(inner, is_pair ? "secret_key" : "value", json_object_get(item, "value"));
    return json_pack("{s:o}", is_pair ? "hmac" : "api_key", inner);
}

/* A symmetric key is drawn and told once: nobody would hear it here. */
static json_t *write_token(const json_t *item)
{
    if (strcmp(text_of(item, "key_type"), "ASYMMETRIC") != 0 && strcmp(text_of(item, "key_type"), "REMOTE") != 0) return NULL;
    json_t *body = json_object();
    copy_members(body, item, token_keys);
    copy_members(body, item, token_members);
    return body;
}

static json_t *write_times(const json_t *item)
{
    static const char *const members[MEMBERS_MAX] = {"end_time"};
    json_t *body = json_object();
    copy_members(body, item, members);
    return body;
}

static const struct relation relations[RELATION_COUNT] = {
    {.list = "domains",
     .noun = "domain",
     .parent = KIND_GROUP,
     .path = IN_INSTANCE "/api-groups/{group_id}",
     .answered = "url_domains",
     .keys = {"group_id", "url_domain"},
     .members = {"min_ssl_version"},
     .show = show_domain,
     .write = write_domain,
     .create = IN_INSTANCE "/api-groups/{group_id}/domains",
     .update = IN_INSTANCE "/api-groups/{group_id}/domains/{domain_id}",
     .remove = IN_INSTANCE "/api-groups/{group_id}/domains/{domain_id}",
     .nested = true},
    {.list = "consumer_keys",
     .noun = "consumer-key",
     .parent = KIND_CONSUMER,
     .path = IN_INSTANCE "/consumers/{consumer_id}",
     .answered = "credentials",
     .keys = {"consumer_id", "kind", "access_key", "source", "name", "display"},
     .members = {"enabled", "start_time", "end_time"},
     .show = show_key,
     .write = write_key,
     .create = IN_INSTANCE "/consumers/{consumer_id}/credentials",
     .update = IN_INSTANCE "/consumers/{consumer_id}/credentials/{credential_id}",
     .remove = IN_INSTANCE "/consumers/{consumer_id}/credentials/{credential_id}",
     .nested = true,
     .secret = "value"},
    {.list = "jwt_credentials",
     .noun = "jwt-credential",
     .parent = KIND_CONSUMER,
     .path = IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials",
     .answered = "jwt_credentials",
     .keys = {"consumer_id", "claim", "claim_value", "issuer"},
     .members = {"key_type", "jwks", "remote_jwks", "token_location", "token_name", "token_prefix", "pass_through", "audiences", "leeway",
                 "require_exp", "single_use", "claims_to_headers", "enabled", "start_time", "end_time"},
     .show = show_token,
     .write = write_token,
     .create = IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials",
     .update = IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials/{credential_id}",
     .remove = IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials/{credential_id}",
     .nested = true},
    {.list = "app_auths",
     .noun = "app-auth",
     .parent = KIND_API,
     .path = IN_INSTANCE "/app-auths/binded-apps",
     .query = "api_id",
     .answered = "auths",
     .keys = {"group_id", "api_id", "env_id", "app_id"},
     .members = {"end_time"},
     .show = show_api_pair,
     .write = write_times,
     .create = IN_INSTANCE "/app-auths",
     .remove = IN_INSTANCE "/app-auths/{auth_id}",
     .strict = true},
    {.list = "consumer_auths",
     .noun = "consumer-auth",
     .parent = KIND_API,
     .path = IN_INSTANCE "/consumer-auths",
     .query = "api_id",
     .answered = "auths",
     .keys = {"group_id", "api_id", "env_id", "consumer_id"},
     .members = {"end_time"},
     .show = show_api_pair,
     .write = write_times,
     .create = IN_INSTANCE "/consumer-auths",
     .remove = IN_INSTANCE "/consumer-auths/{auth_id}",
     .strict = true},
    {.list = "sign_bindings",
     .noun = "sign-binding",
     .parent = KIND_API,
     .path = IN_INSTANCE "/sign-bindings/binded-signs",
     .query = "api_id",
     .answered = "bindings",
     .keys = {"group_id", "api_id", "env_id"},
     .members = {"sign_id"},
     .show = show_api_pair,
     .write = write_times,
     .create = IN_INSTANCE "/sign-bindings",
     .remove = IN_INSTANCE "/sign-bindings/{binding_id}",
     .strict = true,
     .once = true},
};

const struct relation *relation_at(size_t index)
{
    return &relations[index];
}

/* --- items --- */

/* Every item says of what it is; only access keys and places may be left out where the credential is of the other kind. */
static bool says_of_what(const struct relation *relation, const json_t *item)
{
    static const char *const optional[] = {"access_key", "source", "name", "display", "claim_value", "issuer", "claim"};
    for (size_t i = 0; i < KEYS_MAX && relation->keys[i] != NULL; i++) {
        bool needed = true;
        for (size_t j = 0; j < sizeof optional / sizeof *optional; j++) needed = needed && strcmp(relation->keys[i], optional[j]) != 0;
        if (needed && !json_is_string(json_object_get(item, relation->keys[i]))) return false;
    }
    return !relation->once || json_is_string(json_object_get(item, "sign_id"));
}

static bool holds_secret(const struct relation *relation, const json_t *item)
{
    if (relation->secret == NULL) return false;
    return json_object_get(item, relation->secret) != NULL || json_object_get(item, "secret_key") != NULL;
}

static bool is_among(const char *const *names, size_t most, const char *name)
{
    for (size_t i = 0; i < most && names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* A misspelt member would be left out in silence. */
static bool knows_members(const struct relation *relation, const json_t *item)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)item, name, value)
    {
        bool from = relation->secret != NULL && strcmp(name, REFERENCE) == 0;
        if (!from && !is_among(relation->keys, KEYS_MAX, name) && !is_among(relation->members, MEMBERS_MAX, name)) return false;
    }
    return true;
}

const char *relation_check(const struct relation *relation, const json_t *item)
{
    const char *from = json_string_value(json_object_get(item, REFERENCE));
    if (!json_is_object(item)) return "holds what is no object";
    if (!says_of_what(relation, item)) return "holds an item that does not say of what it is";
    if (holds_secret(relation, item)) return "holds a secret: say value_from instead";
    if (!knows_members(relation, item)) return "holds a member that there is not";
    if (from != NULL && !reference_is_written_well(from)) return "says where a secret is neither by env:NAME nor by file:PATH";
    return NULL;
}

void relation_say(const struct relation *relation, const json_t *item, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s", relation->noun);
    for (size_t i = 0; i < KEYS_MAX && relation->keys[i] != NULL && used < size; i++) {
        const char *value = json_string_value(json_object_get(item, relation->keys[i]));
        if (value != NULL && value[0] != '\0') used += (size_t)snprintf(text + used, size - used, " %s", value);
    }
}

static bool is_none(const json_t *value)
{
    return value == NULL || json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
}

static bool is_same(const json_t *a, const json_t *b)
{
    return (is_none(a) && is_none(b)) || json_equal(a, b);
}

/* The names of headers have no case (RFC 9110, 5.1), those of parameters have. */
static bool names_same_header(const json_t *current, const json_t *item, const char *member)
{
    return strcmp(member, "name") == 0 && strcmp(text_of(current, "source"), "HEADER") == 0 &&
           strcasecmp(text_of(current, member), text_of(item, member)) == 0;
}

/* What an item leaves out of its keys does not tell it from others (an API key's display). */
bool relation_is(const struct relation *relation, const json_t *current, const json_t *item)
{
    for (size_t i = 0; i < KEYS_MAX && relation->keys[i] != NULL; i++) {
        const json_t *wanted = json_object_get(item, relation->keys[i]);
        if (wanted == NULL || is_same(json_object_get(current, relation->keys[i]), wanted)) continue;
        if (!names_same_header(current, item, relation->keys[i])) return false;
    }
    return true;
}

int relation_find(const struct relation *relation, const json_t *items, const json_t *item)
{
    for (size_t i = 0; i < json_array_size(items); i++)
        if (relation_is(relation, json_array_get(items, i), item)) return (int)i;
    return -1;
}

void relation_differs(const struct relation *relation, const json_t *current, const json_t *item, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < MEMBERS_MAX && relation->members[i] != NULL && used < size; i++) {
        const json_t *wanted = json_object_get(item, relation->members[i]);
        if (wanted == NULL && !relation->strict) continue;
        if (is_same(json_object_get(current, relation->members[i]), wanted)) continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", relation->members[i]);
    }
}

/* --- calls --- */

void related_free(struct related *related)
{
    json_decref(related->items);
    json_decref(related->ids);
}

static void keep(const struct state *state, const struct relation *relation, size_t place, const json_t *raw, struct related *related)
{
    static const char *const parents[] = {[KIND_GROUP] = "group_id", [KIND_CONSUMER] = "consumer_id"};
    const char *id = json_string_value(json_object_get(raw, "id"));
    json_t *item = id != NULL ? relation->show(state, raw) : NULL;
    if (item == NULL) return;
    if (relation->nested) put_name(item, parents[relation->parent], json_array_get(state->items[relation->parent], place));
    json_array_append_new(related->items, item);
    json_array_append_new(related->ids, json_pack("[O, s]", json_array_get(state->ids[relation->parent], place), id));
}

/* One page of those of one parent; *count is what it held. */
static enum connection_outcome read_page(struct connection *connection, const struct state *state, const struct relation *relation,
                                         size_t place, struct related *related)
{
    const char *parent = json_string_value(json_array_get(state->ids[relation->parent], place));
    size_t offset = 0, count = PAGE;
    enum connection_outcome outcome = CONNECTION_DONE;
    while (outcome == CONNECTION_DONE && count == PAGE) {
        char query[QUERY_SIZE] = "";
        json_t *answer = NULL;
        if (relation->query != NULL) snprintf(query, sizeof query, "%s=%s&limit=%d&offset=%zu", relation->query, parent, PAGE, offset);
        struct connection_call call = {.method = "GET", .path = relation->path, .params = &parent, .query = query};
        outcome = connection_send(connection, &call, &answer);
        const json_t *list = json_object_get(answer, relation->answered);
        count = relation->query != NULL ? json_array_size(list) : 0;
        for (size_t i = 0; i < json_array_size(list); i++) keep(state, relation, place, json_array_get(list, i), related);
        offset += count;
        json_decref(answer);
    }
    return outcome;
}

enum connection_outcome relation_read(struct connection *connection, const struct state *state, const struct relation *relation,
                                      struct related *related)
{
    enum connection_outcome outcome = CONNECTION_DONE;
    *related = (struct related){json_array(), json_array()};
    for (size_t i = 0; outcome == CONNECTION_DONE && i < json_array_size(state->ids[relation->parent]); i++)
        outcome = read_page(connection, state, relation, i, related);
    return outcome;
}

static enum connection_outcome send(struct connection *connection, const char *method, const char *path, const char *const *params,
                                    const json_t *body)
{
    json_t *answer = NULL;
    struct connection_call call = {.method = method, .path = path, .params = params, .body = body};
    enum connection_outcome outcome = connection_send(connection, &call, &answer);
    json_decref(answer);
    return outcome;
}

static enum connection_outcome refuse(struct connection *connection, const char *words, const char *what)
{
    snprintf(connection->problem, sizeof connection->problem, "%.100s %.100s", words, what);
    return CONNECTION_REFUSED;
}

/* The publish id of the API in this environment, into the body. */
static enum connection_outcome put_publication(struct connection *connection, const char *api, const char *env, json_t *body)
{
    json_t *answer = NULL;
    struct connection_call call = {.method = "GET", .path = IN_INSTANCE "/apis/{api_id}", .params = &api};
    enum connection_outcome outcome = connection_send(connection, &call, &answer);
    const json_t *envs = json_object_get(answer, "run_env_id"), *publications = json_object_get(answer, "publish_id");
    struct bytes one, publication, left = bytes_of(json_string_value(envs), json_string_length(envs));
    struct bytes ids = bytes_of(json_string_value(publications), json_string_length(publications));
    bool found = false;
    while (!found && bytes_next_part(&left, '|', &one) && bytes_next_part(&ids, '|', &publication))
        found = bytes_equal(one, bytes_of_text(env));
    if (found) json_object_set_new(body, "publish_ids", json_pack("[o]", json_stringn((const char *)publication.data, publication.length)));
    json_decref(answer);
    if (outcome != CONNECTION_DONE || found) return outcome;
    return refuse(connection, "an API must be published before a signature key is bound to it:", env);
}

/* The ids that a body needs beside what the item says. */
static enum connection_outcome resolve(struct connection *connection, const struct state *state, const json_t *item, json_t *body)
{
    static const struct {
        enum kind_place kind;
        const char *member, *list;
    } ends[] = {{KIND_APP, "app_id", "app_ids"}, {KIND_CONSUMER, "consumer_id", "consumer_ids"}, {KIND_SIGN, "sign_id", NULL}};
    const char *api = id_of(state, KIND_API, item), *env = id_of(state, KIND_ENV, item);
    if (api == NULL) return refuse(connection, "there is no such API:", text_of(item, "api_id"));
    if (env == NULL) return refuse(connection, "there is no such environment:", text_of(item, "env_id"));
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (json_object_get(item, ends[i].member) == NULL) continue;
        const char *id = id_of(state, ends[i].kind, item);
        if (id == NULL) return refuse(connection, "nothing has this name:", text_of(item, ends[i].member));
        if (ends[i].list == NULL) {
            json_object_set_new(body, ends[i].member, json_string(id));
            return put_publication(connection, api, env, body);
        }
        json_object_set_new(body, ends[i].list, json_pack("[s]", id));
    }
    json_object_set_new(body, "env_id", json_string(env));
    json_object_set_new(body, "api_ids", json_pack("[s]", api));
    return CONNECTION_DONE;
}

/* The item with the secret that it refers to; NULL with the problem: it is not to be had. */
static json_t *with_secret(struct connection *connection, const struct relation *relation, const json_t *item)
{
    json_t *whole = json_deep_copy(item);
    const char *from = relation->secret != NULL ? json_string_value(json_object_get(item, REFERENCE)) : NULL;
    json_t *secret = from != NULL ? reference_read(from, connection->problem, sizeof connection->problem) : NULL;
    bool lacks = relation->secret != NULL && from == NULL;
    if (lacks) refuse(connection, "a credential cannot be made without its secret, value_from:", text_of(item, "consumer_id"));
    if (lacks || (from != NULL && secret == NULL)) {
        json_decref(whole);
        return NULL;
    }
    if (secret != NULL) json_object_set_new(whole, relation->secret, secret);
    return whole;
}

/* Credentials begin enabled and without times: other wishes are a second call. */
static enum connection_outcome follow_state(struct connection *connection, const struct state *state, const struct relation *relation,
                                            const json_t *item)
{
    struct related related;
    if (relation->secret == NULL) return CONNECTION_DONE;
    enum connection_outcome outcome = relation_read(connection, state, relation, &related);
    int place = relation_find(relation, related.items, item);
    char text[128] = "";
    if (outcome == CONNECTION_DONE && place >= 0) {
        const struct relation_place here = {json_array_get(related.items, (size_t)place), json_array_get(related.ids, (size_t)place)};
        relation_differs(relation, here.current, item, text, sizeof text);
        if (text[0] != '\0') outcome = relation_change(connection, state, relation, &here, item);
    }
    related_free(&related);
    return outcome;
}

enum connection_outcome relation_make(struct connection *connection, const struct state *state, const struct relation *relation,
                                      const json_t *item)
{
    const char *parent = relation->nested ? id_of(state, relation->parent, item) : NULL;
    if (relation->nested && parent == NULL) return refuse(connection, "what this is of is not there:", relation->noun);
    json_t *whole = with_secret(connection, relation, item);
    json_t *body = whole != NULL ? relation->write(whole) : NULL;
    enum connection_outcome outcome = body != NULL ? CONNECTION_DONE : CONNECTION_REFUSED;
    if (whole != NULL && body == NULL)
        outcome = refuse(connection, "a symmetric key is told once, when it is made: make it by", "jwt-credential create");
    if (body != NULL && !relation->nested) outcome = resolve(connection, state, item, body);
    if (outcome == CONNECTION_DONE) outcome = send(connection, "POST", relation->create, &parent, body);
    if (outcome == CONNECTION_DONE) outcome = follow_state(connection, state, relation, item);
    json_decref(body);
    json_decref(whole);
    return outcome;
}

static void params_of(const struct relation *relation, const json_t *ids, const char *params[static 2])
{
    params[0] = json_string_value(json_array_get(ids, relation->nested ? 0 : 1));
    params[1] = json_string_value(json_array_get(ids, 1));
}

enum connection_outcome relation_remove(struct connection *connection, const struct relation *relation, const json_t *ids)
{
    const char *params[2];
    params_of(relation, ids, params);
    return send(connection, "DELETE", relation->remove, params, NULL);
}

enum connection_outcome relation_change(struct connection *connection, const struct state *state, const struct relation *relation,
                                        const struct relation_place *place, const json_t *item)
{
    const char *params[2];
    enum connection_outcome outcome = relation->once ? relation_remove(connection, relation, place->ids) : CONNECTION_DONE;
    if (outcome != CONNECTION_DONE) return outcome;
    if (relation->update == NULL) return relation_make(connection, state, relation, item);
    json_t *whole = json_deep_copy(place->current), *body = json_object();
    params_of(relation, place->ids, params);
    json_object_update(whole, (json_t *)(uintptr_t)item);
    copy_members(body, whole, relation->members);
    if (relation->secret == NULL) copy_members(body, whole, relation->keys + 1);
    outcome = send(connection, "PUT", relation->update, params, body);
    json_decref(body);
    json_decref(whole);
    return outcome;
}
