/* countersign check-vectors: every case of a vector file through the real admission (vectors/README.md).
 *
 * A case tests a signature, not the operator's rules: repeated parameter names are admitted, and so is a request without a time
 * where the case says that it carries none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/token.h"

#define MAX_FIELDS 200

struct vector {
    struct bytes id, scheme, carrier, key_id, secret, body, string_to_sign;
    bool accept, time_required;
    int64_t now;
    struct http_request request;
};

struct tally {
    unsigned passed, failed, unsupported;
    const char *file;
    unsigned line;
};

static bool text_member(struct arena *arena, const struct json_value *object, const char *name, struct bytes *text)
{
    struct json_value value;
    if (!json_member(arena, object, bytes_of_text(name), &value) || value.type != JSON_TYPE_STRING) return false;
    *text = value.text;
    return true;
}

static bool read_field(struct arena *arena, const struct json_value *item, struct http_field *field)
{
    struct json_value name, value;
    struct bytes rest = item->raw;
    if (item->type != JSON_TYPE_ARRAY || !json_next(arena, &rest, NULL, &name) || !json_next(arena, &rest, NULL, &value)) return false;
    field->name = name.text;
    field->value = bytes_trim(value.text);
    return name.type == JSON_TYPE_STRING && value.type == JSON_TYPE_STRING;
}

static bool read_headers(struct arena *arena, const struct json_value *object, struct http_request *request)
{
    struct json_value headers, item;
    if (!json_member(arena, object, BYTES("headers"), &headers) || headers.type != JSON_TYPE_ARRAY) return false;
    struct http_field *fields = arena_take_array(arena, MAX_FIELDS, sizeof *fields);
    struct bytes rest = headers.raw;
    request->fields = fields;
    while (json_next(arena, &rest, NULL, &item)) {
        if (fields == NULL || request->field_count == MAX_FIELDS || !read_field(arena, &item, &fields[request->field_count])) return false;
        request->field_count++;
    }
    return true;
}

/* NULL, or the name of the member that is missing or malformed. */
static const char *read_request(struct arena *arena, const struct json_value *whole, struct vector *vector)
{
    struct json_value request;
    struct bytes target, body;
    if (!json_member(arena, whole, BYTES("request"), &request)) return "request";
    if (!text_member(arena, &request, "method", &vector->request.method)) return "method";
    if (!text_member(arena, &request, "target", &target) || !http_request_set_target(&vector->request, target)) return "target";
    if (!read_headers(arena, &request, &vector->request)) return "headers";
    if (!text_member(arena, &request, "body_base64", &body)) return "body_base64";
    struct buffer decoded = buffer_in(arena, body.length);
    if (!base64_decode(&decoded, body)) return "body_base64";
    vector->body = buffer_bytes(&decoded);
    return NULL;
}

/* Clock, key and what is expected. */
static const char *read_context(struct arena *arena, const struct json_value *whole, struct vector *vector)
{
    struct json_value value;
    struct bytes expect;
    if (!text_member(arena, whole, "key_id", &vector->key_id)) return "key_id";
    if (!text_member(arena, whole, "secret", &vector->secret)) return "secret";
    if (!json_member(arena, whole, BYTES("now"), &value) || !json_read_integer(&value, &vector->now)) return "now";
    vector->time_required = !json_member(arena, whole, BYTES("time_required"), &value) || value.type != JSON_TYPE_FALSE;
    if (!text_member(arena, whole, "expect", &expect)) return "expect";
    vector->accept = bytes_equal(expect, BYTES("accept"));
    if (!vector->accept && !bytes_equal(expect, BYTES("refuse"))) return "expect";
    (void)text_member(arena, whole, "string_to_sign", &vector->string_to_sign);
    (void)text_member(arena, whole, "carrier", &vector->carrier);
    return NULL;
}

static const char *read_vector(struct arena *arena, struct bytes line, struct vector *vector)
{
    struct json_value whole;
    if (!json_read(arena, line, &whole) || whole.type != JSON_TYPE_OBJECT) return "JSON";
    if (!text_member(arena, &whole, "id", &vector->id)) return "id";
    if (!text_member(arena, &whole, "scheme", &vector->scheme)) return "scheme";
    if (scheme_by_name(vector->scheme) == NULL) return NULL;
    const char *problem = read_context(arena, &whole, vector);
    return problem != NULL ? problem : read_request(arena, &whole, vector);
}

/* Does one of the forms give exactly the text that the signer signed? */
static bool reconstructs(const struct vector *vector, const struct admission *admission, struct arena *arena)
{
    struct body_facts facts = body_facts_of(vector->body);
    struct scheme_input input = {.request = &vector->request, .claim = &admission->claim, .body = &facts, .arena = arena};
    for (unsigned i = 0; i < admission->claim.scheme->candidate_count; i++) {
        struct buffer text = buffer_in(arena, scheme_text_bound(&input));
        if (admission->claim.scheme->canonical(&input, i, &text) && bytes_equal(buffer_bytes(&text), vector->string_to_sign)) return true;
    }
    return false;
}

