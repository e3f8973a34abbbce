#include "mapped/heartbeat.h"

#define KIND   4
#define FORMAT 1
#define SIZE   4096

const struct mapped_form heartbeat_form = {.name = "heartbeat.map", .kind = KIND, .format = FORMAT, .least = SIZE, .most = SIZE};

void heartbeat_write(struct mapped *mapped, int64_t store_seen)
{
    __atomic_store_n((int64_t *)(void *)mapped->memory, store_seen, __ATOMIC_RELAXED);
}

int64_t heartbeat_read(const struct mapped *mapped)
{
    return __atomic_load_n((const int64_t *)(const void *)mapped->memory, __ATOMIC_RELAXED);
}
