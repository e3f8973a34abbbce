/* What lists of APIs share that a policy or a key is bound to, or is not (huawei.md 4.6): their filters, and what they show of an API. */
#ifndef COUNTERSIGN_CONTROL_BOUND_APIS_H
#define COUNTERSIGN_CONTROL_BOUND_APIS_H

#include "control/related.h"
#include "control/resource.h"

/* The text at an index of a list of texts. */
struct bytes json_text_at(const json_t *list, size_t index);

/* A query parameter against a text: equal, part of it with case folded. An empty or absent parameter does not filter. */
bool query_matches(struct call *call, const char *parameter, struct bytes text);
bool query_contains(struct call *call, const char *parameter, struct bytes text);

/* *wanted: the API of the item ("api_id", "env_id", and of related_api) is one that the query asks for: env_id, api_id, group_id, api_name
 * (part of it), tags. False: a fault. */
bool bound_api_is_wanted(struct call *call, const json_t *item, bool *wanted);

/* From "api_id" and "env_id": all that the vendor shows of an API in such a list, under its names and those of related_api and
 * related_env. */
bool bound_api_put(struct call *call, json_t *item);
#define BOUND_API_ANSWER                                                                                                                   \
    ANSWERED("id", FIELD_STRING), ANSWERED("name", FIELD_STRING), ANSWERED("remark", FIELD_STRING), ANSWERED("type", FIELD_INTEGER),       \
        ANSWERED("auth_type", FIELD_STRING), ANSWERED("req_uri", FIELD_STRING), ANSWERED("publish_id", FIELD_STRING),                      \
        ANSWERED("api_id", FIELD_STRING), ANSWERED("env_id", FIELD_STRING), ANSWERED("run_env_id", FIELD_STRING),                          \
        ANSWERED("run_env_name", FIELD_STRING), RELATED_API, RELATED_ENV

/* {api_id, env_id, publish_id} of every API in effect, appended to `apis`. */
bool bound_apis_published(struct call *call, json_t *apis);

/* Which query parameters there are, for tables of queries. */
#define BOUND_API_QUERY                                                                                                                    \
    {.name = "env_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},                                                                \
        {.name = "api_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},                                                            \
        {.name = "api_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},                                                          \
        {.name = "group_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},                                                          \
    {                                                                                                                                      \
        .name = "tags", .type = FIELD_STRING, .minimum = 1, .maximum = 2048                                                                \
    }

/* For resource_for_each over bindings: the names of their APIs, as many as fit, and how many bindings there are. */
struct joined_apis {
    struct buffer *names;
    size_t api_column; /* of a binding */
    size_t count;
};
bool bound_api_join(struct call *call, void *joined, const struct value *binding);

/* The next refusal of a batch: {bind_id, error_code, error_msg} appended to `failure`. */
bool batch_note_failure(struct call *call, json_t *failure, struct bytes id);

#endif
