/* What is known of a body. */
#ifndef COUNTERSIGN_SCHEME_BODY_H
#define COUNTERSIGN_SCHEME_BODY_H

#include "crypto/digest.h"

/* What a scheme needs of the body, as bits. */
enum body_need {
    BODY_UNUSED = 0,
    BODY_SHA256 = 1,
    BODY_MD5 = 2,
    BODY_SM3 = 8,
    BODY_FORM = 4 /* the raw bytes: form fields are part of what is signed */
};

/* What is known of a body once it has been read whole. Start from body_empty(). */
struct body_facts {
    uint64_t length;
    struct digest_value sha256; /* when BODY_SHA256 was asked for */
    struct digest_value md5;    /* when BODY_MD5 was asked for */
    struct digest_value sm3;    /* when BODY_SM3 was asked for */
    struct bytes form;          /* when BODY_FORM was asked for */
};
struct body_facts body_empty(void);
/* The same, shared by all. */
const struct body_facts *body_nothing(void);
/* All facts of a body that is in memory. */
struct body_facts body_facts_of(struct bytes body);

#endif