static void report(struct tally *tally, const struct vector *vector, const char *problem, const char *detail)
{
    printf("%s:%u %.*s: %s%s\n", tally->file, tally->line, (int)vector->id.length, (const char *)vector->id.data, problem, detail);
    tally->failed++;
}

/* The vendor's published examples give a length and a digest, but not the body: then the signature alone is checked. */
static bool lacks_body(const struct vector *vector)
{
    int64_t length = 0;
    return vector->body.length == 0 && number_parse(http_field_value(&vector->request, BYTES("content-length")), &length) && length > 0;
}

static bool is_accepted(const struct admission *admission)
{
    return admission->outcome == ADMISSION_ACCEPTED || (admission->outcome == ADMISSION_NEEDS_BODY && admission->proven);
}

/* What stands behind "Bearer " of the one field; the key set is the secret, and whom the token must name is the key. */
static bool read_token(const struct vector *vector, struct token_subject *subject)
{
    struct bytes value = http_field_value(&vector->request, BYTES("authorization"));
    *subject = (struct token_subject){.rules = {.leeway = 60, .claim = BYTES("uid")}, .now = vector->now};
    subject->jwks = vector->secret;
    subject->holder = vector->key_id;
    subject->token = bytes_trim(bytes_from(value, sizeof "Bearer " - 1));
    return http_field_count(&vector->request, BYTES("authorization")) == 1 && bytes_start_with_folded(value, BYTES("Bearer "));
}

static void check_token(const struct vector *vector, struct arena *arena, struct tally *tally)
{
    struct token_subject subject;
    struct token_verdict verdict = {.admission = {.outcome = ADMISSION_REFUSED, .refusal = REFUSAL_PROOF_AMBIGUOUS}};
    if (read_token(vector, &subject) && !token_judge(&subject, arena, &verdict)) {
        report(tally, vector, "fault", "");
    } else if (vector->accept && verdict.admission.outcome != ADMISSION_ACCEPTED) {
        report(tally, vector, "expected to be accepted, refused as ", refusal_name(verdict.admission.refusal));
    } else if (!vector->accept && verdict.admission.outcome == ADMISSION_ACCEPTED) {
        report(tally, vector, "expected to be refused, accepted", "");
    } else {
        tally->passed++;
    }
}

static void check_case(const struct vector *vector, struct arena *arena, struct tally *tally)
{
    struct local local;
    struct admission admission;
    local_set(&local, scheme_by_name(vector->scheme), vector->key_id, vector->secret);
    /* One and the same signature may travel in several headers (bce-auth-v1). */
    if (vector->carrier.length > 0 && local.publication.plan.places[0].prefix.length > 0)
        local.publication.plan.places[0].name = vector->carrier;
    local.publication.rules.accept_repeated_names = true;
    local.publication.rules.accept_undated = !vector->time_required;
    struct local_question question = {
        .request = &vector->request, .body = vector->body, .without_body = lacks_body(vector), .now = vector->now};
    local_admit(&local, &question, arena, &admission);
    if (admission.outcome == ADMISSION_FAULT) {
        report(tally, vector, "fault", "");
    } else if (vector->accept && !is_accepted(&admission)) {
        report(tally, vector, "expected to be accepted, refused as ", refusal_name(admission.refusal));
    } else if (!vector->accept && is_accepted(&admission)) {
        report(tally, vector, "expected to be refused, accepted", "");
    } else if (vector->accept && vector->string_to_sign.length > 0 && !reconstructs(vector, &admission, arena)) {
        report(tally, vector, "accepted, but no form gives the expected string_to_sign", "");
    } else {
        tally->passed++;
    }
}

static void check_line(struct bytes line, struct arena *arena, struct tally *tally)
{
    struct vector vector = {0};
    const char *problem = read_vector(arena, line, &vector);
    if (problem != NULL) {
        report(tally, &vector, "not a vector, see member ", problem);
    } else if (scheme_by_name(vector.scheme) == NULL) {
        tally->unsupported++;
    } else if (scheme_by_name(vector.scheme) == &scheme_jwt) {
        check_token(&vector, arena, tally);
    } else {
        check_case(&vector, arena, tally);
    }
}

static bool check_file(const char *path, struct arena *arena, struct tally *tally)
{
    struct bytes content = {0};
    if (!local_read_file(path, &content)) return false;
    struct bytes rest = content, line;
    tally->file = path;
    for (tally->line = 1; bytes_next_part(&rest, '\n', &line); tally->line++) {
        arena_reset(arena);
        if (bytes_trim(line).length > 0) check_line(line, arena, tally);
    }
    free((void *)(uintptr_t)content.data);
    return true;
}

int check_vectors_main(int argc, char **argv)
{
    if (argc < 2) return command_misused(argv[0], "name a vector file");
    struct arena arena = local_arena();
    struct tally tally = {0};
    bool readable = true;
    for (int i = 1; i < argc; i++) readable = check_file(argv[i], &arena, &tally) && readable;
    free(arena.memory);
    if (tally.unsupported > 0) printf("%u of schemes not supported here: skipped\n", tally.unsupported);
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    if (!readable) return COMMAND_FAULT;
    return tally.failed > 0 || tally.passed + tally.unsupported == 0 ? COMMAND_REFUSED : COMMAND_OK;
}
