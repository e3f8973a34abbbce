/* The texts that are signed, format by format (../../README.md, "The formats, exactly"). */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* A "%" without two hex digits is refused; "+" is a blank when `plus` is. */
static bool decode(cs_arena *arena, cs_span text, bool plus, cs_span *decoded, countersign_error *error)
{
    char *data = cs_take(arena, text.size + 1, 1);
    *decoded = (cs_span){"", 0};
    if (data == NULL) return cs_fault(error);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.size ? hex_digit(text.data[i + 1]) : -1;
            int low = i + 2 < text.size ? hex_digit(text.data[i + 2]) : -1;
            if (high < 0 || low < 0) return cs_malformed(error, "a % without two hex digits");
            c = (char)(high << 4 | low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        data[size++] = c;
    }
    *decoded = (cs_span){data, size};
    return true;
}

static void add_encoded(cs_text *text, cs_span raw, bool keep_slash)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (size_t i = 0; i < raw.size; i++) {
        unsigned char byte = (unsigned char)raw.data[i];
        char escaped[3] = {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
        bool plain = memchr(unreserved, byte, sizeof unreserved - 1) != NULL || (keep_slash && byte == '/');
        cs_add(text, plain ? cs_part(raw, i, i + 1) : (cs_span){escaped, 3});
    }
}

static bool has_rooted_path(const cs_request *request, countersign_error *error)
{
    if (request->path.size == 0 || request->path.data[0] == '/') return true;
    return cs_malformed(error, "a target that does not begin with /");
}

static bool add_path(cs_text *text, const cs_request *request, countersign_error *error)
{
    cs_span decoded;
    if (!has_rooted_path(request, error) || !decode(request->arena, request->path, false, &decoded, error)) return false;
    add_encoded(text, decoded, true);
    return true;
}

/* Adds the items that are not empty, split at the first "=" and decoded. With `named`, those without a name are left out. */
static bool add_pairs(const cs_request *request, cs_span raw, bool plus, bool named, cs_pairs *pairs, countersign_error *error)
{
    cs_span item;
    for (bool more = true; cs_next(&raw, '&', &item, &more);) {
        size_t sign = cs_find(item, '=');
        if (item.size == 0 || (named && sign == 0)) continue;
        cs_pair *pair = &pairs->items[pairs->count++];
        cs_span value = sign < item.size ? cs_part(item, sign + 1, item.size) : (cs_span){"", 0};
        if (!decode(request->arena, cs_part(item, 0, sign), plus, &pair->name, error)) return false;
        if (!decode(request->arena, value, plus, &pair->value, error)) return false;
    }
    return true;
}

static size_t most_items(cs_span raw)
{
    size_t count = 1;
    for (size_t i = 0; i < raw.size; i++) count += raw.data[i] == '&';
    return count;
}

static bool has_room_for_pairs(const cs_request *request, size_t count, cs_pairs *pairs, countersign_error *error)
{
    *pairs = (cs_pairs){.items = cs_take(request->arena, count, sizeof(cs_pair))};
    return pairs->items != NULL || cs_fault(error);
}

static int by_name_and_value(const void *a, const void *b)
{
    const cs_pair *left = a, *right = b;
    int order = cs_compare(left->name, right->name);
    return order != 0 ? order : cs_compare(left->value, right->value);
}

static void sort_pairs(cs_pairs *pairs)
{
    if (pairs->count > 1) qsort(pairs->items, pairs->count, sizeof *pairs->items, by_name_and_value);
}

static void add_encoded_pair(cs_text *text, const cs_pair *pair)
{
    add_encoded(text, pair->name, false);
    cs_add_string(text, "=");
    add_encoded(text, pair->value, false);
}

static bool add_sdk_query(cs_text *text, const cs_request *request, countersign_error *error)
{
    cs_pairs pairs;
    if (!has_room_for_pairs(request, most_items(request->query), &pairs, error)) return false;
    if (!add_pairs(request, request->query, false, true, &pairs, error)) return false;
    sort_pairs(&pairs);
    for (size_t i = 0; i < pairs.count; i++) {
        if (i > 0) cs_add_string(text, "&");
        add_encoded_pair(text, &pairs.items[i]);
    }
    return true;
}

