/* Fills the programs of example_words.c. */
#include "explain/example_words.h"

#include <stddef.h>

struct fill {
    const struct example *example;
    const struct example_words *words;
    struct buffer *out;
};

static void add(const struct fill *fill, const char *text)
{
    buffer_add_text(fill->out, text);
}

static void add_escaped(struct buffer *out, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    if (byte == '\n') {
        buffer_add_text(out, "\\n");
    } else if (byte == '\t') {
        buffer_add_text(out, "\\t");
    } else if (byte < 0x20 || byte == 0x7f) {
        buffer_add_text(out, "\\u00");
        buffer_add_byte(out, (uint8_t)digits[byte >> 4]);
        buffer_add_byte(out, (uint8_t)digits[byte & 15]);
    } else {
        if (byte == '"' || byte == '\\') buffer_add_byte(out, '\\');
        buffer_add_byte(out, byte);
    }
}

/* All these languages read "…" with backslashes alike, as far as this goes. `end` is one more character, or nothing. */
static void add_literal(const struct fill *fill, struct bytes text, const char *end)
{
    buffer_add_byte(fill->out, '"');
    for (size_t i = 0; i < text.length; i++) add_escaped(fill->out, text.data[i]);
    add(fill, end);
    buffer_add_byte(fill->out, '"');
}

static void add_around(const struct fill *fill, struct around around, struct bytes text)
{
    add(fill, around.before);
    add_literal(fill, text, "");
    add(fill, around.after);
}

static void add_secret(const struct fill *fill)
{
    add(fill, fill->words->secret.before);
    add(fill, example_secret(fill->example));
    add(fill, fill->words->secret.after);
}

static void add_each(const struct fill *fill, const struct item *item)
{
    for (size_t i = 0; i < fill->example->field_count; i++) {
        add(fill, item->before);
        add_literal(fill, fill->example->fields[i].name, "");
        add(fill, item->between);
        add_literal(fill, fill->example->fields[i].value, "");
        add(fill, item->after);
    }
}

static void add_list(const struct fill *fill)
{
    add_each(fill, &fill->words->listed);
}

static void add_fields(const struct fill *fill)
{
    add_each(fill, &fill->words->set);
}

static void add_signer(const struct fill *fill)
{
    enum scheme_id id = fill->example->scheme->id;
    add(fill, id == SCHEME_ALIYUN_CA     ? fill->words->signers.aliyun
              : id == SCHEME_BCE_AUTH_V1 ? fill->words->signers.bce
                                         : fill->words->signers.sdk);
}

/* Names that are signed beside the scheme's own. */
static void add_names(const struct fill *fill)
{
    if (fill->example->name_count == 0) return;
    add(fill, fill->words->names.before);
    for (size_t i = 0; i < fill->example->name_count; i++) {
        if (i > 0) add(fill, ", ");
        add_literal(fill, fill->example->names[i], "");
    }
    add(fill, fill->words->names.after);
}

/* Only bce-auth-v1 has the choice of a header. */
static void add_carrier(const struct fill *fill)
{
    if (fill->example->scheme->id == SCHEME_BCE_AUTH_V1) add_around(fill, fill->words->carrier, fill->example->place->name);
}

static bool reads_file(const struct fill *fill)
{
    return fill->example->body.length > 0 && fill->example->body_in_file;
}

static void add_body(const struct fill *fill)
{
    if (reads_file(fill)) return add(fill, fill->words->body_of_file);
    add_around(fill, fill->words->body, fill->example->body);
}

static void add_reader(const struct fill *fill)
{
    if (reads_file(fill)) add(fill, fill->words->file_reader);
}

static void add_import(const struct fill *fill)
{
    if (fill->example->scheme->id == SCHEME_APP_BASIC) return add(fill, fill->words->base64_import);
    if (fill->example->place->location == PLACE_QUERY) add(fill, fill->words->escaped_import);
}

