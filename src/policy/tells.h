/* What the backend is told about the caller, and which names no caller may therefore send. */
#ifndef COUNTERSIGN_POLICY_TELLS_H
#define COUNTERSIGN_POLICY_TELLS_H

#include "policy/publication.h"

#define TELL_APP        "X-Countersign-App"  /* the app's id */
#define TELL_CONSUMER   "X-Mse-Consumer"     /* the consumer's name (alibaba.md 5.2) */
#define TELL_USER       "X-Countersign-User" /* the id of the IAM user */
#define TELL_REQUEST_ID "X-Request-Id"
#define TELL_HOPS       "X-Countersign-Hops" /* how many gateways it came through, when it came through another one */
#define TELL_TRY        "X-Countersign-Try"  /* 2 and up: it may have reached a backend before */

/* True when a header of a caller must not reach the backend whatever its spelling ('_' and '.' read as '-', case folded): every
 * name in x-countersign-*, the tells above, X-Mse-Consumer*, X-Ca-Proxy-Signature*, X-Bce-Gateway-Auth, Proxy-Connection. */
bool tells_reserve(struct bytes header_name);

#endif
