#include "scheme/pairs.h"

#include <string.h>

#include "base/text.h"

typedef int pair_order(const struct pair *a, const struct pair *b);

static int order_by_name(const struct pair *a, const struct pair *b)
{
    return bytes_compare(a->name, b->name);
}

static int order_by_name_and_value(const struct pair *a, const struct pair *b)
{
    int order = bytes_compare(a->name, b->name);
    return order != 0 ? order : bytes_compare(a->value, b->value);
}

static size_t count_items(struct bytes text)
{
    size_t count = text.length == 0 ? 0 : 1;
    for (size_t at = bytes_find(text, '&'); at < text.length; at = bytes_find(text, '&')) {
        text = bytes_from(text, at + 1);
        count++;
    }
    return count;
}

bool pairs_room(struct pairs *pairs, struct arena *arena, struct bytes query, struct bytes form)
{
    size_t capacity = count_items(query) + count_items(form);
    *pairs = (struct pairs){.capacity = capacity};
    if (capacity > PAIRS_MAX) return false;
    pairs->items = arena_take_array(arena, capacity, sizeof *pairs->items);
    return pairs->items != NULL;
}

bool pairs_decode(struct arena *arena, struct bytes raw, bool plus_is_space, struct bytes *decoded)
{
    *decoded = raw;
    bool escaped = bytes_find(raw, '%') < raw.length;
    if (!escaped && !(plus_is_space && bytes_find(raw, '+') < raw.length)) return true;
    struct buffer out = buffer_in(arena, raw.length);
    bool valid = plus_is_space ? percent_decode_form(&out, raw) : percent_decode(&out, raw);
    *decoded = buffer_bytes(&out);
    return valid && !out.overflow;
}

static bool sorted(const struct pair *items, size_t count, pair_order *order)
{
    for (size_t i = 1; i < count; i++)
        if (order(&items[i - 1], &items[i]) > 0) return false;
    return true;
}

static void insertion_sort(struct pair *items, size_t count, pair_order *order)
{
    for (size_t i = 1; i < count; i++) {
        struct pair moving = items[i];
        size_t to = i;
        for (; to > 0 && order(&items[to - 1], &moving) > 0; to--) items[to] = items[to - 1];
        items[to] = moving;
    }
}

/* Two neighbouring runs [start, middle) and [middle, end) of `from` become one in `to`. Stable. */
static void merge_runs(const struct pair *from, struct pair *to, const size_t bounds[static 3], pair_order *order)
{
    size_t left = bounds[0], right = bounds[1], at = bounds[0];
    while (left < bounds[1] && right < bounds[2]) to[at++] = order(&from[left], &from[right]) <= 0 ? from[left++] : from[right++];
    while (left < bounds[1]) to[at++] = from[left++];
    while (right < bounds[2]) to[at++] = from[right++];
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A caller chooses the order of his parameters, so the worst case must be n log n. */
static bool merge_sort(struct pairs *pairs, struct arena *arena, pair_order *order)
{
    size_t mark = arena->used, count = pairs->count;
    struct pair *from = pairs->items, *to = arena_take_array(arena, count, sizeof *to);
    if (to == NULL) return false;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width)
            merge_runs(from, to, (size_t[3]){start, at_most(start + width, count), at_most(start + 2 * width, count)}, order);
        struct pair *swap = from;
        from = to;
        to = swap;
    }
    if (from != pairs->items) memcpy(pairs->items, from, count * sizeof *from);
    arena_rewind(arena, mark);
    return true;
}

#define SMALL 16

static bool sort(struct pairs *pairs, struct arena *arena, pair_order *order)
{
    if (sorted(pairs->items, pairs->count, order)) return true;
    if (pairs->count > SMALL) return merge_sort(pairs, arena, order);
    insertion_sort(pairs->items, pairs->count, order);
    return true;
}

bool pairs_sort(struct pairs *pairs, struct arena *arena)
{
    return sort(pairs, arena, order_by_name_and_value);
}

bool pairs_sort_by_name(struct pairs *pairs, struct arena *arena)
{
    return sort(pairs, arena, order_by_name);
}

bool pairs_are_sorted(const struct pairs *pairs)
{
    return sorted(pairs->items, pairs->count, order_by_name_and_value);
}
