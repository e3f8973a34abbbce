/* What hangs on two things, or on one and has no name of its own, in the documents of apply and export: domains of groups, credentials of
 * consumers, authorisations, bindings of signature keys and of policies, callers with limits of their own, and settings of the gateway. An
 * item is known by some of its members, and names stand where the API has ids. A secret never stands in a document, but where it is to be
 * had: "value_from": "env:NAME" or "file:PATH". */
#ifndef COUNTERSIGN_CLI_RELATIONS_H
#define COUNTERSIGN_CLI_RELATIONS_H

#include "cli/state.h"

#define RELATION_COUNT 12

struct relation;
/* In the order in which they refer to each other. */
const struct relation *relation_at(size_t index);

const char *relation_list(const struct relation *relation); /* "app_auths": the member of the document */
/* Is it a setting of the gateway itself? Others may depend on it, and none goes away. */
bool relation_is_setting(const struct relation *relation);
/* What is wrong with an item of a document, in words; NULL: nothing. */
const char *relation_check(const struct relation *relation, const json_t *item);
/* An item by the members by which it is known: "app-auth shop/orders RELEASE till". */
void relation_say(const struct relation *relation, const json_t *item, char *text, size_t size);

/* Those that there are: items as in the document, and what the API knows them by, in the same order. */
struct related {
    json_t *items;
    json_t *ids;
};
enum connection_outcome relation_read(struct connection *connection, const struct state *state, const struct relation *relation,
                                      struct related *related);
void related_free(struct related *related);
/* The index of the item that is known by the same members; -1: there is none. */
int relation_find(const struct relation *relation, const json_t *items, const json_t *item);
bool relation_is(const struct relation *relation, const json_t *current, const json_t *item);
/* The members that differ, with commas; empty: none. */
void relation_differs(const struct relation *relation, const json_t *current, const json_t *item, char *text, size_t size);

enum connection_outcome relation_make(struct connection *connection, const struct state *state, const struct relation *relation,
                                      const json_t *item);
struct relation_place {
    const json_t *current;
    const json_t *ids;
};
enum connection_outcome relation_change(struct connection *connection, const struct state *state, const struct relation *relation,
                                        const struct relation_place *place, const json_t *item);
enum connection_outcome relation_remove(struct connection *connection, const struct relation *relation, const json_t *ids);

#endif
