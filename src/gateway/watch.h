/* Answers without an end (WebSocket, server-sent events): their callers are looked up again from time to time, and cut off when they would
 * not be admitted any more. */
#ifndef COUNTERSIGN_GATEWAY_WATCH_H
#define COUNTERSIGN_GATEWAY_WATCH_H

#include "gateway/gateway.h"

#define WATCH_DEFAULT_MS 10000

/* The head of the answer to an accepted request is about to be sent. False: no memory to watch it, so it must not go on. */
bool watch_answer(struct gateway_context *context);

#endif
