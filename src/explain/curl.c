#include "explain/curl.h"

#include "base/buffer.h"
#include "base/text.h"
#include "explain/shell_words.h"

#define MAX_FIELDS 100

enum meaning {
    IGNORED,       /* without a value */
    IGNORED_VALUE, /* with one */
    METHOD,
    HEADER,
    DATA,        /* -d, --data-ascii, --data-binary: '@' in front names a file */
    DATA_RAW,    /* --data-raw: as it stands */
    DATA_ENCODE, /* --data-urlencode */
    JSON,
    USER,
    COOKIE,
    AGENT,
    REFERER,
    URL,
    IN_QUERY, /* -G */
    HEAD,
    COMPRESSED,
    OAUTH,
    FORM, /* -F, -T: what is sent cannot be told from the command */
};

/* What people paste; any other option is named in the refusal rather than guessed at. */
static const struct option {
    const char *name;
    char letter;
    enum meaning meaning;
} options[] = {
    {"request", 'X', METHOD},
    {"header", 'H', HEADER},
    {"data", 'd', DATA},
    {"data-ascii", 0, DATA},
    {"data-binary", 0, DATA},
    {"data-raw", 0, DATA_RAW},
    {"data-urlencode", 0, DATA_ENCODE},
    {"json", 0, JSON},
    {"user", 'u', USER},
    {"oauth2-bearer", 0, OAUTH},
    {"cookie", 'b', COOKIE},
    {"user-agent", 'A', AGENT},
    {"referer", 'e', REFERER},
    {"url", 0, URL},
    {"get", 'G', IN_QUERY},
    {"head", 'I', HEAD},
    {"compressed", 0, COMPRESSED},
    {"form", 'F', FORM},
    {"form-string", 0, FORM},
    {"upload-file", 'T', FORM},
    {"silent", 's', IGNORED},
    {"show-error", 'S', IGNORED},
    {"verbose", 'v', IGNORED},
    {"include", 'i', IGNORED},
    {"insecure", 'k', IGNORED},
    {"location", 'L', IGNORED},
    {"fail", 'f', IGNORED},
    {"fail-with-body", 0, IGNORED},
    {"globoff", 'g', IGNORED},
    {"path-as-is", 0, IGNORED},
    {"no-buffer", 'N', IGNORED},
    {"progress-bar", '#', IGNORED},
    {"http1.0", '0', IGNORED},
    {"http1.1", 0, IGNORED},
    {"http2", 0, IGNORED},
    {"http3", 0, IGNORED},
    {"http2-prior-knowledge", 0, IGNORED},
    {"ipv4", '4', IGNORED},
    {"ipv6", '6', IGNORED},
    {"tlsv1.2", 0, IGNORED},
    {"tlsv1.3", 0, IGNORED},
    {"trace-time", 0, IGNORED},
    {"remote-name", 'O', IGNORED},
    {"no-progress-meter", 0, IGNORED},
    {"output", 'o', IGNORED_VALUE},
    {"dump-header", 'D', IGNORED_VALUE},
    {"cookie-jar", 'c', IGNORED_VALUE},
    {"write-out", 'w', IGNORED_VALUE},
    {"max-time", 'm', IGNORED_VALUE},
    {"connect-timeout", 0, IGNORED_VALUE},
    {"retry", 0, IGNORED_VALUE},
    {"proxy", 'x', IGNORED_VALUE},
    {"cacert", 0, IGNORED_VALUE},
    {"cert", 'E', IGNORED_VALUE},
    {"key", 0, IGNORED_VALUE},
    {"resolve", 0, IGNORED_VALUE},
    {"connect-to", 0, IGNORED_VALUE},
    {"interface", 0, IGNORED_VALUE},
    {"unix-socket", 0, IGNORED_VALUE},
    {"trace-ascii", 0, IGNORED_VALUE},
    {"trace", 0, IGNORED_VALUE},
    {"stderr", 0, IGNORED_VALUE},
};
#define OPTION_COUNT (sizeof options / sizeof options[0])

struct reading {
    struct arena *arena;
    struct curl_problem *problem;
    struct bytes method, url;
    struct bytes fields[MAX_FIELDS]; /* as given to -H */
    size_t field_count;
    struct buffer body;
    bool has_body, is_json, in_query, head;
};

