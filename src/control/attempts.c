#include "control/attempts.h"

#include "crypto/random.h"
#include "crypto/siphash.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKETS      2048
#define WAYS         4
#define NETWORK_V6   8 /* bytes: a customer has all addresses of a /64 */
#define PLACES       2
#define WAIT_SECONDS 5

struct count {
    struct siphash_value name; /* of what, who and source */
    uint32_t tries;
    int64_t began, ends;
};

struct attempts {
    pthread_mutex_t lock;
    sem_t places;
    struct siphash_key key; /* nobody works out which names share a bucket */
    struct count counts[BUCKETS][WAYS];
};

struct attempts *attempts_make(void)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);
    if (attempts == NULL || !random_bytes(&attempts->key, sizeof attempts->key)) {
        free(attempts);
        return NULL;
    }
    pthread_mutex_init(&attempts->lock, NULL);
    sem_init(&attempts->places, 0, PLACES);
    return attempts;
}

void attempts_destroy(struct attempts *attempts)
{
    if (attempts == NULL) return;
    sem_destroy(&attempts->places);
    pthread_mutex_destroy(&attempts->lock);
    free(attempts);
}

/* What a source counts as: an IPv4 address in either spelling, the network of an IPv6 address, or the text itself. */
static struct bytes source_of(struct bytes text, uint8_t address[static 16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char terminated[INET6_ADDRSTRLEN];
    if (text.length >= sizeof terminated) return text;
    if (text.length > 0) memcpy(terminated, text.data, text.length);
    terminated[text.length] = '\0';
    if (inet_pton(AF_INET, terminated, address) == 1) return bytes_of(address, 4);
    if (inet_pton(AF_INET6, terminated, address) != 1) return text;
    bool v4 = bytes_equal(bytes_of(address, sizeof mapped), bytes_of(mapped, sizeof mapped));
    return v4 ? bytes_of(address + sizeof mapped, 4) : bytes_of(address, NETWORK_V6);
}

static struct siphash_value name_of(const struct attempts *attempts, const struct attempt *attempt)
{
    uint8_t address[16];
    const struct bytes parts[] = {bytes_of_text(attempt->what), attempt->who, source_of(attempt->source, address)};
    return siphash_of_parts(&attempts->key, parts, 3);
}

static struct count *bucket_of(struct attempts *attempts, const struct siphash_value *name)
{
    return attempts->counts[name->words[1] % BUCKETS];
}

/* The count of this name, or NULL. */
static struct count *find(struct attempts *attempts, const struct siphash_value *name)
{
    struct count *bucket = bucket_of(attempts, name);
    for (size_t i = 0; i < WAYS; i++)
        if (bucket[i].name.words[0] == name->words[0] && bucket[i].name.words[1] == name->words[1]) return &bucket[i];
    return NULL;
}

/* Where a new count goes: in place of one that is over, else of the one with the fewest tries, and of those the oldest. */
static struct count *place_for(struct attempts *attempts, const struct siphash_value *name, int64_t now)
{
    struct count *bucket = bucket_of(attempts, name), *best = &bucket[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (now >= bucket[i].ends) return &bucket[i];
        bool less = bucket[i].tries < best->tries || (bucket[i].tries == best->tries && bucket[i].began < best->began);
        if (less) best = &bucket[i];
    }
    return best;
}

static bool is_over(const struct count *count, int64_t now)
{
    return now >= count->ends || now < count->began; /* a clock that was set back starts anew */
}

bool attempt_take(struct attempts *attempts, const struct attempt *attempt, int64_t now)
{
    struct siphash_value name = name_of(attempts, attempt);
    pthread_mutex_lock(&attempts->lock);
    struct count *count = find(attempts, &name);
    if (count == NULL || is_over(count, now)) {
        if (count == NULL) count = place_for(attempts, &name, now);
        *count = (struct count){.name = name, .began = now, .ends = now + attempt->seconds};
    }
    bool allowed = count->tries < attempt->most;
    count->tries += allowed;
    pthread_mutex_unlock(&attempts->lock);
    return allowed;
}

void attempt_forget(struct attempts *attempts, const struct attempt *attempt)
{
    struct siphash_value name = name_of(attempts, attempt);
    pthread_mutex_lock(&attempts->lock);
    struct count *count = find(attempts, &name);
    if (count != NULL) *count = (struct count){.tries = 0};
    pthread_mutex_unlock(&attempts->lock);
}

void attempt_give_back(struct attempts *attempts, const struct attempt *attempt)
{
    struct siphash_value name = name_of(attempts, attempt);
    pthread_mutex_lock(&attempts->lock);
    struct count *count = find(attempts, &name);
    if (count != NULL && count->tries > 0) count->tries--;
    pthread_mutex_unlock(&attempts->lock);
}

bool attempts_enter(struct attempts *attempts)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_SECONDS;
    return sem_timedwait(&attempts->places, &until) == 0;
}

void attempts_leave(struct attempts *attempts)
{
    sem_post(&attempts->places);
}
