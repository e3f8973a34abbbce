/* countersign explain --scheme jwt: what stands in a token, and at which check it fails. */
#include <stdio.h>

#include "base/date.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/token.h"
#include "cli/visible.h"
#include "jwt/claims.h"
#include "jwt/jwk.h"

/* In the order of the gateway (docs/schemes/jwt.md). */
struct check {
    const char *name;
    const char *field; /* of the claims; NULL: any */
    enum refusal refusals[4];
};
static const struct check checks[] = {
    {"form", NULL, {REFUSAL_PROOF_MALFORMED, REFUSAL_TOKEN_HEADER, REFUSAL_ALGORITHM_UNKNOWN, REFUSAL_REQUEST_TOO_COMPLEX}},
    {"key", NULL, {REFUSAL_TOKEN_KEY_UNKNOWN}},
    {"signature", NULL, {REFUSAL_SIGNATURE_MISMATCH}},
    {"iss", "iss", {REFUSAL_TOKEN_CLAIM_MISSING, REFUSAL_TOKEN_CLAIM_MISMATCH}},
    {"aud", "aud", {REFUSAL_TOKEN_CLAIM_MISSING, REFUSAL_TOKEN_CLAIM_MISMATCH}},
    {"exp", "exp", {REFUSAL_TOKEN_EXPIRED, REFUSAL_TOKEN_CLAIM_MISSING, REFUSAL_TOKEN_CLAIM_MISMATCH}},
    {"nbf", "nbf", {REFUSAL_TOKEN_NOT_YET_VALID, REFUSAL_TOKEN_CLAIM_MISMATCH}},
    {"iat", "iat", {REFUSAL_TOKEN_NOT_YET_VALID, REFUSAL_TOKEN_CLAIM_MISMATCH}},
    {"consumer", NULL, {REFUSAL_KEY_UNKNOWN}},
};

static void print_json(const char *label, struct arena *arena, struct bytes part)
{
    struct buffer out = buffer_in(arena, part.length);
    printf("%s: ", label);
    if (base64url_decode(&out, part))
        print_visible(buffer_bytes(&out));
    else
        fputs("no base64url without padding", stdout);
    putchar('\n');
}

/* What can be read is shown, whatever the rest is. */
static void print_parts(struct arena *arena, struct bytes token)
{
    struct bytes rest = token, part;
    if (bytes_next_part(&rest, '.', &part)) print_json("header", arena, part);
    if (bytes_next_part(&rest, '.', &part)) print_json("claims", arena, part);
}

static void print_time(const struct token_subject *subject, const struct jwt_token *token, struct arena *arena, const char *name)
{
    struct json_value value;
    int64_t time;
    char memory[64];
    struct buffer text = buffer_over(memory, sizeof memory);
    if (!json_member(arena, &token->claims, bytes_of_text(name), &value) || !json_read_integer(&value, &time)) return;
    date_format_rfc3339(&text, time);
    int64_t distance = subject->now - time;
    printf(" (%.*s, %lld s %s)", (int)text.length, memory, (long long)(distance < 0 ? -distance : distance),
           distance < 0 ? "ahead" : "ago");
}

/* The keys that there are, for who looks for the one that there is not. */
static void print_keys(struct arena *arena, struct bytes jwks)
{
    struct jwk *keys = arena_take_array(arena, JWK_SET_MAX_KEYS, sizeof *keys);
    struct jwk_set set = {.keys = keys};
    const char *problem = keys == NULL ? "it is too large" : jwk_set_read(arena, jwks, true, &set);
    printf("keys:");
    for (size_t i = 0; problem == NULL && i < set.count; i++) {
        printf("%s %s ", i > 0 ? "," : "", verify_algorithm_name(keys[i].algorithm));
        print_visible(keys[i].has_kid ? keys[i].kid : BYTES("without kid"));
    }
    printf("%s%s\n", problem != NULL ? " none: " : "", problem != NULL ? problem : "");
}

static bool fails_at(const struct check *check, const struct admission *admission)
{
    if (check->field != NULL && !bytes_equal(admission->claim.field, bytes_of_text(check->field))) return false;
    for (size_t i = 0; i < sizeof check->refusals / sizeof *check->refusals; i++)
        if (check->refusals[i] != REFUSAL_NONE && check->refusals[i] == admission->refusal) return true;
    return false;
}

static void print_checks(const struct token_subject *subject, const struct admission *admission, struct arena *arena)
{
    struct jwt_token token;
    bool read = jwt_token_read(arena, subject->token, &token) == JWT_GOOD, failed = false;
    bool refused = admission->outcome == ADMISSION_REFUSED;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        bool here = refused && !failed && fails_at(&checks[i], admission);
        printf("%s: %s", checks[i].name, here ? "FAILED" : failed ? "not looked at" : "ok");
        if (here) printf(", %s", refusal_name(admission->refusal));
        if (read && checks[i].field != NULL) print_time(subject, &token, arena, checks[i].field);
        putchar('\n');
        failed = failed || here;
    }
    if (refused) printf("refused: %s\n", refusal_name(admission->refusal));
}

int token_explain_main(int argc, char **argv)
{
    struct arena arena = local_arena();
    struct token_subject subject;
    struct token_verdict verdict;
    int status;
    if (!token_subject_read(argc, argv, &arena, &subject, &status)) return status;
    puts("scheme: jwt");
    print_parts(&arena, subject.token);
    if (subject.jwks.length == 0) {
        puts("nothing is checked without --jwks");
        return COMMAND_OK;
    }
    print_keys(&arena, subject.jwks);
    if (!token_judge(&subject, &arena, &verdict)) return command_failed("explain", "the token could not be judged");
    print_checks(&subject, &verdict.admission, &arena);
    return verdict.admission.outcome == ADMISSION_ACCEPTED ? COMMAND_OK : COMMAND_REFUSED;
}
