/* Key sets from elsewhere, fetched by the daemons of all nodes for all of them: what is due stands in the store, and the node that comes
 * first claims it there, so one URL is fetched by one node at a time and at most six times a minute. No handler and no worker waits for it
 * (but key_fetcher_try, which is asked to). While fetching fails the last good set serves on. */
#ifndef COUNTERSIGN_CONTROL_KEY_FETCHER_H
#define COUNTERSIGN_CONTROL_KEY_FETCHER_H

#include "control/daemon.h"
#include "control/key_fetch.h"

/* Behind effect_start. False with *problem in words. */
bool key_fetcher_start(struct daemon *daemon, const struct options *options, char problem[static 256]);
/* Waits for what is under way. */
void key_fetcher_stop(struct daemon *daemon);

/* Something is due now; from any thread. NULL is fine. */
void key_fetcher_wake(struct key_fetcher *fetcher);
/* A token named a key that the set of this name has not; whether there is such a set is looked up. */
void key_fetcher_ask(struct key_fetcher *fetcher, struct bytes name);

/* Fetches once for who asked, and keeps nothing. BUSY: not now, but in *wait seconds. */
enum key_fetcher_outcome { KEY_FETCHER_GOOD, KEY_FETCHER_FAILED, KEY_FETCHER_BUSY };
enum key_fetcher_outcome key_fetcher_try(struct key_fetcher *fetcher, struct bytes url, struct key_fetched *fetched, unsigned *wait);

/* For how many seconds what was fetched counts: by its answer, else by its URL. */
int64_t key_fetcher_cache(const struct remote_url *url, const struct key_fetched *fetched);

#endif
