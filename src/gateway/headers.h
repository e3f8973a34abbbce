/* The headers of the outgoing request: the caller's without what he must not say and the backend must not see, then ours. */
#ifndef COUNTERSIGN_GATEWAY_HEADERS_H
#define COUNTERSIGN_GATEWAY_HEADERS_H

#include "gateway/gateway.h"
#include "policy/tells.h"

/* A request that came through so many gateways goes in circles. */
#define OUTGOING_MOST_GATEWAYS 5

/* A header name of ours, with what nginx wants to know about it. Fill `text`, prepare once at configuration time. */
struct own_name {
    const char *text;
    ngx_str_t key;
    ngx_uint_t hash;
    u_char lower[32];
};
void own_name_prepare(struct own_name *name);
/* What is known beforehand of the headers of signatures. Once, at configuration time. */
void headers_prepare(void);

struct outgoing {
    struct arena *arena;
    struct bytes target;
    ngx_table_elt_t *entries;
    size_t count;
    size_t capacity;
    size_t tells_from;            /* entries from here on are the tells */
    bool unfit;                   /* a parameter that no header can hold: the caller's fault */
    struct bytes consumer_header; /* of the publication; nobody else fills it */
    unsigned gateways;            /* before this one; at least 1 when the caller sent a name that gateways send */
};

/* Bytes of arena that outgoing_start takes. */
size_t outgoing_room(const struct gateway_context *context);
/* Copies the caller's headers that stay. False: the arena is full. */
bool outgoing_start(struct outgoing *outgoing, struct gateway_context *context);
/* False: no room, or a value that is no header value (it would end the line). */
bool outgoing_add_own(struct outgoing *outgoing, const struct own_name *name, struct bytes value);
bool outgoing_add(struct outgoing *outgoing, const struct http_field *field);
/* In the header that the publication names for it. */
bool outgoing_add_consumer(struct outgoing *outgoing, struct bytes consumer);
/* A header of a signature. False also for a name that no type of signature has. */
bool outgoing_add_signature(struct outgoing *outgoing, const struct http_field *field);

#endif