/* The secret in the query stands at its end: see examples.c. */
static void add_address(const struct fill *fill)
{
    add_literal(fill, fill->example->url, "");
    if (fill->example->place->location != PLACE_QUERY) return;
    add(fill, " + ");
    add(fill, fill->words->escaped.before);
    add_secret(fill);
    add(fill, fill->words->escaped.after);
}

static void begin_field(const struct fill *fill, struct bytes name)
{
    add(fill, fill->words->set.before);
    add_literal(fill, name, "");
    add(fill, fill->words->set.between);
}

static void add_pair(const struct fill *fill)
{
    begin_field(fill, fill->example->place->name);
    add_literal(fill, fill->example->key_id, "");
    add(fill, fill->words->set.after);
    begin_field(fill, BYTES("X-HW-AppKey"));
    add_secret(fill);
    add(fill, fill->words->set.after);
}

static void add_basic(const struct fill *fill)
{
    begin_field(fill, fill->example->place->name);
    add_literal(fill, fill->example->place->prefix, "");
    add(fill, " + ");
    add(fill, fill->words->base64.before);
    add_literal(fill, fill->example->key_id, ":");
    add(fill, " + ");
    add_secret(fill);
    add(fill, fill->words->base64.after);
    add(fill, fill->words->set.after);
}

static void add_proof(const struct fill *fill)
{
    const struct place *place = fill->example->place;
    if (fill->example->scheme->id == SCHEME_APP_SECRET) return add_pair(fill);
    if (fill->example->scheme->id == SCHEME_APP_BASIC) return add_basic(fill);
    if (place->location == PLACE_QUERY) return;
    bool cookie = place->location == PLACE_COOKIE;
    struct bytes before = cookie ? place->name : place->prefix;
    begin_field(fill, cookie ? BYTES("Cookie") : place->name);
    if (before.length > 0) {
        add_literal(fill, before, cookie ? "=" : "");
        add(fill, " + ");
    }
    add_secret(fill);
    add(fill, fill->words->set.after);
}

static const struct {
    const char *name;
    void (*add)(const struct fill *fill);
} slots[] = {
    {"signer", add_signer}, {"secret", add_secret},   {"list", add_list},       {"fields", add_fields},
    {"names", add_names},   {"carrier", add_carrier}, {"body", add_body},       {"reader", add_reader},
    {"import", add_import}, {"proof", add_proof},     {"address", add_address},
};

static const struct {
    const char *name;
    size_t offset;
} literals[] = {
    {"method", offsetof(struct example, method)}, {"target", offsetof(struct example, target)}, {"url", offsetof(struct example, url)},
    {"host", offsetof(struct example, host)},     {"key", offsetof(struct example, key_id)},
};

static void add_named(const struct fill *fill, struct bytes name)
{
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        if (bytes_equal(name, bytes_of_text(slots[i].name))) return slots[i].add(fill);
    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++)
        if (bytes_equal(name, bytes_of_text(literals[i].name)))
            return add_literal(fill, *(const struct bytes *)((const char *)fill->example + literals[i].offset), "");
}

/* "@name@" is filled in, all else stands. */
static void add_program(const struct fill *fill, const char *program)
{
    bool named = false;
    for (struct bytes rest = bytes_of_text(program), part; bytes_next_part(&rest, '@', &part); named = !named) {
        if (named) {
            add_named(fill, part);
        } else {
            buffer_add(fill->out, part);
        }
    }
}

bool example_write_code(const struct example *example, enum example_language language, struct buffer *out)
{
    const struct fill fill = {example, &example_words[language], out};
    bool bodiless = bytes_equal(example->method, BYTES("GET")) || bytes_equal(example->method, BYTES("HEAD"));
    if (fill.words->get_has_no_body && bodiless && example->body.length > 0) return false;
    add_program(&fill, example->scheme->proof_kind == PROOF_MAC ? fill.words->signed_program : fill.words->sent_program);
    return true;
}
