#include "gateway/cors.h"

#include "gateway/context.h"
#include "gateway/guard.h"

#define ALLOW_ORIGIN  "Access-Control-Allow-Origin"
#define ASKED_METHOD  "Access-Control-Request-Method"
#define ASKED_HEADERS "Access-Control-Request-Headers"
#define ASKED_MOST    1024

/* What the proofs of the schemes stand in. A wildcard would not cover Authorization (Fetch standard, 4.9). */
#define PROOF_HEADERS                                                                                                                      \
    "Authorization, Content-Type, Accept, Content-MD5, X-Sdk-Date, X-Sdk-Content-Sha256, X-Sdk-Content-Sm3, X-Apig-AppCode, X-Stage, "     \
    "X-Ca-Key, X-Ca-Nonce, X-Ca-Timestamp, X-Ca-Stage, X-Ca-Signature, X-Ca-Signature-Headers, X-Ca-Signature-Method, "                    \
    "X-Ca-Signed-Content-Type, X-Bce-Signature, X-Bce-Date, X-Bce-Stage, X-Bce-Content-Sha256"
#define ANSWER_HEADERS                                                                                                                     \
    "X-Request-Id, X-Ca-Request-Id, X-Ca-Error-Code, X-Ca-Error-Message, X-Bce-Request-Id, X-Bce-Error-Code, X-Bce-Error-Message"

/* Letters, digits and '-', with commas and blanks between: nothing that could end a header or begin another. */
static bool is_list_of_names(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = byte_to_lower(text.data[i]);
        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == ',' || byte == ' '))
            return false;
    }
    return text.length > 0 && text.length <= ASKED_MOST;
}

static void add_field(struct answer *answer, struct bytes name, struct bytes value)
{
    answer->fields[answer->field_count++] = (struct http_field){name, value};
}

/* Headers beyond those of the schemes are the API's own business: what is asked for is allowed. */
static struct bytes allowed_headers(struct gateway_context *context)
{
    struct bytes asked = http_field_value(&context->view, BYTES(ASKED_HEADERS));
    struct buffer text = buffer_in(&context->arena, sizeof PROOF_HEADERS + 2 + ASKED_MOST);
    buffer_add_text(&text, PROOF_HEADERS);
    if (is_list_of_names(asked)) {
        buffer_add_text(&text, ", ");
        buffer_add(&text, asked);
    }
    return text.overflow ? BYTES(PROOF_HEADERS) : buffer_bytes(&text);
}

static bool write_answer(struct gateway_context *context, struct bytes method)
{
    struct answer *answer = arena_take(&context->arena, sizeof *answer);
    if (answer == NULL) return false;
    *answer = (struct answer){.status = NGX_HTTP_NO_CONTENT};
    add_field(answer, BYTES("Access-Control-Allow-Methods"), method);
    add_field(answer, BYTES("Access-Control-Allow-Headers"), allowed_headers(context));
    add_field(answer, BYTES("Access-Control-Max-Age"), BYTES("600"));
    context->own_answer = answer;
    return true;
}

/* A page whose requests will be refused learns nothing before. */
static bool is_open(const struct gateway_context *context, const struct edge_view *view, const struct publication *publication)
{
    enum refusal refusal;
    return guard_api(context->request, view, publication, &refusal) == GUARD_OPEN;
}

/* The API that the request to come is for. */
static bool find_open_api(struct gateway_context *context, const struct edge_view *view, struct bytes method)
{
    const struct publication *publication = NULL;
    const struct route_query query = {
        .host = bytes_of_str(context->request->headers_in.server), .method = method, .path = context->view.path};
    if (edge_route(view, &query, &context->route) != EDGE_OK) return false;
    if (edge_publication(view, context->route.api_id, context->route.environment_id, &publication) != EDGE_OK) return false;
    if (!publication->rules.cors || (publication->guarded && !is_open(context, view, publication))) return false;
    context_keep_publication(context, publication);
    return true;
}

bool cors_answer(struct gateway_context *context, const struct edge_view *view)
{
    struct bytes method = context->view.method;
    if (method.length != 7 || !bytes_equal(method, BYTES("OPTIONS"))) return false;
    method = http_field_value(&context->view, BYTES(ASKED_METHOD));
    if (http_field_find(&context->view, BYTES("Origin")) == NULL || !is_list_of_names(method)) return false;
    return find_open_api(context, view, method) && write_answer(context, method);
}

static bool has_field(const ngx_http_request_t *r, struct bytes name)
{
    for (const ngx_list_part_t *part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        const ngx_table_elt_t *fields = part->elts;
        for (ngx_uint_t i = 0; i < part->nelts; i++)
            if (fields[i].hash != 0 && bytes_equal_folded(bytes_of_str(fields[i].key), name)) return true;
    }
    return false;
}

static bool push_field(ngx_http_request_t *r, struct bytes name, struct bytes value)
{
    ngx_table_elt_t *field = ngx_list_push(&r->headers_out.headers);
    if (field == NULL) return false;
    *field = (ngx_table_elt_t){.hash = 1, .key = str_of_bytes(name), .value = str_of_bytes(value)};
    return true;
}

/* A backend that has a policy of its own keeps it: two values of this field would be none. */
bool cors_open_answer(ngx_http_request_t *r)
{
    if (has_field(r, BYTES(ALLOW_ORIGIN))) return true;
    return push_field(r, BYTES(ALLOW_ORIGIN), BYTES("*")) && push_field(r, BYTES("Access-Control-Expose-Headers"), BYTES(ANSWER_HEADERS));
}
