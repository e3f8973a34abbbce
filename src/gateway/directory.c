#include "gateway/directory.h"

static enum found found_of(enum edge_result result)
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

static enum found find_authorisation(void *context, const struct credential *caller, const struct publication *publication,
                                     int64_t *not_after)
{
    return found_of(edge_authorisation_of(context, caller, publication, not_after));
}

static enum nonce_answer remember_nonce(void *context, const struct nonce_use *use)
{
    (void)context;
    (void)use;
    return NONCE_UNSEEN;
}

struct directory directory_over(struct edge_view *view)
{
    return (struct directory){
        .context = view, .key_pair = find_key_pair, .api_key = find_api_key, .authorisation = find_authorisation, .nonce = remember_nonce};
}
