/* Which of a backend's addresses a request is sent to. No clock and no memory of its own: turn, time and what was seen come in. Health is
 * passive, and decides who is asked first, not whether anybody is. */
#ifndef COUNTERSIGN_BALANCE_BALANCE_H
#define COUNTERSIGN_BALANCE_BALANCE_H

#include "edge/edge.h"

/* Where request number `turn` begins: at each address in turn, or in shares as the weights say. 0 when there is no address. */
size_t balance_first(const struct edge_addresses *addresses, size_t turn);

/* One request's way over the addresses. */
struct balance_round {
    size_t next;    /* index of the one to look at next; balance_first to begin with */
    unsigned tried; /* a bit for each that was */
};
typedef bool (*balance_is_up)(void *context, size_t index);
/* The next address of `count` (not 0) that was not tried and is up, else the next that was not tried; when all were, from the start again.
 * Who is alone is not asked whether it is up. */
size_t balance_next(struct balance_round *round, size_t count, balance_is_up is_up, void *context);
/* How many of `count` were not tried. */
size_t balance_untried(const struct balance_round *round, size_t count);

/* What was seen of one address. Times in milliseconds of one clock that does not go back. */
struct balance_health {
    uint64_t fails; /* in a row */
    uint64_t failed_at;
};
struct balance_rule {
    uint64_t max_fails;    /* so many in a row, fail_timeout apart at most, take an address out; 0: nothing does */
    uint64_t fail_timeout; /* … for so long; then one request a fail_timeout tries it */
};
/* False also for the one request that is to try: to be asked by who goes there then. */
bool balance_is_down(struct balance_health *health, const struct balance_rule *rule, uint64_t now);
void balance_failed(struct balance_health *health, const struct balance_rule *rule, uint64_t now);
void balance_worked(struct balance_health *health);

#endif
