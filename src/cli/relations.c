#include "cli/relations.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/names.h"
#include "cli/reference.h"
#include "cli/relation.h"
#include "control/routes.h"

#define PAGE 500

const char *relation_list(const struct relation *relation)
{
    return relation->list;
}

const struct relation *relation_at(size_t index)
{
    return &relation_table[index];
}

bool relation_is_setting(const struct relation *relation)
{
    return relation->remove == NULL;
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
    return !relation->once || json_is_string(json_object_get(item, relation->members[0]));
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
    static const char *const parents[KIND_COUNT] = {
        [KIND_GROUP] = "group_id", [KIND_CONSUMER] = "consumer_id", [KIND_APP] = "app_id", [KIND_THROTTLE] = "throttle_id"};
    const char *id = json_string_value(json_object_get(raw, relation->id != NULL ? relation->id : "id"));
    json_t *parent = relation->parent < KIND_COUNT ? json_array_get(state->ids[relation->parent], place) : NULL;
    json_t *whole = json_copy((json_t *)(uintptr_t)raw);
    if (relation->parent == KIND_API) json_object_set(whole, "api_id", parent);
    json_t *item = id != NULL ? relation->show(state, whole) : NULL;
    json_decref(whole);
    if (item == NULL) return;
    if (relation->nested) {
        const json_t *named = json_array_get(state->items[relation->parent], place);
        json_object_set_new(item, parents[relation->parent], json_string(kind_name(&kinds[relation->parent], named)));
    }
    json_array_append_new(related->items, item);
    json_array_append_new(related->ids, json_pack("[O?, s]", parent, id));
}

/* What an answer tells: a page of a list, or the one thing that it is. */
static void keep_answer(const struct state *state, const struct relation *relation, size_t place, const json_t *answer,
                        struct related *related)
{
    const json_t *list = relation->answered != NULL ? json_object_get(answer, relation->answered) : NULL;
    if (relation->answered == NULL) keep(state, relation, place, answer, related);
    for (size_t i = 0; i < json_array_size(list); i++) keep(state, relation, place, json_array_get(list, i), related);
}

/* All of one parent. */
static enum connection_outcome read_parent(struct connection *connection, const struct state *state, const struct relation *relation,
                                           size_t place, struct related *related)
{
    const char *parent = relation->parent < KIND_COUNT ? json_string_value(json_array_get(state->ids[relation->parent], place)) : NULL;
    bool paged = relation->query != NULL || relation->paged;
    size_t count = PAGE;
    enum connection_outcome outcome = CONNECTION_DONE;
    for (size_t offset = 0; outcome == CONNECTION_DONE && count == PAGE; offset += count) {
        char query[QUERY_SIZE] = "";
        json_t *answer = NULL;
        if (paged) snprintf(query, sizeof query, "limit=%d&offset=%zu", PAGE, offset);
        if (relation->query != NULL) query_add(query, relation->query, parent);
        struct connection_call call = {.method = "GET", .path = relation->path, .params = &parent, .query = query};
        outcome = connection_send(connection, &call, &answer);
        count = paged ? json_array_size(json_object_get(answer, relation->answered)) : 0;
        if (outcome == CONNECTION_DONE) keep_answer(state, relation, place, answer, related);
        json_decref(answer);
    }
    return outcome;
}

enum connection_outcome relation_read(struct connection *connection, const struct state *state, const struct relation *relation,
                                      struct related *related)
{
    size_t parents = relation->parent < KIND_COUNT ? json_array_size(state->ids[relation->parent]) : 1;
    enum connection_outcome outcome = CONNECTION_DONE;
    *related = (struct related){json_array(), json_array()};
    for (size_t i = 0; outcome == CONNECTION_DONE && i < parents; i++) outcome = read_parent(connection, state, relation, i, related);
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
    return refuse(connection, "an API must be published before anything is bound to it:", env);
}

/* The ids that a body needs beside what the item says. */
static enum connection_outcome resolve(struct connection *connection, const struct state *state, const json_t *item, json_t *body)
{
    static const struct {
        enum kind_place kind;
        const char *member, *list, *bound; /* several ids, or one that is bound to publications */
    } ends[] = {{KIND_APP, "app_id", "app_ids", NULL},
                {KIND_CONSUMER, "consumer_id", "consumer_ids", NULL},
                {KIND_SIGN, "sign_id", NULL, "sign_id"},
                {KIND_THROTTLE, "throttle_id", NULL, "strategy_id"},
                {KIND_ACL, "acl_id", NULL, "acl_id"}};
    const char *api = id_of(state, KIND_API, item), *env = id_of(state, KIND_ENV, item);
    if (api == NULL) return refuse(connection, "there is no such API:", text_of(item, "api_id"));
    if (env == NULL) return refuse(connection, "there is no such environment:", text_of(item, "env_id"));
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (json_object_get(item, ends[i].member) == NULL) continue;
        const char *id = id_of(state, ends[i].kind, item);
        if (id == NULL) return refuse(connection, "nothing has this name:", text_of(item, ends[i].member));
        if (ends[i].list == NULL) {
            json_object_set_new(body, ends[i].bound, json_string(id));
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

/* Names become ids, and the body is sent to where such things are made. */
static enum connection_outcome send_new(struct connection *connection, const struct state *state, const struct relation *relation,
                                        const json_t *item, json_t *body)
{
    const char *parent = relation->nested ? id_of(state, relation->parent, item) : NULL;
    const char *method = relation->method != NULL ? relation->method : "POST";
    enum connection_outcome outcome = CONNECTION_DONE;
    if (relation->parent == KIND_API) outcome = resolve(connection, state, item, body);
    if (relation->parent == KIND_THROTTLE) outcome = names_resolve_body(connection, body);
    return outcome == CONNECTION_DONE ? send(connection, method, relation->create, &parent, body) : outcome;
}

enum connection_outcome relation_make(struct connection *connection, const struct state *state, const struct relation *relation,
                                      const json_t *item)
{
    if (relation->nested && id_of(state, relation->parent, item) == NULL)
        return refuse(connection, "what this is of is not there:", relation->noun);
    json_t *whole = with_secret(connection, relation, item);
    json_t *body = whole != NULL ? relation->write(whole) : NULL;
    enum connection_outcome outcome = CONNECTION_REFUSED;
    if (whole != NULL && body == NULL)
        outcome = refuse(connection, "a symmetric key is told once, when it is made: make it by", "jwt-credential create");
    if (body != NULL) outcome = send_new(connection, state, relation, item, body);
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
