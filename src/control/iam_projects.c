/* Domains, projects and regions, by which SDKs find their way from an endpoint (huawei.md 5). */
#include "control/apis.h"
#include "control/catalogue.h"
#include "control/charsets.h"
#include "control/related.h"
#include "control/resources.h"

#define MOST_PROJECTS 1000

static const struct charset charset_project = {"A-Za-z0-9", "A-Za-z0-9_-", false, "letters, digits, - and _, first a letter or digit"};

static const struct field project_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = PROJECT_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = PROJECT_NAME,
     .minimum = 1,
     .maximum = 64,
     .charset = &charset_project},
    {.name = "description", .type = FIELD_STRING, .flags = FIELD_STORED, .column = PROJECT_DESCRIPTION, .maximum = 255, .preset = "\"\""},
    {.name = "domain_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = PROJECT_DOMAIN_ID},
    ANSWERED("enabled", FIELD_BOOLEAN),
    ANSWERED("is_domain", FIELD_BOOLEAN),
    ANSWERED("parent_id", FIELD_STRING),
    {.name = "links", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &fields_any},
};
static const struct fields project_fields = FIELDS_OF(project_items);
static const struct field wrapped_items[] = {
    {.name = "project", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &project_fields},
};
static const struct fields wrapped_fields = FIELDS_OF(wrapped_items);

/* What the vendor's models want beside: a project of theirs is no domain, and its parent is one. */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    struct bytes domain = row[PROJECT_DOMAIN_ID].bytes;
    json_t *constants =
        json_pack("{s:b, s:b, s:s%, s:{}}", "enabled", 1, "is_domain", 0, "parent_id", (const char *)domain.data, domain.length, "links");
    bool added = constants != NULL && json_object_update(answer, constants) == 0;
    json_decref(constants);
    return added;
}

static const struct conflict conflicts[] = {{"project_name", ERROR_IAM_EXISTS, PROJECT_NAME}};

static const struct resource resource_project = {
    .name = "project",
    .entity = &entity_project,
    .fields = &project_fields,
    .instance_column = PROJECT_DOMAIN_ID,
    .unknown = ERROR_PROJECT_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

struct collection {
    struct call *call;
    json_t *items;
    bool failed;
};

/* Those that the caller has a role in; a token of one project knows no other. */
static bool is_seen(const struct call *call, const struct value *row)
{
    struct bytes own = call->caller.token_project_id;
    if (own.length > 0 && !bytes_equal(own, row[PROJECT_ID].bytes)) return false;
    return caller_reaches(&call->caller, (struct scope){row[PROJECT_ID].bytes, BYTES("")});
}

static bool collect(void *context, const struct value *row)
{
    struct collection *collection = context;
    if (!is_seen(collection->call, row)) return true;
    json_t *item = resource_json(collection->call, &resource_project, row, HIDE_SECRETS);
    collection->failed = item == NULL || json_array_append_new(collection->items, item) != 0;
    return !collection->failed;
}

static bool answer_list(struct call *call, const char *name, json_t *items)
{
    struct bytes address = own_address(call);
    json_t *answer = json_pack("{s:o, s:{s:o, s:n, s:n}}", name, items, "links", "self",
                               json_sprintf("%.*s%.*s", (int)address.length, (const char *)address.data, (int)call->request.path.length,
                                            (const char *)call->request.path.data),
                               "previous", "next");
    return call_answer(call, 200, answer);
}

static bool list_projects(struct call *call)
{
    struct bytes name = call_query(call, "name");
    struct collection collection = {call, json_array(), false};
    struct store_filter filters[] = {
        {PROJECT_DOMAIN_ID, STORE_EQUAL, value_text(call->caller.domain_id)},
        {PROJECT_NAME, STORE_EQUAL, value_text(name)},
    };
    struct store_query query = {
        .filters = filters, .filter_count = name.length > 0 ? 2 : 1, .order_column = PROJECT_NAME, .limit = MOST_PROJECTS};
    bool listed = call_store(call, store_list(call->session, &entity_project, &query, collect, &collection)) &&
                  (!collection.failed || call_fault(call, "no memory for the list"));
    if (listed) return answer_list(call, "projects", collection.items);
    json_decref(collection.items);
    return false;
}

static bool show_project(struct call *call)
{
    struct value row[PROJECT_COLUMNS];
    if (!resource_load(call, &resource_project, call->params[0], row)) return false;
    if (!is_seen(call, row)) return call_refuse(call, ERROR_PROJECT_UNKNOWN, call->params[0]);
    return call_answer(call, 200, json_pack("{s:o}", "project", resource_json(call, &resource_project, row, HIDE_SECRETS)));
}

static bool create_project(struct call *call)
{
    struct value row[PROJECT_COLUMNS];
    struct bytes id = call_new_id(call);
    row_clear(&entity_project, row);
    if (id.length == 0) return false;
    if (!fields_to_row(&project_fields, json_object_get(call->body, "project"), &call->arena, row)) return call_fault(call, "no memory");
    row[PROJECT_ID] = value_text(id);
    row[PROJECT_DOMAIN_ID] = value_text(call->caller.domain_id);
    row[PROJECT_CREATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_project, row) &&
           call_answer(call, 201, json_pack("{s:o}", "project", resource_json(call, &resource_project, row, HIDE_SECRETS)));
}

static bool list_domains(struct call *call)
{
    struct value row[ACCOUNT_COLUMNS];
    struct bytes id = call->caller.domain_id;
    if (!call_store(call, store_get(call->session, &entity_account, id, &call->arena, row))) return false;
    json_t *domain = json_object();
    if (domain == NULL || !json_put(call, domain, "id", id) || !json_put(call, domain, "name", row[ACCOUNT_NAME].bytes)) return false;
    json_object_set_new(domain, "enabled", json_true());
    return answer_list(call, "domains", json_pack("[o]", domain));
}

static json_t *region_json(const struct call *call)
{
    const char *region = call->daemon->region;
    return json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "id", region, "type", "public", "description", "", "locales", "en-us", region,
                     "zh-cn", region);
}

