/* What an API demands of a caller's parameters: that they are there, and what their values may be (huawei.md 4.5, req_params). Kept as a
 * text of rules; an API that demands nothing has none. */
#ifndef COUNTERSIGN_POLICY_PARAMETER_H
#define COUNTERSIGN_POLICY_PARAMETER_H

#include "base/buffer.h"

#define PARAMETERS_MOST    50 /* huawei.md 4.1, quotas */
#define PARAMETER_MAX_NAME 64

/* Stored in the edge: never renumber. */
enum parameter_place { PARAMETER_IN_PATH = 1, PARAMETER_IN_QUERY = 2, PARAMETER_IN_HEADER = 3 };

struct parameter_rule {
    enum parameter_place place;
    struct bytes name;
    bool required;
    bool checked;   /* the value is looked at: the members below count */
    bool number;    /* decimal, without exponent; the bounds are of its value, else of its length in characters */
    bool has_least; /* `least` counts */
    bool has_most;  /* `most` counts */
    int64_t least;
    int64_t most;
    struct bytes choices; /* separated by commas; empty: any value */
};

/* Adds a rule; out overflows when a text is longer than 65535. */
void parameter_add(struct buffer *out, const struct parameter_rule *rule);
/* Steps through the rules; false at the end, and at what is none. Start with *rest = the text. */
bool parameter_next(struct bytes *rest, struct parameter_rule *rule);
/* Is a text nothing but sound rules, at most PARAMETERS_MOST? */
bool parameters_are_sound(struct bytes text);
/* May a parameter have this value, decoded? Asked of a rule that is `checked`. */
bool parameter_admits(const struct parameter_rule *rule, struct bytes value);

#endif
