/* What a worker process owns: the edge reader, random request ids, blocks of memory for requests. */
#ifndef COUNTERSIGN_GATEWAY_WORKER_H
#define COUNTERSIGN_GATEWAY_WORKER_H

#include "admit/countersign.h"
#include "gateway/gateway.h"
#include "jwt/known.h"

#define WORKER_BLOCK_SIZE  (16 * 1024)
#define WORKER_ANSWER_SIZE (4 * 1024) /* behind each block: as large as nginx's proxy_buffer_size when nobody sets it */

ngx_int_t worker_start(ngx_cycle_t *cycle);
void worker_stop(ngx_cycle_t *cycle);

/* NULL while the edge cannot be read (a timer tries again): answer 503. */
struct edge_reader *worker_edge(void);
/* NULL: out of memory at the start; nothing can be countersigned. */
struct countersigner *worker_countersigner(void);
/* What is remembered of tokens. NULL: no randomness at the start; tokens are then a fault. */
struct jwt_memory *worker_tokens(void);
/* What is kept of proofs by derived key pairs. */
struct scalar_keys *worker_scalar_keys(void);
/* 32 hex digits; false: no randomness. */
bool worker_request_id(uint8_t id[static REQUEST_ID_LENGTH]);
/* WORKER_BLOCK_SIZE bytes, and WORKER_ANSWER_SIZE behind them, given back with worker_block_return; NULL: out of memory. */
void *worker_block_take(void);
void worker_block_return(void *block);
static inline u_char *worker_block_answer(void *block)
{
    return (u_char *)block + WORKER_BLOCK_SIZE;
}

#endif
