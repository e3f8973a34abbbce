/* What a gateway holds as a document: `countersign export` writes it, `countersign apply` compares with it.
 *
 *     {"environments": […], "api_groups": […], "apis": […], "apps": […], "consumers": […], "signature_keys": […], "throttles": […],
 *      "acls": […], "users": […]}
 *
 * An item has the members that may be given when it is made, without secrets; ids are names. An API says with "published" in which
 * environments. What has no name of its own: cli/relations.h. */
#ifndef COUNTERSIGN_CLI_STATE_H
#define COUNTERSIGN_CLI_STATE_H

#include "cli/connection.h"
#include "cli/operations.h"

struct kind {
    const char *list;     /* "apis": the member of the document */
    const char *resource; /* "api" */
    const char *fixed;    /* the id of what is neither made nor removed; NULL: none */
    const char *named;    /* the member with its name; NULL: "name" */
    const char *omitted;  /* a member that belongs to a secret, and is not exported; NULL: none */
    bool published;       /* its items have "published" */
    bool apart;           /* of the domain, not of the instance: read only when it is asked for */
};
enum kind_place { KIND_ENV, KIND_GROUP, KIND_API, KIND_APP, KIND_CONSUMER, KIND_SIGN, KIND_THROTTLE, KIND_ACL, KIND_USER, KIND_COUNT };
/* In the order in which things refer to each other. */
extern const struct kind kinds[KIND_COUNT];

struct state {
    json_t *items[KIND_COUNT]; /* as in the document */
    json_t *ids[KIND_COUNT];   /* of each item, in the same order */
};

/* The name of an item; NULL: it has none. */
const char *kind_name(const struct kind *kind, const json_t *item);
bool kind_operation(const struct kind *kind, const char *verb, struct operation *operation);
/* Reads all of it, what stands apart with `apart`. After anything but CONNECTION_DONE the connection says why. */
enum connection_outcome state_read(struct connection *connection, struct state *state, bool apart);
/* The items of a kind as they are exported. */
json_t *state_without_keys(struct state *state, size_t kind);
void state_free(struct state *state);
/* What an answer tells as an item of the document, but for "published". */
json_t *state_item(const struct state *state, size_t kind, const json_t *raw);
/* Lists whose order says nothing (a user's roles) in one order. */
void state_put_in_order(json_t *item);

/* The index of the item of this kind with the same name (and, of APIs, group); -1: there is none. */
int state_find(const struct state *state, size_t kind, const json_t *item);

#endif
