/* What Prometheus reads: the gateway's counters of this node (feedback/), and how the daemon is. */
#ifndef COUNTERSIGN_CONTROL_METRICS_H
#define COUNTERSIGN_CONTROL_METRICS_H

#include "control/daemon.h"

/* The text format, version 0.0.4, in memory for the caller to free. NULL: there is none. */
char *metrics_text(const struct daemon *daemon, int64_t now, size_t *length);

#endif
