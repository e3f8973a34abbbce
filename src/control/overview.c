/* What whoever runs a gateway looks at first, beside the series: how far each node is, and which credentials want attention. */
#include "base/date.h"
#include "control/apis.h"
#include "control/effect.h"
#include "control/node.h"
#include "control/node_rows.h"
#include "control/publisher.h"
#include "control/resources.h"
#include "feedback/refused.h"
#include "policy/publication.h"
#include "store/nodes.h"
#include "store/traffic.h"

#define SHOWN        20 /* of each list */
#define MOST_NODES   200
#define REFUSED_SPAN (24 * 3600)
#define LOOKED_AT    2000            /* credentials, the oldest first, for those that nobody used */
#define UNUSED_AFTER (7 * 24 * 3600) /* younger ones may not be in use yet */

struct list {
    struct call *call;
    json_t *items;
    bool unused_only;
    bool good;
};

static const char *kind_name(const struct value *row)
{
    switch (row[CREDENTIAL_KIND].integer) {
    case CREDENTIAL_KEY_PAIR:
        return "key_pair";
    case CREDENTIAL_TOKEN:
        return "jwt";
    default:
        return row[CREDENTIAL_SCHEMES].integer == 1 << SCHEME_APP_CODE ? "app_code" : "api_key";
    }
}

/* The name of whose it is; empty when he is gone. */
static struct bytes principal_name(struct call *call, const struct value *row)
{
    bool app = row[CREDENTIAL_PRINCIPAL_KIND].integer == PRINCIPAL_APP;
    const struct entity *entity = app ? &entity_app : &entity_consumer;
    struct value *holder = arena_take_array(&call->arena, entity->column_count, sizeof *holder);
    struct bytes id = row[CREDENTIAL_PRINCIPAL_ID].bytes;
    if (holder == NULL || store_get(call->session, entity, id, &call->arena, holder) != STORE_OK) return BYTES("");
    return holder[app ? APP_NAME : CONSUMER_NAME].bytes;
}

static bool put_credential(struct call *call, json_t *item, const struct value *row)
{
    bool pair = row[CREDENTIAL_KIND].integer == CREDENTIAL_KEY_PAIR;
    return json_put(call, item, "id", row[CREDENTIAL_ROW_ID].bytes) && json_put(call, item, "kind", bytes_of_text(kind_name(row))) &&
           json_put(call, item, "display", row[pair ? CREDENTIAL_LOOKUP : CREDENTIAL_DISPLAY].bytes) &&
           json_put(call, item, "principal_kind",
                    bytes_of_text(principal_kind_name((enum principal_kind)row[CREDENTIAL_PRINCIPAL_KIND].integer))) &&
           json_put(call, item, "principal_id", row[CREDENTIAL_PRINCIPAL_ID].bytes) &&
           json_put(call, item, "principal_name", principal_name(call, row)) &&
           json_put_time(item, "create_time", row[CREDENTIAL_CREATE_TIME].integer) &&
           json_put_time(item, "end_time", row[CREDENTIAL_NOT_AFTER].integer);
}

static bool was_used(struct call *call, const struct value *row)
{
    struct value use[CREDENTIAL_USE_COLUMNS];
    return store_get(call->session, &entity_credential_use, row[CREDENTIAL_ROW_ID].bytes, &call->arena, use) != STORE_NOTHING;
}

static bool add_credential(void *context, const struct value *row)
{
    struct list *list = context;
    size_t mark = list->call->arena.used;
    if (!list->unused_only || !was_used(list->call, row)) {
        json_t *item = json_object();
        list->good = json_array_append_new(list->items, item) == 0 && put_credential(list->call, item, row);
    }
    arena_rewind(&list->call->arena, mark);
    return list->good && json_array_size(list->items) < SHOWN;
}

/* Those of the instance with a number of this column from `from` to `to`. */
struct span {
    size_t column;
    int64_t from, to;
    bool unused_only;
};

static bool put_credentials(struct call *call, json_t *answer, const char *name, const struct span *span)
{
    struct list list = {call, json_array(), span->unused_only, true};
    const struct store_filter filters[] = {{CREDENTIAL_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)},
                                           {span->column, STORE_AT_LEAST, value_integer(span->from)},
                                           {span->column, STORE_AT_MOST, value_integer(span->to)}};
    const struct store_query query = {
        .filters = filters, .filter_count = 3, .order_column = span->column, .limit = span->unused_only ? LOOKED_AT : SHOWN};
    if (json_object_set_new(answer, name, list.items) != 0) return call_fault(call, "no memory for the answer");
    return call_store(call, store_list(call->session, &entity_credential, &query, add_credential, &list)) && list.good;
}

