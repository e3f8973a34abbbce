/* What this node's gateway and daemon share beside the edge: mapped files that the daemon makes, and a thread that looks after them once a
 * second. */
#ifndef COUNTERSIGN_CONTROL_NODE_H
#define COUNTERSIGN_CONTROL_NODE_H

#include "control/daemon.h"

struct node_options {
    const char *state; /* the directory of the files */
    const char *group; /* of the gateway's workers; NULL: leave it */
    uint64_t nonce_rate;
};

struct node_status {
    uint64_t nonces;         /* remembered now, as counted within the last sweep */
    uint64_t nonce_capacity; /* so many fit before windows begin to be full */
    bool nonces_alarm;       /* at NODE_ALARM_PERCENT or more of it */
    uint64_t expired;        /* credentials of the store whose end has passed, counted every few minutes */
    uint64_t expiring;       /* … and that end within NODE_SOON_SECONDS */
};

#define NODE_ALARM_PERCENT 70
#define NODE_CALM_PERCENT  60
#define NODE_SOON_SECONDS  (14 * 24 * 3600)

/* Behind effect_start. False with *problem in words. */
bool node_start(struct daemon *daemon, const struct node_options *options, char problem[static 256]);
void node_stop(struct daemon *daemon);
void node_status(const struct daemon *daemon, struct node_status *status);
struct traffic;
const struct traffic *node_traffic(const struct daemon *daemon);

#endif
