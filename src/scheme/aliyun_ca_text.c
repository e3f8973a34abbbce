/* The string to sign of aliyun-ca (alibaba.md 1.1):
 *   METHOD \n Accept \n Content-MD5 \n Content-Type \n Date \n (Name:Value \n)* PathAndParameters
 * in the five forms that Alibaba's own gateways accept (1.4). Not more: every further form weakens what a signature binds. */
#include "base/text.h"
#include "crypto/hmac.h"
#include "scheme/aliyun_ca.h"

/* How a form is made. `documented` comes first: it is what the documentation describes, so it makes the best hint. */
struct form {
    bool lower_names;   /* names in lower case, without those that have a place of their own (Higress) */
    bool plus_is_space; /* in names and values */
    bool bare_empty;    /* an empty value is written as the bare name, else "name=" */
    bool decoded_path;  /* the path percent-decoded once */
};

static const struct form forms[] = {
    {false, true, true, false},   /* documented: the classic gateway, raw path */
    {true, false, false, false},  /* current: Higress */
    {false, false, false, false}, /* compatible: as documented, but '+' stays and empty values keep '=' */
    {false, true, true, true},    /* documented, decoded path: Java signs so */
    {false, false, false, true},  /* compatible, decoded path */
};
enum { DOCUMENTED, CURRENT, COMPATIBLE, DOCUMENTED_DECODED, COMPATIBLE_DECODED };

_Static_assert(sizeof forms / sizeof forms[0] == 5, "candidate_count of the scheme");

static const struct aliyun_ca_reading *reading_of(const struct scheme_input *input)
{
    return input->claim->reading;
}

static struct bytes form_text(const struct scheme_input *input)
{
    if (!reading_of(input)->form || input->body == NULL) return bytes_of(NULL, 0);
    return input->body->form;
}

static bool has_plus(struct bytes text)
{
    return bytes_find(text, '+') < text.length;
}

static bool has_empty_value(struct bytes text)
{
    for (struct http_pair pair; http_pair_next(&text, &pair);)
        if (pair.value.length == 0) return true;
    return false;
}

/* Do the parameters read differently in the documented and the compatible form? */
static bool parameters_differ(const struct scheme_input *input)
{
    struct bytes query = input->request->query, form = form_text(input);
    return has_plus(query) || has_plus(form) || has_empty_value(query) || has_empty_value(form);
}

static bool is_kept_escape(struct bytes at)
{
    return bytes_start_with_folded(at, BYTES("%2F")) || bytes_start_with_folded(at, BYTES("%5C"));
}

/* "/a%3Fx=1" decoded reads like "/a?x=1", whose signature it must not pass with. A name alone behind the '?' is let be: Java signs so. */
static bool looks_like_a_query(struct bytes path)
{
    struct bytes behind = bytes_from(path, bytes_find(path, '?'));
    return bytes_find(behind, '=') < behind.length;
}

/* As Undertow decodes: once, '/' and '\' stay escaped as they are spelled, '+' stays. No valid UTF-8, no candidate. */
static bool decode_path(const struct scheme_input *input, struct bytes *decoded)
{
    struct bytes path = input->request->path;
    struct buffer out = buffer_in(input->arena, path.length);
    while (path.length > 0) {
        size_t plain = is_kept_escape(path) ? 3 : bytes_find(path, '%');
        if (plain == 0) {
            if (!percent_decode(&out, bytes_slice(path, 0, 3))) return false;
            path = bytes_from(path, 3);
            continue;
        }
        buffer_add(&out, bytes_slice(path, 0, plain));
        path = bytes_from(path, plain);
    }
    *decoded = buffer_bytes(&out);
    return !out.overflow && utf8_is_valid(*decoded) && !looks_like_a_query(*decoded);
}

/* Skips, without building it, a text that an earlier candidate was already. */
static bool form_applies(const struct scheme_input *input, unsigned candidate)
{
    const struct aliyun_ca_reading *reading = reading_of(input);
    bool names_differ = reading->mixed_case || reading->fixed_declared;
    switch (candidate) {
    case CURRENT:
        return names_differ || parameters_differ(input);
    case COMPATIBLE:
        return names_differ && parameters_differ(input);
    case DOCUMENTED_DECODED:
        return bytes_find(input->request->path, '%') < input->request->path.length;
    case COMPATIBLE_DECODED:
        return bytes_find(input->request->path, '%') < input->request->path.length && parameters_differ(input);
    default:
        return true;
    }
}

