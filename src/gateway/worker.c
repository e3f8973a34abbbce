#include "gateway/worker.h"

#include "base/text.h"
#include "crypto/random.h"
#include "gateway/recent.h"
#include "gateway/state.h"

#include <sys/prctl.h>

#define RETRY_MS        500
#define RANDOM_SIZE     4096 /* one RAND_bytes per request would cost half a microsecond */
#define MAX_FREE_BLOCKS 64

struct block {
    struct block *next;
};

static struct {
    struct edge_reader *edge;
    struct countersigner countersigner;
    bool can_countersign;
    struct jwt_memory tokens; /* touched page by page, as tokens come */
    bool knows_tokens;
    struct scalar_keys keys;
    const struct gateway_main *main;
    ngx_event_t retry;
    ngx_connection_t nobody; /* timers want a connection to log about */
    char problem[256];
    uint8_t random[RANDOM_SIZE];
    size_t random_left;
    struct block *blocks;
    size_t block_count;
} worker;

static void open_edge(ngx_log_t *log)
{
    char problem[256] = "";
    char directory[NGX_MAX_PATH];
    ngx_str_t path = worker.main->edge_directory;
    ngx_cpystrn((u_char *)directory, path.data, ngx_min(path.len + 1, sizeof directory));
    worker.edge = edge_reader_open(directory, worker.main->keys, problem);
    if (worker.edge != NULL) {
        ngx_log_error(NGX_LOG_NOTICE, log, 0, "countersign: edge \"%V\" is open", &path);
        return;
    }
    /* Said once for each reason, not twice a second. */
    if (!bytes_equal(bytes_of_text(problem), bytes_of_text(worker.problem))) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "countersign: edge \"%V\" cannot be read, requests are answered 503: %s", &path, problem);
        ngx_memcpy(worker.problem, problem, sizeof problem);
    }
    ngx_add_timer(&worker.retry, RETRY_MS);
}

static void retry_edge(ngx_event_t *event)
{
    if (worker.edge == NULL && !ngx_exiting) open_edge(event->log);
}

ngx_int_t worker_start(ngx_cycle_t *cycle)
{
    /* The cache manager and loader run this hook too; they need no edge. */
    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) return NGX_OK;
    worker.main = NULL;
    if (ngx_get_conf(cycle->conf_ctx, ngx_http_module) != NULL) {
        worker.main = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_countersign_module);
    }
    if (worker.main == NULL || worker.main->edge_directory.len == 0) return NGX_OK;
    /* It holds secrets in clear, and is often of a user that other programs run as: they must not trace it. */
    if (ngx_process == NGX_PROCESS_WORKER && prctl(PR_SET_DUMPABLE, 0) != 0)
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno, "countersign: prctl(PR_SET_DUMPABLE) failed");
    worker.nobody.fd = (ngx_socket_t)-1;
    worker.retry.handler = retry_edge;
    worker.retry.log = cycle->log;
    worker.retry.data = &worker.nobody;
    worker.retry.cancelable = 1; /* a worker that waits for the edge may still leave */
    worker.can_countersign = countersigner_prepare(&worker.countersigner);
    worker.knows_tokens = random_bytes(&worker.tokens.known.seed, sizeof worker.tokens.known.seed);
    /* Never NGX_ERROR: the worker would exit and not be started again. */
    open_edge(cycle->log);
    state_start(worker.main, cycle);
    return NGX_OK;
}

void worker_stop(ngx_cycle_t *cycle)
{
    (void)cycle;
    if (worker.retry.timer_set) ngx_del_timer(&worker.retry);
    state_stop();
    recent_forget();
    if (worker.edge != NULL) edge_reader_close(worker.edge);
    worker.edge = NULL;
    if (worker.can_countersign) countersigner_destroy(&worker.countersigner);
    worker.can_countersign = false;
    jwt_memory_destroy(&worker.tokens);
    worker.knows_tokens = false;
    scalar_keys_destroy(&worker.keys);
    while (worker.blocks != NULL) {
        struct block *block = worker.blocks;
        worker.blocks = block->next;
        ngx_free(block);
    }
}

struct edge_reader *worker_edge(void)
{
    return worker.edge;
}

struct countersigner *worker_countersigner(void)
{
    return worker.can_countersign ? &worker.countersigner : NULL;
}

struct jwt_memory *worker_tokens(void)
{
    return worker.knows_tokens ? &worker.tokens : NULL;
}

struct scalar_keys *worker_scalar_keys(void)
{
    return &worker.keys;
}

bool worker_request_id(uint8_t id[static REQUEST_ID_LENGTH])
{
    if (worker.random_left < REQUEST_ID_LENGTH / 2) {
        if (!random_bytes(worker.random, sizeof worker.random)) return false;
        worker.random_left = sizeof worker.random;
    }
    worker.random_left -= REQUEST_ID_LENGTH / 2;
    struct buffer text = buffer_over(id, REQUEST_ID_LENGTH);
    hex_encode(&text, bytes_of(worker.random + worker.random_left, REQUEST_ID_LENGTH / 2));
    return !text.overflow;
}

void *worker_block_take(void)
{
    struct block *block = worker.blocks;
    if (block == NULL) return ngx_alloc(WORKER_BLOCK_SIZE + WORKER_ANSWER_SIZE, ngx_cycle->log);
    worker.blocks = block->next;
    worker.block_count--;
    return block;
}

void worker_block_return(void *block)
{
    if (worker.block_count == MAX_FREE_BLOCKS) {
        ngx_free(block);
        return;
    }
    struct block *free_block = block;
    free_block->next = worker.blocks;
    worker.blocks = free_block;
    worker.block_count++;
}
