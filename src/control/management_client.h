/* A client of the management API: signs as an IAM access key does (huawei.md 1.1), through the same code that the daemon verifies with. */
#ifndef COUNTERSIGN_CONTROL_MANAGEMENT_CLIENT_H
#define COUNTERSIGN_CONTROL_MANAGEMENT_CLIENT_H

#include "control/http_client.h"

/* Where the API is, and who calls: what admin.json of a data directory says. */
struct management {
    struct bytes base; /* "http://127.0.0.1:8081" */
    struct bytes access;
    struct bytes secret;
    struct bytes project_id;
    struct bytes instance_id;
    const char *socket; /* NULL, or the daemon's own: no nginx stands between */
    bool whole_targets; /* of calls: nothing is put before them */
    size_t limit;       /* as in struct http_call */
    long timeout_ms;
};

struct management_call {
    const char *method;
    struct bytes target; /* behind /v2/{project_id}/apigw/instances/{instance_id}, with its '/' and query */
    struct bytes body;   /* JSON, or empty */
};

/* False: no answer, with *problem in words. Any status is true. */
bool management_send(const struct management *management, const struct management_call *call, struct arena *arena, struct http_reply *reply,
                     char problem[static 256]);

#endif