static void add_line(struct buffer *out, struct bytes text)
{
    buffer_add(out, text);
    buffer_add_byte(out, '\n');
}

static void add_fixed(const struct scheme_input *input, struct buffer *out)
{
    const struct aliyun_ca_reading *reading = reading_of(input);
    bool replaced = reading->slots[SLOT_SIGNED_TYPE] != NULL;
    buffer_add_upper(out, input->request->method);
    buffer_add_byte(out, '\n');
    add_line(out, aliyun_ca_slot_value(reading, SLOT_ACCEPT));
    add_line(out, aliyun_ca_slot_value(reading, SLOT_CONTENT_MD5));
    add_line(out, aliyun_ca_slot_value(reading, replaced ? SLOT_SIGNED_TYPE : SLOT_CONTENT_TYPE));
    add_line(out, aliyun_ca_slot_value(reading, SLOT_DATE));
}

static void add_lines(const struct pairs *lines, struct buffer *out)
{
    for (size_t i = 0; i < lines->count; i++) {
        buffer_add(out, lines->items[i].name);
        buffer_add_byte(out, ':');
        add_line(out, lines->items[i].value);
    }
}

/* Lower case can change the order ("X-B" before "x-a"), so the lines are sorted anew. */
static void add_lower_lines(const struct scheme_input *input, struct buffer *out)
{
    const struct pairs *declared = &reading_of(input)->lines;
    struct pair memory[ALIYUN_CA_MAX_NAMES];
    struct pairs lines = {.items = memory};
    for (size_t i = 0; i < declared->count; i++) {
        if (aliyun_ca_name_is_fixed(declared->items[i].name)) continue;
        struct buffer lower = buffer_in(input->arena, declared->items[i].name.length);
        buffer_add_lower(&lower, declared->items[i].name);
        out->overflow = out->overflow || lower.overflow;
        lines.items[lines.count++] = (struct pair){buffer_bytes(&lower), declared->items[i].value};
    }
    if (!pairs_sort_by_name(&lines, input->arena)) out->overflow = true;
    add_lines(&lines, out);
}

static void add_headers(const struct scheme_input *input, const struct form *form, struct buffer *out)
{
    const struct aliyun_ca_reading *reading = reading_of(input);
    if (form->lower_names && (reading->mixed_case || reading->fixed_declared)) {
        add_lower_lines(input, out);
    } else {
        add_lines(&reading->lines, out);
    }
}

/* A bare form item keeps its name as sent, a bare query item does not (alibaba.md 1.4, 5). */
static bool read_pairs(struct arena *arena, struct bytes text, const struct form *form, bool bare_raw, struct pairs *pairs)
{
    for (struct http_pair raw; http_pair_next(&text, &raw);) {
        struct pair *pair = &pairs->items[pairs->count++];
        pair->name = raw.name;
        if (bare_raw && !raw.has_value) continue;
        if (!pairs_decode(arena, raw.name, form->plus_is_space, &pair->name)) return false;
        if (!pairs_decode(arena, raw.value, form->plus_is_space, &pair->value)) return false;
    }
    return true;
}

/* Query before form, sorted by name; of a repeated name the first comes first. */
static bool read_parameters(const struct scheme_input *input, const struct form *form, struct pairs *pairs)
{
    struct bytes query = input->request->query, fields = form_text(input);
    if (!pairs_room(pairs, input->arena, query, fields)) return false;
    if (!read_pairs(input->arena, query, form, false, pairs) || !read_pairs(input->arena, fields, form, true, pairs)) return false;
    return pairs_sort_by_name(pairs, input->arena);
}