static bool refuse(struct reading *reading, const char *words, struct bytes about)
{
    *reading->problem = (struct curl_problem){words, about};
    return false;
}

static bool has_value(enum meaning meaning)
{
    switch (meaning) {
    case IGNORED:
    case IN_QUERY:
    case HEAD:
    case COMPRESSED:
        return false;
    default:
        return true;
    }
}

static const struct option *find_long(struct bytes name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (bytes_equal(bytes_of_text(options[i].name), name)) return &options[i];
    return NULL;
}

static const struct option *find_letter(uint8_t letter)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].letter == (char)letter) return &options[i];
    return NULL;
}

static bool add_field(struct reading *reading, const char *name, struct bytes value)
{
    if (reading->field_count == MAX_FIELDS) return refuse(reading, "it has more than 100 headers", BYTES(""));
    struct bytes given = bytes_of_text(name);
    struct buffer line = buffer_in(reading->arena, given.length + value.length);
    buffer_add(&line, given);
    buffer_add(&line, value);
    reading->fields[reading->field_count++] = buffer_bytes(&line);
    return true;
}

static bool add_user(struct reading *reading, struct bytes user)
{
    struct buffer value = buffer_in(reading->arena, user.length / 3 * 4 + 8);
    base64_encode(&value, user);
    return add_field(reading, "Authorization: Basic ", buffer_bytes(&value));
}

static void add_data(struct reading *reading, struct bytes data)
{
    if (reading->has_body && !reading->is_json) buffer_add_byte(&reading->body, '&');
    reading->has_body = true;
    buffer_add(&reading->body, data);
}

/* "content", "=content" or "name=content"; the name stays as it is. */
static void add_encoded(struct reading *reading, struct bytes data)
{
    struct buffer out = buffer_in(reading->arena, 3 * data.length);
    size_t at = bytes_find(data, '=');
    bool named = at < data.length;
    if (named && at > 0) buffer_add(&out, bytes_slice(data, 0, at + 1));
    percent_encode(&out, bytes_from(data, named ? at + 1 : 0));
    add_data(reading, buffer_bytes(&out));
}

static bool take_data(struct reading *reading, enum meaning meaning, struct bytes value)
{
    size_t at = bytes_find(value, '@');
    bool file = meaning == DATA_ENCODE ? at < value.length && bytes_find(value, '=') > at : at == 0 && value.length > 0;
    if (meaning != DATA_RAW && file) return refuse(reading, "the body is in a file: put its content in place of the name", value);
    if (meaning == JSON && !reading->is_json) {
        reading->is_json = true;
        if (!add_field(reading, "Content-Type: ", BYTES("application/json"))) return false;
        if (!add_field(reading, "Accept: ", BYTES("application/json"))) return false;
    }
    if (meaning == DATA_ENCODE) {
        add_encoded(reading, value);
    } else {
        add_data(reading, value);
    }
    return true;
}

static bool take_url(struct reading *reading, struct bytes value)
{
    if (reading->url.length > 0) return refuse(reading, "it has two URLs", value);
    reading->url = value;
    return value.length > 0 || refuse(reading, "the URL is empty", value);
}

/* Options that are one header, and how it begins. */
static const char *const headers[] = {
    [HEADER] = "", [OAUTH] = "Authorization: Bearer ", [AGENT] = "User-Agent: ", [REFERER] = "Referer: ", [FORM] = NULL,
};

static bool take_switch(struct reading *reading, enum meaning meaning)
{
    if (meaning == IN_QUERY) reading->in_query = true;
    if (meaning == HEAD) reading->head = true;
    return meaning != COMPRESSED || add_field(reading, "Accept-Encoding: ", BYTES("deflate, gzip"));
}

static bool take_header(struct reading *reading, enum meaning meaning, struct bytes value)
{
    bool in_file = meaning == HEADER && bytes_start_with(value, BYTES("@"));
    return in_file ? refuse(reading, "the headers are in a file", value) : add_field(reading, headers[meaning], value);
}

