/* Reading the edge in a worker. One reader per process, opened after fork (init_process), never across a fork.
 *
 *   edge_begin … look-ups … edge_end     all synchronous: no transaction spans an event
 *
 * Results borrow from the map until edge_end, except where a function copies into the arena. Look-ups go through a per-process
 * cache stamped with the LMDB transaction id: an equal id means that nothing at all has changed since. */
#ifndef COUNTERSIGN_EDGE_READER_H
#define COUNTERSIGN_EDGE_READER_H

#include "edge/edge.h"

struct edge_reader;

/* NULL with *problem in words (no lock file yet, wrong owner, other format …): answer 503 and try again from a timer. */
struct edge_reader *edge_reader_open(const char *directory, const struct edge_keys *keys, char problem[static 256]);
/* In the process that writes, which must not open the environment twice: it shares the writer's, and must be closed before that is. For one
 * thread at a time; not for what is called often. */
struct edge_writer;
struct edge_reader *edge_reader_beside(const struct edge_writer *writer, char problem[static 256]);
void edge_reader_close(struct edge_reader *reader);

enum edge_result edge_begin(struct edge_reader *reader);
void edge_end(struct edge_reader *reader);
/* A number of the picture that is being read, between edge_begin and edge_end: the same number again means that nothing at all has changed.
 */
uint64_t edge_picture(const struct edge_reader *reader);

enum edge_result edge_meta_read(struct edge_reader *reader, struct edge_meta *meta);

/* Every look-up is within one instance. */
struct edge_view {
    struct edge_reader *reader;
    struct bytes instance;
};

struct route_query {
    struct bytes host;  /* port and case are ignored */
    struct bytes stage; /* environment name; empty = RELEASE */
    struct bytes method;
    struct bytes path; /* raw, as received */
};

/* What a route look-up found. */
#define ROUTE_MAX_PARAMS 16
struct route_param {
    struct bytes name;
    struct bytes value; /* raw segment of the request's path */
};
struct route {
    struct bytes api_id;
    struct bytes environment_id;
    struct route_param params[ROUTE_MAX_PARAMS];
    size_t param_count;
    struct bytes rest; /* of a prefix match: what of the path stands behind the prefix, with its '/' */
};

/* Host → group; stage, method and path → API. Static before {param} before longest prefix, exact method before ANY. EDGE_NOTHING: 404. */
enum edge_result edge_route(const struct edge_view *view, const struct route_query *query, struct route *route);

/* A decoded publication, kept and shared by the reader. Valid until edge_end; edge_publication_hold keeps it beyond (released once per
 * hold). */
enum edge_result edge_publication(const struct edge_view *view, struct bytes api_id, struct bytes environment_id,
                                  const struct publication **publication);
void edge_publication_hold(const struct publication *publication);
void edge_publication_release(const struct publication *publication);

/* Copied into the arena, secrets unsealed: wipe them when done. */
enum edge_result edge_key_pair(const struct edge_view *view, struct bytes key_id, struct arena *arena, struct credential *credential);
enum edge_result edge_api_key(const struct edge_view *view, struct bytes api_key, struct arena *arena, struct credential *credential);
/* Of what a holder is filed under (jwt_holder_name). */
enum edge_result edge_token(const struct edge_view *view, struct bytes holder, struct arena *arena, struct credential *credential);
/* Its revision, and with an arena its text, a copy in clear. */
enum edge_result edge_key_set(const struct edge_view *view, struct bytes name, struct arena *arena, struct edge_key_set *set);
/* The key and secret with which it signs `now` (Unix seconds); what follows later is left out. */
enum edge_result edge_signature_key(const struct edge_view *view, struct bytes sign_id, int64_t now, struct arena *arena,
                                    struct signature_key *key);
/* The whole record, borrowed until edge_end, what is secret in it sealed. */
enum edge_result edge_signature_key_sealed(const struct edge_view *view, struct bytes sign_id, struct signature_key *key);
/* What edge_signature_key does behind that; `sealed` is of the running transaction. */
enum edge_result edge_signature_key_open(const struct edge_view *view, const struct signature_key *sealed, int64_t now, struct arena *arena,
                                         struct signature_key *key);
/* Both borrowed until edge_end. */
enum edge_result edge_address_list(const struct edge_view *view, struct bytes id, struct address_list *list);
enum edge_result edge_throttle(const struct edge_view *view, struct bytes throttle_id, struct throttle *throttle);
/* A user of IAM, and whose the view's instance is. Borrowed until edge_end. */
enum edge_result edge_user(const struct edge_view *view, struct bytes user_id, struct user *user);
enum edge_result edge_instance_owner(const struct edge_view *view, struct instance_owner *owner);
/* EDGE_OK: it is switched on; EDGE_NOTHING: it is not. */
enum edge_result edge_feature(const struct edge_view *view, struct bytes feature, struct bytes *config);
/* `wanted` names principal, API and environment; fills its not_after. */
enum edge_result edge_authorisation(const struct edge_view *view, struct edge_authorisation *wanted);
/* The same for a caller whose credential one of the above has found, remembered beside it; *not_after as there. */
enum edge_result edge_authorisation_of(const struct edge_view *view, const struct credential *caller, const struct publication *publication,
                                       int64_t *not_after);
/* Those of the authority, or of all members with their weights, as many as there is room for. EDGE_NOTHING: no name is known by now. */
enum edge_result edge_addresses_of(struct edge_reader *reader, const struct backend *backend, struct edge_addresses *addresses);
enum edge_result edge_backend_addresses(struct edge_reader *reader, struct bytes authority, struct edge_addresses *addresses);

#endif
