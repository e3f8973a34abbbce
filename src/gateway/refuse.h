/* Answers of our own. They are sent here and never returned to nginx as a status, which error_page could replace. */
#ifndef COUNTERSIGN_GATEWAY_REFUSE_H
#define COUNTERSIGN_GATEWAY_REFUSE_H

#include "gateway/gateway.h"

/* Answers what context->admission says (refused or fault) and finalizes the request. For a phase handler: returns what it must return. */
ngx_int_t refuse_send(struct gateway_context *context);
/* The same from outside the phases. */
void refuse_finalize(struct gateway_context *context);

/* Answers a request that is no API's, and finalizes it. */
/* Drops the body of the request and answers; what a content handler returns. */
ngx_int_t answer_content(ngx_http_request_t *r, const struct answer *answer);
void answer_send(struct gateway_context *context, const struct answer *answer);

/* Puts status, fields, type and length of `answer` into the answer's head. */
bool answer_set_head(ngx_http_request_t *r, const struct answer *answer);
/* A buffer over its body, the last of the answer; NULL: out of memory. */
ngx_buf_t *answer_body(ngx_http_request_t *r, const struct answer *answer);

#endif