static void add_line(cs_text *text, const cs_request *request, cs_span name)
{
    cs_add(text, name);
    cs_add_string(text, ":");
    cs_add(text, cs_header_of(request, name));
    cs_add_string(text, "\n");
}

bool cs_sdk_canonical(const cs_request *request, const cs_names *names, cs_span *text, countersign_error *error)
{
    cs_text made = {.arena = request->arena};
    cs_add(&made, request->method);
    cs_add_string(&made, "\n");
    if (!add_path(&made, request, error)) return false;
    bool slash = request->path.size > 0 && made.size > 0 && made.data[made.size - 1] == '/';
    cs_add_string(&made, slash ? "\n" : "/\n");
    if (!add_sdk_query(&made, request, error)) return false;
    cs_add_string(&made, "\n");
    for (size_t i = 0; i < names->count; i++) add_line(&made, request, names->items[i]);
    cs_add_string(&made, "\n");
    for (size_t i = 0; i < names->count; i++) {
        if (i > 0) cs_add_string(&made, ";");
        cs_add(&made, names->items[i]);
    }
    cs_add_string(&made, "\n");
    cs_span declared = cs_header(request, CS_PAYLOAD);
    cs_span payload = declared.size > 0 ? declared : cs_hex_sha256(request->arena, request->body);
    if (payload.size == 0) return cs_fault(error);
    cs_add(&made, payload);
    *text = cs_done(&made);
    return true;
}

bool cs_sdk_text(const char *algorithm, const cs_request *request, cs_span canonical, cs_span *text)
{
    cs_text made = {.arena = request->arena};
    cs_span digest = cs_hex_sha256(request->arena, canonical);
    cs_add_string(&made, algorithm);
    cs_add_string(&made, "\n");
    cs_add(&made, cs_header(request, "x-sdk-date"));
    cs_add_string(&made, "\n");
    cs_add(&made, digest);
    *text = cs_done(&made);
    return digest.size > 0;
}

static void add_sorted_lines(cs_text *text, cs_names *lines, const char *separator)
{
    cs_names_sort(lines);
    for (size_t i = 0; i < lines->count; i++) {
        if (i > 0) cs_add_string(text, separator);
        cs_add(text, lines->items[i]);
    }
}

static bool add_bce_query(cs_text *text, const cs_request *request, countersign_error *error)
{
    cs_pairs pairs;
    if (!has_room_for_pairs(request, most_items(request->query), &pairs, error)) return false;
    if (!add_pairs(request, request->query, false, false, &pairs, error)) return false;
    cs_names items = {.items = cs_take(request->arena, pairs.count, sizeof(cs_span))};
    if (items.items == NULL) return cs_fault(error);
    for (size_t i = 0; i < pairs.count; i++) {
        if (cs_is_folded(pairs.items[i].name, "authorization")) continue;
        cs_text item = {.arena = request->arena};
        add_encoded_pair(&item, &pairs.items[i]);
        items.items[items.count++] = cs_done(&item);
    }
    add_sorted_lines(text, &items, "&");
    return true;
}

static bool add_bce_headers(cs_text *text, const cs_request *request, const cs_names *names, countersign_error *error)
{
    cs_names lines = {.items = cs_take(request->arena, names->count, sizeof(cs_span))};
    if (lines.items == NULL) return cs_fault(error);
    for (size_t i = 0; i < names->count; i++) {
        cs_span value = cs_header_of(request, names->items[i]);
        if (value.size == 0) continue;
        cs_text line = {.arena = request->arena};
        cs_add(&line, names->items[i]);
        cs_add_string(&line, ":");
        add_encoded(&line, value, false);
        lines.items[lines.count++] = cs_done(&line);
    }
    add_sorted_lines(text, &lines, "\n");
    return true;
}

bool cs_bce_text(const cs_request *request, const cs_names *names, cs_span *text, countersign_error *error)
{
    cs_text made = {.arena = request->arena};
    cs_add(&made, request->method);
    cs_add_string(&made, "\n");
    if (!add_path(&made, request, error)) return false;
    cs_add_string(&made, request->path.size == 0 ? "/\n" : "\n");
    if (!add_bce_query(&made, request, error)) return false;
    cs_add_string(&made, "\n");
    if (!add_bce_headers(&made, request, names, error)) return false;
    *text = cs_done(&made);
    return true;
}

