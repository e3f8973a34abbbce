/* The parts of admission that look at a proof alone; also used for countersignatures. Nobody outside admit/ includes this. */
#ifndef COUNTERSIGN_ADMIT_PROOF_H
#define COUNTERSIGN_ADMIT_PROOF_H

#include "credential/credential.h"
#include "scheme/scheme.h"

/* The one place of the plan where this request carries a proof. REFUSAL_PROOF_MISSING: none; REFUSAL_PROOF_AMBIGUOUS: several, or one
 * twice. */
enum refusal proof_find(const struct http_request *request, const struct proof_plan *plan, const struct place **place);

/* Is the time that the proof carries signed, and not more than ADMIT_CLOCK_SKEW away from `now`? */
enum refusal proof_check_time(const struct claim *claim, const struct admission_rules *rules, int64_t now);

/* Is the claimed signature one that a live secret gives over one of the forms of the text? If not, *canonical is the text of candidate 0.
 */
enum refusal proof_check_mac(const struct scheme_input *input, const struct credential *credential, int64_t now, struct bytes *canonical);

#endif
