#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admit/answer.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/token.h"
#include "jwt/claims.h"

#define RULES_SIZE 8192

bool token_is_meant(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--scheme=jwt") == 0) return true;
        if (strcmp(argv[i], "--scheme") == 0 && i + 1 < argc && strcmp(argv[i + 1], "jwt") == 0) return true;
    }
    return false;
}

enum { OPTION_SCHEME = 256, OPTION_JWKS, OPTION_ISSUER, OPTION_AUDIENCE, OPTION_LEEWAY, OPTION_UNDATED, OPTION_CLAIM, OPTION_NOW };

static const struct option table[] = {{"scheme", required_argument, NULL, OPTION_SCHEME},
                                      {"jwks", required_argument, NULL, OPTION_JWKS},
                                      {"issuer", required_argument, NULL, OPTION_ISSUER},
                                      {"audience", required_argument, NULL, OPTION_AUDIENCE},
                                      {"leeway", required_argument, NULL, OPTION_LEEWAY},
                                      {"accept-undated", no_argument, NULL, OPTION_UNDATED},
                                      {"claim", required_argument, NULL, OPTION_CLAIM},
                                      {"now", required_argument, NULL, OPTION_NOW},
                                      {NULL, 0, NULL, 0}};

static const char *take_claim(struct token_subject *subject, struct bytes pair)
{
    size_t equals = bytes_find(pair, '=');
    subject->rules.claim = bytes_slice(pair, 0, equals);
    subject->holder = bytes_from(pair, equals + 1);
    return equals > 0 && subject->holder.length > 0 ? NULL : "--claim: write it as NAME=VALUE";
}

static const char *take_leeway(struct token_subject *subject, struct bytes text)
{
    int64_t leeway;
    if (!number_parse(text, &leeway) || leeway < 0 || leeway > TOKEN_MOST_LEEWAY) return "--leeway: 0 to 300 seconds";
    subject->rules.leeway = (uint32_t)leeway;
    return NULL;
}

static const char *take_option(struct token_subject *subject, int option, const char *value)
{
    switch (option) {
    case OPTION_SCHEME:
        return NULL;
    case OPTION_JWKS:
        return local_read_file(value, &subject->jwks) ? NULL : "--jwks: no such file";
    case OPTION_ISSUER:
        subject->rules.issuer = bytes_of_text(value);
        return NULL;
    case OPTION_AUDIENCE:
        token_text_add(&subject->audiences, bytes_of_text(value));
        return NULL;
    case OPTION_LEEWAY:
        return take_leeway(subject, bytes_of_text(value));
    case OPTION_UNDATED:
        subject->rules.accept_undated = true;
        return NULL;
    case OPTION_CLAIM:
        return take_claim(subject, bytes_of_text(value));
    case OPTION_NOW:
        return number_parse(bytes_of_text(value), &subject->now) ? NULL : "--now is no number";
    default:
        return "an option is unknown, or lacks its value";
    }
}

static const char *read_options(int argc, char **argv, struct token_subject *subject)
{
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        const char *problem = take_option(subject, option, optarg);
        if (problem != NULL) return problem;
    }
    subject->rules.audiences = buffer_bytes(&subject->audiences);
    if (subject->audiences.overflow) return "--audience: too many";
    return argc - optind > 1 ? "name one file at most" : NULL;
}

bool token_subject_read(int argc, char **argv, struct arena *arena, struct token_subject *subject, int *status)
{
    *subject = (struct token_subject){.rules = {.leeway = 60}, .audiences = buffer_in(arena, RULES_SIZE / 2), .now = time(NULL)};
    const char *problem = read_options(argc, argv, subject);
    *status = problem != NULL ? command_misused(argv[0], problem) : COMMAND_FAULT;
    if (problem != NULL || !local_read_file(optind < argc ? argv[optind] : "-", &subject->token)) return false;
    subject->token = bytes_trim(subject->token);
    while (subject->token.length > 0 && subject->token.data[subject->token.length - 1] <= ' ') subject->token.length--;
    if (bytes_start_with_folded(subject->token, BYTES("Bearer "))) subject->token = bytes_trim(bytes_from(subject->token, 7));
    return true;
}

static enum found give_keys(void *context, struct bytes name, struct arena *arena, struct key_set *set)
{
    const struct token_subject *subject = context;
    (void)name;
    (void)arena;
    *set = (struct key_set){.revision = 1, .text = subject->jwks};
    return FOUND;
}

/* As an API's own policy: it names nobody, so the claim is looked at behind it. */
static bool lay_policy(const struct token_subject *subject, struct arena *arena, struct publication *publication)
{
    struct token_rules rules = subject->rules;
    struct buffer run = buffer_in(arena, RULES_SIZE);
    struct place place = {.scheme = SCHEME_JWT, .location = PLACE_HEADER, .name = BYTES("authorization"), .prefix = BYTES("Bearer ")};
    rules.key_set = BYTES("jwks");
    rules.claim = BYTES("");
    token_rules_write(&run, &rules);
    publication->plan.auth_type = AUTH_TYPE_NONE;
    publication->token_policy = buffer_bytes(&run);
    return proof_plan_add(&publication->plan, place) && !run.overflow;
}

static bool lay_request(const struct token_subject *subject, struct arena *arena, struct http_field *field, struct http_request *request)
{
    struct buffer value = buffer_in(arena, subject->token.length + 7);
    buffer_add_text(&value, "Bearer ");
    buffer_add(&value, subject->token);
    *field = (struct http_field){BYTES("Authorization"), buffer_bytes(&value)};
    *request = (struct http_request){.method = BYTES("GET"), .fields = field, .field_count = 1};
    return http_request_set_target(request, BYTES("/")) && !value.overflow;
}

static void check_holder(const struct token_subject *subject, struct arena *arena, struct admission *admission)
{
    struct jwt_token token;
    struct json_value value;
    if (subject->holder.length == 0 || admission->outcome != ADMISSION_ACCEPTED) return;
    bool good = jwt_token_read(arena, subject->token, &token) == JWT_GOOD && jwt_claim_find(arena, &token, subject->rules.claim, &value) &&
                (value.type == JSON_TYPE_STRING || value.type == JSON_TYPE_NUMBER) && bytes_equal(value.text, subject->holder);
    if (good) return;
    admission->outcome = ADMISSION_REFUSED;
    admission->refusal = REFUSAL_KEY_UNKNOWN;
    admission->claim.field = subject->rules.claim;
}

bool token_judge(const struct token_subject *subject, struct arena *arena, struct token_verdict *verdict)
{
    struct publication publication = {.id = BYTES("local")};
    struct directory directory = {.context = (void *)(uintptr_t)subject, .key_set = give_keys};
    struct jwt_memory *memory = calloc(1, sizeof *memory);
    struct http_field field;
    struct http_request request;
    struct answer answer;
    if (memory == NULL || !lay_policy(subject, arena, &publication) || !lay_request(subject, arena, &field, &request)) {
        free(memory);
        return false;
    }
    struct admit_context context = {
        .publication = &publication, .request = &request, .directory = &directory, .arena = arena, .tokens = memory, .now = subject->now};
    admit_begin(&context, &verdict->admission);
    check_holder(subject, arena, &verdict->admission);
    jwt_memory_destroy(memory);
    free(memory);
    if (verdict->admission.outcome != ADMISSION_REFUSED) return verdict->admission.outcome == ADMISSION_ACCEPTED;
    answer_write(&verdict->admission, &publication, BYTES("00000000000000000000000000000000"), arena, &answer);
    verdict->status = answer.status;
    verdict->body = arena_copy(arena, answer.body);
    return true;
}
