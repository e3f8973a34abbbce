#include "control/catalogue.h"

#include "base/date.h"
#include "control/apis.h"
#include "control/callers.h"
#include "control/related.h"
#include "control/resources.h"
#include "control/tokens.h"

struct bytes own_address(struct call *call)
{
    struct bytes host = http_field_value(&call->request, BYTES("host"));
    bool secure = bytes_equal(http_field_value(&call->request, BYTES("x-forwarded-proto")), BYTES("https"));
    struct buffer out = buffer_in(&call->arena, host.length + 8);
    buffer_add_text(&out, secure ? "https://" : "http://");
    buffer_add(&out, host);
    if (out.overflow) call_fault(call, "no memory for an address");
    return buffer_bytes(&out);
}

bool iam_put_time(struct call *call, json_t *object, const char *name, int64_t seconds)
{
    char memory[40];
    struct buffer text = buffer_over(memory, sizeof memory);
    date_format_rfc3339(&text, seconds);
    if (text.length > 0) text.length--; /* the Z */
    buffer_add_text(&text, ".000000Z");
    return json_put(call, object, name, buffer_bytes(&text));
}

/* {"id", "name"} of a domain or project row; those have both in the same places. */
static json_t *named(struct call *call, struct bytes id, struct bytes name)
{
    json_t *object = json_object();
    if (object != NULL && json_put(call, object, "id", id) && json_put(call, object, "name", name)) return object;
    json_decref(object);
    return NULL;
}

static json_t *domain_json(struct call *call, struct bytes id)
{
    struct value row[ACCOUNT_COLUMNS];
    if (!call_store(call, store_get(call->session, &entity_account, id, &call->arena, row))) return NULL;
    return named(call, id, row[ACCOUNT_NAME].bytes);
}

static json_t *project_json(struct call *call, struct bytes id)
{
    struct value row[PROJECT_COLUMNS];
    if (!call_store(call, store_get(call->session, &entity_project, id, &call->arena, row))) return NULL;
    json_t *project = named(call, id, row[PROJECT_NAME].bytes);
    if (project != NULL) json_object_set_new(project, "domain", domain_json(call, row[PROJECT_DOMAIN_ID].bytes));
    return project;
}

static json_t *user_json(struct call *call, const struct value *user)
{
    json_t *object = named(call, user[USER_ID].bytes, user[USER_NAME].bytes);
    if (object == NULL) return NULL;
    json_object_set_new(object, "password_expires_at", json_string(""));
    json_object_set_new(object, "domain", domain_json(call, user[USER_DOMAIN_ID].bytes));
    return object;
}

/* The names of the roles, each once, with the number that stands for it. */
static json_t *role_names_json(const json_t *roles)
{
    json_t *list = json_array();
    for (int i = 0; i < ROLE_COUNT; i++) {
        size_t index;
        json_t *role;
        bool has = false;
        json_array_foreach(roles, index, role) has = has || bytes_equal(json_get_text(role, "role"), bytes_of_text(role_names[i]));
        char id[2] = {(char)('0' + i), '\0'};
        if (has) json_array_append_new(list, json_pack("{s:s, s:s}", "id", id, "name", role_names[i]));
    }
    return list;
}

static json_t *service(struct call *call, const char *type, const char *path)
{
    struct bytes address = own_address(call);
    const char *region = call->daemon->region;
    json_t *endpoint = json_pack("{s:s%, s:s, s:s, s:s, s:s}", "url", (const char *)address.data, address.length, "region", region,
                                 "region_id", region, "interface", "public", "id", type);
    json_t *url = json_object_get(endpoint, "url");
    if (url != NULL && path[0] != '\0') {
        json_object_set_new(endpoint, "url", json_sprintf("%s%s", json_string_value(url), path));
    }
    return json_pack("{s:s, s:s, s:s, s:[o]}", "type", type, "name", type, "id", type, "endpoints", endpoint);
}

json_t *catalogue_json(struct call *call)
{
    return json_pack("[o, o]", service(call, "apig", ""), service(call, "identity", "/v3"));
}

/* The scope: a project or a domain. */
static bool put_scope(struct call *call, json_t *token, const struct value *row)
{
    bool of_project = row[TOKEN_PROJECT_ID].bytes.length > 0;
    json_t *scope = of_project ? project_json(call, row[TOKEN_PROJECT_ID].bytes) : domain_json(call, row[TOKEN_DOMAIN_ID].bytes);
    return json_object_set_new(token, of_project ? "project" : "domain", scope) == 0;
}

/* "password,totp" → ["password", "totp"] */
static json_t *methods_json(struct bytes methods)
{
    json_t *list = json_array();
    for (struct bytes method; bytes_next_part(&methods, ',', &method);) {
        if (json_array_append_new(list, json_stringn((const char *)method.data, method.length)) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

json_t *token_json(struct call *call, const struct value *row, const struct value *user, bool with_catalogue)
{
    json_t *token = json_object();
    json_t *roles = roles_of(call, call->session, user[USER_ID].bytes);
    bool done = token != NULL && roles != NULL && json_object_set_new(token, "methods", methods_json(row[TOKEN_METHODS].bytes)) == 0 &&
                iam_put_time(call, token, "expires_at", row[TOKEN_EXPIRES].integer) &&
                iam_put_time(call, token, "issued_at", row[TOKEN_ISSUED].integer) &&
                json_object_set_new(token, "user", user_json(call, user)) == 0 && put_scope(call, token, row) &&
                json_object_set_new(token, "roles", role_names_json(roles)) == 0 &&
                (!with_catalogue || json_object_set_new(token, "catalog", catalogue_json(call)) == 0);
    json_decref(roles);
    if (done) return json_pack("{s:o}", "token", token);
    json_decref(token);
    call_fault(call, "no memory for the answer");
    return NULL;
}
