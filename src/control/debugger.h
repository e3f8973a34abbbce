/* Between the files of the signature debugger. */
#ifndef COUNTERSIGN_CONTROL_DEBUGGER_H
#define COUNTERSIGN_CONTROL_DEBUGGER_H

#include "control/call.h"
#include "explain/diagnosis.h"

/* What is known beside the diagnosis; texts may be empty. */
struct debugged {
    const char *source; /* "curl", "raw", "refused_request" */
    const struct http_request *request;
    struct bytes body;
    bool https;
    struct bytes api_id, api_name, environment;
    int64_t now; /* the moment as of which it was judged */
    struct diagnosis *diagnosis;
};

extern const struct fields debugger_answer_fields;
/* NULL: out of memory. */
json_t *debugger_answer(struct call *call, const struct debugged *debugged);

/* The diagnosis of a request by the local edge, as the gateway sees it now. `question` lacks publication, directory and tokens. */
bool debugger_ask_edge(struct call *call, struct diagnosis_question *question, struct debugged *debugged, json_t **answer);

#endif
