/* A shell script with curl and openssl. The text that is signed stands in it as the gateway makes it, date and nonce filled in when it
 * runs. */
#include "explain/examples.h"

#include <string.h>

#define SOME_DATE  1700000000
#define SOME_NONCE "00112233445566778899aabbccddeeff"

struct mark {
    struct bytes value;
    const char *variable;
};

struct script {
    const struct example *example;
    struct arena *arena;
    struct buffer *out;
    struct http_request request; /* signed by "x" at some date */
    struct claim claim;
    struct mark marks[3];
};

static void add(struct script *script, const char *text)
{
    buffer_add_text(script->out, text);
}

/* In double quotes, with a variable for each mark. */
static void add_double_quoted(struct script *script, struct bytes text)
{
    buffer_add_byte(script->out, '"');
    while (text.length > 0) {
        const struct mark *mark = NULL;
        for (size_t i = 0; i < 3 && mark == NULL; i++)
            if (script->marks[i].value.length > 0 && bytes_start_with(text, script->marks[i].value)) mark = &script->marks[i];
        if (mark != NULL) {
            add(script, mark->variable);
            text = bytes_from(text, mark->value.length);
            continue;
        }
        if (bytes_find(BYTES("\\\"$`"), text.data[0]) < 4) buffer_add_byte(script->out, '\\');
        buffer_add_byte(script->out, text.data[0]);
        text = bytes_from(text, 1);
    }
    buffer_add_byte(script->out, '"');
}

static void add_single_quoted(struct script *script, struct bytes text)
{
    buffer_add_byte(script->out, '\'');
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\'') {
            add(script, "'\\''");
        } else {
            buffer_add_byte(script->out, text.data[i]);
        }
    }
    buffer_add_byte(script->out, '\'');
}

/* Its own fields come behind those of the example. */
static bool join_fields(struct script *script, const struct signed_fields *added)
{
    const struct example *example = script->example;
    struct http_field *fields = arena_take_array(script->arena, example->field_count + added->count + 1, sizeof *fields);
    if (fields == NULL) return false;
    size_t count = 0;
    fields[count++] = (struct http_field){BYTES("Host"), example->host};
    for (size_t i = 0; i < example->field_count; i++) fields[count++] = example->fields[i];
    for (size_t i = 0; i < added->count; i++) fields[count++] = added->items[i];
    script->request.fields = fields;
    script->request.field_count = count;
    return true;
}

static bool sign(struct script *script, const struct body_facts *body)
{
    const struct example *example = script->example;
    static const struct signed_fields none = {.count = 0};
    struct signed_fields added;
    script->request = (struct http_request){.method = example->method};
    if (!http_request_set_target(&script->request, example->target) || !join_fields(script, &none)) return false;
    struct signing signing = {.request = &script->request,
                              .body = body,
                              .key_id = example->key_id,
                              .secret = {.text = BYTES("x")},
                              .now = SOME_DATE,
                              .nonce = BYTES(SOME_NONCE),
                              .names = example->names,
                              .name_count = example->name_count};
    if (example->scheme->id == SCHEME_BCE_AUTH_V1) signing.carrier = example->place->name;
    return example->scheme->sign(&signing, script->arena, &added) && join_fields(script, &added);
}

static bool read_back(struct script *script, const struct body_facts *body, struct bytes *text)
{
    struct place *place = arena_take(script->arena, sizeof *place);
    if (place == NULL) return false;
    *place = scheme_default_place(script->example->scheme->id);
    if (script->example->scheme->id == SCHEME_BCE_AUTH_V1) place->name = script->example->place->name;
    script->claim = (struct claim){.scheme = script->example->scheme, .place = place};
    if (script->claim.scheme->read(&script->request, script->arena, &script->claim) != REFUSAL_NONE) return false;
    struct scheme_input input = {.request = &script->request, .claim = &script->claim, .body = body, .arena = script->arena};
    struct buffer out = buffer_in(script->arena, scheme_text_bound(&input));
    if (!script->claim.scheme->canonical(&input, 0, &out) || out.overflow) return false;
    *text = buffer_bytes(&out);
    script->marks[0] = (struct mark){script->claim.time_text, "${DATE}"};
    script->marks[1] = (struct mark){script->claim.nonce, "${NONCE}"};
    script->marks[2] = (struct mark){script->claim.proof, "${SIGNATURE}"};
    return true;
}

static void add_signing(struct script *script)
{
    static const char hmac[] = "openssl dgst -sha256 -hmac \"$SECRET\"", hex[] = " -r | cut -d' ' -f1)\n";
    add(script, "SIGNATURE=$(printf ");
    if (script->claim.scheme->id == SCHEME_ALIYUN_CA) {
        add(script, "%s \"$TEXT\" | ");
        add(script, hmac);
        add(script, " -binary | openssl base64 -A)\n");
    } else if (script->claim.scheme->id == SCHEME_BCE_AUTH_V1) {
        add(script, "%s \"$TEXT\" | openssl dgst -sha256 -hmac \"$(printf %s ");
        struct buffer prefix = buffer_in(script->arena, script->claim.key_id.length + 16);
        buffer_add_text(&prefix, "bce-auth-v1/");
        buffer_add(&prefix, script->claim.key_id);
        add_double_quoted(script, buffer_bytes(&prefix));
        add(script, "\"/$DATE/1800\" | ");
        add(script, hmac);
        add(script, " -r | cut -d' ' -f1)\"");
        add(script, hex);
    } else {
        add(script, "'SDK-HMAC-SHA256\\n%s\\n%s' \"$DATE\" \"$(printf %s \"$TEXT\" | openssl dgst -sha256 -r | cut -d' ' -f1)\" | ");
        add(script, hmac);
        add(script, hex);
    }
}

