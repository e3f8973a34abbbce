#include "control/change_set.h"

#include "crypto/digest.h"

#include <string.h>

void change_set_clear(struct change_set *set)
{
    if (set->count > 0) memset(set, 0, sizeof *set);
}

static void add_part(struct digest *digest, struct bytes part)
{
    digest_add(digest, bytes_of(&part.length, sizeof part.length));
    digest_add(digest, part);
}

/* A digest: two names that fell together would lose a change. */
static struct digest_value name_of(const struct change *change)
{
    struct digest digest;
    digest_start(&digest, DIGEST_SHA256);
    digest_add(&digest, bytes_of(&change->kind, sizeof change->kind));
    add_part(&digest, change->instance_id);
    add_part(&digest, change->id);
    add_part(&digest, change->second);
    return digest_finish(&digest);
}

bool change_set_add(struct change_set *set, const struct change *change)
{
    static const uint8_t empty[CHANGE_NAME_SIZE];
    struct digest_value name = name_of(change);
    struct bytes wanted = bytes_of(name.data, CHANGE_NAME_SIZE);
    size_t slot;
    memcpy(&slot, name.data + CHANGE_NAME_SIZE, sizeof slot);
    for (;; slot++) {
        uint8_t *kept = set->names[slot & (CHANGE_SET_SLOTS - 1)];
        if (bytes_equal(bytes_of(kept, CHANGE_NAME_SIZE), wanted)) return false;
        if (!bytes_equal(bytes_of(kept, CHANGE_NAME_SIZE), bytes_of(empty, CHANGE_NAME_SIZE))) continue;
        if (set->count < CHANGE_SET_MOST) {
            memcpy(kept, wanted.data, CHANGE_NAME_SIZE);
            set->count++;
        }
        return true;
    }
}
