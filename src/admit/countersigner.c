#include "admit/countersigner.h"

#include "base/date.h"
#include "base/text.h"
#include "crypto/secret.h"

bool countersigner_prepare(struct countersigner *signer)
{
    *signer = (struct countersigner){.cfb = cfb_prepare()};
    return signer->cfb != NULL;
}

void countersigner_destroy(struct countersigner *signer)
{
    cfb_destroy(signer->cfb);
    for (size_t i = 0; i < COUNTERSIGNER_KEYS; i++) private_key_destroy(signer->keys[i].key);
    secret_wipe(signer, sizeof *signer);
}

static struct private_key *parse(struct bytes text, struct arena *arena)
{
    size_t mark = arena->used;
    struct buffer der = buffer_in(arena, text.length);
    struct private_key *key = base64_decode(&der, text) ? private_key_prepare(buffer_bytes(&der)) : NULL;
    secret_wipe(der.data, der.length);
    arena_rewind(arena, mark);
    return key;
}

/* Where a key with this digest stands, or is to stand: in place of the one that was used longest ago. */
static size_t place_of(const struct countersigner *signer, const struct digest_value *id)
{
    size_t oldest = 0;
    for (size_t i = 0; i < COUNTERSIGNER_KEYS; i++) {
        const struct countersigner_key *entry = &signer->keys[i];
        if (entry->key != NULL && secret_equal(digest_bytes(&entry->id), digest_bytes(id))) return i;
        if (entry->used < signer->keys[oldest].used) oldest = i;
    }
    return oldest;
}

/* A key is known by the digest of its text, so another one under the same id is another key. */
static struct countersigner_key *by_text(struct countersigner *signer, const struct signing *signing, struct arena *arena)
{
    struct digest_value id = digest_of(DIGEST_SHA256, signing->secret.text);
    size_t at = place_of(signer, &id);
    struct countersigner_key *entry = &signer->keys[at];
    if (entry->key == NULL || !secret_equal(digest_bytes(&entry->id), digest_bytes(&id))) {
        struct private_key *key = parse(signing->secret.text, arena);
        if (key == NULL) return NULL;
        private_key_destroy(entry->key);
        *entry = (struct countersigner_key){.id = id, .key = key};
    }
    signer->openings[at] = signing->opening;
    return entry;
}

/* One opening is of one text; only a text that was opened anew is looked at. */
static struct countersigner_key *by_opening(struct countersigner *signer, uint64_t opening)
{
    for (size_t i = 0; opening != 0 && i < COUNTERSIGNER_KEYS; i++)
        if (signer->openings[i] == opening) return &signer->keys[i];
    return NULL;
}

struct private_key *countersigner_private_key(struct countersigner *signer, const struct signing *signing, struct arena *arena)
{
    struct countersigner_key *entry = by_opening(signer, signing->opening);
    if (entry == NULL) entry = by_text(signer, signing, arena);
    if (entry == NULL) return NULL;
    entry->used = ++signer->uses;
    return entry->key;
}

struct bytes countersigner_date(struct countersigner *signer, int64_t now)
{
    struct buffer date = buffer_over(signer->date, sizeof signer->date);
    if (now == signer->second && now != 0) return bytes_of(signer->date, sizeof signer->date);
    signer->second = 0;
    date_format_basic(&date, now);
    if (!date.overflow) signer->second = now;
    return buffer_bytes(&date);
}
