#include "gateway/directory.h"

#include "gateway/state.h"

static enum nonce_answer remember(const struct edge_view *view, const struct nonce_use *use)
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
    return remember(context, use);
}

static enum nonce_answer remember_nonce_of_user(void *context, const struct nonce_use *use)
{
    const struct users *users = context;
    return remember(users->view, use);
}

struct directory directory_for(const struct publication *publication, struct edge_view *view, const struct http_request *request,
                               struct users *users)
{
    bool of_users = publication->plan.auth_type == AUTH_TYPE_IAM;
    struct directory directory = of_users ? users_over(users, view, request) : directory_over(view);
    directory.nonce = of_users ? remember_nonce_of_user : remember_nonce;
    return directory;
}
