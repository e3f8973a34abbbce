/* The directory of a worker: the edge, and the nonces that all workers remember. */
#ifndef COUNTERSIGN_GATEWAY_DIRECTORY_H
#define COUNTERSIGN_GATEWAY_DIRECTORY_H

#include "directory/directory.h"
#include "directory/users.h"

/* Users of IAM are of no instance, and have other rights than apps and consumers. Borrows all; `users` need not be set. */
struct directory directory_for(const struct publication *publication, struct edge_view *view, const struct http_request *request,
                               struct users *users);

#endif
