/* Requests that the gateway refused of late: samples, for whoever looks for the reason. Values of headers and bodies are not kept,
 * credentials in the target are masked; the text that was signed is there unless the API hides it from its callers. */
#include "control/listing.h"
#include "control/resources.h"
#include "store/traffic.h"

#define SHOWN(member, kind, column_)                                                                                                       \
    {                                                                                                                                      \
        .name = (member), .type = (kind), .flags = FIELD_READ_ONLY | FIELD_STORED, .column = (column_)                                     \
    }

static const struct field items[] = {
    SHOWN("request_id", FIELD_STRING, REFUSED_ID),
    SHOWN("time", FIELD_TIME, REFUSED_TIME),
    SHOWN("status", FIELD_INTEGER, REFUSED_STATUS),
    SHOWN("refusal", FIELD_STRING, REFUSED_REFUSAL),
    SHOWN("scheme", FIELD_STRING, REFUSED_SCHEME),
    SHOWN("api_id", FIELD_STRING, REFUSED_API_ID),
    SHOWN("environment", FIELD_STRING, REFUSED_ENVIRONMENT),
    SHOWN("principal_id", FIELD_STRING, REFUSED_PRINCIPAL_ID),
    SHOWN("credential_id", FIELD_STRING, REFUSED_CREDENTIAL_ID),
    SHOWN("client", FIELD_STRING, REFUSED_CLIENT),
    SHOWN("method", FIELD_STRING, REFUSED_METHOD),
    SHOWN("host", FIELD_STRING, REFUSED_HOST),
    SHOWN("target", FIELD_STRING, REFUSED_TARGET),
    SHOWN("key_id", FIELD_STRING, REFUSED_KEY_ID),
    SHOWN("field", FIELD_STRING, REFUSED_FIELD),
    SHOWN("signed_names", FIELD_STRING, REFUSED_SIGNED_NAMES),
    SHOWN("string_to_sign", FIELD_STRING, REFUSED_STRING_TO_SIGN),
};
static const struct fields refused_fields = FIELDS_OF(items);

static const struct resource resource_refused = {
    .name = "refused_request",
    .entity = &entity_refused,
    .fields = &refused_fields,
    .instance_column = REFUSED_INSTANCE_ID,
    .unknown = ERROR_ROUTE_UNKNOWN,
};

static const struct list_filter filters[] = {
    {"request_id", FILTER_EXACT, REFUSED_ID},
    {"refusal", FILTER_EXACT, REFUSED_REFUSAL},
    {"scheme", FILTER_EXACT, REFUSED_SCHEME},
    {"api_id", FILTER_EXACT, REFUSED_API_ID},
    {"principal_id", FILTER_EXACT, REFUSED_PRINCIPAL_ID},
    {"key_id", FILTER_EXACT, REFUSED_KEY_ID},
    {"client", FILTER_EXACT, REFUSED_CLIENT},
};
static const struct listing listing = {.resource = &resource_refused,
                                       .items = "refused_requests",
                                       .filters = filters,
                                       .filter_count = sizeof filters / sizeof *filters,
                                       .order_column = REFUSED_TIME,
                                       .descending = true};

static const struct route routes[] = {
    {"GET", IN_INSTANCE "/refused-requests", "list_refused_requests", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
};
const struct routes routes_refused_requests = ROUTES_OF(routes);
