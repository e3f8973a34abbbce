/* Names to addresses by asking name servers, several at a time, with the time for which each answer counts. The system's hosts file comes
 * first, as everywhere; nsswitch.conf is not asked. One thread at a time. */
#ifndef COUNTERSIGN_CONTROL_NAME_CLIENT_H
#define COUNTERSIGN_CONTROL_NAME_CLIENT_H

#include "edge/edge.h"

struct name_client;

struct name_question {
    const char *host;
    uint16_t port;
    /* the answer */
    bool good;                       /* there is an address where a backend may be */
    struct edge_addresses addresses; /* in order, so that equal answers are equal */
    unsigned ttl_s;                  /* the shortest of all */
};

/* `servers`: "ip[:port]" separated by commas; NULL: those of the system. NULL: no memory, or no servers in this text. */
struct name_client *name_client_open(const char *servers);
void name_client_close(struct name_client *client);
/* Blocks until all have an answer or none: a few seconds at most. */
void name_client_ask(struct name_client *client, struct name_question *questions, size_t count);

/* Adds an address unless no backend may be there, or there are EDGE_MAX_ADDRESSES. */
struct sockaddr;
void name_client_add_address(struct edge_addresses *addresses, const struct sockaddr *address, uint16_t port);

#endif
