/* Between the files of the scheme aliyun-ca (alibaba.md 1); nobody else includes this. */
#ifndef COUNTERSIGN_SCHEME_ALIYUN_CA_H
#define COUNTERSIGN_SCHEME_ALIYUN_CA_H

#include "scheme/pairs.h"
#include "scheme/scheme.h"

#define ALIYUN_CA_MAX_NAMES 64

/* The header fields with a part of their own in this scheme. */
enum aliyun_ca_slot {
    SLOT_KEY,
    SLOT_SIGNATURE,
    SLOT_NAMES,
    SLOT_METHOD,
    SLOT_TIMESTAMP,
    SLOT_NONCE,
    SLOT_SIGNED_TYPE,
    SLOT_ACCEPT,
    SLOT_CONTENT_MD5,
    SLOT_CONTENT_TYPE,
    SLOT_DATE,
    SLOT_COUNT
};

/* claim.reading of this scheme. */
struct aliyun_ca_reading {
    const struct http_field *slots[SLOT_COUNT]; /* NULL: not there */
    struct pairs lines;                         /* declared names as they are spelled, with their values; sorted by name */
    bool mixed_case;                            /* a declared name has an upper-case letter */
    bool fixed_declared;                        /* a name that has a place of its own in the text is declared as well */
    bool nonce_signed;                          /* there is a nonce, and whoever captured the request cannot change it */
    bool form;                                  /* the real Content-Type is a form: its fields are signed */
};

/* The name of a slot, as in the documentation. */
struct bytes aliyun_ca_slot_name(enum aliyun_ca_slot slot);
/* The value of a slot; empty when it is not there. */
struct bytes aliyun_ca_slot_value(const struct aliyun_ca_reading *reading, enum aliyun_ca_slot slot);
/* Names that never stand among the header lines, by the documentation (alibaba.md 1.1). */
bool aliyun_ca_name_is_fixed(struct bytes name);

enum refusal aliyun_ca_collect(const struct http_request *request, struct arena *arena, struct claim *claim,
                               struct aliyun_ca_reading *reading);
enum refusal aliyun_ca_read(const struct http_request *request, struct arena *arena, struct claim *claim);
bool aliyun_ca_canonical(const struct scheme_input *input, unsigned candidate, struct buffer *out);
void aliyun_ca_signature(const struct claim *claim, const struct hmac_secret *secret, struct bytes canonical, struct buffer *out);
enum refusal aliyun_ca_check_body(const struct scheme_input *input, const struct admission_rules *rules);

#endif
