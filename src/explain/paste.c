#include "explain/paste.h"

#include "base/buffer.h"
#include "base/text.h"
#include "http/parse.h"

static bool next_line(struct bytes *rest, struct bytes *line)
{
    if (rest->length == 0) return false;
    size_t end = bytes_find(*rest, '\n');
    *line = bytes_slice(*rest, 0, end);
    *rest = bytes_from(*rest, end + 1);
    if (line->length > 0 && line->data[line->length - 1] == '\r') line->length--;
    return true;
}

static void add_line(struct buffer *out, struct bytes line)
{
    buffer_add(out, line);
    buffer_add_text(out, "\r\n");
}

/* An absolute target (of a proxy's log) names the host, too. */
static void add_target(struct buffer *out, struct bytes target, struct bytes *host)
{
    *host = BYTES("");
    size_t scheme = bytes_start_with_folded(target, BYTES("https://")) ? 8 : bytes_start_with_folded(target, BYTES("http://")) ? 7 : 0;
    if (scheme > 0) {
        struct bytes rest = bytes_from(target, scheme);
        size_t end = bytes_find(rest, '/');
        *host = bytes_slice(rest, 0, end);
        target = end < rest.length ? bytes_from(rest, end) : BYTES("/");
    }
    buffer_add(out, target);
}

/* Whatever version it names, or none, its fields mean the same. */
static void add_request_line(struct buffer *out, struct bytes line)
{
    struct bytes method = BYTES(""), target = BYTES(""), host;
    line = bytes_trim(line);
    (void)bytes_next_part(&line, ' ', &method);
    line = bytes_trim(line);
    (void)bytes_next_part(&line, ' ', &target);
    buffer_add(out, method);
    buffer_add_byte(out, ' ');
    add_target(out, target, &host);
    buffer_add_text(out, " HTTP/1.1\r\n");
    if (host.length == 0) return;
    buffer_add_text(out, "Host: ");
    add_line(out, host);
}

/* Line ends that an editor put behind the body are cut when Content-Length tells so. */
static struct bytes trim_body(struct bytes body, int64_t length)
{
    while (length >= 0 && body.length > (uint64_t)length) {
        uint8_t last = body.data[body.length - 1];
        if (last != '\n' && last != '\r') break;
        body.length--;
    }
    return body;
}

/* The head as http_parse wants it; curl -v puts "> " in front of each line. */
static bool normalise(struct arena *arena, struct bytes text, struct bytes *raw)
{
    struct buffer out = buffer_in(arena, text.length + text.length / 4 + 256);
    struct bytes line;
    int64_t length = -1;
    bool first = true;
    while (next_line(&text, &line)) {
        if (bytes_start_with(line, BYTES("> "))) line = bytes_from(line, 2);
        if (bytes_equal(line, BYTES(">"))) line = BYTES("");
        if (line.length == 0 && !first) break;
        if (line.length == 0) continue;
        if (first) {
            add_request_line(&out, line);
        } else {
            add_line(&out, line);
        }
        if (bytes_start_with_folded(line, BYTES("content-length:"))) (void)number_parse(bytes_trim(bytes_from(line, 15)), &length);
        first = false;
    }
    buffer_add_text(&out, "\r\n");
    buffer_add(&out, trim_body(text, length));
    *raw = buffer_bytes(&out);
    return !out.overflow;
}

bool paste_read(struct arena *arena, struct bytes text, struct pasted *pasted, struct curl_problem *problem)
{
    struct bytes raw;
    *pasted = (struct pasted){.curl = curl_is_command(text)};
    *problem = (struct curl_problem){"it is too long", BYTES("")};
    if (pasted->curl && text.length > CURL_MAX_LENGTH) return false;
    if (pasted->curl ? !curl_read(arena, text, &raw, &pasted->https, problem) : !normalise(arena, text, &raw)) return false;
    return http_parse(arena, raw, &pasted->request, &pasted->body, &problem->words);
}
