#include "edge/opened.h"

#include "crypto/secret.h"

_Static_assert((OPENED_SLOTS & (OPENED_SLOTS - 1)) == 0, "slots are found with a mask");

/* Sealed secrets stand anywhere in a page, records far apart: the product spreads both. */
static size_t slot_of(const uint8_t *sealed)
{
    return (size_t)(((uintptr_t)sealed * 0x9e3779b97f4a7c15u) >> 40) & (OPENED_SLOTS - 1);
}

struct bytes opened_find(const struct opened *opened, const uint8_t *sealed, uint64_t transaction)
{
    const struct opened_secret *slot = &opened->slots[slot_of(sealed)];
    bool known = slot->sealed == sealed && slot->stamp == transaction + 1;
    return known ? bytes_of(slot->secret, slot->length) : bytes_of(NULL, 0);
}

void opened_keep(struct opened *opened, const uint8_t *sealed, uint64_t transaction, struct bytes secret)
{
    if (secret.length == 0 || secret.length > OPENED_MAX) return;
    struct opened_secret *slot = &opened->slots[slot_of(sealed)];
    if (slot->stamp != 0) secret_wipe(slot->secret, slot->length);
    slot->sealed = sealed;
    slot->stamp = transaction + 1;
    slot->length = (uint8_t)secret.length;
    memcpy(slot->secret, secret.data, secret.length);
}

void opened_forget(struct opened *opened)
{
    secret_wipe(opened, sizeof *opened);
}
