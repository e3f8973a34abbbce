#include "cli/verify_countersigned.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admit/countersign_verify.h"
#include "base/text.h"
#include "cli/backend_key.h"
#include "cli/command.h"
#include "cli/local.h"
#include "http/parse.h"

struct judgement {
    struct backend_key_options key;
    int64_t now;
    const char *path;
};

bool countersigned_is_meant(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--sign-type") == 0 || strncmp(argv[i], "--sign-type=", sizeof "--sign-type=" - 1) == 0) return true;
    return false;
}

static const char *take_option(struct judgement *judgement, const char *name, const char *value)
{
    if (backend_key_take(&judgement->key, name, value)) return NULL;
    if (strcmp(name, "now") != 0) return "an option is unknown, or lacks its value";
    return number_parse(bytes_of_text(value), &judgement->now) ? NULL : "--now is no number";
}

/* --name value, --name=value, and one file. */
static const char *read_options(struct judgement *judgement, int argc, char **argv)
{
    char name[32];
    *judgement = (struct judgement){.now = time(NULL)};
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (judgement->path != NULL) return "name one file at most";
            judgement->path = argv[i];
            continue;
        }
        const char *option = argv[i] + 2, *equals = strchr(option, '='), *value = equals != NULL ? equals + 1 : NULL;
        if (equals == NULL && i + 1 < argc) value = argv[++i];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(option, "="), option);
        const char *problem = value != NULL ? take_option(judgement, name, value) : "an option is unknown, or lacks its value";
        if (problem != NULL) return problem;
    }
    if (judgement->path == NULL) judgement->path = "-";
    return NULL;
}

static void print_line(const char *label, struct bytes text)
{
    if (text.length > 0) printf("%s%.*s\n", label, (int)text.length, (const char *)text.data);
}

static int judge(const struct judgement *judgement, const struct countersign_checker *checker, struct bytes raw, struct arena *arena)
{
    struct http_request request;
    struct bytes body;
    struct claim claim;
    const char *problem = NULL;
    if (!http_parse(arena, raw, &request, &body, &problem)) {
        printf("refused: %s\n", refusal_name(REFUSAL_TARGET_MALFORMED));
        printf("the request cannot be read: %s\n", problem);
        return COMMAND_REFUSED;
    }
    struct body_facts facts = body_facts_of(body);
    struct countersigned incoming = {.request = &request, .body = &facts, .now = judgement->now};
    enum refusal refusal = countersign_verify(checker, &incoming, arena, &claim);
    if (refusal == REFUSAL_NONE) {
        printf("accepted: %s\n", signature_type_name(checker->key->type));
        print_line("key: ", claim.key_id);
        print_line("signed: ", claim.signed_names);
        return COMMAND_OK;
    }
    printf("refused: %s\n", refusal_name(refusal));
    print_line("field: ", claim.field);
    return COMMAND_REFUSED;
}

int countersigned_verify_main(int argc, char **argv)
{
    struct judgement judgement;
    struct countersign_checker checker;
    struct signature_key key;
    struct bytes raw;
    struct arena arena = local_arena();
    bool misused = true;
    const char *problem = read_options(&judgement, argc, argv);
    if (problem == NULL) problem = backend_key_read(&judgement.key, &arena, &key, &misused);
    if (problem != NULL) return misused ? command_misused("verify", problem) : command_failed("verify", problem);
    if (!countersign_checker_prepare(&checker, &key))
        return command_failed("verify", "--key-file: no RSA key of 2048 to 4096 bits, and none on P-256");
    int result = local_read_file(judgement.path, &raw) ? judge(&judgement, &checker, raw, &arena) : COMMAND_FAULT;
    countersign_checker_destroy(&checker);
    return result;
}
