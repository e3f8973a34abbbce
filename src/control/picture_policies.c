/* Policies of the picture: records of their own beside the publications that name them, so that a change of one is a change of one
 * record. */
#include "control/picture.h"

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
    return find_bound(picture, &entity_throttle_binding, publication, &publication->throttle_id);
}

bool picture_put_all_policies(struct picture *picture)
{
    return picture_put_all(picture, &entity_throttle, put_throttle);
}
