#include "gateway/recent.h"

#include "gateway/context.h"

#define SLOTS    1024 /* a power of two */
#define KEY_MOST 200  /* longer questions are asked each time */
#define MIX      0x9e3779b97f4a7c15u

struct slot {
    uint64_t hash;
    uint64_t picture;
    const struct publication *publication; /* held; NULL: the slot is free */
    size_t rest_length;
    size_t key_length;
    uint8_t key[KEY_MOST];
    struct edge_addresses addresses;
};

/* Per worker. */
static struct slot slots[SLOTS];

static uint64_t mix(uint64_t hash, struct bytes text)
{
    uint64_t word;
    for (; text.length >= sizeof word; text = bytes_from(text, sizeof word)) {
        ngx_memcpy(&word, text.data, sizeof word);
        hash = (hash ^ word) * MIX;
        hash ^= hash >> 32;
    }
    word = text.length + 1; /* parts of other lengths are other questions */
    for (size_t i = 0; i < text.length; i++) word = word << 8 | text.data[i];
    hash = (hash ^ word) * MIX;
    return hash ^ hash >> 32;
}

struct recent_question recent_question_of(const struct edge_view *view, const struct route_query *query)
{
    uint64_t hash = mix(mix(mix(mix(mix(0, view->instance), query->host), query->stage), query->method), query->path);
    return (struct recent_question){view, query, hash};
}

static struct slot *slot_of(const struct recent_question *question)
{
    return &slots[question->hash >> 16 & (SLOTS - 1)];
}

static struct buffer write_key(const struct recent_question *question, uint8_t memory[static KEY_MOST])
{
    struct buffer key = buffer_over(memory, KEY_MOST);
    const struct bytes parts[] = {question->view->instance, question->query->host, question->query->stage, question->query->method,
                                  question->query->path};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        buffer_add(&key, parts[i]);
        buffer_add_byte(&key, 0);
    }
    return key;
}

bool recent_find(const struct recent_question *question, struct gateway_context *context)
{
    uint8_t memory[KEY_MOST];
    const struct slot *slot = slot_of(question);
    if (slot->publication == NULL || slot->hash != question->hash || slot->picture != edge_picture(question->view->reader)) return false;
    struct buffer key = write_key(question, memory);
    if (!bytes_equal(buffer_bytes(&key), bytes_of(slot->key, slot->key_length))) return false;
    context_keep_publication(context, slot->publication);
    context->route.param_count = 0;
    context->route.rest = bytes_from(question->query->path, question->query->path.length - slot->rest_length);
    context->addresses.count = slot->addresses.count;
    ngx_memcpy(context->addresses.items, slot->addresses.items, slot->addresses.count * sizeof slot->addresses.items[0]);
    return true;
}

void recent_keep(const struct recent_question *question, const struct gateway_context *context)
{
    uint8_t memory[KEY_MOST];
    struct buffer key = write_key(question, memory);
    if (key.overflow || context->route.param_count > 0) return;
    struct slot *slot = slot_of(question);
    edge_publication_hold(context->publication);
    if (slot->publication != NULL) edge_publication_release(slot->publication);
    *slot = (struct slot){.hash = question->hash,
                          .picture = edge_picture(question->view->reader),
                          .publication = context->publication,
                          .rest_length = context->route.rest.length,
                          .key_length = key.length,
                          .addresses = context->addresses};
    ngx_memcpy(slot->key, memory, key.length);
}

void recent_forget(void)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (slots[i].publication != NULL) edge_publication_release(slots[i].publication);
        slots[i].publication = NULL;
    }
}
