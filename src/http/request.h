/* A request as it was received: borrowed pointers only, nothing decoded, nothing changed. */
#ifndef COUNTERSIGN_HTTP_REQUEST_H
#define COUNTERSIGN_HTTP_REQUEST_H

#include "base/bytes.h"

struct http_field {
    struct bytes name;  /* as sent; compare folded */
    struct bytes value; /* as sent, without the white space around it */
};

struct http_request {
    struct bytes method;
    struct bytes target; /* raw origin-form target, path and query, as on the wire */
    struct bytes path;   /* target before '?' */
    struct bytes query;  /* target behind '?'; empty when there is none */
    const struct http_field *fields;
    size_t field_count;
};

/* Splits the target into path and query. False when it is no origin-form target: empty, not starting with '/', longer than
 * 32 KiB, with a byte below 0x21 or 0x7f, a fragment '#', a bad percent escape, or %00. */
bool http_request_set_target(struct http_request *request, struct bytes target);

/* The first field of this name (folded), or NULL. */
const struct http_field *http_field_find(const struct http_request *request, struct bytes name);
/* How many fields have this name. */
size_t http_field_count(const struct http_request *request, struct bytes name);
/* The first value, or empty. */
struct bytes http_field_value(const struct http_request *request, struct bytes name);

/* One name=value of a query or form, raw. `has_value` tells "a=" from "a". */
struct http_pair {
    struct bytes name;
    struct bytes value;
    bool has_value;
};
/* Steps through a raw query or form; empty items ("&&") are skipped. Start with *rest = the text. */
bool http_pair_next(struct bytes *rest, struct http_pair *pair);

/* Content-Type is application/x-www-form-urlencoded, parameters allowed, folded. */
bool http_request_is_form(const struct http_request *request);

/* Two field names that a CGI-like backend would confuse: equal when folded and '_' and '.' are read as '-'. */
bool http_name_is_alias(struct bytes a, struct bytes b);
/* No control bytes (RFC 9110, 5.5): the value cannot end its line. A tab is refused as well. */
bool http_value_is_clean(struct bytes value);
/* RFC 9110, 5.6.2: one token. */
bool http_name_is_token(struct bytes name);

#endif
