/* What the fetcher does in the store: it takes what is due, and settles what came of it. All of it for every instance that has the URL. */
#ifndef COUNTERSIGN_CONTROL_KEY_SETTLE_H
#define COUNTERSIGN_CONTROL_KEY_SETTLE_H

#include "base/arena.h"
#include "control/daemon.h"
#include "control/key_fetch.h"
#include "jwt/jwk.h"

#define KEY_SET_NAME_SIZE 40 /* "url-", 32 hex digits and a NUL */
/* Seconds between two fetches of a URL: no minute, wherever it begins, sees more than six. */
#define KEY_FETCH_EVERY 11

struct key_claim {
    char name[KEY_SET_NAME_SIZE];
    char url[REMOTE_URL_MAX + 1];
};
/* The set that has been due for the longest becomes this node's to fetch. False: none is due, or the store does not answer. */
bool key_claim_next(const struct daemon *daemon, int64_t now, struct arena *arena, struct key_claim *claim);

/* The set is due as soon as it may be fetched again. False: the store does not answer. */
bool key_hasten(const struct daemon *daemon, struct bytes name, int64_t now, struct arena *arena);

struct key_settlement {
    struct bytes name;
    const struct key_fetched *fetched;
    bool good;
    int64_t now;
    int64_t cache; /* seconds, when it is good */
};
/* Writes what was fetched, or why nothing was. Other keys than before are a change that every node's edge follows, with an audit row.
 * False: the store did not take it. */
bool key_settle(const struct daemon *daemon, const struct key_settlement *settlement, struct arena *arena);

#endif
