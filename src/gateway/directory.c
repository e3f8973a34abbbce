#include "gateway/directory.h"

#include "gateway/state.h"

static struct replay_question question_of(const struct edge_view *view, const struct nonce_use *use)
{
    return (struct replay_question){.instance = view->instance,
                                    .principal_id = use->principal->id,
                                    .credential_id = use->credential_id,
                                    .key_id = use->key_id,
                                    .nonce = use->nonce,
                                    .until = use->until,
                                    .made = use->made,
                                    .now = use->now};
}

static void expect_nonces_of(void *context, struct bytes key_id)
{
    (void)context;
    const struct replay *replay = state_replay();
    if (replay != NULL) replay_expect(replay, key_id);
}

static void look_ahead(const struct edge_view *view, struct nonce_use *use)
{
    const struct replay *replay = state_replay();
    if (replay == NULL) return;
    const struct replay_question question = question_of(view, use);
    const struct replay_place place = replay_find(replay, &question);
    use->place[0] = place.home;
    use->place[1] = place.tag; /* never 0 */
    use->place[2] = place.principal;
}

static enum nonce_answer remember(const struct edge_view *view, const struct nonce_use *use)
{
    struct replay *replay = state_replay();
    if (replay == NULL) return NONCE_FAULT;
    const struct replay_question question = question_of(view, use);
    struct replay_place place = {use->place[0], use->place[1], use->place[2]};
    if (place.tag == 0) place = replay_find(replay, &question);
    switch (replay_ask(replay, &question, &place)) {
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

static void expect_nonce(void *context, struct nonce_use *use)
{
    look_ahead(context, use);
}

static enum nonce_answer remember_nonce_of_user(void *context, const struct nonce_use *use)
{
    const struct users *users = context;
    return remember(users->view, use);
}

static void expect_nonce_of_user(void *context, struct nonce_use *use)
{
    const struct users *users = context;
    look_ahead(users->view, use);
}

struct directory directory_for(const struct publication *publication, struct edge_view *view, const struct http_request *request,
                               struct users *users)
{
    bool of_users = publication->plan.auth_type == AUTH_TYPE_IAM;
    struct directory directory = of_users ? users_over(users, view, request) : directory_over(view);
    directory.nonce = of_users ? remember_nonce_of_user : remember_nonce;
    directory.nonces_of = expect_nonces_of;
    directory.nonce_soon = of_users ? expect_nonce_of_user : expect_nonce;
    return directory;
}
