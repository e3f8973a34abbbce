/* One API and one key in memory, without store or edge: what check-vectors, verify and explain decide with, through the real admission. */
#ifndef COUNTERSIGN_CLI_LOCAL_H
#define COUNTERSIGN_CLI_LOCAL_H

#include "admit/admit.h"

#define LOCAL_ARENA_SIZE (8 * 1024 * 1024)

struct local {
    struct bytes key_id;
    struct credential credential;
    struct publication publication;
    struct directory directory;
};

/* `secret` is the key pair's secret, or the API key itself. The structure must stay where it is: the directory points into it. */
void local_set(struct local *local, const struct scheme *scheme, struct bytes key_id, struct bytes secret);

struct local_question {
    const struct http_request *request;
    struct bytes body;
    bool without_body; /* there is one, but it is not at hand: ADMISSION_NEEDS_BODY stands, and admission.proven tells of the signature */
    int64_t now;       /* Unix seconds */
};
/* admit_begin, and admit_finish when the body is needed. */
void local_admit(struct local *local, const struct local_question *question, struct arena *arena, struct admission *admission);

/* A whole file ("-" is standard input) of at most 64 MiB; false with a line on standard error. The caller frees the data. */
bool local_read_file(const char *path, struct bytes *content);
/* The arena that a command works in; ends the program with COMMAND_FAULT when there is no memory. */
struct arena local_arena(void);

#endif
