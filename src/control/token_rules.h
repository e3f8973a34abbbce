/* What an operator demands of tokens, from the words of the API to those of the gateway. A credential keeps it as the JSON that was
 * checked. */
#ifndef COUNTERSIGN_CONTROL_TOKEN_RULES_H
#define COUNTERSIGN_CONTROL_TOKEN_RULES_H

#include "credential/token_rules.h"
#include "policy/publication.h"
#include "store/schema.h"

#include <jansson.h>

/* The stored rules of a token credential; NULL: damaged. The caller owns them. */
json_t *token_rules_of_row(const struct value *row);
/* Fills what stands in the rules, but for the key set of a local one; text lies in the arena. False: the arena is full, or the rules are
 * not ours. */
bool token_rules_compile(struct arena *arena, const json_t *rules, struct token_rules *compiled);

/* The name of the key set of a URL, in store and edge: "url-" and 32 hex digits. */
struct bytes token_remote_name(struct arena *arena, struct bytes url);

/* Where the tokens of a credential stand, in which header they are passed through, and which headers its claims fill. */
#define TOKEN_MAX_SPOTS (2 + TOKEN_MAX_TELLS)
struct token_spot {
    int64_t location; /* enum place_location, or PLACE_USE_TOLD, PLACE_USE_PASSED */
    struct bytes name;
    struct bytes prefix;
    struct bytes claim;
};
/* 0: the rules are damaged. */
size_t token_spots(struct arena *arena, const struct value *row, struct token_spot spots[static TOKEN_MAX_SPOTS]);

#endif
