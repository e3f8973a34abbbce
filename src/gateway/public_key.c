#include "gateway/public_key.h"

#define FEATURE    "public_key"
#define LINE       64 /* RFC 7468, 2 */
#define BLOCK_ROOM 64 /* for the lines around a key */

static bool is_asked(const struct http_request *request)
{
    if (!bytes_start_with(request->path, BYTES(PUBLIC_KEY_URI_PREFIX))) return false;
    return bytes_equal(request->method, BYTES("GET")) || bytes_equal(request->method, BYTES("HEAD"));
}

static void add_block(struct buffer *out, struct bytes base64)
{
    buffer_add_text(out, "-----BEGIN PUBLIC KEY-----\n");
    for (size_t at = 0; at < base64.length; at += LINE) {
        buffer_add(out, bytes_slice(base64, at, LINE));
        buffer_add_byte(out, '\n');
    }
    buffer_add_text(out, "-----END PUBLIC KEY-----\n");
}

static struct buffer block_room(struct arena *arena, const struct signature_key *key)
{
    size_t length = key->key.length + key->next_key.length;
    return buffer_in(arena, length + length / LINE + 2 * BLOCK_ROOM + 2);
}

/* The key that signs now stands first; the one that follows, or that a backend may still see for a moment, behind it. */
static void write_keys(struct gateway_context *context, const struct signature_key *key, struct answer *answer)
{
    struct buffer text = block_room(&context->arena, key);
    bool next_signs = key->next_from != 0 && ngx_time() >= key->next_from;
    add_block(&text, next_signs ? key->next_key : key->key);
    if (key->next_from != 0) add_block(&text, next_signs ? key->key : key->next_key);
    answer->status = 200;
    answer->content_type = BYTES("application/x-pem-file");
    answer->body = buffer_bytes(&text);
    answer->fields[answer->field_count++] = (struct http_field){BYTES("Cache-Control"), BYTES("no-cache")};
}

static void write_nothing(struct gateway_context *context, struct answer *answer)
{
    struct buffer text = buffer_in(&context->arena, 128);
    buffer_add_text(&text, "{\"error_msg\":\"PublicKey is null\",\"error_code\":\"APIG.2102\",\"request_id\":\"");
    buffer_add(&text, bytes_of(context->request_id, REQUEST_ID_LENGTH));
    buffer_add_text(&text, "\"}");
    answer->status = 400;
    answer->content_type = BYTES("application/json");
    answer->body = buffer_bytes(&text);
}

bool public_key_answer(struct gateway_context *context, const struct edge_view *view)
{
    struct signature_key key;
    struct bytes config;
    if (!is_asked(&context->view) || edge_feature(view, BYTES(FEATURE), &config) != EDGE_OK) return false;
    struct bytes id = bytes_from(context->view.path, sizeof PUBLIC_KEY_URI_PREFIX - 1);
    enum edge_result result = edge_signature_key_sealed(view, id, &key);
    struct answer *answer = arena_take(&context->arena, sizeof *answer);
    context->own_answer = answer;
    if (answer == NULL || result == EDGE_FAULT) {
        context->admission.outcome = ADMISSION_FAULT;
        context->own_answer = NULL;
        return true;
    }
    *answer = (struct answer){0};
    if (result == EDGE_OK && key.type == SIGNATURE_PUBLIC_KEY)
        write_keys(context, &key, answer);
    else
        write_nothing(context, answer);
    return true;
}
