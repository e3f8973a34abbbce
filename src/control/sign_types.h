/* The types of signature keys: what key and secret of each must look like (huawei.md 3.1, baidu.md 2.3, alibaba.md 4.4), and making them.
 */
#ifndef COUNTERSIGN_CONTROL_SIGN_TYPES_H
#define COUNTERSIGN_CONTROL_SIGN_TYPES_H

#include "control/call.h"
#include "control/sign_pair.h"

struct sign_type;

extern const char *const sign_type_names[];      /* NULL-terminated, as "sign_type" may have them */
extern const char *const sign_type_algorithms[]; /* as "sign_algorithm" */

/* The type of these words, where it is offered. NULL: refused (no algorithm with aes, one with another type, public_key switched off) or a
 * fault. */
const struct sign_type *sign_type_of(struct call *call, struct bytes name, struct bytes algorithm);
/* Fills what is empty in the pair: drawn, or derived where one half gives the other. Text in the arena. False: refused or a fault. */
bool sign_type_complete(struct call *call, const struct sign_type *type, struct sign_pair *pair);
/* Do both follow the type's rules, and belong together? False: refused, naming the field and its rule. */
bool sign_type_check(struct call *call, const struct sign_type *type, const struct sign_pair *pair);
/* What the next key is called when nobody says: keys that are names stay, keys that are keys are made anew. */
bool sign_type_keeps_name(const struct sign_type *type);

#endif
