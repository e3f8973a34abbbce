/* Where a name is, for libcurl, by the name servers that the operator gave; without them libcurl asks the system. */
#ifndef COUNTERSIGN_CONTROL_FETCH_NAMES_H
#define COUNTERSIGN_CONTROL_FETCH_NAMES_H

#include "control/remote_url.h"

struct curl_slist;

/* Blocks for most_ms at most. *list: an item for CURLOPT_RESOLVE, which libcurl then goes by; freed with curl_slist_free_all. False: no
 * server has said an address where anything may be fetched from. */
bool fetch_names_ask(const char *servers, const struct remote_url *url, long most_ms, struct curl_slist **list);

#endif
