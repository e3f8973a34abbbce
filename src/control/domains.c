#include "control/domains.h"

#include "control/resources.h"

#define LABEL_MAX_LENGTH 63

static bool is_label(struct bytes label)
{
    if (label.length == 0 || label.length > LABEL_MAX_LENGTH) return false;
    for (size_t i = 0; i < label.length; i++) {
        uint8_t byte = byte_to_lower(label.data[i]);
        bool inner = byte == '-' && i > 0 && i + 1 < label.length;
        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || inner)) return false;
    }
    return true;
}

/* RFC 1123, 2.1: labels of letters, digits and inner hyphens. An IPv4 address is one too; a port is not. */
static bool is_host_name(struct bytes text)
{
    struct bytes label;
    if (text.length == 0 || text.data[text.length - 1] == '.') return false;
    while (bytes_next_part(&text, '.', &label)) {
        if (!is_label(label)) return false;
    }
    return true;
}

static const char *const ssl_versions[] = {"TLSv1.1", "TLSv1.2", "TLSv1.3", NULL};

/* What nginx's configuration says, not this call: asked for, it is refused rather than ignored. */
#define LEFT_TO_NGINX                                                                                                                      \
    {.name = "is_http_redirect_to_https", .type = FIELD_BOOLEAN}, {.name = "verified_client_certificate_enabled", .type = FIELD_BOOLEAN},  \
        {.name = "ingress_http_port", .type = FIELD_INTEGER, .minimum = -1, .maximum = 65535},                                             \
    {                                                                                                                                      \
        .name = "ingress_https_port", .type = FIELD_INTEGER, .minimum = -1, .maximum = 65535                                               \
    }

static bool refuse_left_to_nginx(struct call *call)
{
    static const struct {
        const char *name;
        int64_t fine;
        const char *rule;
    } items[] = {
        {"is_http_redirect_to_https", 0, "false (redirects are not served: an API may demand HTTPS by req_protocol)"},
        {"verified_client_certificate_enabled", 0, "false (certificates of clients are not asked for here; see ssl_verify_client)"},
        {"ingress_http_port", 80, "80 (nginx listens where its configuration says)"},
        {"ingress_https_port", 443, "443 (nginx listens where its configuration says)"}};
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (call_integer(call, items[i].name, items[i].fine) != items[i].fine) return call_refuse_rule(call, items[i].name, items[i].rule);
    return true;
}

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = DOMAIN_ID},
    {.name = "url_domain",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = DOMAIN_URL_DOMAIN,
     .minimum = 1,
     .maximum = 253,
     .accepts = is_host_name,
     .rule = "a host name without port"},
    {.name = "min_ssl_version",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = DOMAIN_MIN_SSL_VERSION,
     .choices = ssl_versions,
     .preset = "\"TLSv1.2\""},
    ANSWERED("status", FIELD_INTEGER),
    LEFT_TO_NGINX,
};
static const struct fields domain_fields = FIELDS_OF(fields);

/* A domain is what it is: only how it is served may change. */
static const struct field change_list[] = {
    {.name = "min_ssl_version",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = DOMAIN_MIN_SSL_VERSION,
     .choices = ssl_versions},
    LEFT_TO_NGINX,
};
static const struct fields change_fields = FIELDS_OF(change_list);

static const struct conflict conflicts[] = {
    {"domain_url", ERROR_DOMAIN_EXISTS, DOMAIN_URL_DOMAIN},
};

/* status 1: we do not ask the DNS where the name leads. */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call, (void)row;
    return json_object_set_new(answer, "status", json_integer(1)) == 0;
}

static const struct resource resource_domain = {
    .name = "domain",
    .entity = &entity_domain,
    .fields = &domain_fields,
    .instance_column = DOMAIN_INSTANCE_ID,
    .unknown = ERROR_DOMAIN_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

static const struct field domain_of_group_answer_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("domain", FIELD_STRING),
    ANSWERED("cname_status", FIELD_INTEGER),
    ANSWERED("min_ssl_version", FIELD_STRING),
    ANSWERED("verified_client_certificate_enabled", FIELD_BOOLEAN),
    ANSWERED("is_has_trusted_root_ca", FIELD_BOOLEAN),
};
const struct fields domain_of_group_fields = FIELDS_OF(domain_of_group_answer_items);

static bool add_item(struct call *call, void *context, const struct value *row)
{
    json_t *items = context;
    struct bytes id = row[DOMAIN_ID].bytes;
    struct bytes domain = row[DOMAIN_URL_DOMAIN].bytes;
    struct bytes version = row[DOMAIN_MIN_SSL_VERSION].bytes;
    json_t *item = json_pack("{s:s%, s:s%, s:i, s:s%, s:b, s:b}", "id", (const char *)id.data, id.length, "domain",
                             (const char *)domain.data, domain.length, "cname_status", 1, "min_ssl_version", (const char *)version.data,
                             version.length, "verified_client_certificate_enabled", 0, "is_has_trusted_root_ca", 0);
    return json_array_append_new(items, item) == 0 || call_fault(call, "no memory for the list");
}

