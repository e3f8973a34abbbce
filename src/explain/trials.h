/* A signature that does not hold: for which slightly other request, text or secret would it? What libraries, shells and people usually get
 * wrong is tried, alone and two at a time. Only a yes about the signature that was sent comes out of it, never a signature. */
#ifndef COUNTERSIGN_EXPLAIN_TRIALS_H
#define COUNTERSIGN_EXPLAIN_TRIALS_H

#include "explain/cause.h"
#include "scheme/scheme.h"

#define TRIALS_MOST_WORK (16u * 1024 * 1024) /* bytes of texts and bodies that one question may have digested */

struct trials_question {
    const struct http_request *request;
    struct bytes body;
    const struct scheme *scheme; /* PROOF_MAC */
    const struct place *place;
    const struct credential *credential; /* with its secrets */
    int64_t now;
    struct arena *arena;
};

struct trials_answer {
    bool holds;            /* as it is */
    bool found;            /* … or changed in `count` ways */
    enum cause causes[2];  /* what was changed */
    struct bytes notes[2]; /* into what: "Accept: text/plain", "the body is empty" */
    size_t count;
    struct bytes text; /* what was signed then, in the arena */
};

void trials_run(const struct trials_question *question, struct trials_answer *answer);

#endif
