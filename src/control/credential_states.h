/* What all credentials have: on or off, from when and until when, and how they came to be. */
#ifndef COUNTERSIGN_CONTROL_CREDENTIAL_STATES_H
#define COUNTERSIGN_CONTROL_CREDENTIAL_STATES_H

#include "control/resource.h"
#include "store/schema.h"

#define OVERLAP_MOST (30 * 24 * 3600)

extern const char *const generate_modes[]; /* SYSTEM, CUSTOM */

/* enabled, start_time, end_time. */
extern const struct fields credential_state_fields;

/* A PUT states all three: what it leaves out is enabled, without start, without end. The revision is this write's then. */
bool credential_lay_state(struct call *call, struct value *row);
/* generate_mode, start_time and end_time into an answer. */
bool credential_put_state(const struct value *row, json_t *answer);

/* "last_used" into an answer that has its "id": when a request was admitted with it last, to the minute (docs/operate/feedback.md); null:
 * never. It asks the session. */
bool credential_put_last_use(struct call *call, json_t *item);
/* resource_json without secrets, and with that. NULL: a fault. */
json_t *credential_json(struct call *call, const struct resource *resource, const struct value *row);
/* Answers it. */
bool credential_answer(struct call *call, const struct resource *resource, const struct value *row, unsigned status);

/* What a body gives: the text of its member `name`, unless generate_mode is SYSTEM, where `length` characters are drawn. Empty: refused
 * (`field` names the member in words) or a fault. */
struct wanted_text {
    const json_t *wanted;
    const char *name;
    const char *field;
    size_t length;
};
struct bytes credential_draw_or_take(struct call *call, const struct wanted_text *text);

#endif
