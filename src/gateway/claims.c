#include "gateway/claims.h"

#include "base/text.h"
#include "credential/token_rules.h"

static bool is_listed(struct bytes names, struct bytes name, bool (*same)(struct bytes, struct bytes))
{
    struct bytes listed;
    while (token_text_next(&names, &listed))
        if (same(name, listed)) return true;
    return false;
}

bool claims_own_header(const struct gateway_context *context, struct bytes lower)
{
    return is_listed(context->publication->told_headers, lower, http_name_is_alias);
}

static bool is_parameter(struct bytes raw, struct bytes name)
{
    const struct place place = {.scheme = SCHEME_JWT, .location = PLACE_QUERY, .name = name};
    return place_is_query_name(&place, raw);
}

bool claims_own_parameter(const struct gateway_context *context, struct bytes raw_name)
{
    return is_listed(context->publication->told_parameters, raw_name, is_parameter);
}

/* The claims of this request one by one; those that its token does not have are passed over. */
struct telling {
    struct bytes tells;
    struct bytes told;
};

static bool next_told(struct telling *telling, struct token_tell *tell, struct bytes *value)
{
    while (token_tell_next(&telling->tells, tell) && telling->told.length > 0) {
        bool there = telling->told.data[0] == 1;
        telling->told = bytes_from(telling->told, 1);
        if (there) return token_text_next(&telling->told, value);
    }
    return false;
}

static struct telling telling_of(const struct gateway_context *context)
{
    return (struct telling){context->admission.token_tells, context->admission.token_told};
}

size_t claims_header_count(const struct gateway_context *context)
{
    return context->admission.token_tells.length > 0 ? TOKEN_MAX_TELLS : 0;
}

bool claims_add_headers(const struct gateway_context *context, struct outgoing *outgoing)
{
    struct telling telling = telling_of(context);
    struct token_tell tell;
    bool added = true;
    for (struct bytes value; added && next_told(&telling, &tell, &value);) {
        const struct http_field field = {tell.name, value};
        if (tell.location == TOKEN_TELL_HEADER) added = outgoing_add(outgoing, &field);
    }
    return added;
}

size_t claims_parameter_room(const struct gateway_context *context)
{
    return 3 * context->admission.token_tells.length + 3 * context->admission.token_told.length;
}

void claims_add_parameters(const struct gateway_context *context, uint8_t separator, struct buffer *out)
{
    struct telling telling = telling_of(context);
    struct token_tell tell;
    for (struct bytes value; next_told(&telling, &tell, &value);) {
        if (tell.location != TOKEN_TELL_QUERY) continue;
        buffer_add_byte(out, separator);
        percent_encode(out, tell.name);
        buffer_add_byte(out, '=');
        percent_encode(out, value);
        separator = '&';
    }
}

struct bytes claims_cookies_without(struct arena *arena, struct bytes cookies, struct bytes name)
{
    struct buffer out = buffer_in(arena, cookies.length + 1);
    if (arena->exhausted) return bytes_of(NULL, 0);
    for (struct bytes item; bytes_next_part(&cookies, ';', &item);) {
        item = bytes_trim(item);
        if (bytes_equal(bytes_trim(bytes_slice(item, 0, bytes_find(item, '='))), name)) continue;
        if (out.length > 0) buffer_add_text(&out, "; ");
        buffer_add(&out, item);
    }
    return bytes_of(out.data, out.length);
}
