#include "control/authority.h"

#include "base/buffer.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

#define MAX_NAME  253
#define MAX_LABEL 63

static const char forbidden_words[] = "no link-local, metadata, unspecified, multicast or IPv4-mapped address";
static const char name_words[] = "host:port, with a host name of letters, digits, -, _ and dots, an IPv4 address or an [IPv6 address]";

/* Services of a cloud for its own machines (credentials among what they tell) whose addresses are not link-local. */
static bool is_metadata_v4(const uint8_t address[static 4])
{
    static const uint8_t services[][4] = {{100, 100, 100, 200}, {168, 63, 129, 16}}; /* Alibaba, Azure */
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (bytes_equal(bytes_of(address, 4), bytes_of(services[i], 4))) return true;
    return false;
}

bool address_v4_is_forbidden(const uint8_t address[static 4])
{
    if (is_metadata_v4(address)) return true;
    if (address[0] == 169 && address[1] == 254) return true; /* RFC 3927 */
    return address[0] == 0 || address[0] >= 224;             /* RFC 1122, 3.2.1.3; RFC 5771; reserved and broadcast */
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

/* fd00:ec2::254 and fd20:ce::254, with all that shares their first 96 bits. */
static bool is_metadata_v6(const uint8_t address[static 16])
{
    static const uint8_t services[][12] = {{0xfd, 0x00, 0x0e, 0xc2}, {0xfd, 0x20, 0x00, 0xce}}; /* Amazon, Google */
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (bytes_equal(bytes_of(address, 12), bytes_of(services[i], 12))) return true;
    return false;
}

bool address_v6_is_forbidden(const uint8_t address[static 16])
{
    static const uint8_t nat64[4] = {0x00, 0x64, 0xff, 0x9b}; /* 64:ff9b::/96 and 64:ff9b:1::/48, RFC 6052 and 8215 */
    if (is_metadata_v6(address)) return true;
    if (address[0] == 0xff) return true;                                /* multicast */
    if (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) return true; /* fe80::/10 */
    if (address[0] == 0x20 && address[1] == 0x02) return true;          /* 6to4 */
    if (bytes_equal(bytes_of(address, sizeof nat64), bytes_of(nat64, sizeof nat64))) return true;
    if (all_zero(address, 15) && address[15] == 1) return false; /* ::1 */
    return all_zero(address, 10);                                /* ::, ::ffff:a.b.c.d, ::a.b.c.d */
}

/* A text that inet_pton may see: with one NUL, behind it. False when it is no address for sure. */
static bool as_text(struct bytes host, char text[static INET6_ADDRSTRLEN])
{
    if (host.length == 0 || host.length >= INET6_ADDRSTRLEN || bytes_find(host, 0) < host.length) return false;
    memcpy(text, host.data, host.length);
    text[host.length] = '\0';
    return true;
}

static const char *judge_v6(struct bytes host)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t address[16];
    if (!as_text(host, text) || inet_pton(AF_INET6, text, address) != 1) return name_words;
    return address_v6_is_forbidden(address) ? forbidden_words : NULL;
}

static const char *judge_v4(struct bytes host)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t address[4];
    if (!as_text(host, text) || inet_pton(AF_INET, text, address) != 1) return "an IPv4 address has four numbers of 0 to 255";
    return address_v4_is_forbidden(address) ? forbidden_words : NULL;
}

static bool is_label_byte(uint8_t byte)
{
    uint8_t lower = byte_to_lower(byte);
    return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

static bool is_label(struct bytes label)
{
    if (label.length == 0 || label.length > MAX_LABEL || label.data[0] == '-' || label.data[label.length - 1] == '-') return false;
    for (size_t i = 0; i < label.length; i++) {
        if (!is_label_byte(label.data[i])) return false;
    }
    return true;
}

/* Resolvers read 2852039166 and 0xa9.0xfea9fe as addresses (inet_aton): what ends in a number is one, and must be written in full. */
static bool is_number(struct bytes label)
{
    if (bytes_start_with_folded(label, BYTES("0x"))) return true;
    for (size_t i = 0; i < label.length; i++) {
        if (label.data[i] < '0' || label.data[i] > '9') return false;
    }
    return true;
}

static const char *judge_name(struct bytes host)
{
    struct bytes rest = host;
    struct bytes label = BYTES("");
    size_t length = 0;
    while (bytes_next_part(&rest, '.', &label)) {
        if (!is_label(label)) return name_words;
        length += label.length + 1;
    }
    if (length != host.length + 1 || host.length > MAX_NAME) return name_words;
    return is_number(label) ? judge_v4(host) : NULL;
}

static const char *read_port(struct bytes text, uint16_t *port)
{
    int64_t number;
    if (text.length > 5 || !number_parse(text, &number) || number < 1 || number > UINT16_MAX) return "the port is a number from 1 to 65535";
    *port = (uint16_t)number;
    return NULL;
}

/* Cuts a bracketed or plain host off the front; `rest` is what follows it. False: no closing bracket. */
static bool cut_host(struct bytes text, struct bytes *host, struct bytes *rest)
{
    bool bracketed = text.length > 0 && text.data[0] == '[';
    size_t end = bytes_find(text, bracketed ? ']' : ':');
    if (bracketed && end == text.length) return false;
    *host = bracketed ? bytes_slice(text, 1, end - 1) : bytes_slice(text, 0, end);
    *rest = bytes_from(text, bracketed ? end + 1 : end);
    return true;
}

const char *authority_read(struct bytes text, struct authority *authority)
{
    struct bytes rest;
    *authority = (struct authority){0};
    if (text.length > AUTHORITY_MAX_LENGTH || !cut_host(text, &authority->host, &rest)) return name_words;
    const char *broken = text.length > 0 && text.data[0] == '[' ? judge_v6(authority->host) : judge_name(authority->host);
    if (broken != NULL || rest.length == 0) return broken;
    if (rest.data[0] != ':') return name_words;
    return read_port(bytes_from(rest, 1), &authority->port);
}
