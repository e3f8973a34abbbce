#include "control/attempts.h"

#include "crypto/digest.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKETS      2048
#define WAYS         4
#define NAME_SIZE    16
#define PLACES       2
#define WAIT_SECONDS 5

struct count {
    uint8_t name[NAME_SIZE]; /* start of the digest of what, who and source */
    uint32_t tries;
    int64_t began;
};

struct attempts {
    pthread_mutex_t lock;
    sem_t places;
    struct count counts[BUCKETS][WAYS];
};

struct attempts *attempts_make(void)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);
    if (attempts == NULL) return NULL;
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

static void add_part(struct digest *digest, struct bytes part)
{
    uint64_t length = part.length;
    digest_add(digest, bytes_of(&length, sizeof length));
    digest_add(digest, part);
}

static struct digest_value name_of(const struct attempt *attempt)
{
    struct digest digest;
    digest_start(&digest, DIGEST_SHA256);
    add_part(&digest, bytes_of_text(attempt->what));
    add_part(&digest, attempt->who);
    add_part(&digest, attempt->source);
    return digest_finish(&digest);
}

/* The count of this name, or NULL; `oldest` is what makes room for it. */
static struct count *find(struct attempts *attempts, const struct digest_value *name, struct count **oldest)
{
    size_t bucket = ((size_t)name->data[NAME_SIZE] << 8 | name->data[NAME_SIZE + 1]) % BUCKETS;
    *oldest = &attempts->counts[bucket][0];
    for (size_t i = 0; i < WAYS; i++) {
        struct count *count = &attempts->counts[bucket][i];
        if (bytes_equal(bytes_of(count->name, NAME_SIZE), bytes_of(name->data, NAME_SIZE))) return count;
        if (count->began < (*oldest)->began) *oldest = count;
    }
    return NULL;
}

static bool is_over(const struct count *count, const struct attempt *attempt, int64_t now)
{
    return now >= count->began + attempt->seconds || now < count->began; /* a clock that was set back starts anew */
}

bool attempt_take(struct attempts *attempts, const struct attempt *attempt, int64_t now)
{
    struct digest_value name = name_of(attempt);
    struct count *oldest;
    pthread_mutex_lock(&attempts->lock);
    struct count *count = find(attempts, &name, &oldest);
    if (count == NULL || is_over(count, attempt, now)) {
        if (count == NULL) count = oldest;
        *count = (struct count){.began = now};
        memcpy(count->name, name.data, NAME_SIZE);
    }
    bool allowed = count->tries < attempt->most;
    count->tries += allowed;
    pthread_mutex_unlock(&attempts->lock);
    return allowed;
}

void attempt_forget(struct attempts *attempts, const struct attempt *attempt)
{
    struct digest_value name = name_of(attempt);
    struct count *oldest;
    pthread_mutex_lock(&attempts->lock);
    struct count *count = find(attempts, &name, &oldest);
    if (count != NULL) *count = (struct count){.tries = 0};
    pthread_mutex_unlock(&attempts->lock);
}

void attempt_give_back(struct attempts *attempts, const struct attempt *attempt)
{
    struct digest_value name = name_of(attempt);
    struct count *oldest;
    pthread_mutex_lock(&attempts->lock);
    struct count *count = find(attempts, &name, &oldest);
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
