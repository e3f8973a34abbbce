/* The daemon: what every call may use. Filled at start, then only read, so calls share it without a lock. */
#ifndef COUNTERSIGN_CONTROL_DAEMON_H
#define COUNTERSIGN_CONTROL_DAEMON_H

#include "base/bytes.h"
#include "store/store.h"

#define ID_SIZE 33 /* 32 lower-case hex digits and a NUL */

struct anchor;
struct attempts;
struct code_sender;
struct effect;
struct key_fetcher;
struct node;
struct options;
struct refusals;
struct store_keys;

struct daemon {
    struct store *store;
    const struct store_keys *keys; /* store key and pepper (store/sealing.h) */
    struct effect *effect;         /* NULL (tests of handlers): a change counts as effective once committed */
    struct anchor *anchor;         /* NULL (tests of handlers): the end of the audit is not kept outside the store */
    struct refusals *refusals;     /* NULL: refused calls are not audited */
    struct attempts *attempts;     /* how often sign-ins were tried (attempts.h) */
    struct code_sender *codes;     /* NULL (tests of handlers): no codes are sent */
    struct node *node;             /* NULL (tests of handlers): nothing is shared with a gateway */
    struct key_fetcher *fetcher;   /* NULL (tests of handlers): key sets from elsewhere are not fetched */
    const char *data;              /* the data directory */
    const char *gateway;           /* where nginx listens (gateway_address.h); NULL: not told */
    const char *region;            /* part of the subdomains of groups */
};

/* Runs until SIGTERM or SIGINT: directories, keys, store, first start, publisher, server. The process's exit status: 0 after a signal, 1
 * when it could not start (logged). */
int daemon_serve(const struct options *options);

#endif
