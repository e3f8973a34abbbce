/* What Prometheus reads: the gateway's counters of this node (feedback/), and how the daemon is. */
#ifndef COUNTERSIGN_CONTROL_METRICS_H
#define COUNTERSIGN_CONTROL_METRICS_H

#include "base/buffer.h"
#include "control/daemon.h"

/* The text format, version 0.0.4. False: no memory, or `out` overflowed. */
bool metrics_write(const struct daemon *daemon, int64_t now, struct buffer *out);

#endif
