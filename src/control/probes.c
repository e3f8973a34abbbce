/* For the machines that watch this one: is the daemon there, is it ready, and the numbers. Anybody may ask the first two, who answer with a
 * word; the numbers are for this machine alone. nginx names the asker in X-Forwarded-For, who asks the socket itself has none. */
#include "control/effect.h"
#include "control/metrics.h"
#include "control/publisher.h"
#include "control/resources.h"

#define METRICS_TYPE  "text/plain; version=0.0.4; charset=utf-8"
#define CONTACT_LIMIT 30 /* seconds without a word from the store: not ready */

static bool answer_text(struct call *call, unsigned status, struct bytes text, const char *type)
{
    call->answer_text = text;
    call->answer_type = type;
    call->status = status;
    return true;
}

static bool is_of_this_machine(const struct call *call)
{
    return call->source.length == 0 || bytes_equal(call->source, BYTES("127.0.0.1")) || bytes_equal(call->source, BYTES("::1")) ||
           bytes_equal(call->source, BYTES("unix:"));
}

static bool health(struct call *call)
{
    return answer_text(call, 200, BYTES("ok\n"), "text/plain");
}

static const char *why_not_ready(const struct call *call)
{
    struct publisher_status status;
    if (call->daemon->effect == NULL) return "no publisher\n";
    effect_status(call->daemon, &status);
    if (status.store_seen + CONTACT_LIMIT < call->now) return "no contact with the store\n";
    if (status.problem_since > 0) return "publishing fails\n";
    return status.edge_revision == 0 ? "no edge yet\n" : NULL;
}

static bool ready(struct call *call)
{
    const char *why = why_not_ready(call);
    return answer_text(call, why == NULL ? 200 : 503, why == NULL ? BYTES("ready\n") : bytes_of_text(why), "text/plain");
}

static bool metrics(struct call *call)
{
    size_t length;
    if (!is_of_this_machine(call)) return call_refuse(call, ERROR_ROUTE_UNKNOWN, BYTES(""));
    call->answer_memory = metrics_text(call->daemon, call->now, &length);
    if (call->answer_memory == NULL) return call_fault(call, "no memory for the metrics");
    return answer_text(call, 200, bytes_of(call->answer_memory, length), METRICS_TYPE);
}

static const struct route routes[] = {
    {"GET", "/healthz", "show_health", RIGHT_ANYONE, NULL, FILL_PRESETS, health, .text = "text/plain"},
    {"GET", "/readyz", "show_readiness", RIGHT_ANYONE, NULL, FILL_PRESETS, ready, .text = "text/plain"},
    {"GET", "/metrics", "show_metrics", RIGHT_ANYONE, NULL, FILL_PRESETS, metrics, .text = "text/plain"},
};
const struct routes routes_probes = ROUTES_OF(routes);
