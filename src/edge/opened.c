#include "edge/opened.h"

#include "crypto/secret.h"

_Static_assert((OPENED_SLOTS & (OPENED_SLOTS - 1)) == 0 && OPENED_SLOTS % OPENED_WAYS == 0, "sets are found with a mask");

/* Sealed secrets stand at regular distances; one product alone keeps such steps, two do not. */
uint64_t opened_place_of(const uint8_t *sealed)
{
    uint64_t once = (uint64_t)(uintptr_t)sealed * 0x9e3779b97f4a7c15u;
    return (once ^ once >> 32) * 0x9e3779b97f4a7c15u;
}

/* The first of the slots where it may stand. */
static size_t first_slot_of(uint64_t place)
{
    return (size_t)(place >> 44) & (OPENED_SLOTS - OPENED_WAYS);
}

uint64_t opened_place_beside(uint64_t place, unsigned number)
{
    return place + ((uint64_t)number * OPENED_WAYS << 44);
}

void opened_fetch(const struct opened *opened, uint64_t place)
{
    const struct opened_secret *slot = &opened->slots[first_slot_of(place)];
    __builtin_prefetch(slot);
    __builtin_prefetch((const uint8_t *)slot + 64);
}

const struct opened_secret *opened_find(const struct opened *opened, uint64_t place, const uint8_t *sealed, uint64_t transaction)
{
    const struct opened_secret *slots = &opened->slots[first_slot_of(place)];
    for (size_t way = 0; way < OPENED_WAYS; way++) {
        if (slots[way].sealed == sealed && slots[way].stamp == transaction + 1) return &slots[way];
    }
    return NULL;
}

/* The slot of an older transaction or of the same secret; else one that its address picks. */
static struct opened_secret *slot_to_fill(struct opened *opened, uint64_t place, const uint8_t *sealed, uint64_t transaction)
{
    struct opened_secret *slots = &opened->slots[first_slot_of(place)];
    for (size_t way = 0; way < OPENED_WAYS; way++) {
        if (slots[way].sealed == sealed || slots[way].stamp != transaction + 1) return &slots[way];
    }
    return &slots[(opened_place_of(sealed) >> 60) % OPENED_WAYS];
}

void opened_keep(struct opened *opened, uint64_t place, const uint8_t *sealed, uint64_t transaction, struct bytes secret)
{
    if (secret.length == 0 || secret.length > OPENED_MAX) return;
    struct opened_secret *slot = slot_to_fill(opened, place, sealed, transaction);
    if (slot->stamp != 0) secret_wipe(slot->secret, slot->length);
    slot->sealed = sealed;
    slot->stamp = transaction + 1;
    slot->length = (uint8_t)secret.length;
    memcpy(slot->secret, secret.data, secret.length);
    hmac_prepare(&slot->hmac, DIGEST_SHA256, secret);
}

uint64_t opened_find_long(const struct opened *opened, const uint8_t *sealed, uint64_t transaction, struct bytes *secret)
{
    const struct opened_longer *longer = &opened->longer;
    for (size_t i = 0; i < OPENED_LONG_SLOTS; i++) {
        if (longer->sealed[i] != sealed || longer->stamps[i] != transaction + 1) continue;
        *secret = bytes_of(longer->secrets[i], longer->lengths[i]);
        return longer->numbers[i];
    }
    return 0;
}

/* The slot of the same place; else the one that was opened longest ago, an empty one first. */
static size_t long_slot_to_fill(const struct opened_longer *longer, const uint8_t *sealed)
{
    size_t oldest = 0;
    for (size_t i = 0; i < OPENED_LONG_SLOTS; i++) {
        if (longer->sealed[i] == sealed) return i;
        if (longer->numbers[i] < longer->numbers[oldest]) oldest = i;
    }
    return oldest;
}

uint64_t opened_keep_long(struct opened *opened, const uint8_t *sealed, uint64_t transaction, struct bytes secret)
{
    static _Atomic uint64_t openings;
    struct opened_longer *longer = &opened->longer;
    if (secret.length <= OPENED_MAX || secret.length > OPENED_LONG_MAX) return 0;
    size_t slot = long_slot_to_fill(longer, sealed);
    secret_wipe(longer->secrets[slot], longer->lengths[slot]);
    longer->sealed[slot] = sealed;
    longer->stamps[slot] = transaction + 1;
    longer->numbers[slot] = ++openings;
    longer->lengths[slot] = secret.length;
    memcpy(longer->secrets[slot], secret.data, secret.length);
    return longer->numbers[slot];
}

void opened_forget(struct opened *opened)
{
    secret_wipe(opened, sizeof *opened);
}
