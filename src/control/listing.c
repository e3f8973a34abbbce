#include "control/listing.h"

#include "base/text.h"
#include "control/routes.h"

/* An integer with an optional '-'; false when the text is none. */
static bool integer_read(struct bytes text, int64_t *number)
{
    bool negative = text.length > 0 && text.data[0] == '-';
    if (!number_parse(bytes_from(text, negative ? 1 : 0), number)) return false;
    if (negative) *number = -*number;
    return true;
}

/* A whole number from the query; absent: `otherwise`. */
static bool query_integer(struct call *call, const char *name, int64_t otherwise, int64_t *number)
{
    struct bytes text = call_query(call, name);
    *number = otherwise;
    if (text.length == 0 || integer_read(text, number)) return true;
    struct field_problem problem = {.code = ERROR_FIELD_VALUE};
    struct buffer out = buffer_over(problem.subject, sizeof problem.subject - 1);
    buffer_add_text(&out, name);
    buffer_add_text(&out, ". Please refer to the support documentation. The rule: an integer");
    return call_refuse_field(call, &problem);
}

bool page_read(struct call *call, struct page *page)
{
    int64_t offset, limit;
    if (!query_integer(call, "offset", 0, &offset) || !query_integer(call, "limit", LISTING_DEFAULT_LIMIT, &limit)) return false;
    if (offset < 0) offset = 0;
    if (limit <= 0) limit = LISTING_DEFAULT_LIMIT;
    if (limit > LISTING_MAX_LIMIT) limit = LISTING_MAX_LIMIT;
    *page = (struct page){(size_t)offset, (size_t)limit};
    return true;
}

static bool is_precise(struct call *call, const char *parameter)
{
    struct bytes names = call_query(call, "precise_search");
    struct bytes name;
    while (bytes_next_part(&names, ',', &name)) {
        if (bytes_equal(name, bytes_of_text(parameter))) return true;
    }
    return false;
}

/* False: refused. *used says whether the parameter is there. */
static bool filter_read(struct call *call, const struct list_filter *filter, struct store_filter *out, bool *used)
{
    struct bytes text = call_query(call, filter->parameter);
    int64_t number;
    *used = text.length > 0;
    if (!*used) return true;
    *out = (struct store_filter){filter->column, STORE_EQUAL, value_text(text)};
    switch (filter->kind) {
    case FILTER_EXACT:
        return true;
    case FILTER_NAME:
        if (!is_precise(call, filter->parameter)) out->operator= STORE_CONTAINS;
        return true;
    case FILTER_INTEGER:
        if (!query_integer(call, filter->parameter, 0, &number)) return false;
        out->value = value_integer(number);
        return true;
    }
    return false;
}

struct collection {
    const struct call *call;
    const struct listing *listing;
    const struct page *page; /* NULL: the store has cut the page already */
    int64_t matches;         /* counted when `keeps` decides */
    json_t *items;
    bool failed;
};

/* Is this match on the page? */
static bool on_page(struct collection *collection, const struct value *row)
{
    const struct page *page = collection->page;
    if (page == NULL) return true;
    if (!collection->listing->keeps(collection->listing->context, row)) return false;
    size_t place = (size_t)collection->matches++;
    return place >= page->offset && place - page->offset < page->limit;
}

static bool collect(void *context, const struct value *row)
{
    struct collection *collection = context;
    if (!on_page(collection, row)) return true;
    json_t *item = resource_json(collection->call, collection->listing->resource, row, HIDE_SECRETS);
    collection->failed = item == NULL || json_array_append_new(collection->items, item) != 0;
    return !collection->failed;
}

static bool answer_page(struct call *call, const char *name, json_t *items, int64_t total)
{
    json_t *answer = json_pack("{s:I, s:I, s:o}", "total", (json_int_t)total, "size", (json_int_t)json_array_size(items), name, items);
    return call_answer(call, 200, answer);
}

static bool complete_all(struct call *call, const struct listing *listing, json_t *items)
{
    if (listing->complete == NULL) return true;
    size_t mark = call->arena.used;
    for (size_t i = 0; i < json_array_size(items); i++, arena_rewind(&call->arena, mark)) {
        if (!listing->complete(call, json_array_get(items, i))) return false;
    }
    return true;
}

