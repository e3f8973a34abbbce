#include "control/effect.h"

#include "control/files.h"
#include "control/options.h"
#include "control/publisher.h"

#include <stdio.h>
#include <stdlib.h>

struct effect {
    struct publisher *publisher;
};

bool effect_start(struct daemon *daemon, const struct options *options, char problem[static 256])
{
    char keys[4096], edge[4096];
    struct effect *effect = calloc(1, sizeof *effect);
    snprintf(problem, 256, "no memory, or the data directory's name is too long");
    if (effect == NULL || !path_join(keys, sizeof keys, daemon->data, "keys") || !path_join(edge, sizeof edge, daemon->data, "edge")) {
        free(effect);
        return false;
    }
    const struct publisher_options publishing = {daemon->store,         daemon->keys,      keys, edge, options->group,
                                                 options->name_servers, options->edge_size};
    effect->publisher = publisher_start(&publishing, problem);
    if (effect->publisher == NULL) {
        free(effect);
        return false;
    }
    daemon->effect = effect;
    return true;
}

void effect_stop(struct daemon *daemon)
{
    if (daemon->effect == NULL) return;
    publisher_stop(daemon->effect->publisher);
    free(daemon->effect);
    daemon->effect = NULL;
}

bool effect_wait(const struct daemon *daemon, uint64_t revision)
{
    return daemon->effect == NULL || publisher_wait(daemon->effect->publisher, revision, EFFECT_WAIT_MS) == PUBLISHER_DONE;
}

struct edge_reader *effect_reader(const struct daemon *daemon, char problem[static 256])
{
    snprintf(problem, 256, "there is no edge here");
    return daemon->effect == NULL ? NULL : publisher_reader(daemon->effect->publisher, problem);
}

void effect_status(const struct daemon *daemon, struct publisher_status *status)
{
    publisher_status(daemon->effect->publisher, status);
}
