/* The edge as admission sees it where users of IAM call: struct directory over their keys, tokens and rights, inside edge_begin … edge_end.
 */
#ifndef COUNTERSIGN_DIRECTORY_USERS_H
#define COUNTERSIGN_DIRECTORY_USERS_H

#include "admit/directory.h"
#include "edge/reader.h"
#include "http/request.h"

struct users {
    struct edge_view *view;             /* of the API */
    const struct http_request *request; /* may hold the security token of a temporary key */
    struct user user;                   /* whom the last look-up found */
    struct bytes limit;                 /* of what he presented, see user_may_call */
};

/* Borrows all three; `users` need not be set. It knows no nonces. */
struct directory users_over(struct users *users, struct edge_view *view, const struct http_request *request);

#endif