/* Of a repeated name only the first value is signed; check_body refuses the rest. */
static void add_parameters(const struct scheme_input *input, const struct form *form, struct buffer *out)
{
    struct pairs pairs;
    if (!read_parameters(input, form, &pairs)) {
        out->overflow = true;
        return;
    }
    for (size_t i = 0; i < pairs.count; i++) {
        const struct pair *pair = &pairs.items[i];
        if (i > 0 && bytes_equal(pair->name, pairs.items[i - 1].name)) continue;
        buffer_add_byte(out, i == 0 ? '?' : '&');
        buffer_add(out, pair->name);
        if (pair->value.length == 0 && form->bare_empty) continue;
        buffer_add_byte(out, '=');
        buffer_add(out, pair->value);
    }
}

bool aliyun_ca_canonical(const struct scheme_input *input, unsigned candidate, struct buffer *out)
{
    const struct form *form = &forms[candidate];
    struct bytes path = input->request->path;
    if (!form_applies(input, candidate) || (form->decoded_path && !decode_path(input, &path))) return false;
    if (reading_of(input)->form && input->body == NULL) out->overflow = true;
    add_fixed(input, out);
    add_headers(input, form, out);
    buffer_add(out, path);
    add_parameters(input, form, out);
    return true;
}

void aliyun_ca_signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical, struct buffer *out)
{
    struct digest_value mac = hmac_by(claim->hash, secret, canonical);
    base64_encode(out, digest_bytes(&mac));
}

static enum refusal at_field(const struct scheme_input *input, struct bytes field, enum refusal refusal)
{
    if (input->field != NULL) *input->field = field;
    return refusal;
}

static enum refusal check_md5(const struct scheme_input *input)
{
    uint8_t memory[32];
    struct buffer text = buffer_over(memory, sizeof memory);
    base64_encode(&text, digest_bytes(&input->body->md5));
    if (bytes_equal(buffer_bytes(&text), aliyun_ca_slot_value(reading_of(input), SLOT_CONTENT_MD5))) return REFUSAL_NONE;
    return at_field(input, aliyun_ca_slot_name(SLOT_CONTENT_MD5), REFUSAL_BODY_DIGEST_MISMATCH);
}

/* A backend that takes the last of several values would read one that nobody signed (alibaba.md 1.7). Both readings of '+' count, since it
 * is not known which one the backend has. */
static enum refusal check_repeats(const struct scheme_input *input)
{
    static const struct form readings[] = {{.plus_is_space = true}, {.plus_is_space = false}};
    for (size_t r = 0; r < 2; r++) {
        struct pairs pairs;
        if (!read_parameters(input, &readings[r], &pairs)) return REFUSAL_REQUEST_TOO_COMPLEX;
        for (size_t i = 1; i < pairs.count; i++)
            if (bytes_equal(pairs.items[i].name, pairs.items[i - 1].name))
                return at_field(input, pairs.items[i].name, REFUSAL_NAME_REPEATED);
        if (!has_plus(input->request->query) && !has_plus(form_text(input))) break;
    }
    return REFUSAL_NONE;
}

static bool has_parameters(const struct scheme_input *input)
{
    return input->request->query.length > 0 || form_text(input).length > 0;
}

/* Does the signature cover what the rules demand? */
static enum refusal check_cover(const struct scheme_input *input, const struct admission_rules *rules)
{
    const struct aliyun_ca_reading *reading = reading_of(input);
    bool digested = reading->slots[SLOT_CONTENT_MD5] != NULL || reading->form;
    if (rules->require_nonce && !reading->nonce_signed) return at_field(input, aliyun_ca_slot_name(SLOT_NONCE), REFUSAL_NONCE_MISSING);
    if (rules->require_body_digest && !digested && (input->body == NULL || input->body->length > 0))
        return at_field(input, aliyun_ca_slot_name(SLOT_CONTENT_MD5), REFUSAL_BODY_DIGEST_MISSING);
    return REFUSAL_NONE;
}

enum refusal aliyun_ca_check_body(const struct scheme_input *input, const struct admission_rules *rules)
{
    enum refusal refusal = check_cover(input, rules);
    if (refusal != REFUSAL_NONE) return refusal;
    if (reading_of(input)->slots[SLOT_CONTENT_MD5] != NULL && input->body != NULL) refusal = check_md5(input);
    if (refusal != REFUSAL_NONE || rules->accept_repeated_names || !has_parameters(input)) return refusal;
    return check_repeats(input);
}
