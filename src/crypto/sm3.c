#include "crypto/sm3.h"

#include <endian.h>

static const uint32_t initial[8] = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};

static uint32_t turned(uint32_t word, unsigned bits)
{
    bits %= 32;
    return bits == 0 ? word : word << bits | word >> (32 - bits);
}

static uint32_t spread(uint32_t word)
{
    return word ^ turned(word, 15) ^ turned(word, 23);
}

/* 5.3.2: 68 words of a block. */
static void expand(const uint8_t block[static SM3_BLOCK], uint32_t words[static 68])
{
    for (size_t i = 0; i < 16; i++) {
        uint32_t word;
        memcpy(&word, block + 4 * i, sizeof word);
        words[i] = be32toh(word);
    }
    for (size_t i = 16; i < 68; i++)
        words[i] = spread(words[i - 16] ^ words[i - 9] ^ turned(words[i - 3], 15)) ^ turned(words[i - 13], 7) ^ words[i - 6];
}

/* 4.3: the two boolean functions, of the first sixteen rounds and of the others. */
static uint32_t mixed(unsigned round, uint32_t x, uint32_t y, uint32_t z)
{
    return round < 16 ? x ^ y ^ z : (x & y) | (x & z) | (y & z);
}

static uint32_t chosen(unsigned round, uint32_t x, uint32_t y, uint32_t z)
{
    return round < 16 ? x ^ y ^ z : (x & y) | (~x & z);
}

/* 5.3.3; the registers are A to H in order. */
static void step(uint32_t r[static 8], unsigned round, const uint32_t words[static 68])
{
    uint32_t constant = round < 16 ? 0x79cc4519 : 0x7a879d8a, twelve = turned(r[0], 12);
    uint32_t first = turned(twelve + r[4] + turned(constant, round), 7);
    uint32_t left = mixed(round, r[0], r[1], r[2]) + r[3] + (first ^ twelve) + (words[round] ^ words[round + 4]);
    uint32_t right = chosen(round, r[4], r[5], r[6]) + r[7] + first + words[round];
    r[3] = r[2], r[2] = turned(r[1], 9), r[1] = r[0], r[0] = left;
    r[7] = r[6], r[6] = turned(r[5], 19), r[5] = r[4], r[4] = right ^ turned(right, 9) ^ turned(right, 17);
}

static void compress(uint32_t chain[static 8], const uint8_t block[static SM3_BLOCK])
{
    uint32_t words[68], registers[8];
    expand(block, words);
    memcpy(registers, chain, sizeof registers);
    for (unsigned round = 0; round < 64; round++) step(registers, round, words);
    for (size_t i = 0; i < 8; i++) chain[i] ^= registers[i];
}

void sm3_go_on(struct sm3 *sm3, const uint32_t chain[static 8])
{
    memcpy(sm3->chain, chain, sizeof sm3->chain);
    sm3->length = SM3_BLOCK;
}

void sm3_start(struct sm3 *sm3)
{
    sm3_go_on(sm3, initial);
    sm3->length = 0;
}

void sm3_add(struct sm3 *sm3, struct bytes bytes)
{
    size_t held = sm3->length % SM3_BLOCK;
    sm3->length += bytes.length;
    while (held + bytes.length >= SM3_BLOCK) {
        size_t taken = SM3_BLOCK - held;
        memcpy(sm3->rest + held, bytes.data, taken);
        compress(sm3->chain, sm3->rest);
        bytes = bytes_from(bytes, taken);
        held = 0;
    }
    if (bytes.length > 0) memcpy(sm3->rest + held, bytes.data, bytes.length);
}

/* 5.2: a bit, zeros, and the length in bits. */
void sm3_finish(struct sm3 *sm3, uint8_t value[static SM3_SIZE])
{
    static const uint8_t padding[SM3_BLOCK] = {0x80};
    uint64_t bits = htobe64(8 * sm3->length);
    size_t held = sm3->length % SM3_BLOCK;
    sm3_add(sm3, bytes_of(padding, held < 56 ? 56 - held : 120 - held));
    sm3_add(sm3, bytes_of(&bits, sizeof bits));
    for (size_t i = 0; i < 8; i++) {
        uint32_t word = htobe32(sm3->chain[i]);
        memcpy(value + 4 * i, &word, sizeof word);
    }
}
