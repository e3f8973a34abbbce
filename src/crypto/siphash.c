/* Aumasson and Bernstein, "SipHash: a fast short-input PRF", with the 128-bit result of its authors' later reference. */
#include "crypto/siphash.h"

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(struct siphash_state *s, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 = rotate(s->v2, 32);
    }
}

static void add_word(struct siphash_state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s, 2);
    s->v0 ^= word;
}

static uint64_t load(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Up to seven bytes as the low ones of a word. */
static uint64_t load_some(const uint8_t *bytes, size_t length)
{
    uint64_t word = 0;
    for (size_t i = 0; i < length; i++) word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}

/* What waits goes in front: a word of the text fills it up, and leaves as many bytes waiting as there were. */
static void add(struct siphash_state *s, struct bytes bytes)
{
    unsigned waiting = 8 * (unsigned)(s->length & 7);
    s->length += bytes.length;
    for (; bytes.length >= 8; bytes = bytes_of(bytes.data + 8, bytes.length - 8)) {
        uint64_t word = load(bytes.data);
        add_word(s, s->word | word << waiting);
        s->word = waiting == 0 ? 0 : word >> (64 - waiting);
    }
    uint64_t rest = load_some(bytes.data, bytes.length);
    s->word |= rest << waiting;
    if (waiting + 8 * bytes.length < 64) return;
    add_word(s, s->word);
    s->word = rest >> (64 - waiting); /* it did not fit, so something waited */
}

static struct siphash_state start(const struct siphash_key *key)
{
    uint64_t k0 = key->words[0], k1 = key->words[1];
    return (struct siphash_state){.v0 = 0x736f6d6570736575u ^ k0,
                                  .v1 = 0x646f72616e646f6du ^ k1 ^ 0xee,
                                  .v2 = 0x6c7967656e657261u ^ k0,
                                  .v3 = 0x7465646279746573u ^ k1};
}

static struct siphash_value finish(struct siphash_state *s)
{
    struct siphash_value value;
    add_word(s, s->word | s->length << 56);
    s->v2 ^= 0xee;
    mix(s, 4);
    value.words[0] = s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
    s->v1 ^= 0xdd;
    mix(s, 4);
    value.words[1] = s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
    return value;
}

struct siphash_key siphash_key_of(const uint8_t bytes[static SIPHASH_KEY_SIZE])
{
    return (struct siphash_key){{load(bytes), load(bytes + 8)}};
}

static void add_part(struct siphash_state *s, struct bytes part)
{
    const uint64_t length = part.length;
    add(s, bytes_of(&length, sizeof length));
    add(s, part);
}

struct siphash_state siphash_begin(const struct siphash_key *key, const struct bytes *parts, size_t count)
{
    struct siphash_state s = start(key);
    for (size_t i = 0; i < count; i++) add_part(&s, parts[i]);
    return s;
}

struct siphash_value siphash_end(const struct siphash_state *begun, struct bytes last)
{
    struct siphash_state s = *begun;
    add_part(&s, last);
    return finish(&s);
}

struct siphash_value siphash_of_parts(const struct siphash_key *key, const struct bytes *parts, size_t count)
{
    struct siphash_state s = siphash_begin(key, parts, count);
    return finish(&s);
}

struct siphash_value siphash_of(const struct siphash_key *key, struct bytes bytes)
{
    struct siphash_state s = start(key);
    add(&s, bytes);
    return finish(&s);
}
