/* How one list of cli/relations.h is read, compared and written: a row of a table (relation_table.c). */
#ifndef COUNTERSIGN_CLI_RELATION_H
#define COUNTERSIGN_CLI_RELATION_H

#include "cli/relations.h"

#define KEYS_MAX    7 /* with a NULL behind them */
#define MEMBERS_MAX 20
#define REFERENCE   "value_from"

struct relation {
    const char *list;
    const char *noun;
    enum kind_place parent; /* each of these has some; KIND_COUNT: the gateway itself has */
    const char *path;       /* where they are listed; it holds the parent's id, unless `query` names a parameter for it */
    const char *query;
    const char *answered;                                  /* the member of the answer that lists them; NULL: it is one */
    const char *keys[KEYS_MAX];                            /* by which an item is known */
    const char *members[MEMBERS_MAX];                      /* the others */
    json_t *(*show)(const struct state *, const json_t *); /* an item of the answer as one of the document; NULL: it is none */
    json_t *(*write)(const json_t *item);                  /* the body that makes it, but for what `resolve` adds */
    const char *create;
    const char *method; /* of `create`; NULL: POST */
    const char *update; /* NULL: it is made again, and removed before when `once` */
    const char *remove; /* NULL: a setting, which stays and is another value at most */
    const char *id;     /* the member of the answer by which it is known; NULL: "id" */
    bool paged;         /* it comes in pages, though `query` is NULL */
    bool nested;        /* these paths hold the parent's id */
    bool strict;        /* a member that the document leaves out is none */
    bool once;
    const char *secret; /* a member that never stands in a document, but where it is to be had: "value_from"; NULL: there is none */
};

extern const struct relation relation_table[RELATION_COUNT];

/* The text of a member; "" when it has none. */
const char *text_of(const json_t *item, const char *member);
/* Copies those members of `from` that it has and that say something. */
void copy_members(json_t *to, const json_t *from, const char *const *members);
/* The id of what the item names; NULL: there is none. */
const char *id_of(const struct state *state, enum kind_place kind, const json_t *item);

#endif
