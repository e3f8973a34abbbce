#include "directory/directory.h"

enum found found_of(enum edge_result result)
{
    switch (result) {
    case EDGE_OK:
        return FOUND;
    case EDGE_NOTHING:
        return FOUND_NOTHING;
    case EDGE_FAULT:
        break;
    }
    return FOUND_FAULT;
}

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *arena, struct credential *credential)
{
    return found_of(edge_key_pair(context, key_id, arena, credential));
}

static enum found find_api_key(void *context, struct bytes secret, struct arena *arena, struct credential *credential)
{
    return found_of(edge_api_key(context, secret, arena, credential));
}

static enum found find_token(void *context, struct bytes name, struct arena *arena, struct credential *credential)
{
    return found_of(edge_token(context, name, arena, credential));
}

static enum found find_key_set(void *context, struct bytes name, struct arena *arena, struct key_set *set)
{
    struct edge_key_set found;
    enum found result = found_of(edge_key_set(context, name, arena, &found));
    if (result == FOUND) *set = (struct key_set){found.revision, found.text};
    return result;
}

static enum found find_authorisation(void *context, const struct credential *caller, const struct publication *publication,
                                     int64_t *not_after)
{
    return found_of(edge_authorisation_of(context, caller, publication, not_after));
}

struct directory directory_over(struct edge_view *view)
{
    return (struct directory){.context = view,
                              .key_pair = find_key_pair,
                              .api_key = find_api_key,
                              .token = find_token,
                              .key_set = find_key_set,
                              .authorisation = find_authorisation};
}
