#include "replay/callers.h"

#include "base/eights.h"
#include "base/hash.h"
#include "replay/replay.h"

static void work_out(const struct replay *replay, const struct replay_question *question, struct replay_caller *caller)
{
    const struct bytes whose[] = {question->instance, question->principal_id}, begin[] = {question->instance, question->credential_id};
    caller->begun = siphash_begin(&replay->key, begin, 2);
    caller->principal = siphash_of_parts(&replay->key, whose, 2).words[0];
}

static bool is_usual(const struct replay_question *question)
{
    return question->instance.length == REPLAY_CALLER_ID && question->principal_id.length == REPLAY_CALLER_ID &&
           question->credential_id.length == REPLAY_CALLER_ID;
}

static struct replay_caller *set_of(const struct replay *replay, struct bytes id)
{
    return replay->callers->kept[(size_t)(hash_of(replay->key.words[0], id) >> 32) & (REPLAY_CALLER_SETS - 1)];
}

/* Of two that share a set one is fetched: the one that came last. */
void replay_caller_fetch(const struct replay *replay, struct bytes id)
{
    const uint8_t *first = (const uint8_t *)set_of(replay, id);
    for (size_t line = 0; line < sizeof(struct replay_caller); line += 64) __builtin_prefetch(first + line);
}

static uint64_t difference(const uint8_t kept[static REPLAY_CALLER_ID], struct bytes id)
{
    uint64_t difference = 0;
    for (size_t i = 0; i < REPLAY_CALLER_ID; i += 8) difference |= eight_at(kept + i) ^ eight_at(id.data + i);
    return difference;
}

static bool is_of(const struct replay_caller *caller, const struct replay_question *question)
{
    if (caller->begun.length == 0) return false;
    return (difference(caller->credential_id, question->credential_id) | difference(caller->instance, question->instance) |
            difference(caller->principal_id, question->principal_id)) == 0;
}

/* Whoever came last of all goes first in the set. */
static const struct replay_caller *keep(const struct replay *replay, const struct replay_question *question, struct replay_caller *set)
{
    for (size_t way = REPLAY_CALLER_WAYS - 1; way > 0; way--) set[way] = set[way - 1];
    memcpy(set->instance, question->instance.data, REPLAY_CALLER_ID);
    memcpy(set->principal_id, question->principal_id.data, REPLAY_CALLER_ID);
    memcpy(set->credential_id, question->credential_id.data, REPLAY_CALLER_ID);
    work_out(replay, question, set);
    return set;
}

const struct replay_caller *replay_caller_of(const struct replay *replay, const struct replay_question *question,
                                             struct replay_caller *room)
{
    if (replay->callers == NULL || !is_usual(question)) {
        work_out(replay, question, room);
        return room;
    }
    struct replay_caller *set = set_of(replay, question->key_id.length > 0 ? question->key_id : question->credential_id);
    for (size_t way = 0; way < REPLAY_CALLER_WAYS; way++)
        if (is_of(&set[way], question)) return &set[way];
    return keep(replay, question, set);
}
