/* countersign verify: a raw request from a file or standard input, judged as the gateway would. */
#include <stdio.h>
#include <string.h>

#include "admit/answer.h"
#include "cli/command.h"
#include "cli/key_options.h"
#include "cli/local.h"
#include "cli/token.h"
#include "cli/verify_countersigned.h"
#include "http/parse.h"

struct judgement {
    struct key_options key;
    struct admission_rules rules;
    const char *path;
    struct http_request request;
    struct bytes body;
};

enum { OPTION_REPEATED = OPTION_OWN, OPTION_UNDATED, OPTION_DIGEST };

static const char *take_option(struct judgement *judgement, int option, const char *value)
{
    switch (option) {
    case OPTION_REPEATED:
        judgement->rules.accept_repeated_names = true;
        return NULL;
    case OPTION_UNDATED:
        judgement->rules.accept_undated = true;
        return NULL;
    case OPTION_DIGEST:
        judgement->rules.require_body_digest = true;
        return NULL;
    default:
        return key_options_take(&judgement->key, option, value);
    }
}

static const char *read_options(struct judgement *judgement, int argc, char **argv)
{
    static const struct option table[] = {KEY_OPTIONS_ROWS,
                                          {"accept-repeated-names", no_argument, NULL, OPTION_REPEATED},
                                          {"accept-undated", no_argument, NULL, OPTION_UNDATED},
                                          {"require-body-digest", no_argument, NULL, OPTION_DIGEST},
                                          {NULL, 0, NULL, 0}};
    int option;
    key_options_start(&judgement->key);
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        const char *problem = take_option(judgement, option, optarg);
        if (problem != NULL) return problem;
    }
    if (argc - optind > 1) return "name one file at most";
    judgement->path = optind < argc ? argv[optind] : "-";
    if (judgement->key.scheme == NULL) return "--scheme is missing";
    bool pair = judgement->key.scheme->proof_kind == PROOF_MAC || judgement->key.scheme->proof_kind == PROOF_SECRET;
    if (pair && judgement->key.key_id.length == 0) return "--key is missing";
    return judgement->key.secret.length > 0 ? NULL : "no secret: --secret-file, or the variable " KEY_OPTIONS_SECRET_VARIABLE;
}

static void print_line(const char *label, struct bytes text)
{
    if (text.length > 0) printf("%s%.*s\n", label, (int)text.length, (const char *)text.data);
}

/* The word of the log, and the answer as the client would read it. */
static void print_refusal(const struct judgement *judgement, const struct local *local, const struct admission *admission,
                          struct arena *arena)
{
    struct answer answer;
    printf("refused: %s\n", refusal_name(admission->refusal));
    print_line("field: ", admission->claim.field);
    answer_write(admission, &local->publication, BYTES("00000000000000000000000000000000"), arena, &answer);
    printf("answer: %u\n", answer.status);
    for (size_t i = 0; i < answer.field_count; i++)
        if (!bytes_equal(answer.fields[i].value, BYTES("00000000000000000000000000000000")))
            printf("  %.*s: %.*s\n", (int)answer.fields[i].name.length, (const char *)answer.fields[i].name.data,
                   (int)answer.fields[i].value.length, (const char *)answer.fields[i].value.data);
    print_line("  ", answer.body);
    if (admission->refusal == REFUSAL_SIGNATURE_MISMATCH)
        printf("'countersign explain --scheme %s' shows what is signed\n", judgement->key.scheme->name);
}

static int judge(const struct judgement *judgement, struct arena *arena)
{
    struct local local;
    struct admission admission;
    local_set(&local, judgement->key.scheme, judgement->key.key_id, judgement->key.secret);
    local.publication.rules = judgement->rules;
    struct local_question question = {.request = &judgement->request, .body = judgement->body, .now = judgement->key.now};
    local_admit(&local, &question, arena, &admission);
    switch (admission.outcome) {
    case ADMISSION_ACCEPTED:
        printf("accepted: %s\n", judgement->key.scheme->name);
        print_line("key: ", admission.claim.key_id);
        print_line("signed: ", admission.claim.signed_names);
        return COMMAND_OK;
    case ADMISSION_REFUSED:
        print_refusal(judgement, &local, &admission, arena);
        return COMMAND_REFUSED;
    case ADMISSION_FAULT:
    case ADMISSION_NEEDS_BODY:
        break;
    }
    return command_failed("verify", "the request could not be judged");
}

int verify_main(int argc, char **argv)
{
    if (token_is_meant(argc, argv)) return token_verify_main(argc, argv);
    if (countersigned_is_meant(argc, argv)) return countersigned_verify_main(argc, argv);
    struct arena arena = local_arena();
    struct judgement judgement = {0};
    struct bytes raw;
    const char *problem = read_options(&judgement, argc, argv);
    if (problem != NULL) return command_misused("verify", problem);
    if (!local_read_file(judgement.path, &raw)) return COMMAND_FAULT;
    if (!http_parse(&arena, raw, &judgement.request, &judgement.body, &problem)) {
        printf("refused: %s\n", refusal_name(REFUSAL_TARGET_MALFORMED));
        printf("the request cannot be read: %s\n", problem);
        return COMMAND_REFUSED;
    }
    return judge(&judgement, &arena);
}
