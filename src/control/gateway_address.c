#include "control/gateway_address.h"

#include "base/text.h"

#include <arpa/inet.h>

struct entry {
    struct bytes instance_id; /* empty: of the first gateway */
    bool https;
    struct bytes authority, address, port;
};

static bool cut_prefix(struct bytes *text, struct bytes prefix)
{
    if (!bytes_start_with(*text, prefix)) return false;
    *text = bytes_from(*text, prefix.length);
    return true;
}

/* [INSTANCE_ID=]http[s]://ADDRESS:PORT */
static bool read_entry(struct bytes text, struct entry *entry)
{
    size_t equals = bytes_find(text, '=');
    *entry = (struct entry){.instance_id = BYTES("")};
    if (equals < text.length) {
        entry->instance_id = bytes_slice(text, 0, equals);
        text = bytes_from(text, equals + 1);
        if (equals == 0) return false;
    }
    entry->https = cut_prefix(&text, BYTES("https://"));
    if (!entry->https && !cut_prefix(&text, BYTES("http://"))) return false;
    entry->authority = text;
    size_t end = text.length > 0 && text.data[0] == '[' ? bytes_find(text, ']') + 1 : bytes_find(text, ':');
    if (end >= text.length || text.data[end] != ':') return false;
    entry->address = bytes_slice(text, 0, end);
    entry->port = bytes_from(text, end + 1);
    return true;
}

static bool is_loopback(struct bytes address)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr v4;
    if (bytes_equal(address, BYTES("[::1]"))) return true;
    if (address.length >= sizeof text) return false;
    for (size_t i = 0; i < address.length; i++) text[i] = (char)address.data[i];
    text[address.length] = 0;
    return inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static bool is_port(struct bytes text)
{
    int64_t port;
    return text.length <= 5 && number_parse(text, &port) && port >= 1 && port <= 65535;
}

const char *gateway_addresses_problem(const char *list)
{
    struct bytes rest = bytes_of_text(list), text;
    struct entry entry;
    while (bytes_next_part(&rest, ',', &text)) {
        if (!read_entry(text, &entry) || !is_port(entry.port)) return "--gateway: [INSTANCE_ID=]http[s]://ADDRESS:PORT,...";
        if (!is_loopback(entry.address)) return "--gateway: an address of this machine, 127.0.0.1 or [::1]";
    }
    return NULL;
}

struct bytes gateway_address_of(const char *list, const struct gateway_wanted *wanted)
{
    struct bytes rest = bytes_of_text(list), text;
    struct entry entry;
    while (bytes_next_part(&rest, ',', &text)) {
        if (!read_entry(text, &entry) || entry.https != wanted->https) continue;
        bool meant = entry.instance_id.length == 0 ? wanted->first : bytes_equal(entry.instance_id, wanted->instance_id);
        if (meant) return entry.authority;
    }
    return BYTES("");
}
