/* Policies of the picture: records of their own beside the publications that name them, so that a change of one is a change of one
 * record. */
#include "control/picture.h"

#include "control/acls.h"
#include "control/throttles.h"

struct specials {
    struct buffer run;
};

static bool add_special(void *context, const struct value *row)
{
    struct specials *specials = context;
    const struct throttle_special special = {.kind = special_kind_of(row[SPECIAL_OBJECT_TYPE].bytes),
                                             .limit = (uint32_t)row[SPECIAL_CALL_LIMITS].integer,
                                             .id = row[SPECIAL_OBJECT_ID].bytes};
    throttle_special_add(&specials->run, &special);
    return true;
}

#define SPECIALS_SIZE (THROTTLE_MOST_SPECIALS * (THROTTLE_MAX_ID + 6))

static bool put_throttle(struct picture *picture, const struct value *row)
{
    struct specials specials = {buffer_in(picture->arena, SPECIALS_SIZE)};
    struct store_filter filter = {SPECIAL_THROTTLE_ID, STORE_EQUAL, row[THROTTLE_ROW_ID]};
    struct store_query query = {.filters = &filter, .filter_count = 1};
    if (store_list(picture->session, &entity_special, &query, add_special, &specials) != STORE_OK) return picture_store_failed(picture);
    struct throttle throttle = {.id = row[THROTTLE_ROW_ID].bytes,
                                .shared = row[THROTTLE_ROW_TYPE].integer == 2,
                                .seconds = (uint32_t)throttle_seconds(row),
                                .limits = {[THROTTLE_API] = (uint32_t)row[THROTTLE_ROW_API_LIMITS].integer,
                                           [THROTTLE_USER] = (uint32_t)row[THROTTLE_ROW_USER_LIMITS].integer,
                                           [THROTTLE_APP] = (uint32_t)row[THROTTLE_ROW_APP_LIMITS].integer,
                                           [THROTTLE_CONSUMER] = (uint32_t)row[THROTTLE_ROW_CONSUMER_LIMITS].integer,
                                           [THROTTLE_IP] = (uint32_t)row[THROTTLE_ROW_IP_LIMITS].integer},
                                .specials = buffer_bytes(&specials.run)};
    if (specials.run.overflow) return picture_failed(picture, "no memory for the limits of callers");
    return picture_wrote(picture, edge_put_throttle(picture->writer, row[THROTTLE_ROW_INSTANCE_ID].bytes, &throttle));
}

bool picture_look_at_throttle(struct picture *picture, const struct change *change)
{
    struct value row[THROTTLE_ROW_COLUMNS];
    enum store_result result = store_get(picture->session, &entity_throttle, change->id, picture->arena, row);
    if (result == STORE_NOTHING) return picture_wrote(picture, edge_remove_throttle(picture->writer, change->instance_id, change->id));
    return result == STORE_OK ? put_throttle(picture, row) : picture_store_failed(picture);
}

/* A damaged list is in the edge no more: requests that need it are a fault then, and nobody passes. */
static bool put_list(struct picture *picture, struct bytes instance, struct bytes id, const struct address_list *list)
{
    if (list != NULL) return picture_wrote(picture, edge_put_address_list(picture->writer, instance, id, list));
    picture_skipped("address_list_not_served", id, "an address in it is none");
    return picture_wrote(picture, edge_remove_address_list(picture->writer, instance, id));
}

static bool put_acl(struct picture *picture, const struct value *row)
{
    struct address_list list;
    bool sound = acl_compile(picture->arena, row, &list);
    return put_list(picture, row[ACL_INSTANCE_ID].bytes, row[ACL_ID].bytes, sound ? &list : NULL);
}

static bool put_app_acl(struct picture *picture, const struct value *row)
{
    struct address_list list;
    bool sound = app_acl_compile(picture->arena, row, &list);
    return put_list(picture, row[APP_ACL_INSTANCE_ID].bytes, row[APP_ACL_ID].bytes, sound ? &list : NULL);
}

/* Ids are drawn: no policy has that of an app. */
bool picture_look_at_address_list(struct picture *picture, const struct change *change)
{
    struct value row[ENTITY_MAX_COLUMNS];
    enum store_result result = store_get(picture->session, &entity_acl, change->id, picture->arena, row);
    if (result == STORE_OK) return put_acl(picture, row);
    if (result == STORE_NOTHING) result = store_get(picture->session, &entity_app_acl, change->id, picture->arena, row);
    if (result == STORE_OK) return put_app_acl(picture, row);
    if (result != STORE_NOTHING) return picture_store_failed(picture);
    return picture_wrote(picture, edge_remove_address_list(picture->writer, change->instance_id, change->id));
}

static bool find_bound(struct picture *picture, const struct entity *bindings, const struct publication *publication,
                       struct bytes *policy_id)
{
    struct value row[POLICY_BINDING_COLUMNS];
    struct store_filter filters[] = {{POLICY_BINDING_INSTANCE_ID, STORE_EQUAL, value_text(publication->instance_id)},
                                     {POLICY_BINDING_API_ID, STORE_EQUAL, value_text(publication->api_id)},
                                     {POLICY_BINDING_ENV_ID, STORE_EQUAL, value_text(publication->environment_id)}};
    struct store_query query = {.filters = filters, .filter_count = 3};
    enum store_result result = store_find(picture->session, bindings, &query, picture->arena, row);
    if (result == STORE_OK) *policy_id = row[POLICY_BINDING_POLICY_ID].bytes;
    return result == STORE_OK || result == STORE_NOTHING || picture_store_failed(picture);
}

bool picture_add_policies(struct picture *picture, struct publication *publication)
{
    return find_bound(picture, &entity_throttle_binding, publication, &publication->throttle_id) &&
           find_bound(picture, &entity_acl_binding, publication, &publication->acl_id);
}

bool picture_put_all_policies(struct picture *picture)
{
    return picture_put_all(picture, &entity_throttle, put_throttle) && picture_put_all(picture, &entity_acl, put_acl) &&
           picture_put_all(picture, &entity_app_acl, put_app_acl);
}
