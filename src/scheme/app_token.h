/* Issuing what scheme app-token reads. */
#ifndef COUNTERSIGN_SCHEME_APP_TOKEN_H
#define COUNTERSIGN_SCHEME_APP_TOKEN_H

#include "scheme/scheme.h"

enum app_token_kind { APP_TOKEN_ACCESS, APP_TOKEN_REFRESH };

/* How long each lasts unless the operator says otherwise, seconds (huawei.md 4.2), and the most that he may say. */
#define APP_TOKEN_LIFETIME         3600
#define APP_TOKEN_REFRESH_LIFETIME 7200
#define APP_TOKEN_MOST             72000
#define APP_TOKEN_LIFETIME_TEXT    "3600"

/* Behind "Authorization: Bearer ", with its lifetime in seconds as decimal digits, borrowed. */
struct place app_token_place(enum app_token_kind kind, struct bytes lifetime);

/* A token for signing->key_id and secret, issued at signing->now, without "Bearer"; in the arena. False: key or secret cannot stand in
 * one, or the arena is full. */
bool app_token_write(const struct signing *signing, enum app_token_kind kind, struct arena *arena, struct bytes *token);

#endif
