#include "crypto/random.h"
#include "crypto/secret.h"

#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <sys/random.h>

/* A request needs 16 bytes, and a system call for each would cost more than its signature: bytes are drawn ahead, for each thread its own.
 * They are wiped as they are handed out. After a fork parent and child would hand out the same bytes, so the child's stock is of an older
 * generation and is thrown away; a system where the fork cannot be noticed gets no stock. */
#define STOCK_SIZE 4096

struct stock {
    uint8_t bytes[STOCK_SIZE];
    size_t left; /* at the end of `bytes` */
    unsigned generation;
};

static _Thread_local struct stock stock;
static unsigned generation = 1;
static bool forks_are_noticed = false;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void after_fork_in_child(void)
{
    generation++;
}

static void watch_forks(void)
{
    forks_are_noticed = pthread_atfork(NULL, NULL, after_fork_in_child) == 0;
}

static bool draw(uint8_t *out, size_t length)
{
    while (length > 0) {
        ssize_t drawn = getrandom(out, length, 0);
        if (drawn < 0 && errno == EINTR) continue;
        if (drawn <= 0) return false;
        out += drawn;
        length -= (size_t)drawn;
    }
    return true;
}

static bool refill(void)
{
    stock.left = 0;
    if (!draw(stock.bytes, STOCK_SIZE)) return false;
    stock.left = STOCK_SIZE;
    stock.generation = generation;
    return true;
}

bool random_bytes(void *out, size_t length)
{
    pthread_once(&once, watch_forks);
    if (!forks_are_noticed || length > STOCK_SIZE / 4) return draw(out, length);
    if ((stock.left < length || stock.generation != generation) && !refill()) return false;
    uint8_t *from = stock.bytes + STOCK_SIZE - stock.left;
    memcpy(out, from, length);
    secret_wipe(from, length);
    stock.left -= length;
    return true;
}

bool random_text(struct buffer *out, size_t length)
{
    static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const size_t count = sizeof characters - 1;
    uint8_t *to = buffer_reserve(out, length);
    if (to == NULL) return false;
    while (length > 0) {
        uint8_t byte = 0;
        if (!random_bytes(&byte, 1)) return false;
        /* 248 is the greatest multiple of 62: beyond it the first characters would come more often. */
        if (byte >= 256 / count * count) continue;
        *to++ = (uint8_t)characters[byte % count];
        length--;
    }
    return true;
}

static bool write_id(const uint8_t bytes[static 16], char out[static 33])
{
    struct buffer text = buffer_over(out, 32);
    hex_encode(&text, bytes_of(bytes, 16));
    out[32] = '\0';
    return true;
}

bool random_id(char out[static 33])
{
    uint8_t bytes[16];
    return random_bytes(bytes, sizeof bytes) && write_id(bytes, out);
}

bool random_id_at(int64_t milliseconds, char out[static 33])
{
    uint8_t bytes[16];
    for (int i = 0; i < 6; i++) bytes[i] = (uint8_t)((uint64_t)milliseconds >> (40 - 8 * i));
    return random_bytes(&bytes[6], sizeof bytes - 6) && write_id(bytes, out);
}
