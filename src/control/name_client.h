/* Names to addresses by asking name servers, any number at a time and none waiting for another, with the time for which each answer counts.
 * The system's hosts file comes first, as everywhere; nsswitch.conf is not asked. One thread at a time, but for name_client_wake. */
#ifndef COUNTERSIGN_CONTROL_NAME_CLIENT_H
#define COUNTERSIGN_CONTROL_NAME_CLIENT_H

#include "edge/edge.h"

struct name_client;

struct name_question {
    const char *host;
    uint16_t port;
    bool done;                       /* what follows is the answer */
    bool good;                       /* there is an address where a backend may be */
    struct edge_addresses addresses; /* in order, so that equal answers are equal */
    unsigned ttl_s;                  /* the shortest of all */
};

/* `servers`: "ip[:port]" separated by commas; NULL: those of the system. NULL: no memory, or no servers in this text. */
struct name_client *name_client_open(const char *servers);
/* What was asked for gets no good answer. */
void name_client_close(struct name_client *client);
/* Asks. The question and its host stay where they are until it is `done`, some seconds later at most, or the client is closed. */
void name_client_ask(struct name_client *client, struct name_question *question);
/* Blocks until a server says something or is late with it, until somebody wakes it, or for `most_ms`. */
void name_client_wait(struct name_client *client, unsigned most_ms);
/* From any thread: the wait that is going on, or else the next one, ends at once. */
void name_client_wake(struct name_client *client);

/* Adds an address unless no backend may be there, or there are EDGE_MAX_ADDRESSES. */
struct sockaddr;
void name_client_add_address(struct edge_addresses *addresses, const struct sockaddr *address, uint16_t port);

#endif
