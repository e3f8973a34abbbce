/* Parts of names, looked for in the pages of names: how many rows match, and which of them stand on one page of a list. */
#include "store/name_pages.h"

#include "base/buffer.h"
#include "store/session.h"

#include <stdlib.h>
#include <string.h>

#define NEEDLE_SIZE 1024

/* What is looked for. */
struct wanted {
    const struct tracked *of;
    struct bytes instance;
    struct bytes needle; /* folded */
    uint8_t state;       /* 0: any */
    uint8_t memory[NEEDLE_SIZE];
};

/* A page of names with rows that are asked for: behind the first `skip` of its matches, `take` of them. */
struct hit {
    struct name_key from, to;
    bool last;
    size_t skip, take;
};

struct search {
    const struct wanted *wanted;
    struct name_key from, to; /* of the page that is looked at; `to`: of the one before, which is newer */
    bool seen;
    size_t skip, left; /* of the list's page */
    int64_t total;
    struct hit *hits;
    size_t hit_count;
    bool failed;
};

static bool take_needle(struct wanted *wanted, const struct value *value)
{
    struct buffer needle = buffer_over(wanted->memory, sizeof wanted->memory);
    if (wanted->needle.length > 0 || value->type != VALUE_TEXT) return false;
    buffer_add_lower(&needle, value->bytes);
    wanted->needle = buffer_bytes(&needle);
    return wanted->needle.length > 0;
}

static bool take_instance(struct wanted *wanted, const struct value *value)
{
    if (wanted->instance.length > 0 || value->type != VALUE_TEXT) return false;
    wanted->instance = value->bytes;
    return true;
}

static bool take_state(struct wanted *wanted, const struct value *value)
{
    if (wanted->state != 0 || value->type != VALUE_INTEGER || value->integer < 0 || value->integer > NAME_STATES - 1) return false;
    wanted->state = name_state(value->integer);
    return true;
}

/* True: the filter is one that pages of names can answer; `wanted` has it. */
static bool filter_take(const struct store_filter *filter, struct wanted *wanted)
{
    const struct tracked *of = wanted->of;
    if (filter->operator== STORE_CONTAINS) return filter->column == of->name_column && take_needle(wanted, &filter->value);
    if (filter->operator!= STORE_EQUAL) return false;
    if (filter->column == of->instance_column) return take_instance(wanted, &filter->value);
    return filter->column == of->state_column && take_state(wanted, &filter->value);
}

static bool needle_is_plain(struct bytes needle)
{
    for (size_t i = 0; i < needle.length; i++) {
        if (needle.data[i] < NAME_LOWEST) return false;
    }
    return needle.length > 0 && text_is_storable(needle);
}

static bool query_take(const struct entity *entity, const struct store_query *query, struct wanted *wanted)
{
    *wanted = (struct wanted){.of = tracked_of(entity)};
    if (wanted->of == NULL || !wanted->of->named || !query->descending || query->limit == 0) return false;
    if (query->order_column != wanted->of->time_column) return false;
    for (size_t i = 0; i < query->filter_count; i++) {
        if (!filter_take(&query->filters[i], wanted)) return false;
    }
    return wanted->instance.length > 0 && needle_is_plain(wanted->needle) && text_is_storable(wanted->instance);
}

/* The name in which `at` lies: where it begins (its state), and where it ends. */
static const uint8_t *name_begin(const uint8_t *names, const uint8_t *at)
{
    while (at > names && *at >= NAME_LOWEST - 1) at--;
    return at;
}

static const uint8_t *name_end(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at >= NAME_LOWEST - 1) at++;
    return at;
}

static size_t page_count(const struct wanted *wanted, struct bytes names)
{
    const uint8_t *at = names.data, *end = names.data + names.length;
    size_t matches = 0;
    while ((at = memmem(at, (size_t)(end - at), wanted->needle.data, wanted->needle.length)) != NULL) {
        matches += wanted->state == 0 || *name_begin(names.data, at) == wanted->state;
        at = name_end(at, end);
    }
    return matches;
}

/* Notes which of the page's matches are on the list's page. */
static void page_note(struct search *search, size_t matches)
{
    size_t skip = search->skip < matches ? search->skip : matches;
    size_t take = matches - skip < search->left ? matches - skip : search->left;
    search->total += (int64_t)matches;
    search->skip -= skip;
    search->left -= take;
    if (take > 0) search->hits[search->hit_count++] = (struct hit){search->from, search->to, !search->seen, skip, take};
}

static bool page_each(void *context, const struct value *row)
{
    struct search *search = context;
    struct buffer id = buffer_over(search->from.id, sizeof search->from.id);
    search->from.time = row[0].integer;
    buffer_add(&id, row[1].bytes);
    buffer_add_byte(&id, 0);
    search->failed = id.overflow;
    if (row[2].bytes.length > 0) page_note(search, page_count(search->wanted, row[2].bytes));
    search->to = search->from;
    search->seen = true;
    return !search->failed;
}

static enum store_result pages_walk(struct session *session, struct search *search)
{
    const struct value parameters[] = {value_text(bytes_of_text(search->wanted->of->entity->table)), value_text(search->wanted->instance)};
    struct selection selection = {.command = {"SELECT first_time, first_id, names FROM name_page WHERE entity = $1 AND instance_id = $2"
                                              " ORDER BY first_time DESC, first_id DESC",
                                              parameters, 2},
                                  .columns = 3,
                                  .stream = true};
    enum store_result result = session_select(session, &selection, page_each, search);
    return result == STORE_OK && search->failed ? session_fault(session, "store: a page of names is damaged") : result;
}

static enum store_result hits_read(struct session *session, const struct search *search, const struct store_query *query,
                                   struct handing *handing)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && !handing->stopped && i < search->hit_count; i++) {
        const struct hit *hit = &search->hits[i];
        struct store_query part = *query;
        part.offset = hit->skip;
        part.limit = hit->take;
        struct page_range range = {search->wanted->of->time_column, &hit->from, hit->last ? NULL : &hit->to, hand_each, handing};
        result = rows_list_within(session, search->wanted->of->entity, &part, &range);
    }
    return result;
}

enum store_result store_search(struct session *session, const struct entity *entity, const struct store_query *query,
                               struct store_matches *matches)
{
    struct wanted wanted;
    matches->total = 0;
    if (entity == &entity_audit) return audit_search(session, query, matches);
    if (!query_take(entity, query, &wanted)) return STORE_NOTHING;
    struct search search = {.wanted = &wanted, .skip = query->offset, .left = query->limit};
    struct handing handing = {matches->each, matches->context, false};
    search.hits = malloc(query->limit * sizeof *search.hits);
    if (search.hits == NULL) return session_fault(session, "store: out of memory");
    enum store_result result = tracked_flush(session);
    if (result == STORE_OK) result = pages_walk(session, &search);
    if (result == STORE_OK && !search.seen) result = STORE_NOTHING;
    if (result == STORE_OK) result = hits_read(session, &search, query, &handing);
    matches->total = search.total;
    free(search.hits);
    return result;
}
