#include "control/remote_url.h"

#include "base/text.h"
#include "control/authority.h"

#define DISCOVERY "/.well-known/openid-configuration"

const char remote_url_rule[] =
    "https://NAME[:PORT]/PATH[#timeout=MILLISECONDS&cache=SECONDS], NAME a domain name and no address, timeout 100 to 10000, "
    "cache 30 to 604800";

static bool is_url_text(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f || text.data[i] == '\\' || text.data[i] == '"') return false;
    return text.length > 0 && text.length <= REMOTE_URL_MAX;
}

static bool is_label_byte(uint8_t byte)
{
    uint8_t lower = byte_to_lower(byte);
    return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

/* The last label of a name holds a letter; of an address in any spelling (127.1, 0x7f000001, 2130706433) it begins with a digit. */
static bool is_domain_name(struct bytes host)
{
    struct bytes label = BYTES("");
    for (struct bytes rest = host; bytes_next_part(&rest, '.', &label);) {
        if (label.length == 0 || label.length > 63) return false;
        for (size_t i = 0; i < label.length; i++)
            if (!is_label_byte(label.data[i])) return false;
    }
    uint8_t first = label.length == 0 ? 0 : byte_to_lower(label.data[0]);
    return host.length <= 253 && first >= 'a' && first <= 'z' && host.data[host.length - 1] != '.';
}

static bool read_number(struct bytes text, int64_t lowest, int64_t highest, uint32_t *number)
{
    int64_t read;
    if (!number_parse(text, &read) || read < lowest || read > highest) return false;
    *number = (uint32_t)read;
    return true;
}

static bool read_options(struct bytes fragment, struct remote_url *url)
{
    for (struct bytes item; bytes_next_part(&fragment, '&', &item);) {
        struct bytes value = bytes_from(item, bytes_find(item, '=') + 1);
        bool good = false;
        if (bytes_start_with(item, BYTES("timeout="))) good = read_number(value, 100, 10000, &url->timeout_ms);
        if (bytes_start_with(item, BYTES("cache="))) good = read_number(value, 30, 604800, &url->cache_seconds);
        if (!good) return false;
    }
    return true;
}

static bool ends_with(struct bytes text, struct bytes end)
{
    return text.length >= end.length && bytes_equal(bytes_from(text, text.length - end.length), end);
}

const char *remote_url_read(struct bytes text, struct remote_url *url)
{
    struct authority authority;
    size_t hash = bytes_find(text, '#');
    *url = (struct remote_url){.request = bytes_slice(text, 0, hash), .port = 443, .timeout_ms = 1500, .cache_seconds = 600};
    if (!is_url_text(text) || !bytes_start_with(text, BYTES("https://")) || !read_options(bytes_from(text, hash + 1), url))
        return remote_url_rule;
    struct bytes rest = bytes_from(url->request, sizeof "https://" - 1);
    struct bytes written = bytes_slice(rest, 0, bytes_find(rest, '/'));
    struct bytes path = bytes_from(rest, written.length);
    if (path.length == 0 || bytes_find(written, '@') < written.length || authority_read(written, &authority) != NULL)
        return remote_url_rule;
    if (!is_domain_name(authority.host)) return remote_url_rule;
    url->host = authority.host;
    if (authority.port != 0) url->port = authority.port;
    url->discovery = ends_with(path, BYTES(DISCOVERY));
    return NULL;
}
