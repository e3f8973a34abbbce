#include "gateway/recent.h"

#include "edge/look_ups.h"
#include "gateway/context.h"

#define SLOTS 1024 /* a power of two */

struct slot {
    uint64_t hash;
    uint64_t picture;
    const struct publication *publication; /* held; NULL: the slot is free */
    size_t rest_length;
    size_t key_length;
    uint8_t key[RECENT_KEY_MOST];
    struct edge_addresses addresses;
    struct signature_key sealed; /* when the publication has one; in the map of the same picture */
};

/* Per worker. */
static struct slot slots[SLOTS];

void recent_ask(struct recent_question *question, const struct edge_view *view, const struct route_query *query)
{
    question->view = view;
    question->query = query;
    struct buffer key = buffer_over(question->key, sizeof question->key);
    const struct bytes parts[] = {view->instance, query->host, query->stage, query->method, query->path};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        uint8_t *room = buffer_reserve(&key, parts[i].length + 1);
        if (room == NULL) break;
        if (parts[i].length > 0) ngx_memcpy(room, parts[i].data, parts[i].length);
        room[parts[i].length] = 0;
    }
    question->key_length = buffer_bytes(&key).length;
    question->hash = look_up_hash(0, buffer_bytes(&key));
}

static struct slot *slot_of(const struct recent_question *question)
{
    return &slots[question->hash >> 16 & (SLOTS - 1)];
}

bool recent_find(const struct recent_question *question, struct gateway_context *context)
{
    const struct slot *slot = slot_of(question);
    if (slot->publication == NULL || slot->hash != question->hash || slot->picture != edge_picture(question->view->reader)) return false;
    if (!bytes_equal(bytes_of(question->key, question->key_length), bytes_of(slot->key, slot->key_length))) return false;
    context_keep_publication(context, slot->publication);
    context->route.param_count = 0;
    context->route.rest = bytes_from(question->query->path, question->query->path.length - slot->rest_length);
    context->addresses.count = slot->addresses.count;
    ngx_memcpy(context->addresses.items, slot->addresses.items, slot->addresses.count * sizeof slot->addresses.items[0]);
    if (slot->publication->signature_key_id.length > 0) context->sealed = slot->sealed;
    return true;
}

void recent_keep(const struct recent_question *question, const struct gateway_context *context)
{
    if (question->key_length == 0 || context->route.param_count > 0) return;
    struct slot *slot = slot_of(question);
    edge_publication_hold(context->publication);
    if (slot->publication != NULL) edge_publication_release(slot->publication);
    *slot = (struct slot){.hash = question->hash,
                          .picture = edge_picture(question->view->reader),
                          .publication = context->publication,
                          .rest_length = context->route.rest.length,
                          .key_length = question->key_length,
                          .addresses = context->addresses};
    if (context->publication->signature_key_id.length > 0) slot->sealed = context->sealed;
    ngx_memcpy(slot->key, question->key, question->key_length);
}

void recent_forget(void)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (slots[i].publication != NULL) edge_publication_release(slots[i].publication);
        slots[i].publication = NULL;
    }
}
