#include "gateway/directory.h"

#include "gateway/state.h"

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

enum nonce_answer directory_remember(const struct edge_view *view, const struct nonce_use *use)
{
    struct replay *replay = state_replay();
    const struct replay_question question = {.instance = view->instance,
                                             .principal_id = use->principal->id,
                                             .credential_id = use->credential_id,
                                             .nonce = use->nonce,
                                             .until = use->until,
                                             .made = use->made,
                                             .now = use->now};
    if (replay == NULL) return NONCE_FAULT;
    switch (replay_ask(replay, &question)) {
    case REPLAY_UNSEEN:
        return NONCE_UNSEEN;
    case REPLAY_SEEN:
        return NONCE_SEEN;
    case REPLAY_QUOTA:
        return NONCE_QUOTA;
    case REPLAY_FULL:
        return NONCE_FULL;
    }
    return NONCE_FAULT;
}

static enum nonce_answer remember_nonce(void *context, const struct nonce_use *use)
{
    return directory_remember(context, use);
}

struct directory directory_over(struct edge_view *view)
{
    return (struct directory){.context = view,
                              .key_pair = find_key_pair,
                              .api_key = find_api_key,
                              .token = find_token,
                              .key_set = find_key_set,
                              .authorisation = find_authorisation,
                              .nonce = remember_nonce};
}