static bool take(struct reading *reading, enum meaning meaning, struct bytes value)
{
    if (headers[meaning] != NULL) return take_header(reading, meaning, value);
    switch (meaning) {
    case METHOD:
        reading->method = value;
        return true;
    case DATA:
    case DATA_RAW:
    case DATA_ENCODE:
    case JSON:
        return take_data(reading, meaning, value);
    case USER:
        return add_user(reading, value);
    case COOKIE:
        return bytes_find(value, '=') == value.length || add_field(reading, "Cookie: ", value);
    case URL:
        return take_url(reading, value);
    case FORM:
        return refuse(reading, "what this option sends cannot be told from the command: paste the raw request", BYTES("-F or -T"));
    default:
        return take_switch(reading, meaning);
    }
}

/* Moves to the next word for a value that stands there. */
static bool take_option(struct reading *reading, const struct option *option, const struct shell_words *words, size_t *at)
{
    struct bytes value = BYTES("");
    if (has_value(option->meaning)) {
        if (*at + 1 >= words->count) return refuse(reading, "an option lacks its value", bytes_of_text(option->name));
        value = words->items[++*at];
    }
    return take(reading, option->meaning, value);
}

/* "-sS", "-XPOST", "-X POST". */
static bool take_letters(struct reading *reading, const struct shell_words *words, size_t *at)
{
    struct bytes word = words->items[*at];
    for (size_t i = 1; i < word.length; i++) {
        const struct option *option = find_letter(word.data[i]);
        if (option == NULL) return refuse(reading, "an option is not known here", word);
        bool attached = has_value(option->meaning) && i + 1 < word.length;
        if (attached) return take(reading, option->meaning, bytes_from(word, i + 1));
        if (!take_option(reading, option, words, at)) return false;
    }
    return true;
}

static bool take_word(struct reading *reading, const struct shell_words *words, size_t *at)
{
    struct bytes word = words->items[*at];
    if (bytes_start_with(word, BYTES("--"))) {
        const struct option *option = find_long(bytes_from(word, 2));
        if (option == NULL) return refuse(reading, "an option is not known here", word);
        return take_option(reading, option, words, at);
    }
    if (word.length > 1 && word.data[0] == '-') return take_letters(reading, words, at);
    return take_url(reading, word);
}

static bool is_named(struct bytes field, const char *name)
{
    struct bytes given = bytes_slice(field, 0, bytes_find(field, ':'));
    size_t end = bytes_find(given, ';');
    return bytes_equal_folded(bytes_trim(bytes_slice(given, 0, end)), bytes_of_text(name));
}

static bool is_given(const struct reading *reading, const char *name)
{
    for (size_t i = 0; i < reading->field_count; i++)
        if (is_named(reading->fields[i], name)) return true;
    return false;
}

static void write_field(struct buffer *out, const char *name, struct bytes value)
{
    buffer_add_text(out, name);
    buffer_add_text(out, ": ");
    buffer_add(out, value);
    buffer_add_text(out, "\r\n");
}

/* "Name:" takes the header off that curl would add, "Name;" sends it empty. */
static void write_given(const struct reading *reading, struct buffer *out)
{
    for (size_t i = 0; i < reading->field_count; i++) {
        struct bytes field = bytes_trim(reading->fields[i]);
        size_t colon = bytes_find(field, ':');
        bool empty = colon == field.length && field.length > 0 && field.data[field.length - 1] == ';';
        if (colon + 1 >= field.length && !empty) continue;
        if (bytes_equal_folded(bytes_slice(field, 0, colon), BYTES("content-length"))) continue;
        buffer_add(out, empty ? bytes_slice(field, 0, field.length - 1) : field);
        buffer_add_text(out, empty ? ":\r\n" : "\r\n");
    }
}

static void write_request(const struct reading *reading, struct bytes host, struct bytes target, struct buffer *out)
{
    bool sends = reading->has_body && !reading->in_query;
    struct bytes method = reading->method;
    if (method.length == 0) method = reading->head ? BYTES("HEAD") : sends ? BYTES("POST") : BYTES("GET");
    buffer_add(out, method);
    buffer_add_byte(out, ' ');
    buffer_add(out, target);
    buffer_add_text(out, " HTTP/1.1\r\n");
    if (!is_given(reading, "host")) write_field(out, "Host", host);
    if (!is_given(reading, "accept")) write_field(out, "Accept", BYTES("*/*"));
    write_given(reading, out);
    if (sends && !is_given(reading, "content-type")) write_field(out, "Content-Type", BYTES("application/x-www-form-urlencoded"));
    buffer_add_text(out, "\r\n");
    if (sends) buffer_add(out, buffer_bytes(&reading->body));
}

