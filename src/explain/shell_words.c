#include "explain/shell_words.h"

#include "base/buffer.h"
#include "base/text.h"

struct splitting {
    struct bytes rest;
    struct buffer out; /* of all words, one behind the other */
    bool quoted;       /* the present word has quotes, so it may be empty */
};

static bool take(struct splitting *splitting, uint8_t *byte)
{
    if (splitting->rest.length == 0) return false;
    *byte = splitting->rest.data[0];
    splitting->rest = bytes_from(splitting->rest, 1);
    return true;
}

static const char *read_single(struct splitting *splitting)
{
    size_t end = bytes_find(splitting->rest, '\'');
    if (end == splitting->rest.length) return "a single quote is not closed";
    buffer_add(&splitting->out, bytes_slice(splitting->rest, 0, end));
    splitting->rest = bytes_from(splitting->rest, end + 1);
    return NULL;
}

static const char *read_double(struct splitting *splitting)
{
    uint8_t byte;
    while (take(splitting, &byte)) {
        if (byte == '"') return NULL;
        if (byte == '\\' && splitting->rest.length > 0) {
            uint8_t next = splitting->rest.data[0];
            bool escapes = bytes_find(BYTES("\\\"$`\n"), next) < 5;
            if (escapes) splitting->rest = bytes_from(splitting->rest, 1);
            if (escapes && next == '\n') continue;
            if (escapes) byte = next;
        }
        buffer_add_byte(&splitting->out, byte);
    }
    return "a double quote is not closed";
}

/* "\xHH" or "\uHHHH", as browsers write them. */
static bool read_code(struct splitting *splitting, size_t digits)
{
    uint8_t memory[2];
    struct buffer code = buffer_over(memory, sizeof memory);
    if (splitting->rest.length < digits || !hex_decode(&code, bytes_slice(splitting->rest, 0, digits))) return false;
    splitting->rest = bytes_from(splitting->rest, digits);
    unsigned value = digits == 2 ? memory[0] : (unsigned)memory[0] << 8 | memory[1];
    if (digits == 2 || value < 0x80) {
        buffer_add_byte(&splitting->out, (uint8_t)value);
        return true;
    }
    if (value >= 0x800) {
        buffer_add_byte(&splitting->out, (uint8_t)(0xe0 | value >> 12));
        buffer_add_byte(&splitting->out, (uint8_t)(0x80 | (value >> 6 & 0x3f)));
    } else {
        buffer_add_byte(&splitting->out, (uint8_t)(0xc0 | value >> 6));
    }
    buffer_add_byte(&splitting->out, (uint8_t)(0x80 | (value & 0x3f)));
    return true;
}

static const char *read_escape(struct splitting *splitting)
{
    static const char letters[] = "ntr\\'\"", meant[] = "\n\t\r\\'\"";
    uint8_t byte;
    if (!take(splitting, &byte)) return "a backslash stands at the end";
    if (byte == 'x') return read_code(splitting, 2) ? NULL : "\\x needs two hex digits";
    if (byte == 'u') return read_code(splitting, 4) ? NULL : "\\u needs four hex digits";
    size_t at = bytes_find(bytes_of_text(letters), byte);
    buffer_add_byte(&splitting->out, at < sizeof letters - 1 ? (uint8_t)meant[at] : byte);
    return NULL;
}

static const char *read_dollar_quotes(struct splitting *splitting)
{
    uint8_t byte;
    while (take(splitting, &byte)) {
        if (byte == '\'') return NULL;
        const char *problem = NULL;
        if (byte == '\\') {
            problem = read_escape(splitting);
        } else {
            buffer_add_byte(&splitting->out, byte);
        }
        if (problem != NULL) return problem;
    }
    return "a quote is not closed";
}

static const char *read_quoted(struct splitting *splitting, uint8_t quote)
{
    splitting->quoted = true;
    if (quote == '\'') return read_single(splitting);
    if (quote == '"') return read_double(splitting);
    splitting->rest = bytes_from(splitting->rest, 1);
    return read_dollar_quotes(splitting);
}

static void read_backslash(struct splitting *splitting)
{
    uint8_t next;
    if (bytes_start_with(splitting->rest, BYTES("\r\n"))) splitting->rest = bytes_from(splitting->rest, 1);
    if (take(splitting, &next) && next != '\n') buffer_add_byte(&splitting->out, next);
}

static bool ends_word(uint8_t byte)
{
    return bytes_find(BYTES(" \t\r\n;|&<>"), byte) < 9;
}

static const char *read_word(struct splitting *splitting)
{
    while (splitting->rest.length > 0 && !ends_word(splitting->rest.data[0])) {
        uint8_t byte = 0;
        const char *problem = NULL;
        (void)take(splitting, &byte);
        bool dollar = byte == '$' && bytes_start_with(splitting->rest, BYTES("'"));
        if (byte == '\'' || byte == '"' || dollar) {
            problem = read_quoted(splitting, byte);
        } else if (byte == '\\') {
            read_backslash(splitting);
        } else {
            buffer_add_byte(&splitting->out, byte);
        }
        if (problem != NULL) return problem;
    }
    return NULL;
}

static void skip_blanks(struct splitting *splitting)
{
    while (splitting->rest.length > 0 && bytes_find(BYTES(" \t\r"), splitting->rest.data[0]) < 3)
        splitting->rest = bytes_from(splitting->rest, 1);
}

const char *shell_words_read(struct arena *arena, struct bytes line, struct shell_words *words)
{
    struct splitting splitting = {.rest = line, .out = buffer_in(arena, line.length)};
    words->items = arena_take_array(arena, SHELL_WORDS_MAX, sizeof *words->items);
    words->count = 0;
    if (words->items == NULL || splitting.out.capacity < line.length) return "it is too long";
    for (skip_blanks(&splitting); splitting.rest.length > 0 && !ends_word(splitting.rest.data[0]); skip_blanks(&splitting)) {
        size_t begin = splitting.out.length;
        splitting.quoted = false;
        if (words->count == SHELL_WORDS_MAX) return "it has more than 512 words";
        const char *problem = read_word(&splitting);
        if (problem != NULL) return problem;
        if (splitting.out.length > begin || splitting.quoted)
            words->items[words->count++] = bytes_of(splitting.out.data + begin, splitting.out.length - begin);
    }
    return NULL;
}
