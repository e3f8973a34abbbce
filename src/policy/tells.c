#include "policy/tells.h"

struct reserved_name {
    const char *name; /* lower case, '-' for every separator */
    bool prefix;      /* every name that begins so */
};

/* Names by which a backend may take a caller's word for the gateway's. */
static const struct reserved_name reserved_names[] = {
    {"x-countersign", true},        {"x-mse-consumer", true},      {"x-request-id", false},
    {"x-ca-proxy-signature", true}, {"x-bce-gateway-auth", false}, {"proxy-connection", false},
};

/* CGI-like backends read X_Mse_Consumer and X.Mse.Consumer as the same variable. */
static uint8_t spelled(uint8_t byte)
{
    return byte == '_' || byte == '.' ? '-' : byte_to_lower(byte);
}

static bool name_matches(struct bytes header_name, const struct reserved_name *reserved)
{
    size_t i = 0;
    for (; reserved->name[i] != '\0'; i++)
        if (i == header_name.length || spelled(header_name.data[i]) != (uint8_t)reserved->name[i]) return false;
    return reserved->prefix || i == header_name.length;
}

/* The third byte tells nearly all of them apart, and from most other names. */
bool tells_reserve(struct bytes header_name)
{
    if (header_name.length < 3) return false;
    uint8_t third = spelled(header_name.data[2]);
    for (size_t i = 0; i < sizeof reserved_names / sizeof reserved_names[0]; i++)
        if (third == (uint8_t)reserved_names[i].name[2] && name_matches(header_name, &reserved_names[i])) return true;
    return false;
}