/* What a node says of itself, or what is known of this one. */
static bool put_node(struct call *call, json_t *list, const struct value *row)
{
    struct publisher_status edge = {0};
    if (call->daemon->effect != NULL) effect_status(call->daemon, &edge);
    json_t *item = json_pack("{s:I, s:I, s:I, s:I}", "edge_revision", (json_int_t)row[NODE_EDGE_REVISION].integer, "store_revision",
                             (json_int_t)edge.store_revision, "nonces", (json_int_t)row[NODE_NONCES].integer, "nonce_capacity",
                             (json_int_t)row[NODE_NONCE_CAPACITY].integer);
    bool done = json_array_append_new(list, item) == 0 && json_put(call, item, "id", row[NODE_ID].bytes) &&
                json_put(call, item, "name", row[NODE_NAME].bytes) && json_put(call, item, "problem", row[NODE_PROBLEM].bytes) &&
                json_put_time(item, "store_seen", row[NODE_SEEN].integer) &&
                json_put_time(item, "problem_since", row[NODE_PROBLEM_SINCE].integer);
    return done || call_fault(call, "no memory for the answer");
}

static bool put_this_node(struct call *call, json_t *list, const char *id)
{
    struct publisher_status edge = {0};
    struct node_status node = {0};
    char name[256];
    node_row_name(name);
    if (call->daemon->effect != NULL) effect_status(call->daemon, &edge);
    if (call->daemon->node != NULL) node_status(call->daemon, &node);
    const struct value row[NODE_COLUMNS] = {[NODE_ID] = value_text(bytes_of_text(id)),
                                            [NODE_NAME] = value_text(bytes_of_text(name)),
                                            [NODE_SEEN] = value_integer(edge.store_seen),
                                            [NODE_EDGE_REVISION] = value_integer((int64_t)edge.edge_revision),
                                            [NODE_PROBLEM] = value_text(bytes_of_text(edge.problem)),
                                            [NODE_PROBLEM_SINCE] = value_integer(edge.problem_since),
                                            [NODE_NONCES] = value_integer((int64_t)node.nonces),
                                            [NODE_NONCE_CAPACITY] = value_integer((int64_t)node.nonce_capacity)};
    return put_node(call, list, row);
}

struct other_nodes {
    struct call *call;
    json_t *list;
    const char *this_id;
    bool good;
};

static bool add_other(void *context, const struct value *row)
{
    struct other_nodes *others = context;
    if (!bytes_equal(row[NODE_ID].bytes, bytes_of_text(others->this_id))) others->good = put_node(others->call, others->list, row);
    return others->good;
}

/* This one as it is now; the others as they told it last. */
static bool put_nodes(struct call *call, json_t *answer)
{
    char id[ID_SIZE];
    json_t *list = json_array();
    node_row_id(call->daemon, id);
    struct other_nodes others = {call, list, id, true};
    const struct store_query query = {.order_column = NODE_NAME, .limit = MOST_NODES};
    if (json_object_set_new(answer, "nodes", list) != 0) return call_fault(call, "no memory for the answer");
    return put_this_node(call, list, id) && call_store(call, store_list(call->session, &entity_node, &query, add_other, &others)) &&
           others.good;
}

/* Rows as they are read, since names are looked up in the same session. */
struct refused_rows {
    struct arena *arena;
    struct value rows[SHOWN][REFUSED_BY_COLUMNS];
    size_t count;
};

static bool keep_refused(void *context, const struct value *row)
{
    struct refused_rows *kept = context;
    struct value *own = kept->rows[kept->count++];
    own[REFUSED_BY_PRINCIPAL] = value_text(arena_copy(kept->arena, row[REFUSED_BY_PRINCIPAL].bytes));
    own[REFUSED_BY_REFUSAL] = value_text(arena_copy(kept->arena, row[REFUSED_BY_REFUSAL].bytes));
    own[REFUSED_BY_REQUESTS] = row[REFUSED_BY_REQUESTS];
    own[REFUSED_BY_LAST] = row[REFUSED_BY_LAST];
    return kept->count < SHOWN;
}

static bool put_others(struct call *call, json_t *item)
{
    return json_put(call, item, "principal_id", BYTES("")) && json_put(call, item, "principal_kind", BYTES("others")) &&
           json_put(call, item, "principal_name", BYTES(""));
}

/* Of which kind a principal is, and his name: ids of the three kinds are drawn alike and tell nothing. */
static bool put_principal(struct call *call, json_t *item, struct bytes id)
{
    if (bytes_equal(id, BYTES(FEEDBACK_OTHERS))) return put_others(call, item);
    static const struct {
        const struct entity *entity;
        size_t name;
        enum principal_kind kind;
    } kinds[] = {{&entity_app, APP_NAME, PRINCIPAL_APP},
                 {&entity_consumer, CONSUMER_NAME, PRINCIPAL_CONSUMER},
                 {&entity_user, USER_NAME, PRINCIPAL_USER}};
    struct bytes name = BYTES(""), kind = BYTES("");
    for (size_t i = 0; id.length > 0 && i < sizeof kinds / sizeof *kinds; i++) {
        struct value *holder = arena_take_array(&call->arena, kinds[i].entity->column_count, sizeof *holder);
        if (holder == NULL || store_get(call->session, kinds[i].entity, id, &call->arena, holder) != STORE_OK) continue;
        name = holder[kinds[i].name].bytes;
        kind = bytes_of_text(principal_kind_name(kinds[i].kind));
        break;
    }
    return json_put(call, item, "principal_id", id) && json_put(call, item, "principal_kind", kind) &&
           json_put(call, item, "principal_name", name);
}

