/* The table of schemes. */
#include "scheme/scheme.h"

#include "scheme/pairs.h"

static const struct scheme *const schemes[] = {&scheme_api_key, &scheme_aliyun_ca, &scheme_sdk_hmac_sha256, &scheme_bce_auth_v1};

#define SCHEMES (sizeof schemes / sizeof schemes[0])

const struct scheme *scheme_by_id(enum scheme_id id)
{
    for (size_t i = 0; i < SCHEMES; i++)
        if (schemes[i]->id == id) return schemes[i];
    return NULL;
}

const struct scheme *scheme_by_name(struct bytes name)
{
    for (size_t i = 0; i < SCHEMES; i++)
        if (bytes_equal(bytes_of_text(schemes[i]->name), name)) return schemes[i];
    return NULL;
}

struct place scheme_default_place(enum scheme_id id)
{
    struct place place = {.scheme = id, .location = PLACE_HEADER};
    switch (id) {
    case SCHEME_API_KEY:
        place.name = BYTES("authorization");
        place.prefix = BYTES("Bearer ");
        break;
    case SCHEME_ALIYUN_CA:
        place.name = BYTES("x-ca-key");
        break;
    case SCHEME_SDK_HMAC_SHA256:
        place.name = BYTES("authorization");
        place.prefix = BYTES("SDK-HMAC-SHA256");
        break;
    case SCHEME_BCE_AUTH_V1:
        place.name = BYTES("x-bce-signature");
        place.prefix = BYTES("bce-auth-v");
        break;
    case SCHEME_NONE:
    case SCHEME_COUNT:
        break;
    }
    return place;
}

/* A name without value gains a '=', hence one byte more for each parameter of a form. */
static size_t form_bound(const struct body_facts *body)
{
    if (body == NULL) return 0;
    return body->form.length + (body->form.length < PAIRS_MAX ? body->form.length : PAIRS_MAX);
}

/* Percent-encoding makes three bytes of one; each field stands at most once, a signed name that is absent as "name:". */
size_t scheme_text_bound(const struct scheme_input *input)
{
    const struct http_request *request = input->request;
    size_t bound = 256 + request->method.length + 3 * request->target.length + 3 * input->claim->signed_names.length;
    size_t factor = input->claim->scheme->encodes_fields ? 3 : 1;
    for (size_t i = 0; i < request->field_count; i++)
        bound += factor * (request->fields[i].name.length + request->fields[i].value.length) + 2;
    return bound + form_bound(input->body);
}
