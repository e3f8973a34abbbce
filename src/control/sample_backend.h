/* A backend for first looks and tests: it answers only what came through the gateway, that is, what is countersigned with its key. What
 * a real backend has to do is one call, countersign_verify; the rest here is HTTP. */
#ifndef COUNTERSIGN_CONTROL_SAMPLE_BACKEND_H
#define COUNTERSIGN_CONTROL_SAMPLE_BACKEND_H

#include "policy/publication.h"

struct sample_backend;

/* Listens at `address` ("127.0.0.1") and serves from a thread of its own. `key`, as a backend knows it (admit/countersign_verify.h), and
 * what it points to must outlive it. NULL with *problem in words. */
struct sample_backend *sample_backend_start(const char *address, uint16_t port, const struct signature_key *key, char problem[static 256]);
void sample_backend_stop(struct sample_backend *backend);

#endif