bool domains_add_to_group(struct call *call, json_t *group)
{
    json_t *id = json_object_get(group, "id");
    json_t *items = json_array();
    struct store_filter filter = {DOMAIN_GROUP_ID, STORE_EQUAL, value_text(bytes_of(json_string_value(id), json_string_length(id)))};
    if (resource_for_each(call, &resource_domain, &filter, add_item, items)) {
        return json_object_set_new(group, "url_domains", items) == 0 || call_fault(call, "no memory for the list");
    }
    json_decref(items);
    return false;
}

static bool remove_row(struct call *call, const struct value *row)
{
    return resource_remove(call, &resource_domain, row) && call_change(call, CHANGE_HOST, row[DOMAIN_URL_DOMAIN].bytes, BYTES(""));
}

static bool remove_each(struct call *call, void *context, const struct value *row)
{
    (void)context;
    return remove_row(call, row);
}

bool domains_remove_of_group(struct call *call, struct bytes group_id)
{
    struct store_filter filter = {DOMAIN_GROUP_ID, STORE_EQUAL, value_text(group_id)};
    return resource_for_each(call, &resource_domain, &filter, remove_each, NULL);
}

/* A domain must not take over the subdomain of a group. */
static bool refuse_subdomain(struct call *call, struct bytes domain)
{
    struct value row[GROUP_COLUMNS];
    bool found;
    struct store_filter filter = {GROUP_SL_DOMAIN, STORE_EQUAL, value_text(domain)};
    if (!resource_find(call, &resource_group, (struct where){&filter, 1}, row, &found)) return false;
    return !found || call_refuse(call, ERROR_DOMAIN_EXISTS, domain);
}

/* Hosts are compared in lower case. */
static bool fold_domain(struct call *call, struct value *row)
{
    struct buffer lower = buffer_in(&call->arena, row[DOMAIN_URL_DOMAIN].bytes.length);
    buffer_add_lower(&lower, row[DOMAIN_URL_DOMAIN].bytes);
    row[DOMAIN_URL_DOMAIN] = value_text(buffer_bytes(&lower));
    return !lower.overflow || call_fault(call, "no memory for the domain");
}

static bool create(struct call *call)
{
    struct value group[GROUP_COLUMNS];
    struct value row[DOMAIN_COLUMNS];
    row_clear(&entity_domain, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !refuse_left_to_nginx(call) || !resource_load(call, &resource_group, call->params[0], group)) return false;
    if (!resource_fill(call, &resource_domain, row) || !fold_domain(call, row)) return false;
    row[DOMAIN_ID] = value_text(id);
    row[DOMAIN_INSTANCE_ID] = value_text(call->instance_id);
    row[DOMAIN_GROUP_ID] = group[GROUP_ID];
    struct bytes domain = row[DOMAIN_URL_DOMAIN].bytes;
    return refuse_subdomain(call, domain) && resource_insert(call, &resource_domain, row) &&
           call_change(call, CHANGE_HOST, domain, BYTES("")) && resource_answer(call, &resource_domain, row, 201);
}

/* The domain of the path, which must be of the group of the path. */
static bool load(struct call *call, struct value *row)
{
    struct value group[GROUP_COLUMNS];
    if (!resource_load(call, &resource_group, call->params[0], group)) return false;
    if (!resource_load(call, &resource_domain, call->params[1], row)) return false;
    return bytes_equal(row[DOMAIN_GROUP_ID].bytes, group[GROUP_ID].bytes) || call_refuse(call, ERROR_DOMAIN_UNKNOWN, call->params[1]);
}

static bool update(struct call *call)
{
    struct value before[DOMAIN_COLUMNS];
    struct value after[DOMAIN_COLUMNS];
    if (!refuse_left_to_nginx(call) || !load(call, before)) return false;
    for (size_t i = 0; i < DOMAIN_COLUMNS; i++) after[i] = before[i];
    return resource_fill(call, &resource_domain, after) && resource_update(call, &resource_domain, before, after) &&
           resource_answer(call, &resource_domain, after, 200);
}

static bool destroy(struct call *call)
{
    struct value row[DOMAIN_COLUMNS];
    return load(call, row) && remove_row(call, row) && call_answer(call, 204, NULL);
}

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/api-groups/{group_id}/domains", "create_domain", RIGHT_WRITE_APIS, &domain_fields, FILL_PRESETS, create,
     .answer = &domain_fields},
    {"PUT", IN_INSTANCE "/api-groups/{group_id}/domains/{domain_id}", "update_domain", RIGHT_WRITE_APIS, &change_fields, LEAVE_ABSENT,
     update, .answer = &domain_fields},
    {"DELETE", IN_INSTANCE "/api-groups/{group_id}/domains/{domain_id}", "delete_domain", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_domains = ROUTES_OF(routes);
