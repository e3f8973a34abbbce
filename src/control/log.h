/* Log lines: one JSON object per line on standard error. Never a secret, a signature or a body. */
#ifndef COUNTERSIGN_CONTROL_LOG_H
#define COUNTERSIGN_CONTROL_LOG_H

#include "base/bytes.h"

enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_item {
    const char *name;
    struct bytes text;
};

/* {"time":…,"level":…,"event":…,<items>}. A line that is too long is cut at an item. Safe to call from any thread. */
void log_event(enum log_level level, const char *event, const struct log_item *items, size_t count);
/* The same with one item, "problem". */
void log_problem(enum log_level level, const char *event, const char *problem);

struct call;
/* What went wrong inside a call, with its request id and route. */
void log_call(const struct call *call, enum log_level level, const char *problem);
/* The line of an answered call: who, what, status, code. */
void log_answer(const struct call *call);

#endif
