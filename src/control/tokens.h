/* What a user gets for a proof and shows later instead of it: tokens (huawei.md 5), sessions of the console, and the security token beside
 * a temporary access key. Only the keyed hash is kept. All of them die with their end, and with the user's stamp (store/schema_iam.h). */
#ifndef COUNTERSIGN_CONTROL_TOKENS_H
#define COUNTERSIGN_CONTROL_TOKENS_H

#include "control/call.h"
#include "store/schema.h"

enum token_kind { TOKEN_OF_USER = 1, TOKEN_OF_SESSION = 2, TOKEN_OF_KEY = 3 };

struct token_order {
    enum token_kind kind;
    struct bytes id; /* of the row; empty: a new one */
    struct bytes project_id;
    struct bytes domain_id;
    struct bytes methods; /* "password", "password,totp": by what the user proved himself */
    int64_t seconds;      /* its life */
};
/* Issues one to the user of this row, in the call's write session, with audit; some that have ended are removed. `text`: in clear, in the
 * arena; to be shown once. */
bool token_issue(struct call *call, const struct token_order *order, const struct value *user, struct bytes *text, struct value *row);
/* Ends one, with audit. */
bool token_revoke(struct call *call, const struct value *row);
/* Ends all of a user. */
bool tokens_revoke_of(struct call *call, struct bytes user_id);

enum token_finding { TOKEN_GOOD, TOKEN_NOT_FOUND, TOKEN_ENDED, TOKEN_STALE, TOKEN_FAULT };
/* A token and its user (who is enabled); bytes in the call's arena. */
struct token_found {
    struct value row[TOKEN_COLUMNS];
    struct value user[USER_COLUMNS];
};
enum token_finding token_find(struct call *call, struct session *session, enum token_kind kind, struct bytes text,
                              struct token_found *found);
/* Keeps the call to the token's project, or to none when it is of the domain. */
void token_limit(struct call *call, const struct value *row);
/* Is this the security token of that temporary key, and has nothing happened to the user since? Then the call has its scope. */
enum token_finding token_of_key(struct call *call, struct session *session, struct bytes credential_id, struct bytes text);

/* The keyed hash of a text as which it is kept, behind a prefix that keeps kinds apart: 64 hex digits in the arena; empty: no memory. */
struct bytes token_hash(struct call *call, const char *prefix, struct bytes text);
/* A secret that follows from a token and says nothing about it (the CSRF token of a session): 64 hex digits in the arena. */
struct bytes token_companion(struct call *call, struct bytes text);

#endif
