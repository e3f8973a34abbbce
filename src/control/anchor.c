#include "control/anchor.h"

#include "base/json.h"
#include "control/files.h"
#include "control/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_SIZE 256

struct anchor {
    pthread_mutex_t lock;
    int fd;
    off_t begin; /* of the line that follows the chain */
    size_t length;
    int64_t begun; /* 0: no line yet */
    char last[AUDIT_ID_SIZE];
};

/* Behind the last whole line: a line that a full disk cut short is none. */
static off_t end_of_lines(int fd)
{
    char byte;
    off_t end = lseek(fd, 0, SEEK_END);
    while (end > 0 && pread(fd, &byte, 1, end - 1) == 1 && byte != '\n') end--;
    return end;
}

struct anchor *anchor_open(const char *data, char problem[static 256])
{
    char path[4096];
    struct anchor *anchor = calloc(1, sizeof *anchor);
    snprintf(problem, 256, "no memory, or the data directory's name is too long");
    if (anchor == NULL || !path_join(path, sizeof path, data, ANCHOR_FILE)) {
        free(anchor);
        return NULL;
    }
    anchor->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    anchor->begin = anchor->fd >= 0 ? end_of_lines(anchor->fd) : -1;
    if (anchor->begin < 0 || ftruncate(anchor->fd, anchor->begin) != 0) {
        snprintf(problem, 256, "cannot open %.180s: %s", path, strerror(errno));
        if (anchor->fd >= 0) close(anchor->fd);
        free(anchor);
        return NULL;
    }
    pthread_mutex_init(&anchor->lock, NULL);
    return anchor;
}

static void tell_log(const struct audit_point *end)
{
    struct log_item items[] = {{"id", bytes_of_text(end->id)}, {"chain", bytes_of_text(end->chain)}};
    log_event(LOG_INFO, "audit_anchor", items, 2);
}

/* The line that follows the chain is written over in place, in one call: all lines are of one length. */
static void write_line(struct anchor *anchor, const struct audit_point *end, int64_t now)
{
    char line[LINE_SIZE];
    bool fresh = anchor->begun == 0 || now - anchor->begun >= ANCHOR_SECONDS;
    if (fresh) {
        anchor->begin += (off_t)anchor->length;
        anchor->begun = now;
    }
    int length = snprintf(line, sizeof line, "{\"time\":%010lld,\"id\":\"%s\",\"chain\":\"%s\"}\n", (long long)now, end->id, end->chain);
    anchor->length = (size_t)length;
    if (pwrite(anchor->fd, line, (size_t)length, anchor->begin) != length) {
        log_problem(LOG_ERROR, "audit_anchor", "the end of the audit could not be written to " ANCHOR_FILE);
    }
    if (fresh) tell_log(end);
}

void anchor_note(struct anchor *anchor, const struct audit_point *end, int64_t now)
{
    if (anchor == NULL || end->id[0] == '\0') return;
    pthread_mutex_lock(&anchor->lock);
    if (bytes_compare(bytes_of_text(end->id), bytes_of_text(anchor->last)) > 0) {
        memcpy(anchor->last, end->id, sizeof anchor->last);
        write_line(anchor, end, now);
    }
    pthread_mutex_unlock(&anchor->lock);
}

void anchor_close(struct anchor *anchor)
{
    if (anchor == NULL) return;
    fsync(anchor->fd);
    close(anchor->fd);
    pthread_mutex_destroy(&anchor->lock);
    free(anchor);
}

static bool read_line(struct bytes line, int64_t *time, struct audit_point *point)
{
    uint8_t memory[LINE_SIZE];
    struct arena arena = arena_over(memory, sizeof memory);
    struct json_value document, when, id, chain;
    if (!json_read(&arena, line, &document) || !json_member(&arena, &document, BYTES("time"), &when) ||
        !json_member(&arena, &document, BYTES("id"), &id) || !json_member(&arena, &document, BYTES("chain"), &chain)) {
        return false;
    }
    audit_point_set(point, id.text, chain.text);
    return json_read_integer(&when, time) && id.type == JSON_TYPE_STRING && chain.type == JSON_TYPE_STRING;
}

static bool read_lines(FILE *file, anchor_each each, void *context, char *problem)
{
    char line[LINE_SIZE];
    struct audit_point point;
    int64_t time;
    for (unsigned number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        struct bytes text = bytes_slice(bytes_of_text(line), 0, strcspn(line, "\n"));
        if (!read_line(text, &time, &point)) {
            snprintf(problem, 256, "line %u is no anchor", number);
            return false;
        }
        if (!each(context, time, &point)) return false;
    }
    return true;
}

bool anchors_read(const char *path, anchor_each each, void *context, char problem[static 256])
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        snprintf(problem, 256, "%.180s: %s", path, strerror(errno));
        return false;
    }
    bool done = read_lines(file, each, context, problem);
    fclose(file);
    return done;
}

static bool keep_last(void *context, int64_t time, const struct audit_point *point)
{
    (void)time;
    *(struct audit_point *)context = *point;
    return true;
}

void anchor_check(const char *data, struct store *store)
{
    char path[4096], problem[256];
    struct audit_point last = {0};
    struct audit_verdict verdict = {0};
    if (!path_join(path, sizeof path, data, ANCHOR_FILE) || access(path, F_OK) != 0) return; /* the first start */
    if (!anchors_read(path, keep_last, &last, problem)) {
        log_problem(LOG_ERROR, "audit_broken", problem);
        return;
    }
    struct session *session = store_read(store);
    bool asked = session != NULL && (last.id[0] == '\0' || store_audit_verify_point(session, &last, &verdict) == STORE_OK);
    store_abort(session);
    if (asked && verdict.finding != AUDIT_WHOLE) {
        log_problem(LOG_ERROR, "audit_broken",
                    "the store's audit is not the one that " ANCHOR_FILE " tells of: an older copy was restored, or rows were "
                    "removed or written anew; see countersign audit verify");
    }
}