static bool list_regions(struct call *call)
{
    return answer_list(call, "regions", json_pack("[o]", region_json(call)));
}

static bool show_region(struct call *call)
{
    if (!bytes_equal(call->params[0], bytes_of_text(call->daemon->region))) return call_refuse(call, ERROR_IAM_UNKNOWN, call->params[0]);
    return call_answer(call, 200, json_pack("{s:o}", "region", region_json(call)));
}

static bool show_catalogue(struct call *call)
{
    return answer_list(call, "catalog", catalogue_json(call));
}

static const struct field name_items[] = {
    {.name = "name", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_project},
};
static const struct fields name_query = FIELDS_OF(name_items);

/* {"<name>": [ … ], "links": …} and {"<name>": { … }} */
#define LIST_OF(what, member, kind)                                                                                                        \
    static const struct field what##_items[] = {                                                                                           \
        {.name = (member), .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = (kind)},                                            \
        {.name = "links", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &fields_any},                                         \
    };                                                                                                                                     \
    static const struct fields what = FIELDS_OF(what##_items)
LIST_OF(projects_answer, "projects", &project_fields);
LIST_OF(domains_answer, "domains", &fields_any);
LIST_OF(regions_answer, "regions", &fields_any);
LIST_OF(catalogue_answer, "catalog", &fields_any);
static const struct field region_items[] = {
    {.name = "region", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &fields_any},
};
static const struct fields region_answer = FIELDS_OF(region_items);
static const struct field one_items[] = {
    {.name = "project", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &project_fields},
};
static const struct fields project_answer = FIELDS_OF(one_items);

static const struct route routes[] = {
    {"GET", "/v3/projects", "list_projects", RIGHT_READ_SELF, NULL, FILL_PRESETS, list_projects, .query = &name_query,
     .answer = &projects_answer},
    {"GET", "/v3/auth/projects", "list_own_projects", RIGHT_READ_SELF, NULL, FILL_PRESETS, list_projects, .query = &name_query,
     .answer = &projects_answer},
    {"POST", "/v3/projects", "create_project", RIGHT_WRITE_USERS, &wrapped_fields, FILL_PRESETS, create_project, .answer = &project_answer},
    {"GET", "/v3/projects/{id}", "show_project", RIGHT_READ_SELF, NULL, FILL_PRESETS, show_project, .answer = &project_answer},
    {"GET", "/v3/auth/domains", "list_own_domains", RIGHT_READ_SELF, NULL, FILL_PRESETS, list_domains, .answer = &domains_answer},
    {"GET", "/v3/auth/catalog", "show_catalogue", RIGHT_READ_SELF, NULL, FILL_PRESETS, show_catalogue, .answer = &catalogue_answer},
    {"GET", "/v3/regions", "list_regions", RIGHT_READ_SELF, NULL, FILL_PRESETS, list_regions, .answer = &regions_answer},
    {"GET", "/v3/regions/{id}", "show_region", RIGHT_READ_SELF, NULL, FILL_PRESETS, show_region, .answer = &region_answer},
};
const struct routes routes_iam_projects = ROUTES_OF(routes);
