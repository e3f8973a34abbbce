/* Before an API or an environment goes, what refers to it goes, each with its audit and change rows. */
#include "control/authorisations.h"
#include "control/bindings.h"
#include "control/places.h"
#include "control/policy_bindings.h"
#include "control/publications.h"

/* In which column of each table the parent's id stands. */
struct parent {
    struct bytes id;
    size_t in_versions, in_bindings, in_policy_bindings, in_authorisations, in_places;
};

static bool note_id(void *context, const struct value *row)
{
    return json_array_append_new(context, json_stringn((const char *)row[0].bytes.data, row[0].bytes.length)) == 0;
}

/* Records of what was published: no audit, since what was in effect was withdrawn before. */
static bool remove_versions(struct call *call, const struct store_filter *filter)
{
    struct store_query query = {.filters = filter, .filter_count = 1};
    json_t *ids = json_array();
    bool done = call_store(call, store_list(call->session, &entity_version, &query, note_id, ids));
    for (size_t i = 0; done && i < json_array_size(ids); i++) {
        const json_t *id = json_array_get(ids, i);
        struct bytes text = bytes_of(json_string_value(id), json_string_length(id));
        done = call_store(call, store_remove(call->session, &entity_version, text));
    }
    json_decref(ids);
    return done;
}

static bool forget(struct call *call, const struct parent *parent)
{
    struct store_filter versions = {parent->in_versions, STORE_EQUAL, value_text(parent->id)};
    struct store_filter bindings = {parent->in_bindings, STORE_EQUAL, value_text(parent->id)};
    struct store_filter policy_bindings = {parent->in_policy_bindings, STORE_EQUAL, value_text(parent->id)};
    struct store_filter authorisations = {parent->in_authorisations, STORE_EQUAL, value_text(parent->id)};
    struct store_filter places = {parent->in_places, STORE_EQUAL, value_text(parent->id)};
    return remove_versions(call, &versions) && bindings_remove_where(call, &bindings) &&
           policy_bindings_remove_where(call, &policy_bindings) && authorisations_remove_where(call, &authorisations) &&
           places_remove_where(call, &places);
}

bool publications_forget_api(struct call *call, struct bytes api_id)
{
    struct parent parent = {api_id, VERSION_API_ID, BINDING_API_ID, POLICY_BINDING_API_ID, AUTH_API_ID, PLACE_USE_API_ID};
    return forget(call, &parent);
}

bool publications_forget_env(struct call *call, struct bytes env_id)
{
    struct parent parent = {env_id, VERSION_ENV_ID, BINDING_ENV_ID, POLICY_BINDING_ENV_ID, AUTH_ENV_ID, PLACE_USE_ENV_ID};
    return forget(call, &parent);
}