/* What stands behind "https://" or "http://"; without either curl takes http. */
static bool skip_scheme(struct reading *reading, bool *https, struct bytes *rest)
{
    *rest = reading->url;
    *https = bytes_start_with_folded(*rest, BYTES("https://"));
    size_t colon = bytes_find(*rest, ':');
    if (*https || bytes_start_with_folded(*rest, BYTES("http://"))) {
        *rest = bytes_from(*rest, colon + 3);
    } else if (bytes_start_with(bytes_from(*rest, colon), BYTES("://"))) {
        return refuse(reading, "the URL is neither http:// nor https://", reading->url);
    }
    return true;
}

/* The target, with what -G moves behind it. */
static struct bytes target_of(struct reading *reading, struct bytes rest)
{
    struct buffer out = buffer_in(reading->arena, rest.length + reading->body.length + 2);
    if (rest.length == 0 || rest.data[0] == '?') buffer_add_byte(&out, '/');
    buffer_add(&out, rest);
    if (reading->in_query && reading->has_body) {
        buffer_add_byte(&out, bytes_find(rest, '?') < rest.length ? '&' : '?');
        buffer_add(&out, buffer_bytes(&reading->body));
    }
    return buffer_bytes(&out);
}

static bool split_url(struct reading *reading, bool *https, struct bytes *host, struct bytes *target)
{
    struct bytes rest;
    if (!skip_scheme(reading, https, &rest)) return false;
    rest = bytes_slice(rest, 0, bytes_find(rest, '#'));
    size_t slash = bytes_find(rest, '/'), question = bytes_find(rest, '?'), end = slash < question ? slash : question;
    *host = bytes_slice(rest, 0, end);
    size_t at = bytes_find(*host, '@');
    if (at < host->length) *host = bytes_from(*host, at + 1);
    *target = target_of(reading, bytes_from(rest, end));
    return host->length > 0 || refuse(reading, "the URL has no host", reading->url);
}

static bool read_words(struct reading *reading, const struct shell_words *words)
{
    for (size_t at = 1; at < words->count; at++)
        if (!take_word(reading, words, &at)) return false;
    return reading->url.length > 0 || refuse(reading, "it has no URL", BYTES(""));
}

bool curl_is_command(struct bytes text)
{
    while (text.length > 0 && bytes_find(BYTES(" \t\r\n$"), text.data[0]) < 5) text = bytes_from(text, 1);
    if (bytes_start_with(text, BYTES("curl.exe"))) return true;
    return bytes_start_with(text, BYTES("curl")) && text.length > 4 && bytes_find(BYTES(" \t\\\r\n"), text.data[4]) < 5;
}

bool curl_read(struct arena *arena, struct bytes line, struct bytes *raw, bool *https, struct curl_problem *problem)
{
    struct shell_words words;
    struct bytes host, target;
    while (line.length > 0 && bytes_find(BYTES(" \t\r\n$"), line.data[0]) < 5) line = bytes_from(line, 1);
    struct reading *reading = arena_take(arena, sizeof *reading);
    *problem = (struct curl_problem){"out of memory", BYTES("")};
    if (reading == NULL) return false;
    *reading = (struct reading){.arena = arena, .problem = problem, .body = buffer_in(arena, 3 * line.length)};
    const char *words_problem = shell_words_read(arena, line, &words);
    if (words_problem != NULL) return refuse(reading, words_problem, BYTES(""));
    if (!read_words(reading, &words) || !split_url(reading, https, &host, &target)) return false;
    struct buffer out = buffer_in(arena, 3 * line.length + 4096);
    write_request(reading, host, target, &out);
    *raw = buffer_bytes(&out);
    return !out.overflow || refuse(reading, "it is too long", BYTES(""));
}
