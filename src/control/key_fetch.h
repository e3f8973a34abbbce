/* One fetch of a key set from elsewhere. The answer is anybody's: bounded in size and time, from a certified host at an address where one
 * may be, over no redirect, and of it only public keys that tokens can be checked with go on. */
#ifndef COUNTERSIGN_CONTROL_KEY_FETCH_H
#define COUNTERSIGN_CONTROL_KEY_FETCH_H

#include "base/buffer.h"
#include "control/remote_url.h"

struct sockaddr;

struct key_fetch_options {
    const char *private_hosts; /* "name,…": these may be at private addresses, loopback too; NULL: none */
    const char *name_servers;  /* "ip[:port],…" that are asked for names; NULL: the system is */
    const char *certificates;  /* a file of authorities in PEM instead of the system's; NULL: the system's */
};

#define KEY_FETCH_PROBLEM 160
struct key_fetched {
    struct buffer set;               /* in: memory of JWK_SET_MAX_LENGTH; out: the keys, as a JWKS of ours */
    size_t keys;                     /* how many */
    int64_t max_age;                 /* of Cache-Control (RFC 9111, 5.2.2), seconds; -1: it does not say */
    char problem[KEY_FETCH_PROBLEM]; /* why there is none, in words */
};

/* Blocks at most as long as the URL says, discovery included. False with fetched->problem. */
bool key_fetch(const struct remote_url *url, const struct key_fetch_options *options, struct key_fetched *fetched);

/* May a key set be fetched from there? Link-local (cloud metadata), unspecified and multicast addresses never; private ones and loopback
 * only when they are allowed. */
bool key_fetch_address_is_allowed(const struct sockaddr *address, bool private_addresses);
/* Is this host in "name,…"? Names know no case. */
bool key_fetch_host_is_listed(const char *list, struct bytes host);

/* Of the value of Cache-Control: seconds, 0 for what must not be kept, -1 when it says nothing about it. */
int64_t key_fetch_max_age(struct bytes cache_control);

#endif
