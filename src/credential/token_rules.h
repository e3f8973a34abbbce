/* What a JSON Web Token (RFC 7519) has to be: of a consumer's credential, or of the JWT policy of an API. */
#ifndef COUNTERSIGN_CREDENTIAL_TOKEN_RULES_H
#define COUNTERSIGN_CREDENTIAL_TOKEN_RULES_H

#include "base/buffer.h"

#define TOKEN_MOST_LEEWAY 300 /* seconds; no rules have more */

struct token_rules {
    struct bytes key_set;   /* the name under which its keys (JWKS, RFC 7517, 5) are kept */
    struct bytes claim;     /* path of the claim that names the consumer; empty with an API's policy, whose tokens name nobody */
    struct bytes issuer;    /* what `iss` must be; empty: anything */
    struct bytes audiences; /* token_text …: one of them must be in `aud`; empty: anything */
    struct bytes tells;     /* token_tell …: claims that the backend is told */
    uint32_t leeway;        /* seconds by which clocks may differ */
    bool ignore_expiry;     /* `exp` decides nothing */
    bool accept_undated;    /* a token without `exp` is admitted */
    bool single_use;        /* `jti` is demanded, and each counts once */
    bool pass_through;      /* the backend may see the token */
    bool remote;            /* its keys come from elsewhere and change without these rules */
};

/* As credentials and publications carry them, in one run of bytes. Reading borrows from it; false: not written by token_rules_write. */
void token_rules_write(struct buffer *out, const struct token_rules *rules);
bool token_rules_read(struct bytes run, struct token_rules *rules);

enum token_tell_location { TOKEN_TELL_HEADER = 1, TOKEN_TELL_QUERY = 2 };
#define TOKEN_MAX_TELLS 16

/* A claim that goes to the backend. */
struct token_tell {
    enum token_tell_location location;
    struct bytes claim; /* path */
    struct bytes name;  /* of the header or query parameter */
};

/* Lists stand in one run of bytes, as they do in records; begin with *rest = the list. False at the end, and for what was not written by
 * the functions below. */
bool token_text_next(struct bytes *rest, struct bytes *text);
bool token_tell_next(struct bytes *rest, struct token_tell *tell);
void token_text_add(struct buffer *out, struct bytes text);
void token_tell_add(struct buffer *out, const struct token_tell *tell);
/* The list is as these functions write it, and of tells there are at most TOKEN_MAX_TELLS. */
bool token_texts_are_sound(struct bytes texts);
bool token_tells_are_sound(struct bytes tells);

#endif