/* Pages of the second half are read from the end, so that the database steps over fewer rows. */
static bool turn_round(struct store_query *query, int64_t matches)
{
    size_t total = (size_t)matches, left = query->offset < total ? total - query->offset : 0;
    if (query->limit == 0 || left == 0 || query->offset <= total / 2) return false;
    if (query->limit > left) query->limit = left;
    query->offset = left - query->limit;
    query->descending = !query->descending;
    return true;
}

static void reverse(json_t *items)
{
    for (size_t i = json_array_size(items); i-- > 0;) {
        json_t *item = json_incref(json_array_get(items, i));
        json_array_remove(items, i);
        json_array_append_new(items, item);
    }
}

/* Parts of names have a way of their own; *done: it was one. */
static bool search_page(struct call *call, const struct store_query *query, struct collection *collection, bool *done)
{
    struct store_matches matches = {.each = collect, .context = collection};
    *done = false;
    if (collection->page != NULL) return true;
    enum store_result result = store_search(call->session, collection->listing->resource->entity, query, &matches);
    if (result == STORE_NOTHING) return true;
    collection->matches = matches.total;
    *done = true;
    return call_store(call, result) && (!collection->failed || call_fault(call, "no memory for the list"));
}

/* Counts and collects in the database, or, when `keeps` has to be asked, over all matches of the columns. */
static bool collect_page(struct call *call, struct store_query *query, struct collection *collection)
{
    const struct entity *entity = collection->listing->resource->entity;
    bool turned = false, done;
    if (!search_page(call, query, collection, &done)) return false;
    if (done) return true;
    if (collection->page != NULL) {
        query->offset = query->limit = 0;
    } else if (!call_store(call, store_count(call->session, entity, query, &collection->matches))) {
        return false;
    } else {
        turned = turn_round(query, collection->matches);
    }
    if (!call_store(call, store_list(call->session, entity, query, collect, collection))) return false;
    if (turned) reverse(collection->items);
    return !collection->failed || call_fault(call, "no memory for the list");
}

static bool answer_query(struct call *call, const struct listing *listing, const struct page *page, struct store_query *query)
{
    struct collection collection = {call, listing, listing->keeps != NULL ? page : NULL, 0, json_array(), false};
    if (collect_page(call, query, &collection) && complete_all(call, listing, collection.items)) {
        return answer_page(call, listing->items, collection.items, collection.matches);
    }
    json_decref(collection.items);
    return false;
}

bool listing_answer_where(struct call *call, const struct listing *listing, const struct store_filter *fixed, size_t fixed_count)
{
    struct store_filter filters[LISTING_MAX_FILTERS];
    struct page page;
    size_t count = 0;
    if (!page_read(call, &page)) return false;
    if (1 + fixed_count + listing->filter_count > LISTING_MAX_FILTERS) return call_fault(call, "too many filters");
    filters[count++] = (struct store_filter){listing->resource->instance_column, STORE_EQUAL, value_text(call->scope_id)};
    for (size_t i = 0; i < fixed_count; i++) filters[count++] = fixed[i];
    for (size_t i = 0; i < listing->filter_count; i++) {
        bool used;
        if (!filter_read(call, &listing->filters[i], &filters[count], &used)) return false;
        count += used;
    }
    struct store_query query = {.filters = filters,
                                .filter_count = count,
                                .order_column = listing->order_column,
                                .descending = listing->descending,
                                .offset = page.offset,
                                .limit = page.limit};
    return answer_query(call, listing, &page, &query);
}

bool listing_answer(struct call *call, const struct listing *listing)
{
    return listing_answer_where(call, listing, NULL, 0);
}

bool listing_handle(struct call *call)
{
    return listing_answer(call, call->route->listing);
}

bool listing_answer_array(struct call *call, const char *name, json_t *items)
{
    struct page page;
    if (items == NULL) return call_fault(call, "no memory for the list");
    if (!page_read(call, &page)) {
        json_decref(items);
        return false;
    }
    int64_t total = (int64_t)json_array_size(items);
    json_t *cut = json_array();
    for (size_t i = 0; i < page.limit && page.offset < (size_t)total - i; i++) {
        json_array_append(cut, json_array_get(items, page.offset + i));
    }
    json_decref(items);
    return answer_page(call, name, cut, total);
}
