/* What the files of the library share. Memory of a call comes from an arena; when it ran out, `failed` says so once, at the end. */
#ifndef COUNTERSIGN_INTERNAL_H
#define COUNTERSIGN_INTERNAL_H

#include "../countersign.h"

#include <openssl/evp.h>

typedef struct cs_span {
    const char *data;
    size_t size;
} cs_span;

/* --- memory.c */

typedef struct cs_arena {
    struct cs_block *first;
    bool failed;
} cs_arena;

/* NULL when there is no memory. The contents are zero. */
void *cs_take(cs_arena *arena, size_t count, size_t size);
void cs_arena_free(cs_arena *arena);

typedef struct cs_text {
    cs_arena *arena;
    char *data;
    size_t size, capacity;
} cs_text;

void cs_add(cs_text *text, cs_span more);
void cs_add_string(cs_text *text, const char *more);
void cs_add_hex(cs_text *text, const unsigned char *data, size_t size);
void cs_add_base64(cs_text *text, const unsigned char *data, size_t size);
/* The text, with a zero byte behind it; "" when there was no memory. */
cs_span cs_done(cs_text *text);
const char *cs_copy(cs_arena *arena, cs_span span);

/* --- spans.c */

cs_span cs_string(const char *text);
cs_span cs_part(cs_span span, size_t begin, size_t end);
cs_span cs_trim(cs_span span);
/* Cuts off `rest` what stands before `separator` (all, if there is none) and returns it; false at the end. Begin with `*more` true. */
bool cs_next(cs_span *rest, char separator, cs_span *item, bool *more);
size_t cs_find(cs_span span, char wanted);
bool cs_equal(cs_span a, cs_span b);
bool cs_equal_folded(cs_span a, cs_span b);
bool cs_is(cs_span a, const char *b);
bool cs_is_folded(cs_span a, const char *b);
int cs_compare(cs_span a, cs_span b);
cs_span cs_lower(cs_arena *arena, cs_span span);
bool cs_is_hex(cs_span span);
bool cs_is_digits(cs_span span);
bool cs_is_token(cs_span span);
int64_t cs_number(cs_span digits);
/* In constant time for its size. */
bool cs_equal_secret(cs_span a, cs_span b);

/* Fills in the error; always false. */
bool cs_refuse(countersign_error *error, countersign_code code, const char *detail);
bool cs_malformed(countersign_error *error, const char *detail);
bool cs_fault(countersign_error *error);

/* --- request.c */

typedef struct cs_pair {
    cs_span name, value;
} cs_pair;

typedef struct cs_pairs {
    cs_pair *items;
    size_t count;
} cs_pairs;

typedef struct cs_names {
    cs_span *items;
    size_t count;
} cs_names;

typedef struct cs_request {
    cs_arena *arena;
    cs_span method, path, query, body;
    cs_pairs headers; /* values without blanks around them; room for a few more */
} cs_request;

#define CS_MORE_HEADERS 8

cs_request cs_request_read(cs_arena *arena, const countersign_request *given);
size_t cs_header_count(const cs_request *request, const char *name);
/* The first of that name, "" without one. */
cs_span cs_header(const cs_request *request, const char *name);
bool cs_has(const cs_request *request, const char *name);
size_t cs_header_count_of(const cs_request *request, cs_span name);
cs_span cs_header_of(const cs_request *request, cs_span name);
void cs_request_add(cs_request *request, cs_span name, cs_span value);
bool cs_is_form(const cs_request *request);
bool cs_names_hold(const cs_names *names, const char *name);
/* Sorts, as bytes. */
void cs_names_sort(cs_names *names);

/* --- texts.c: what is signed */

#define CS_PAYLOAD  "x-sdk-content-sha256"
#define CS_UNSIGNED "UNSIGNED-PAYLOAD"

bool cs_sdk_canonical(const cs_request *request, const cs_names *names, cs_span *text, countersign_error *error);
bool cs_sdk_text(const char *algorithm, const cs_request *request, cs_span canonical, cs_span *text);
bool cs_bce_text(const cs_request *request, const cs_names *names, cs_span *text, countersign_error *error);
bool cs_aliyun_text(const cs_request *request, const cs_names *spelled, cs_span *text, countersign_error *error);
bool cs_ca_text(const cs_request *request, const cs_names *names, cs_span *text, countersign_error *error);
bool cs_aliyun_covers_body(const cs_request *request);
/* Digests as text; empty when libcrypto failed. */
cs_span cs_hex_sha256(cs_arena *arena, cs_span data);
cs_span cs_content_md5(cs_arena *arena, cs_span data);

/* --- keys.c */

typedef enum cs_type { CS_HMAC, CS_BASIC, CS_AES, CS_PUBLIC_KEY, CS_BCE, CS_ALIYUN } cs_type;
typedef enum cs_algorithm { CS_NONE, CS_SDK_HMAC, CS_SDK_AES_128, CS_SDK_AES_256, CS_SDK_RSA, CS_SDK_ECDSA } cs_algorithm;

typedef struct cs_proof {
    cs_type type;
    cs_algorithm algorithm;
    cs_span key_id, signature, prefix;
    cs_names names, spelled; /* the signed headers in lower case, and as the list spells them */
    int64_t date;            /* Unix milliseconds */
    int64_t lifetime;        /* seconds, 0: none */
    bool dated;
} cs_proof;

struct countersign_key {
    cs_type type;
    cs_algorithm algorithm;
    char *id, *secret;
    unsigned char vector[16];
    EVP_PKEY *public_key;
    bool ends;
    int64_t not_after;
};

const char *cs_type_name(cs_type type);
const char *cs_algorithm_name(cs_algorithm algorithm);
/* Is the proof's signature this key's over the text? False with an error is a refusal; `*fits` is only set when it is true. */
bool cs_key_proves(const countersign_key *key, cs_span text, const cs_proof *proof, bool *fits, cs_arena *arena, countersign_error *error);
bool cs_mac(cs_span secret, cs_span text, unsigned char mac[32]);
/* Hex, or base64; empty when libcrypto failed. */
cs_span cs_hex_mac(cs_arena *arena, cs_span secret, cs_span text);
cs_span cs_base64_mac(cs_arena *arena, cs_span secret, cs_span text);

/* --- proofs.c: what a request claims */

bool cs_read_authorization(cs_arena *arena, cs_span value, unsigned types, cs_proof *proof, countersign_error *error);
bool cs_read_bce(cs_arena *arena, cs_span value, cs_proof *proof, countersign_error *error);
bool cs_read_aliyun(const cs_request *request, cs_span value, cs_proof *proof, countersign_error *error);
/* What a signed header says of the time, and of the body. */
bool cs_read_signed(const cs_request *request, cs_proof *proof, countersign_error *error);
/* Canonical base64 alone. */
bool cs_base64_decode(cs_arena *arena, cs_span text, cs_span *data);

/* --- verifier.c */

int64_t cs_system_clock(void);

#endif
