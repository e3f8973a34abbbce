#include "control/code_sender.h"

#include "base/text.h"
#include "control/http_client.h"
#include "control/log.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LETTERS    64 /* that wait */
#define SENDERS    4  /* a provider that does not answer holds one of them for its tries */
#define TRIES      3
#define TIMEOUT_MS 5000L
#define ARENA_SIZE (128u * 1024)
#define REPLY_MAX  (16u * 1024)

struct kept_letter {
    struct code_letter letter;
    char memory[CODE_URL_MAX + CODE_SECRET_MAX + CODE_BODY_MAX];
};

struct code_sender {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    pthread_t threads[SENDERS];
    size_t thread_count;
    size_t first, count;
    struct kept_letter letters[LETTERS];
};

void code_sign(struct buffer *out, const struct code_letter *letter, struct bytes timestamp)
{
    uint8_t memory[ID_SIZE + 32 + CODE_BODY_MAX];
    struct buffer signed_text = buffer_over(memory, sizeof memory);
    buffer_add_text(&signed_text, letter->id);
    buffer_add_byte(&signed_text, '.');
    buffer_add(&signed_text, timestamp);
    buffer_add_byte(&signed_text, '.');
    buffer_add(&signed_text, letter->body);
    struct digest_value mac = hmac_of(DIGEST_SHA256, letter->secret, buffer_bytes(&signed_text));
    buffer_add_text(out, "v1,");
    base64_encode(out, digest_bytes(&mac));
    secret_wipe(memory, sizeof memory);
}

/* "https://host" and the rest. */
static size_t length_of_base(struct bytes url)
{
    size_t start = bytes_find(url, ':') + sizeof "//";
    return start < url.length ? start + bytes_find(bytes_from(url, start), '/') : url.length;
}

/* 0: no answer, with the reason in words. */
static unsigned post(const struct code_letter *letter, struct arena *arena, char problem[static 256])
{
    char seconds[24], signature[64];
    struct buffer timestamp = buffer_over(seconds, sizeof seconds), signed_by = buffer_over(signature, sizeof signature);
    buffer_add_number(&timestamp, (int64_t)time(NULL));
    code_sign(&signed_by, letter, buffer_bytes(&timestamp));
    const struct http_field fields[] = {
        {BYTES("content-type"), BYTES("application/json")},
        {BYTES("webhook-id"), bytes_of_text(letter->id)},
        {BYTES("webhook-timestamp"), buffer_bytes(&timestamp)},
        {BYTES("webhook-signature"), buffer_bytes(&signed_by)},
    };
    size_t base = length_of_base(letter->url);
    struct http_call call = {
        .base = bytes_slice(letter->url, 0, base),
        .request = {.method = BYTES("POST"), .fields = fields, .field_count = sizeof fields / sizeof *fields},
        .body = letter->body,
        .limit = REPLY_MAX,
        .timeout_ms = TIMEOUT_MS,
        .guarded = true,
    };
    call.request.target = base < letter->url.length ? bytes_from(letter->url, base) : BYTES("/");
    struct http_reply reply = {0};
    return http_call(&call, arena, &reply, problem) ? reply.status : 0;
}

static void tell(const struct code_letter *letter, unsigned status, const char *problem)
{
    char words[300];
    if (status > 0) snprintf(words, sizeof words, "the provider answered %u", status);
    if (status == 0) snprintf(words, sizeof words, "%s", problem);
    const struct log_item items[] = {{"webhook_id", bytes_of_text(letter->id)}, {"problem", bytes_of_text(words)}};
    log_event(LOG_WARNING, "code_not_sent", items, 2);
}

static bool is_stopping(struct code_sender *sender)
{
    pthread_mutex_lock(&sender->lock);
    bool stop = sender->stop;
    pthread_mutex_unlock(&sender->lock);
    return stop;
}

static bool is_final(unsigned status)
{
    return status > 0 && status < 500 && status != 429;
}

