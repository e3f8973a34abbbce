#include "gateway/context.h"

#include "admit/countersign.h"
#include "gateway/worker.h"

_Static_assert(sizeof(struct gateway_context) <= WORKER_BLOCK_SIZE / 2, "context and first arena share one block");

void context_drop_publications(struct gateway_context *context)
{
    if (context->publication != NULL) edge_publication_release(context->publication);
    if (context->first_publication != NULL) edge_publication_release(context->first_publication);
    context->publication = context->first_publication = NULL;
}

/* Also the mark by which context_find knows the cleanup that carries a context. */
static void context_destroy(void *data)
{
    struct gateway_context *context = data;
    context_drop_publications(context);
    countersign_forget(&context->signature);
    worker_block_return(context);
}

static struct gateway_context *find_in_pool(const ngx_http_request_t *r)
{
    for (const ngx_pool_cleanup_t *cleanup = r->pool->cleanup; cleanup != NULL; cleanup = cleanup->next) {
        struct gateway_context *context = cleanup->data;
        if (cleanup->handler == context_destroy && context->request == r) return context;
    }
    return NULL;
}

struct gateway_context *context_find(ngx_http_request_t *r)
{
    struct gateway_context *context = ngx_http_get_module_ctx(r, ngx_http_countersign_module);
    if (context != NULL || !(r->internal || r->filter_finalize)) return context;
    context = find_in_pool(r);
    if (context != NULL) ngx_http_set_ctx(r, context, ngx_http_countersign_module);
    return context;
}

struct gateway_context *context_create(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(r->pool, 0);
    if (cleanup == NULL) return NULL;
    struct gateway_context *context = worker_block_take();
    if (context == NULL) return NULL;
    ngx_memzero(context, offsetof(struct gateway_context, unset));
    context->request = r;
    context->arena = arena_over(context + 1, WORKER_BLOCK_SIZE - sizeof *context);
    cleanup->data = context;
    cleanup->handler = context_destroy;
    if (!worker_request_id(context->request_id)) return NULL;
    ngx_http_set_ctx(r, context, ngx_http_countersign_module);
    return context;
}

bool context_grow_arena(struct gateway_context *context, size_t capacity)
{
    void *memory = ngx_palloc(context->request->pool, capacity);
    if (memory == NULL) return false;
    context->arena = arena_over(memory, capacity);
    return true;
}

void context_keep_publication(struct gateway_context *context, const struct publication *publication)
{
    edge_publication_hold(publication);
    const struct publication *before = context->publication;
    context->publication = publication;
    if (before == NULL) return;
    /* The claim points into the plan of the first one. */
    if (context->first_publication == NULL && before != publication) {
        context->first_publication = before;
    } else {
        edge_publication_release(before);
    }
}