static const char *date_command(enum scheme_id id)
{
    if (id == SCHEME_ALIYUN_CA) return "DATE=$(date +%s)000\nNONCE=$(openssl rand -hex 16)\n";
    return id == SCHEME_BCE_AUTH_V1 ? "DATE=$(date -u +%Y-%m-%dT%H:%M:%SZ)\n" : "DATE=$(date -u +%Y%m%dT%H%M%SZ)\n";
}

static void add_field(struct script *script, struct http_field field)
{
    struct buffer line = buffer_in(script->arena, field.name.length + field.value.length + 2);
    buffer_add(&line, field.name);
    buffer_add_text(&line, field.value.length == 0 ? ";" : ": ");
    buffer_add(&line, field.value);
    add(script, " \\\n  -H ");
    add_double_quoted(script, buffer_bytes(&line));
}

/* curl adds Accept, and to a body Content-Type: what is not ours to send is taken off. */
static void add_call(struct script *script, const struct http_field *fields, size_t count)
{
    const struct example *example = script->example;
    bool accepts = false;
    add(script, "curl --globoff --path-as-is -X ");
    add_single_quoted(script, example->method);
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal_folded(fields[i].name, BYTES("host"))) continue;
        accepts = accepts || bytes_equal_folded(fields[i].name, BYTES("accept"));
        add_field(script, fields[i]);
    }
    if (!accepts) add(script, " \\\n  -H 'Accept:'");
    if (example->body.length > 0) add(script, " \\\n  --data-binary ");
    if (example->body.length > 0 && example->body_in_file) add(script, "@body");
    if (example->body.length > 0 && !example->body_in_file) add_single_quoted(script, example->body);
    add(script, " \\\n  ");
}

static bool write_signed(struct script *script)
{
    struct body_facts body = body_facts_of(script->example->body);
    struct bytes text;
    if (!sign(script, &body) || !read_back(script, &body, &text)) return false;
    add(script, "SECRET='<APP_SECRET>'\n");
    add(script, date_command(script->claim.scheme->id));
    script->marks[2].variable = "${SIGNATURE}";
    add(script, "TEXT=");
    add_double_quoted(script, text);
    add(script, "\n");
    add_signing(script);
    add_call(script, script->request.fields, script->request.field_count);
    add_single_quoted(script, script->example->url);
    add(script, "\n");
    return true;
}

/* `before` and what the secret is to replace, in single quotes. */
static void add_secret_behind(struct script *script, struct bytes before, struct bytes more)
{
    const char *secret = example_secret(script->example);
    struct buffer text = buffer_in(script->arena, before.length + more.length + strlen(secret) + 2);
    buffer_add(&text, before);
    buffer_add(&text, more);
    buffer_add_byte(&text, '<');
    buffer_add_text(&text, secret);
    buffer_add_byte(&text, '>');
    add_single_quoted(script, buffer_bytes(&text));
}

static void add_secret_field(struct script *script, struct bytes name, struct bytes before)
{
    struct buffer line = buffer_in(script->arena, name.length + 2);
    buffer_add(&line, name);
    buffer_add_text(&line, ": ");
    add(script, "-H ");
    add_secret_behind(script, buffer_bytes(&line), before);
    add(script, " \\\n  ");
}

static void add_proof(struct script *script)
{
    const struct example *example = script->example;
    const struct place *place = example->place;
    if (example->scheme->id == SCHEME_APP_BASIC) {
        add(script, "-u ");
        add_secret_behind(script, example->key_id, BYTES(":"));
        add(script, " \\\n  ");
    } else if (example->scheme->id == SCHEME_APP_SECRET) {
        add_secret_field(script, BYTES("X-HW-AppKey"), BYTES(""));
    } else if (place->location == PLACE_HEADER) {
        add_secret_field(script, place->name, place->prefix);
    } else if (place->location == PLACE_COOKIE) {
        struct buffer name = buffer_in(script->arena, place->name.length + 1);
        buffer_add(&name, place->name);
        buffer_add_byte(&name, '=');
        add_secret_field(script, BYTES("Cookie"), buffer_bytes(&name));
    }
}

/* Behind "?" or "&" at the end of the target (examples.c) stands the name; curl joins the pair to the rest again, escaped. */
static void add_query(struct script *script)
{
    const struct example *example = script->example;
    size_t pair = example->place->name.length + 1;
    struct bytes url = example->url;
    add(script, example->body.length > 0 ? "--url-query " : "-G --data-urlencode ");
    add_secret_behind(script, bytes_from(url, url.length - pair), BYTES(""));
    add(script, " \\\n  ");
    add_single_quoted(script, bytes_slice(url, 0, url.length - pair - 1));
    add(script, "\n");
}

static bool write_sent(struct script *script)
{
    const struct example *example = script->example;
    const struct signed_fields key = {.count = example->scheme->id == SCHEME_APP_SECRET,
                                      .items = {{example->place->name, example->key_id}}};
    if (!join_fields(script, &key)) return false;
    add_call(script, script->request.fields, script->request.field_count);
    if (example->place->location == PLACE_QUERY) {
        add_query(script);
        return true;
    }
    add_proof(script);
    add_single_quoted(script, example->url);
    add(script, "\n");
    return true;
}

bool example_write_curl(const struct example *example, struct arena *arena, struct buffer *out)
{
    struct script script = {.example = example, .arena = arena, .out = out};
    return example->scheme->proof_kind == PROOF_MAC ? write_signed(&script) : write_sent(&script);
}