static void deliver(struct code_sender *sender, const struct code_letter *letter, uint8_t *memory)
{
    char problem[256] = "its time was over";
    unsigned status = 0;
    for (unsigned attempt = 0; attempt < TRIES && !is_stopping(sender) && (int64_t)time(NULL) < letter->until; attempt++) {
        struct arena arena = arena_over(memory, ARENA_SIZE);
        const struct timespec pause = {attempt, 0};
        nanosleep(&pause, NULL);
        status = post(letter, &arena, problem);
        if (is_final(status)) break;
    }
    if (status < 200 || status > 299) tell(letter, status, problem);
}

/* Copies the letter with its texts, which then point into the copy. */
static void copy(struct kept_letter *to, const struct code_letter *from)
{
    struct buffer memory = buffer_over(to->memory, sizeof to->memory);
    to->letter = *from;
    buffer_add(&memory, from->url);
    buffer_add(&memory, from->secret);
    buffer_add(&memory, from->body);
    const char *start = to->memory;
    to->letter.url = bytes_of(start, from->url.length);
    to->letter.secret = bytes_of(start + from->url.length, from->secret.length);
    to->letter.body = bytes_of(start + from->url.length + from->secret.length, from->body.length);
}

/* Waits for a letter; false: the end. */
static bool next_letter(struct code_sender *sender, struct kept_letter *out)
{
    pthread_mutex_lock(&sender->lock);
    while (!sender->stop && sender->count == 0) pthread_cond_wait(&sender->wake, &sender->lock);
    bool there = !sender->stop;
    if (there) {
        struct kept_letter *first = &sender->letters[sender->first];
        copy(out, &first->letter);
        secret_wipe(first, sizeof *first);
        sender->first = (sender->first + 1) % LETTERS;
        sender->count--;
    }
    pthread_mutex_unlock(&sender->lock);
    return there;
}

static void *run(void *context)
{
    struct code_sender *sender = context;
    uint8_t *memory = malloc(ARENA_SIZE);
    struct kept_letter kept;
    while (memory != NULL && next_letter(sender, &kept)) {
        deliver(sender, &kept.letter, memory);
        secret_wipe(&kept, sizeof kept);
        secret_wipe(memory, ARENA_SIZE);
    }
    free(memory);
    return NULL;
}

struct code_sender *code_sender_start(char problem[static 256])
{
    struct code_sender *sender = calloc(1, sizeof *sender);
    if (sender != NULL) {
        pthread_mutex_init(&sender->lock, NULL);
        pthread_cond_init(&sender->wake, NULL);
        while (sender->thread_count < SENDERS && pthread_create(&sender->threads[sender->thread_count], NULL, run, sender) == 0)
            sender->thread_count++;
        if (sender->thread_count == SENDERS) return sender;
        code_sender_stop(sender);
    }
    snprintf(problem, 256, "no thread or memory to send codes");
    return NULL;
}

void code_sender_stop(struct code_sender *sender)
{
    if (sender == NULL) return;
    pthread_mutex_lock(&sender->lock);
    sender->stop = true;
    pthread_cond_broadcast(&sender->wake);
    pthread_mutex_unlock(&sender->lock);
    for (size_t i = 0; i < sender->thread_count; i++) pthread_join(sender->threads[i], NULL);
    pthread_cond_destroy(&sender->wake);
    pthread_mutex_destroy(&sender->lock);
    secret_wipe(sender->letters, sizeof sender->letters);
    free(sender);
}

bool code_sender_has_room(struct code_sender *sender)
{
    pthread_mutex_lock(&sender->lock);
    bool room = sender->count < LETTERS;
    pthread_mutex_unlock(&sender->lock);
    return room;
}

void code_sender_take(struct code_sender *sender, const struct code_letter *letter)
{
    if (sender == NULL) return;
    pthread_mutex_lock(&sender->lock);
    bool room = sender->count < LETTERS;
    if (room) copy(&sender->letters[(sender->first + sender->count++) % LETTERS], letter);
    pthread_cond_signal(&sender->wake);
    pthread_mutex_unlock(&sender->lock);
    if (!room) tell(letter, 0, "too many codes are waiting");
}
