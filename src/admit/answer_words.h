/* What each refusal says in each format. Tables only; answer.c fills in the parts in braces:
 *   {field} the field at fault · {key} the key id as presented · {time} the time as presented · {now} the server's time
 *   {text} the canonical text, when the publication does not hide it · {policy} the limit that was reached · {flow} whose it is */
#ifndef COUNTERSIGN_ADMIT_ANSWER_WORDS_H
#define COUNTERSIGN_ADMIT_ANSWER_WORDS_H

#include "scheme/scheme.h"

struct answer_words {
    unsigned status;
    const char *code;
    const char *text;
};

/* The words differ for a refused token of an IAM user (X-Auth-Token). */
struct answer_words answer_words_apig(enum refusal refusal, enum auth_type type, const struct scheme *scheme);
/* The words differ for a refused AppCode. */
struct answer_words answer_words_ca(enum refusal refusal, bool app_code);
/* `ahead`: of an expired date, that it lies in the future. */
struct answer_words answer_words_bce(enum refusal refusal, bool ahead);
/* Failures of the gateway or the backend; unknown statuses give the words of 400 or 500. */
struct answer_words answer_words_failure_apig(unsigned status);
struct answer_words answer_words_failure_ca(unsigned status);
struct answer_words answer_words_failure_bce(unsigned status);

#endif
