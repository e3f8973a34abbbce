#include "edge/publications.h"

#include "edge/look_ups.h"
#include "edge/reader.h"
#include "edge/record.h"

#include <stdlib.h>
#include <string.h>

struct kept_publication {
    struct publication publication; /* first: callers hold a pointer to it; borrows from `value` */
    size_t references;              /* one for the table, one for each hold */
    uint64_t stamp;                 /* transaction id + 1 in which the value was seen to be current */
    struct kept_publication *next;  /* in the list of the retired */
    size_t length;
    uint8_t value[];
};

static struct kept_publication *kept_of(const struct publication *publication)
{
    return (struct kept_publication *)(uintptr_t)publication;
}

void edge_publication_hold(const struct publication *publication)
{
    kept_of(publication)->references++;
}

void edge_publication_release(const struct publication *publication)
{
    struct kept_publication *kept = kept_of(publication);
    if (--kept->references == 0) free(kept);
}

/* Where a name may stand: ids end in random digits, so their last bytes spread well enough once mixed. */
static struct kept_publication **slot_of(struct publications *publications, const struct publication_name *name)
{
    uint64_t hash = look_up_hash(publications->seed, name->instance);
    hash = look_up_hash(hash, name->api_id);
    hash = look_up_hash(hash, name->environment_id);
    return &publications->slots[hash & (PUBLICATION_SLOTS - 1)];
}

static bool has_name(const struct publication *publication, const struct publication_name *name)
{
    return bytes_equal(publication->api_id, name->api_id) && bytes_equal(publication->environment_id, name->environment_id) &&
           bytes_equal(publication->instance_id, name->instance);
}

const struct publication *publications_find(struct publications *publications, const struct publication_name *name, uint64_t transaction)
{
    struct kept_publication *kept = *slot_of(publications, name);
    if (!kept || kept->stamp != transaction + 1 || !has_name(&kept->publication, name)) return NULL;
    return &kept->publication;
}

static struct kept_publication *decode(const struct publication_name *name, struct bytes value)
{
    struct kept_publication *kept = malloc(sizeof *kept + value.length);
    if (!kept) return NULL;
    kept->references = 1;
    kept->next = NULL;
    kept->length = value.length;
    memcpy(kept->value, value.data, value.length);
    if (publication_decode(bytes_of(kept->value, kept->length), &kept->publication) && has_name(&kept->publication, name)) return kept;
    free(kept);
    return NULL;
}

static void retire(struct publications *publications, struct kept_publication **slot)
{
    if (!*slot) return;
    (*slot)->next = publications->retired;
    publications->retired = *slot;
    *slot = NULL;
}

const struct publication *publications_keep(struct publications *publications, const struct publication_name *name, uint64_t transaction,
                                            struct bytes value)
{
    struct kept_publication **slot = slot_of(publications, name);
    if (!*slot || !bytes_equal(bytes_of((*slot)->value, (*slot)->length), value)) {
        retire(publications, slot);
        *slot = decode(name, value);
        if (*slot) (*slot)->publication.serial = ++publications->last_serial;
    }
    if (!*slot) return NULL;
    (*slot)->stamp = transaction + 1;
    return &(*slot)->publication;
}

void publications_settle(struct publications *publications)
{
    while (publications->retired) {
        struct kept_publication *kept = publications->retired;
        publications->retired = kept->next;
        edge_publication_release(&kept->publication);
    }
}

void publications_forget(struct publications *publications)
{
    for (size_t i = 0; i < PUBLICATION_SLOTS; i++) retire(publications, &publications->slots[i]);
    publications_settle(publications);
}
