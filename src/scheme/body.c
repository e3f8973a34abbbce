/* What is known of a body. */
#include "scheme/scheme.h"

/* Digests of nothing, as constants: most requests have no body, and none of them should pay for hashing it. */
static const struct body_facts empty_body = {
    .sha256 = {.data = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                        0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55},
               .length = 32},
    .md5 = {.data = {0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04, 0xe9, 0x80, 0x09, 0x98, 0xec, 0xf8, 0x42, 0x7e}, .length = 16},
};

struct body_facts body_empty(void)
{
    return empty_body;
}

const struct body_facts *body_nothing(void)
{
    return &empty_body;
}

struct body_facts body_facts_of(struct bytes body)
{
    return (struct body_facts){
        .length = body.length,
        .sha256 = digest_of(DIGEST_SHA256, body),
        .md5 = digest_of(DIGEST_MD5, body),
        .form = body,
    };
}
