/* countersign verify --scheme jwt: a token and a set of keys, judged as the gateway would. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/local.h"
#include "cli/token.h"
#include "cli/visible.h"

int token_verify_main(int argc, char **argv)
{
    struct arena arena = local_arena();
    struct token_subject subject;
    struct token_verdict verdict;
    int status;
    if (!token_subject_read(argc, argv, &arena, &subject, &status)) return status;
    if (subject.jwks.length == 0) return command_misused("verify", "--jwks is missing");
    if (!token_judge(&subject, &arena, &verdict))
        return command_failed("verify", "the token could not be judged: is --jwks a set of keys?");
    if (verdict.admission.outcome == ADMISSION_ACCEPTED) {
        puts("accepted: jwt");
        return COMMAND_OK;
    }
    printf("refused: %s\nfield: ", refusal_name(verdict.admission.refusal));
    print_visible(verdict.admission.claim.field);
    printf("\nanswer: %u\n  ", verdict.status);
    print_visible(verdict.body);
    putchar('\n');
    return COMMAND_REFUSED;
}
