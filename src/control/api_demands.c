#include "control/api_demands.h"

/* A member that asks for something unless it is absent, empty, false, or one of the served words. */
struct demand {
    const char *member;
    const char *const *served; /* words that ask for nothing special; NULL: every text does */
    const char *words;         /* what is served instead, for the refusal */
};

/* The members of one object of the body; NULL: of the body itself. */
struct demands {
    const char *object;
    const struct demand *items;
    size_t count;
};

static const char *const served_backends[] = {"HTTP", "MOCK", NULL};
static const char *const served_auth_types[] = {"NONE", "APP", "IAM", NULL};
static const char *const served_front_protocols[] = {"HTTP", "HTTPS", "BOTH", NULL};
static const char *const served_backend_protocols[] = {"HTTP", "HTTPS", NULL};

static const struct demand of_api[] = {
    {"backend_type", served_backends, "HTTP or MOCK (FUNCTION and GRPC backends are not served yet)"},
    {"auth_type", served_auth_types, "NONE, APP or IAM (AUTHORIZER is not served yet)"},
    {"authorizer_id", NULL, "absent (custom authorizers are not served yet)"},
    {"req_protocol", served_front_protocols, "HTTP, HTTPS or BOTH (GRPCS is not served yet)"},
    {"domain_name", NULL, "absent (an API is served under all domains of its group)"},
    {"response_id", NULL, "absent (gateway responses are not served yet)"},
    {"roma_app_id", NULL, "absent (integration apps are not served)"},
    {"trace_enabled", NULL, "false (tracing is not served yet)"},
    {"sampling_strategy", NULL, "absent (tracing is not served yet)"},
    {"sampling_param", NULL, "absent (tracing is not served yet)"},
    {"func_info", NULL, "absent (FUNCTION backends are not served yet)"},
    {"policy_https", NULL, "absent or empty (backend policies are not served yet)"},
    {"policy_mocks", NULL, "absent or empty (backend policies are not served yet)"},
    {"policy_functions", NULL, "absent or empty (backend policies are not served yet)"},
};

static const struct demand of_backend[] = {
    {"vpc_channel_status", NULL, "2 (load balance channels are not served yet)"},
    {"req_protocol", served_backend_protocols, "HTTP or HTTPS (GRPCS is not served yet)"},
    {"enable_sm_channel", NULL, "false (SM channels are not served)"},
    {"authorizer_id", NULL, "absent (custom authorizers are not served yet)"},
};

static const struct demand of_mock[] = {
    {"authorizer_id", NULL, "absent (custom authorizers are not served yet)"},
};

#define DEMANDS(object, items)                                                                                                             \
    {                                                                                                                                      \
        (object), (items), sizeof(items) / sizeof *(items)                                                                                 \
    }
static const struct demands all[] = {
    DEMANDS(NULL, of_api),
    DEMANDS("backend_api", of_backend),
    DEMANDS("mock_info", of_mock),
};

static bool is_served_word(const char *const *served, const json_t *value)
{
    struct bytes text = bytes_of(json_string_value(value), json_string_length(value));
    for (; served != NULL && *served != NULL; served++) {
        if (bytes_equal(bytes_of_text(*served), text)) return true;
    }
    return text.length == 0;
}

static bool asks_for_something(const struct demand *demand, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return !is_served_word(demand->served, value);
    case JSON_INTEGER:
        return json_integer_value(value) == 1; /* the vendor's yes; no is 2 */
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_OBJECT:
    case JSON_TRUE:
        return true;
    case JSON_REAL:
    case JSON_FALSE:
    case JSON_NULL:
        return false;
    }
    return true;
}

static bool refuse(struct call *call, const char *object, const struct demand *demand)
{
    char name[128];
    struct buffer out = buffer_over(name, sizeof name - 1);
    if (object != NULL) {
        buffer_add_text(&out, object);
        buffer_add_byte(&out, '.');
    }
    buffer_add_text(&out, demand->member);
    name[out.length] = '\0';
    return call_refuse_rule(call, name, demand->words);
}

static bool are_served(struct call *call, const struct demands *demands)
{
    const json_t *object = demands->object == NULL ? call->body : json_object_get(call->body, demands->object);
    for (size_t i = 0; i < demands->count; i++) {
        const json_t *value = json_object_get(object, demands->items[i].member);
        if (value != NULL && asks_for_something(&demands->items[i], value)) return refuse(call, demands->object, &demands->items[i]);
    }
    return true;
}

bool api_demands_are_served(struct call *call)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!are_served(call, &all[i])) return false;
    }
    return true;
}