/* The parameters of the query and of a form. Of a repeated name only one value could be signed: refused. */
static bool add_resource(cs_text *text, const cs_request *request, bool bare_empty, countersign_error *error)
{
    cs_pairs pairs;
    cs_span form = cs_is_form(request) ? request->body : (cs_span){"", 0};
    if (!has_rooted_path(request, error)) return false;
    if (!has_room_for_pairs(request, most_items(request->query) + most_items(form), &pairs, error)) return false;
    if (!add_pairs(request, request->query, true, false, &pairs, error)) return false;
    if (!add_pairs(request, form, true, false, &pairs, error)) return false;
    sort_pairs(&pairs);
    cs_add(text, request->path);
    for (size_t i = 0; i < pairs.count; i++) {
        const cs_pair *pair = &pairs.items[i];
        if (i > 0 && cs_equal(pair[-1].name, pair->name))
            return cs_malformed(error, "a repeated parameter name, of which one value alone would be signed");
        cs_add_string(text, i == 0 ? "?" : "&");
        cs_add(text, pair->name);
        if (bare_empty && pair->value.size == 0) continue;
        cs_add_string(text, "=");
        cs_add(text, pair->value);
    }
    return true;
}

bool cs_aliyun_covers_body(const cs_request *request)
{
    return cs_is(request->method, "POST") || cs_is(request->method, "PUT") || cs_is_form(request);
}

static bool add_aliyun_md5(cs_text *text, const cs_request *request, countersign_error *error)
{
    if (request->body.size == 0 || cs_is_form(request) || !cs_aliyun_covers_body(request)) return true;
    cs_span digest = cs_content_md5(request->arena, request->body);
    cs_add(text, digest);
    return digest.size > 0 || cs_fault(error);
}

bool cs_aliyun_text(const cs_request *request, const cs_names *spelled, cs_span *text, countersign_error *error)
{
    cs_text made = {.arena = request->arena};
    cs_names sorted = {cs_take(request->arena, spelled->count, sizeof(cs_span)), spelled->count};
    if (sorted.items == NULL) return cs_fault(error);
    if (sorted.count > 0) memcpy(sorted.items, spelled->items, sorted.count * sizeof(cs_span));
    cs_names_sort(&sorted);
    cs_add(&made, request->method);
    cs_add_string(&made, "\n");
    if (!add_aliyun_md5(&made, request, error)) return false;
    cs_add_string(&made, "\n");
    for (size_t i = 0; i < sorted.count; i++) add_line(&made, request, cs_lower(request->arena, sorted.items[i]));
    if (!add_resource(&made, request, false, error)) return false;
    *text = cs_done(&made);
    return true;
}

bool cs_ca_text(const cs_request *request, const cs_names *names, cs_span *text, countersign_error *error)
{
    static const char *const fixed[] = {"accept", "content-md5", "content-type", "date"};
    cs_text made = {.arena = request->arena};
    cs_add(&made, request->method);
    cs_add_string(&made, "\n");
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        cs_add(&made, cs_header(request, fixed[i]));
        cs_add_string(&made, "\n");
    }
    for (size_t i = 0; i < names->count; i++) add_line(&made, request, names->items[i]);
    if (!add_resource(&made, request, true, error)) return false;
    *text = cs_done(&made);
    return true;
}

cs_span cs_hex_sha256(cs_arena *arena, cs_span data)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    cs_text made = {.arena = arena};
    if (EVP_Digest(data.data, data.size, digest, &size, EVP_sha256(), NULL) == 1) cs_add_hex(&made, digest, size);
    return cs_done(&made);
}

cs_span cs_content_md5(cs_arena *arena, cs_span data)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    cs_text made = {.arena = arena};
    if (EVP_Digest(data.data, data.size, digest, &size, EVP_md5(), NULL) == 1) cs_add_base64(&made, digest, size);
    return cs_done(&made);
}
