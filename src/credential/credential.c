#include "credential/credential.h"

/* What an operator did on purpose comes before what the calendar did, so that the log names the cause that can be undone. */
enum credential_standing credential_standing_at(const struct credential *credential, int64_t now)
{
    if (!credential->enabled) return CREDENTIAL_DISABLED;
    if (credential->flaw == CREDENTIAL_FLAW_STALE) return CREDENTIAL_STALE;
    if (!credential->principal.enabled) return CREDENTIAL_PRINCIPAL_DISABLED;
    if (credential->flaw == CREDENTIAL_FLAW_UNACCOMPANIED) return CREDENTIAL_UNACCOMPANIED;
    if (credential->not_before != 0 && now < credential->not_before) return CREDENTIAL_NOT_YET_VALID;
    if (credential->not_after != 0 && now > credential->not_after) return CREDENTIAL_EXPIRED;
    return CREDENTIAL_USABLE;
}

/* An empty secret is never live: anybody can compute a MAC under it. */
bool credential_secret_is_live(const struct credential_secret *secret, int64_t now)
{
    if (secret->value.length == 0) return false;
    return secret->until == 0 || now <= secret->until;
}

const char *principal_kind_name(enum principal_kind kind)
{
    switch (kind) {
    case PRINCIPAL_NONE:
        return "none";
    case PRINCIPAL_APP:
        return "app";
    case PRINCIPAL_CONSUMER:
        return "consumer";
    case PRINCIPAL_USER:
        return "user";
    }
    return "none";
}
