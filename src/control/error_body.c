#include "control/error_body.h"

#include "base/json.h"

static bool is_of_iam(const struct call *call)
{
    return bytes_start_with(call->request.path, BYTES("/v3"));
}

static const char *title_of(unsigned status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 409:
        return "Conflict";
    case 413:
        return "Payload Too Large";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return status < 500 ? "Bad Request" : "Internal Server Error";
    }
}

/* The same mistake has another code in IAM (huawei.md 5). */
static void write_code(struct buffer *out, enum error_code code, bool of_iam)
{
    static const struct {
        enum error_code code;
        const char *iam;
    } others[] = {
        {ERROR_FIELD_MISSING, "IAM.0072"}, {ERROR_FIELD_VALUE, "IAM.0007"}, {ERROR_BODY_UNREADABLE, "IAM.0011"},
        {ERROR_TOKEN_WRONG, "IAM.0067"},   {ERROR_TOKEN_ENDED, "IAM.0066"}, {ERROR_CREDENTIALS_MISSING, "IAM.0001"},
        {ERROR_FORBIDDEN, "IAM.0003"},
    };
    for (size_t i = 0; of_iam && i < sizeof others / sizeof *others; i++) {
        if (others[i].code != code) continue;
        buffer_add_text(out, others[i].iam);
        return;
    }
    error_write_code(out, code);
}

static void write_nested(struct buffer *out, unsigned status, struct bytes text)
{
    buffer_add_text(out, "\"error\":{\"code\":");
    buffer_add_number(out, status);
    buffer_add_text(out, ",\"message\":");
    json_write_string(out, text);
    buffer_add_text(out, ",\"title\":\"");
    buffer_add_text(out, title_of(status));
    buffer_add_text(out, "\"},");
}

struct bytes error_body(struct call *call)
{
    struct bytes subject = bytes_of_text(call->subject);
    bool of_iam = is_of_iam(call);
    size_t size = 1024 + subject.length;
    struct buffer text = buffer_in(&call->arena, size);
    struct buffer out = buffer_in(&call->arena, 12 * size);
    error_write_text(&text, call->error, subject);
    buffer_add_text(&out, "{");
    if (of_iam) write_nested(&out, error_of(call->error)->status, buffer_bytes(&text));
    buffer_add_text(&out, "\"error_code\":\"");
    write_code(&out, call->error, of_iam);
    buffer_add_text(&out, "\",\"error_msg\":");
    json_write_string(&out, buffer_bytes(&text));
    buffer_add_text(&out, ",\"request_id\":\"");
    buffer_add_text(&out, call->request_id);
    buffer_add_text(&out, "\"}");
    return buffer_bytes(&out);
}
