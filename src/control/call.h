/* One management call, from its header fields to its answer. Memory of a call comes from its arena and goes with it.
 *
 * A handler reads what was asked (params, query, body), works in the one session, and ends with call_answer or call_refuse:
 *
 *     static bool create(struct call *call) { … return call_answer(call, 201, json); }
 *
 * The dispatcher (dispatch.c) has done everything around it: authentication, project and instance, the body read by the route's fields,
 * the session (a write one unless the route only reads). It commits when the handler returned true and aborts when it returned false, so a
 * refused call leaves nothing half written; and it answers only when the local edge has what was changed. */
#ifndef COUNTERSIGN_CONTROL_CALL_H
#define COUNTERSIGN_CONTROL_CALL_H

#include "base/arena.h"
#include "control/daemon.h"
#include "control/errors.h"
#include "control/fields.h"
#include "control/rights.h"
#include "http/request.h"

#define CALL_ARENA_SIZE  (4u * 1024 * 1024) /* taken from the system page by page, so an idle call costs nothing */
#define CALL_MAX_PARAMS  4
#define CALL_MAX_SUBJECT 512
#define CALL_MAX_FIELDS  4

struct authentication;
struct code_letter;
struct route;

struct call {
    const struct daemon *daemon;
    const struct route *route;
    struct arena arena;
    int64_t now; /* Unix seconds, once per call */
    char request_id[ID_SIZE];
    struct http_request request;
    struct bytes source;                  /* the client's address, for the audit */
    struct bytes params[CALL_MAX_PARAMS]; /* {…} of the path behind the instance, in order */
    json_t *body;                         /* checked by the route's fields; NULL when the route takes none */
    json_t *prepared;                     /* what the route's own preparation made of it */

    struct bytes presented; /* who the caller says he is, as far as a refusal's audit row may tell: a key id, a user's name */
    struct bytes actor_id;  /* the IAM user */
    struct bytes actor_name;
    struct caller caller;    /* his proof and his roles */
    struct bytes project_id; /* of the path, as is the instance; empty where the path has none */
    struct bytes instance_id;
    struct bytes scope_id; /* what resources are kept to: the instance, or the caller's domain where the path has none */

    struct session *session;
    bool changed;                     /* the edge has to follow before the answer goes out */
    bool fetches;                     /* a key set from elsewhere is to be fetched, once this is committed */
    const struct code_letter *letter; /* sent once the call is committed (code_sender.h); NULL: none */

    enum { TELLS_UNKNOWN, TELLS_NOT, TELLS } tells_secrets; /* secrets.c: known once it was asked */

    size_t body_limit; /* bytes */

    struct authentication *authentication; /* between the header fields and the body */

    unsigned status;          /* 0: not answered yet */
    json_t *answer;           /* NULL: no body */
    struct bytes answer_text; /* instead of `answer`, when it was written already (refused signatures, exports) */
    char *answer_memory;      /* where answer_text stands, when it is too long for the arena (malloc); goes with the answer */
    const char *answer_type;  /* of answer_text; NULL: JSON */
    struct http_field answer_fields[CALL_MAX_FIELDS];
    size_t answer_field_count;
    enum error_code error;
    char subject[CALL_MAX_SUBJECT];
};

/* Ends the call with `status` and a body (taken over; NULL for 204). A NULL body with another status is a fault. Always use as the
 * handler's return value. */
bool call_answer(struct call *call, unsigned status, json_t *body);
/* Ends the call with an error; `subject` is what '$' stands for in its text. Always false, for `return call_refuse(…)`. */
bool call_refuse(struct call *call, enum error_code code, struct bytes subject);
/* A value that breaks a rule which no table holds: APIG.2012, naming the field and the rule in the words of fields.c. */
bool call_refuse_rule(struct call *call, const char *field, const char *rule);
bool call_refuse_field(struct call *call, const struct field_problem *problem);
/* For batches whose items stand or fall alone: takes the refusal back and puts its error_code and error_msg into `item`, so that the next
 * item can be tried. The refused item must have written nothing. False: a fault, which nothing takes back. */
bool call_take_back(struct call *call, json_t *item);
/* A header field of the answer, in the arena; at most CALL_MAX_FIELDS. False: a fault. */
bool call_add_field(struct call *call, const char *name, struct bytes value);
/* Opens the session of a route that has RIGHT_ANYONE, or again one that was let go. */
bool call_begin(struct call *call, bool writes);
/* Lets the session go, with nothing written: for work that takes long (a password's hash). */
void call_let_go(struct call *call);

/* A fault of ours: 500, logged in words, aborted. Always false. */
bool call_fault(struct call *call, const char *what);
/* STORE_OK → true; anything else is a fault. For statements that cannot conflict or miss. */
bool call_store(struct call *call, enum store_result result);

/* The checked body's member as text; empty when absent. Borrowed from the body. */
struct bytes call_text(const struct call *call, const char *name);
/* The member as an integer or boolean; `otherwise` when absent. */
int64_t call_integer(const struct call *call, const char *name, int64_t otherwise);
bool call_has(const struct call *call, const char *name);

/* A query parameter that the route names, decoded ('+' is a space); empty when absent. Bad escapes, NUL and bytes that are not UTF-8 were
 * refused before the handler ran, and so was what breaks a rule of the route's table. */
struct bytes call_query(struct call *call, const char *name);
/* Holds the query to a table: required parameters are there, rules hold. For the dispatcher. */
bool call_query_check(struct call *call, const struct fields *fields);

/* A fresh id in the arena; empty (and the call is a fault) without randomness. */
struct bytes call_new_id(struct call *call);

/* Tells the publisher what to look at again (store.h, enum change_kind), in this transaction and this instance. */
bool call_change(struct call *call, enum change_kind kind, struct bytes id, struct bytes second);
/* The same of what is of no instance: users, their keys and tokens. */
bool call_change_of_users(struct call *call, enum change_kind kind, struct bytes id);

#endif
