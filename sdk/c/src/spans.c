#include "internal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

cs_span cs_string(const char *text)
{
    return (cs_span){text, strlen(text)};
}

cs_span cs_part(cs_span span, size_t begin, size_t end)
{
    return (cs_span){span.data + begin, end - begin};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

cs_span cs_trim(cs_span span)
{
    while (span.size > 0 && is_blank(span.data[0])) span = cs_part(span, 1, span.size);
    while (span.size > 0 && is_blank(span.data[span.size - 1])) span.size--;
    return span;
}

size_t cs_find(cs_span span, char wanted)
{
    const char *found = span.size == 0 ? NULL : memchr(span.data, wanted, span.size);
    return found == NULL ? span.size : (size_t)(found - span.data);
}

bool cs_next(cs_span *rest, char separator, cs_span *item, bool *more)
{
    if (!*more) return false;
    size_t end = cs_find(*rest, separator);
    *item = cs_part(*rest, 0, end);
    *more = end < rest->size;
    if (*more) *rest = cs_part(*rest, end + 1, rest->size);
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool cs_equal(cs_span a, cs_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool cs_equal_folded(cs_span a, cs_span b)
{
    if (a.size != b.size) return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.data[i]) != lower(b.data[i])) return false;
    return true;
}

bool cs_is(cs_span a, const char *b)
{
    return cs_equal(a, cs_string(b));
}

bool cs_is_folded(cs_span a, const char *b)
{
    return cs_equal_folded(a, cs_string(b));
}

int cs_compare(cs_span a, cs_span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0) return order;
    return (a.size > b.size) - (a.size < b.size);
}

cs_span cs_lower(cs_arena *arena, cs_span span)
{
    char *copy = cs_take(arena, span.size + 1, 1);
    if (copy == NULL) return (cs_span){"", 0};
    for (size_t i = 0; i < span.size; i++) copy[i] = lower(span.data[i]);
    return (cs_span){copy, span.size};
}

static bool consists_of(cs_span span, const char *allowed)
{
    for (size_t i = 0; i < span.size; i++)
        if (span.data[i] == '\0' || strchr(allowed, span.data[i]) == NULL) return false;
    return span.size > 0;
}

bool cs_is_hex(cs_span span)
{
    return consists_of(span, "0123456789abcdef");
}

bool cs_is_digits(cs_span span)
{
    return consists_of(span, "0123456789");
}

bool cs_is_token(cs_span span)
{
    return consists_of(span, "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

int64_t cs_number(cs_span digits)
{
    int64_t number = 0;
    for (size_t i = 0; i < digits.size && i < 18; i++) number = 10 * number + (digits.data[i] - '0');
    return number;
}

bool cs_equal_secret(cs_span a, cs_span b)
{
    return a.size == b.size && CRYPTO_memcmp(a.data, b.data, a.size) == 0;
}

bool cs_refuse(countersign_error *error, countersign_code code, const char *detail)
{
    error->code = code;
    snprintf(error->detail, sizeof error->detail, "%s", detail);
    return false;
}

bool cs_malformed(countersign_error *error, const char *detail)
{
    return cs_refuse(error, COUNTERSIGN_MALFORMED, detail);
}

bool cs_fault(countersign_error *error)
{
    return cs_refuse(error, COUNTERSIGN_FAULT, "no memory, or libcrypto failed");
}
