/* countersign import: consumers and their credentials, a line of JSON each; a line of JSON as the result of each. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/connection.h"

#define LINES_A_CALL 1000

#define SENDERS 3 /* while the store takes one call, the edge follows the one before, and the next is made ready */

/* One call of LINES_A_CALL lines, in a thread of its own. */
struct sender {
    struct connection connection;
    json_t *lines;
    long long first; /* number of its first line */
    bool running;
    pthread_t thread;
    json_t *answer;
    enum connection_outcome outcome;
};

struct import {
    struct connection_options where;
    const char *file;
    struct sender senders[SENDERS];
    long long next; /* number of the next line */
    long long imported, refused;
    const char *problem; /* of the first call that failed */
    long long failed_at;
};

static bool take_option(struct import *import, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **place;
    } options[] = {{"--data", &import->where.data},
                   {"--profile", &import->where.profile},
                   {"--endpoint", &import->where.endpoint},
                   {"--instance", &import->where.instance}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(name, options[i].name) != 0 || value == NULL) continue;
        *options[i].place = value;
        return true;
    }
    return false;
}

static const char *read_arguments(struct import *import, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (import->file != NULL) return "there is nothing to do with a further argument";
            import->file = argv[i];
        } else if (take_option(import, argv[i], i + 1 < argc ? argv[i + 1] : NULL)) {
            i++;
        } else {
            return "an option is unknown or lacks its value";
        }
    }
    return import->file != NULL ? NULL : "the file is missing (- is standard input)";
}

static bool print_results(struct import *import, const struct sender *sender)
{
    const json_t *results = json_object_get(sender->answer, "results");
    for (size_t i = 0; i < json_array_size(results); i++) {
        json_t *line = json_object(), *result = json_array_get(results, i);
        json_object_set_new(line, "line", json_integer(sender->first + (long long)i));
        json_object_update(line, result);
        *(json_object_get(result, "error_code") != NULL ? &import->refused : &import->imported) += 1;
        bool written = json_dumpf(line, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
        json_decref(line);
        if (!written) return false;
    }
    return fflush(stdout) == 0;
}

static void *send_lines(void *context)
{
    struct sender *sender = context;
    json_t *body = json_pack("{s:O}", "lines", sender->lines);
    struct connection_call call = {
        .method = "POST", .path = "/v2/{project_id}/apigw/instances/{instance_id}/consumers/import", .body = body};
    sender->outcome = connection_send(&sender->connection, &call, &sender->answer);
    json_decref(body);
    return NULL;
}

/* Waits for the sender's call and prints its results. */
static enum connection_outcome finish(struct import *import, struct sender *sender)
{
    if (!sender->running) return CONNECTION_DONE;
    pthread_join(sender->thread, NULL);
    sender->running = false;
    if (sender->outcome == CONNECTION_DONE && !print_results(import, sender)) sender->outcome = CONNECTION_FAULT;
    if (sender->outcome != CONNECTION_DONE && import->problem == NULL) {
        import->problem = sender->connection.problem;
        import->failed_at = sender->first;
    }
    json_array_clear(sender->lines);
    json_decref(sender->answer);
    sender->answer = NULL;
    return sender->outcome;
}

static enum connection_outcome start(struct sender *sender)
{
    if (json_array_size(sender->lines) == 0) return CONNECTION_DONE;
    sender->running = pthread_create(&sender->thread, NULL, send_lines, sender) == 0;
    return sender->running ? CONNECTION_DONE : CONNECTION_FAULT;
}

/* As many lines as a call takes; false at the end of the file. */
static bool read_lines(struct import *import, struct sender *sender, FILE *file)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length = 1;
    sender->first = import->next;
    while (json_array_size(sender->lines) < LINES_A_CALL && (length = getline(&line, &size, file)) > 0) {
        if (line[length - 1] == '\n') length--;
        json_t *text = json_stringn(line, (size_t)length);
        json_array_append_new(sender->lines, text != NULL ? text : json_string("not UTF-8"));
        import->next++;
    }
    free(line);
    return length > 0;
}

/* The senders take turns, so results come in the order of the lines. */
static enum connection_outcome import_lines(struct import *import, FILE *file)
{
    enum connection_outcome outcome = CONNECTION_DONE;
    size_t turn = 0;
    for (bool more = true; more && outcome == CONNECTION_DONE; turn++) {
        struct sender *sender = &import->senders[turn % SENDERS];
        outcome = finish(import, sender);
        more = read_lines(import, sender, file);
        if (outcome == CONNECTION_DONE) outcome = start(sender);
    }
    for (size_t i = 0; i < SENDERS; i++) {
        enum connection_outcome last = finish(import, &import->senders[(turn + i) % SENDERS]);
        if (outcome == CONNECTION_DONE) outcome = last;
    }
    return outcome;
}

static bool open_senders(struct import *import)
{
    for (size_t i = 0; i < SENDERS; i++) {
        struct sender *sender = &import->senders[i];
        sender->lines = json_array();
        if (connection_open(&sender->connection, &import->where)) continue;
        import->problem = sender->connection.problem;
        return false;
    }
    return true;
}

static void close_senders(struct import *import)
{
    for (size_t i = 0; i < SENDERS; i++) {
        json_decref(import->senders[i].lines);
        connection_close(&import->senders[i].connection);
    }
}

static int result_of(const struct import *import, enum connection_outcome outcome)
{
    if (outcome != CONNECTION_DONE) {
        fprintf(stderr, "countersign import: from line %lld on: %s\n", import->failed_at,
                import->problem != NULL ? import->problem : "no thread");
    }
    if (outcome == CONNECTION_FAULT) return COMMAND_FAULT;
    return outcome == CONNECTION_REFUSED || import->refused > 0 ? COMMAND_REFUSED : COMMAND_OK;
}

static int run(struct import *import)
{
    bool standard_input = strcmp(import->file, "-") == 0;
    FILE *file = standard_input ? stdin : fopen(import->file, "re");
    struct timespec begin, end;
    if (file == NULL) return command_failed("import", strerror(errno));
    clock_gettime(CLOCK_MONOTONIC, &begin);
    enum connection_outcome outcome = open_senders(import) ? import_lines(import, file) : CONNECTION_FAULT;
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (!standard_input) fclose(file);
    double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    fprintf(stderr, "%lld imported, %lld refused, %.1f s, %.0f a second\n", import->imported, import->refused, seconds,
            (double)import->imported / (seconds > 0 ? seconds : 1));
    int result = result_of(import, outcome);
    close_senders(import);
    return result;
}

int import_main(int argc, char **argv)
{
    struct import *import = calloc(1, sizeof *import);
    if (import == NULL) return command_failed("import", "out of memory");
    import->next = import->failed_at = 1;
    const char *problem = read_arguments(import, argc, argv);
    int result = problem != NULL ? command_misused("import", problem) : run(import);
    free(import);
    return result;
}
