/* app-code: an app's AppCode, in the places where the users of the three vendors put it (alibaba.md 2, huawei.md 1.4, baidu.md 2.2). It is
 * looked up like an API key, and counts in every place that the API opens for AppCodes. */
#include "scheme/api_key.h"

static const char *const carriers[] = {NULL};

/* Each place is one vendor's, and its users expect that vendor's refusals. */
static enum answer_format format_at(const struct place *place)
{
    if (place->location == PLACE_HEADER && bytes_equal(place->name, BYTES("x-apig-appcode"))) return ANSWER_APIG;
    if (place->location == PLACE_HEADER && bytes_equal(place->name, BYTES("x-bce-signature"))) return ANSWER_BCE;
    return ANSWER_CA;
}

const struct scheme scheme_app_code = {
    .id = SCHEME_APP_CODE,
    .name = "app-code",
    .proof_kind = PROOF_LOOKUP,
    .format = ANSWER_CA,
    .format_at = format_at,
    .carriers = carriers,
    .present = api_key_present,
    .read = api_key_read,
};

bool scheme_app_code_places(struct proof_plan *plan, bool in_query)
{
    static const struct place headers[] = {
        {.scheme = SCHEME_APP_CODE, .location = PLACE_HEADER, .name = BYTES("authorization"), .prefix = BYTES("APPCODE ")},
        {.scheme = SCHEME_APP_CODE, .location = PLACE_HEADER, .name = BYTES("x-apig-appcode")},
        {.scheme = SCHEME_APP_CODE, .location = PLACE_HEADER, .name = BYTES("x-bce-signature"), .prefix = BYTES("AppCode/")},
    };
    static const struct place query = {.scheme = SCHEME_APP_CODE, .location = PLACE_QUERY, .name = BYTES("AppCode")};
    bool fits = !in_query || proof_plan_add(plan, query);
    for (size_t i = 0; fits && i < sizeof headers / sizeof headers[0]; i++) fits = proof_plan_add(plan, headers[i]);
    return fits;
}
