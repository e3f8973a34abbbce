/* Lists: offset, limit, filters and the answer's shape (huawei.md 4.1).
 *
 *     {"total": matches, "size": items in this page, "<items>": […]}
 */
#ifndef COUNTERSIGN_CONTROL_LISTING_H
#define COUNTERSIGN_CONTROL_LISTING_H

#include "control/resource.h"

#define LISTING_DEFAULT_LIMIT 20
#define LISTING_MAX_LIMIT     500

enum filter_kind {
    FILTER_EXACT,
    FILTER_NAME,   /* part of the text, case folded; exact when precise_search names this parameter */
    FILTER_INTEGER /* a number; anything else is refused */
};

/* A query parameter that narrows a list to rows whose column matches. An absent or empty parameter does not filter. */
struct list_filter {
    const char *parameter;
    enum filter_kind kind;
    size_t column;
};

struct listing {
    const struct resource *resource;
    const char *items; /* "envs" */
    const struct list_filter *filters;
    size_t filter_count;
    size_t order_column;
    bool descending;
    /* Adds to an item what needs the session (names of other rows). May be NULL. False: refused or a fault. */
    bool (*complete)(struct call *call, json_t *item);
    /* A filter that no column can express; NULL: none. It is asked within the list call, so it must not use the session. */
    bool (*keeps)(void *context, const struct value *row);
    void *context;
};

/* offset: below 0 → 0. limit: default 20, 0 or below → 20, above 500 → 500. False (call refused) when one is no number. */
struct page {
    size_t offset;
    size_t limit;
};
bool page_read(struct call *call, struct page *page);

/* A handler: answers the route's own listing. */
bool listing_handle(struct call *call);
/* Reads page and filters from the query and answers 200. */
bool listing_answer(struct call *call, const struct listing *listing);
/* The same with filters of the handler's own, which hold besides those of the query (at most LISTING_MAX_FILTERS in all). */
#define LISTING_MAX_FILTERS 16
bool listing_answer_where(struct call *call, const struct listing *listing, const struct store_filter *fixed, size_t fixed_count);
/* For lists that no single table gives: `items` (taken over) is the whole result, of which the page is cut. */
bool listing_answer_array(struct call *call, const char *name, json_t *items);

#endif