/* The minute from which on refusals are counted. */
static int64_t refused_from(struct call *call)
{
    int64_t from = call->now - REFUSED_SPAN;
    date_parse_rfc3339(call_query(call, "from"), &from);
    return from - from % 60;
}

static bool put_refused(struct call *call, json_t *answer)
{
    struct refused_rows *kept = arena_take(&call->arena, sizeof *kept);
    const struct refused_wanted wanted = {call->instance_id, refused_from(call), SHOWN};
    json_t *list = json_array();
    if (json_object_set_new(answer, "refused_principals", list) != 0 || kept == NULL) return call_fault(call, "no memory for the answer");
    kept->arena = &call->arena;
    kept->count = 0;
    if (!call_store(call, store_refused_by(call->session, &wanted, keep_refused, kept))) return false;
    for (size_t i = 0; i < kept->count; i++) {
        const struct value *row = kept->rows[i];
        json_t *item = json_object();
        bool done = json_array_append_new(list, item) == 0 && put_principal(call, item, row[REFUSED_BY_PRINCIPAL].bytes) &&
                    json_put(call, item, "refusal", row[REFUSED_BY_REFUSAL].bytes) &&
                    json_object_set_new(item, "requests", json_integer(row[REFUSED_BY_REQUESTS].integer)) == 0 &&
                    json_put_time(item, "last_time", row[REFUSED_BY_LAST].integer);
        if (!done) return call_fault(call, "no memory for the answer");
    }
    return true;
}

static bool show(struct call *call)
{
    const struct span expired = {CREDENTIAL_NOT_AFTER, 1, call->now - 1, false};
    const struct span expiring = {CREDENTIAL_NOT_AFTER, call->now, call->now + NODE_SOON_SECONDS, false};
    const struct span unused = {CREDENTIAL_CREATE_TIME, 0, call->now - UNUSED_AFTER, true};
    json_t *answer = json_object();
    bool done = put_nodes(call, answer) && put_refused(call, answer) && put_credentials(call, answer, "expiring_credentials", &expiring) &&
                put_credentials(call, answer, "expired_credentials", &expired) &&
                put_credentials(call, answer, "unused_credentials", &unused);
    if (done) return call_answer(call, 200, answer);
    json_decref(answer);
    return call->error != ERROR_NONE ? false : call_fault(call, "no memory for the answer");
}

static const struct field node_items[] = {
    ANSWERED("name", FIELD_STRING),     ANSWERED("edge_revision", FIELD_INTEGER),  ANSWERED("store_revision", FIELD_INTEGER),
    ANSWERED("store_seen", FIELD_TIME), ANSWERED("problem", FIELD_STRING),         ANSWERED("problem_since", FIELD_TIME),
    ANSWERED("nonces", FIELD_INTEGER),  ANSWERED("nonce_capacity", FIELD_INTEGER), ANSWERED("id", FIELD_STRING)};
static const struct fields node_fields = FIELDS_OF(node_items);
static const struct field credential_items[] = {ANSWERED("id", FIELD_STRING),           ANSWERED("kind", FIELD_STRING),
                                                ANSWERED("display", FIELD_STRING),      ANSWERED("principal_kind", FIELD_STRING),
                                                ANSWERED("principal_id", FIELD_STRING), ANSWERED("principal_name", FIELD_STRING),
                                                ANSWERED("create_time", FIELD_TIME),    ANSWERED("end_time", FIELD_TIME)};
static const struct fields credential_fields = FIELDS_OF(credential_items);
static const struct field refused_items[] = {ANSWERED("principal_id", FIELD_STRING),   ANSWERED("principal_kind", FIELD_STRING),
                                             ANSWERED("principal_name", FIELD_STRING), ANSWERED("refusal", FIELD_STRING),
                                             ANSWERED("requests", FIELD_INTEGER),      ANSWERED("last_time", FIELD_TIME)};
static const struct fields refused_fields = FIELDS_OF(refused_items);
static const struct field items[] = {
    {.name = "refused_principals", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &refused_fields},
    {.name = "nodes", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &node_fields},
    {.name = "expiring_credentials", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &credential_fields},
    {.name = "expired_credentials", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &credential_fields},
    {.name = "unused_credentials", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &credential_fields},
};
static const struct fields overview_fields = FIELDS_OF(items);

static const struct field query_items[] = {{.name = "from", .type = FIELD_TIME}};
static const struct fields query_fields = FIELDS_OF(query_items);

static const struct route routes[] = {
    {"GET", IN_INSTANCE "/overview", "show_overview", RIGHT_READ, NULL, FILL_PRESETS, show, .query = &query_fields,
     .answer = &overview_fields},
};
const struct routes routes_overview = ROUTES_OF(routes);
