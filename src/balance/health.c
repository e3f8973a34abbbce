#include "balance/balance.h"

bool balance_is_down(struct balance_health *health, const struct balance_rule *rule, uint64_t now)
{
    if (rule->max_fails == 0 || health->fails < rule->max_fails) return false;
    if (now - health->failed_at <= rule->fail_timeout) return true;
    health->failed_at = now; /* the others wait for what becomes of this one */
    return false;
}

void balance_failed(struct balance_health *health, const struct balance_rule *rule, uint64_t now)
{
    if (now - health->failed_at > rule->fail_timeout) health->fails = 0;
    health->fails++;
    health->failed_at = now;
}

void balance_worked(struct balance_health *health)
{
    health->fails = 0;
}
