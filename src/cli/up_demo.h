/* What `countersign up` shows: an API whose callers sign, whose backend gets countersigned requests. Made through the management API, as
 * anybody would make it. */
#ifndef COUNTERSIGN_CLI_UP_DEMO_H
#define COUNTERSIGN_CLI_UP_DEMO_H

#include "control/management_client.h"

#define DEMO_HOST "demo.localhost" /* curl and browsers know names below localhost to be this machine (RFC 6761, 6.3) */
#define DEMO_PATH "/hello"

/* Drawn once per data folder and kept there in demo.json, before anything is created: so a start that was cut short is continued by the
 * next one. */
struct demo_keys {
    struct bytes app_key;
    struct bytes app_secret;
    struct bytes api_key; /* of the consumer */
    struct bytes sign_key;
    struct bytes sign_secret;
};
bool demo_keys_load(struct arena *arena, const char *data, struct demo_keys *keys, char problem[static 256]);

/* admin.json of the data folder. */
bool demo_administrator(struct arena *arena, const char *data, struct management *management, char problem[static 256]);

/* Creates what is missing of the demonstration; what is there stays as it is, but for the backend's port. */
bool demo_create(struct arena *arena, const struct management *management, const struct demo_keys *keys, unsigned backend_port,
                 char problem[static 256]);

/* How to call it, as lines for a shell. */
void demo_print_calls(struct arena *arena, const struct demo_keys *keys, unsigned port);

#endif
