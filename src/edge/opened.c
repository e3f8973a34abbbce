#include "edge/opened.h"

#include "crypto/secret.h"

_Static_assert((OPENED_SLOTS & (OPENED_SLOTS - 1)) == 0 && OPENED_SLOTS % OPENED_WAYS == 0, "sets are found with a mask");

/* Sealed secrets stand at regular distances; one product alone keeps such steps, two do not. */
static uint64_t mixed(const uint8_t *sealed)
{
    uint64_t once = (uint64_t)(uintptr_t)sealed * 0x9e3779b97f4a7c15u;
    return (once ^ once >> 32) * 0x9e3779b97f4a7c15u;
}

/* The first of the slots where it may stand. */
static size_t first_slot_of(const uint8_t *sealed)
{
    return (size_t)(mixed(sealed) >> 44) & (OPENED_SLOTS - OPENED_WAYS);
}

const struct opened_secret *opened_find(const struct opened *opened, const uint8_t *sealed, uint64_t transaction)
{
    const struct opened_secret *slots = &opened->slots[first_slot_of(sealed)];
    for (size_t way = 0; way < OPENED_WAYS; way++) {
        if (slots[way].sealed == sealed && slots[way].stamp == transaction + 1) return &slots[way];
    }
    return NULL;
}

/* The slot of an older transaction or of the same place; else one that the address picks. */
static struct opened_secret *slot_to_fill(struct opened *opened, const uint8_t *sealed, uint64_t transaction)
{
    struct opened_secret *slots = &opened->slots[first_slot_of(sealed)];
    for (size_t way = 0; way < OPENED_WAYS; way++) {
        if (slots[way].sealed == sealed || slots[way].stamp != transaction + 1) return &slots[way];
    }
    return &slots[(mixed(sealed) >> 60) % OPENED_WAYS];
}

void opened_keep(struct opened *opened, const uint8_t *sealed, uint64_t transaction, struct bytes secret)
{
    if (secret.length == 0 || secret.length > OPENED_MAX) return;
    struct opened_secret *slot = slot_to_fill(opened, sealed, transaction);
    if (slot->stamp != 0) secret_wipe(slot->secret, slot->length);
    slot->sealed = sealed;
    slot->stamp = transaction + 1;
    slot->length = (uint8_t)secret.length;
    memcpy(slot->secret, secret.data, secret.length);
    hmac_prepare(&slot->hmac, DIGEST_SHA256, secret);
}

void opened_forget(struct opened *opened)
{
    secret_wipe(opened, sizeof *opened);
}
