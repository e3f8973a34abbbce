/* Credentials that changed, looked at together: two round trips to the store for a hundred of them instead of two for each. */
#include "base/buffer.h"
#include "control/picture.h"
#include "store/bulk.h"

static bool keep(struct gathered_credential *item, const struct change *change)
{
    struct buffer out = buffer_over(item->texts, sizeof item->texts);
    buffer_add(&out, change->instance_id);
    size_t begin = out.length;
    buffer_add(&out, change->id);
    item->row = NULL;
    item->change = (struct change){.revision = change->revision,
                                   .kind = change->kind,
                                   .instance_id = bytes_slice(buffer_bytes(&out), 0, begin),
                                   .id = bytes_from(buffer_bytes(&out), begin)};
    return !out.overflow;
}

bool picture_gather_credential(struct picture *picture, const struct change *change)
{
    struct picture_batch *batch = picture->batch;
    if (!store_is_distant(picture->session) || change->second.length > 0 || !keep(&batch->items[batch->count], change))
        return picture_look_at_credential(picture, change);
    return ++batch->count < PICTURE_GATHERED || picture_apply_gathered(picture);
}

static struct value *copy_row(struct arena *arena, const struct value *row)
{
    struct value *copy = arena_take_array(arena, CREDENTIAL_COLUMNS, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < CREDENTIAL_COLUMNS; i++) {
        copy[i] = row[i];
        if (row[i].bytes.length > 0) copy[i].bytes = arena_copy(arena, row[i].bytes);
    }
    return arena->exhausted ? NULL : copy;
}

static bool is_of(const struct gathered_credential *item, const struct value *row)
{
    return bytes_equal(item->change.id, row[CREDENTIAL_LOOKUP].bytes) &&
           bytes_equal(item->change.instance_id, row[CREDENTIAL_INSTANCE_ID].bytes) &&
           (int64_t)picture_kind_of(&item->change) == row[CREDENTIAL_KIND].integer;
}

static bool take_credential(void *context, const struct value *row)
{
    struct picture *picture = context;
    for (size_t i = 0; i < picture->batch->count; i++) {
        struct gathered_credential *item = &picture->batch->items[i];
        if (item->row == NULL && is_of(item, row)) item->row = copy_row(picture->arena, row);
    }
    return !picture->arena->exhausted;
}

static bool is_of_consumer(const struct gathered_credential *item)
{
    return item->row != NULL && item->row[CREDENTIAL_PRINCIPAL_KIND].integer == PRINCIPAL_CONSUMER;
}

static bool take_consumer(void *context, const struct value *row)
{
    struct picture *picture = context;
    for (size_t i = 0; i < picture->batch->count; i++) {
        struct gathered_credential *item = &picture->batch->items[i];
        if (!is_of_consumer(item) || !bytes_equal(item->principal.id, row[CONSUMER_ID].bytes)) continue;
        item->principal.enabled = row[CONSUMER_ENABLED].integer == 1;
        item->principal.name = arena_copy(picture->arena, row[CONSUMER_NAME].bytes);
    }
    return !picture->arena->exhausted;
}

static bool read_credentials(struct picture *picture)
{
    struct value lookups[PICTURE_GATHERED];
    struct picture_batch *batch = picture->batch;
    for (size_t i = 0; i < batch->count; i++) lookups[i] = value_text(batch->items[i].change.id);
    struct store_any any = {CREDENTIAL_LOOKUP, lookups, batch->count};
    return store_list_any(picture->session, &entity_credential, &any, take_credential, picture) == STORE_OK ||
           picture_store_failed(picture);
}

/* One that is gone has no enabled credential. */
static bool read_consumers(struct picture *picture)
{
    struct value ids[PICTURE_GATHERED];
    struct store_any any = {CONSUMER_ID, ids, 0};
    for (size_t i = 0; i < picture->batch->count; i++) {
        struct gathered_credential *item = &picture->batch->items[i];
        if (!is_of_consumer(item)) continue;
        ids[any.count++] = item->row[CREDENTIAL_PRINCIPAL_ID];
        item->principal = (struct principal){.kind = PRINCIPAL_CONSUMER, .id = item->row[CREDENTIAL_PRINCIPAL_ID].bytes, .name = BYTES("")};
    }
    return store_list_any(picture->session, &entity_consumer, &any, take_consumer, picture) == STORE_OK || picture_store_failed(picture);
}

static bool apply(struct picture *picture, const struct gathered_credential *item)
{
    if (item->row == NULL) return picture_remove_credential(picture, &item->change);
    return picture_put_credential(picture, item->row, is_of_consumer(item) ? &item->principal : NULL);
}

bool picture_apply_gathered(struct picture *picture)
{
    struct picture_batch *batch = picture->batch;
    if (batch == NULL || batch->count == 0) return true;
    size_t mark = picture->arena->used;
    bool done = read_credentials(picture) && read_consumers(picture);
    if (done && picture->arena->exhausted) done = picture_failed(picture, "no memory for credentials");
    for (size_t i = 0; done && i < batch->count; i++) done = apply(picture, &batch->items[i]);
    batch->count = 0;
    arena_rewind(picture->arena, mark);
    return done;
}
