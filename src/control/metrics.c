#include "control/metrics.h"

#include "control/effect.h"
#include "control/publisher.h"
#include "control/traffic.h"
#include "credential/credential.h"
#include "scheme/scheme.h"

#include <stdio.h>
#include <stdlib.h>

#define PLACES    (FEEDBACK_WORKERS * FEEDBACK_SERIES)
#define LINE_SIZE 320  /* at most, of one series */
#define NODE_SIZE 8192 /* at most, of all that is not by API */

struct gathered {
    struct feedback_series *items;
    size_t count;
};

static void gather(void *context, size_t place, const struct feedback_series *series)
{
    struct gathered *gathered = context;
    (void)place;
    gathered->items[gathered->count++] = *series;
}

/* By instance, API and the rest, in the order in which a key lies in memory. */
static int compare(const void *a, const void *b)
{
    const struct feedback_series *one = a, *other = b;
    return bytes_compare(bytes_of(&one->key, sizeof one->key), bytes_of(&other->key, sizeof other->key));
}

static void add_counts(struct feedback_counts *sum, const struct feedback_counts *more)
{
    sum->count += more->count;
    sum->milliseconds += more->milliseconds;
    for (size_t i = 0; i < FEEDBACK_BUCKETS; i++) sum->buckets[i] += more->buckets[i];
}

/* Parts of several workers become one series. */
static void merge(struct gathered *gathered)
{
    size_t kept = 0;
    qsort(gathered->items, gathered->count, sizeof *gathered->items, compare);
    for (size_t i = 0; i < gathered->count; i++) {
        if (kept > 0 && compare(&gathered->items[kept - 1], &gathered->items[i]) == 0)
            add_counts(&gathered->items[kept - 1].counts, &gathered->items[i].counts);
        else
            gathered->items[kept++] = gathered->items[i];
    }
    gathered->count = kept;
}

static void head(struct buffer *out, const char *name, const char *type, const char *help)
{
    const char *const parts[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) buffer_add_text(out, parts[i]);
}

static void one(struct buffer *out, const char *name, const char *type, const char *help, uint64_t value)
{
    head(out, name, type, help);
    buffer_add_text(out, name);
    buffer_add_byte(out, ' ');
    buffer_add_number(out, (int64_t)value);
    buffer_add_byte(out, '\n');
}

/* What a worker wrote is not believed: anything but a word is left out. */
static void label(struct buffer *out, const char *name, struct bytes value)
{
    buffer_add_text(out, name);
    buffer_add_text(out, "=\"");
    for (size_t i = 0; i < value.length && value.data[i] != 0; i++)
        if (value.data[i] > 0x20 && value.data[i] < 0x7f && value.data[i] != '"' && value.data[i] != '\\')
            buffer_add_byte(out, value.data[i]);
    buffer_add_byte(out, '"');
}

static void api_labels(struct buffer *out, const struct feedback_key *key)
{
    label(out, "instance_id", bytes_of(key->instance, sizeof key->instance));
    label(out, ",api", bytes_of(key->api, sizeof key->api));
}

static void request_line(struct buffer *out, const struct feedback_series *series)
{
    const struct feedback_key *key = &series->key;
    const struct scheme *scheme = scheme_by_id((enum scheme_id)key->scheme);
    char status[] = {(char)('0' + key->status_class % 10), 'x', 'x', 0};
    buffer_add_text(out, "countersign_requests_total{");
    api_labels(out, key);
    label(out, ",outcome", bytes_of_text(feedback_outcome_name((enum feedback_outcome)key->outcome)));
    label(out, ",refusal", bytes_of(key->refusal, sizeof key->refusal));
    label(out, ",scheme", bytes_of_text(scheme == NULL ? "none" : scheme->name));
    label(out, ",principal_kind", bytes_of_text(principal_kind_name((enum principal_kind)key->principal_kind)));
    label(out, ",status", bytes_of_text(status));
    buffer_add_text(out, "} ");
    buffer_add_number(out, (int64_t)series->counts.count);
    buffer_add_byte(out, '\n');
}

/* Milliseconds as seconds, without a locale: "0.025". */
static void add_seconds(struct buffer *out, uint64_t milliseconds)
{
    char text[40];
    snprintf(text, sizeof text, "%llu.%03u", (unsigned long long)(milliseconds / 1000), (unsigned)(milliseconds % 1000));
    buffer_add_text(out, text);
}

static void histogram_line(struct buffer *out, const struct feedback_key *key, const char *suffix)
{
    buffer_add_text(out, "countersign_request_duration_seconds");
    buffer_add_text(out, suffix);
    buffer_add_byte(out, '{');
    api_labels(out, key);
}

static void histogram(struct buffer *out, const struct feedback_key *key, const struct feedback_counts *counts)
{
    uint64_t passed = 0;
    for (size_t i = 0; i < FEEDBACK_BUCKETS; i++) {
        passed += counts->buckets[i];
        histogram_line(out, key, "_bucket");
        buffer_add_text(out, ",le=\"");
        if (i < FEEDBACK_BUCKETS - 1)
            add_seconds(out, feedback_bounds[i]);
        else
            buffer_add_text(out, "+Inf");
        buffer_add_text(out, "\"} ");
        buffer_add_number(out, (int64_t)passed);
        buffer_add_byte(out, '\n');
    }
    histogram_line(out, key, "_sum");
    buffer_add_text(out, "} ");
    add_seconds(out, counts->milliseconds);
    buffer_add_byte(out, '\n');
    histogram_line(out, key, "_count");
    buffer_add_text(out, "} ");
    buffer_add_number(out, (int64_t)passed);
    buffer_add_byte(out, '\n');
}

static bool same_api(const struct feedback_key *one_key, const struct feedback_key *other)
{
    size_t length = sizeof one_key->instance + sizeof one_key->api;
    return bytes_equal(bytes_of(one_key, length), bytes_of(other, length));
}

static void write_requests(struct buffer *out, const struct gathered *gathered)
{
    head(out, "countersign_requests_total", "counter", "Requests that the gateway has seen.");
    for (size_t i = 0; i < gathered->count; i++) request_line(out, &gathered->items[i]);
    head(out, "countersign_request_duration_seconds", "histogram", "From the first byte of a request to the last of its answer.");
    for (size_t i = 0; i < gathered->count;) {
        const struct feedback_key *key = &gathered->items[i].key;
        struct feedback_counts sum = {0};
        while (i < gathered->count && same_api(key, &gathered->items[i].key)) add_counts(&sum, &gathered->items[i++].counts);
        histogram(out, key, &sum);
    }
}

static void write_node(const struct daemon *daemon, struct buffer *out)
{
    struct node_status node;
    const struct traffic *traffic = node_traffic(daemon);
    struct feedback_totals totals = feedback_totals(traffic_feedback(traffic));
    node_status(daemon, &node);
    one(out, "countersign_workers", "gauge", "Workers of nginx that tell what they do.", totals.workers);
    one(out, "countersign_feedback_lost_total", "counter", "Requests, uses and samples that were not told for want of room.",
        totals.lost_series + totals.lost_uses + totals.lost_samples + totals.lost_refused + traffic_lost(traffic));
    one(out, "countersign_replay_nonces", "gauge", "Nonces that are remembered.", node.nonces);
    one(out, "countersign_replay_capacity", "gauge", "Nonces that can be remembered before any is refused for want of room.",
        node.nonce_capacity);
    one(out, "countersign_replay_alarm", "gauge", "1 from 70 percent of the capacity on, until it is below 60.", node.nonces_alarm);
    one(out, "countersign_credentials_expired", "gauge", "Credentials whose end has passed.", node.expired);
    one(out, "countersign_credentials_expiring", "gauge", "Credentials that end within 14 days.", node.expiring);
}

static void write_edge(const struct daemon *daemon, int64_t now, struct buffer *out)
{
    struct publisher_status status;
    effect_status(daemon, &status);
    uint64_t lag = status.store_revision > status.edge_revision ? status.store_revision - status.edge_revision : 0;
    one(out, "countersign_edge_revision", "gauge", "Up to which revision the edge of this node is complete.", status.edge_revision);
    one(out, "countersign_store_revision", "gauge", "The store's revision, as last seen.", status.store_revision);
    one(out, "countersign_edge_lag_revisions", "gauge", "Revisions that the edge is behind.", lag);
    one(out, "countersign_edge_used_bytes", "gauge", "What the records of the edge take; a rebuild needs as much again.", status.edge_used);
    one(out, "countersign_edge_size_bytes", "gauge", "What the edge may take (--edge-size).", status.edge_size);
    one(out, "countersign_edge_rebuilds_total", "counter", "How often the whole edge was made anew.", status.rebuilds);
    one(out, "countersign_publish_failing_seconds", "gauge", "For how long publishing has failed.",
        status.problem_since > 0 && now > status.problem_since ? (uint64_t)(now - status.problem_since) : 0);
    one(out, "countersign_store_contact_age_seconds", "gauge", "Since the store answered last.",
        status.store_seen > 0 && now > status.store_seen ? (uint64_t)(now - status.store_seen) : 0);
}

/* Enough for everything, however many APIs there are: a gateway must not become invisible by growing. */
static size_t size_of_text(const struct gathered *gathered)
{
    size_t lines = 0;
    for (size_t i = 0; i < gathered->count; i++) {
        bool same = i > 0 && same_api(&gathered->items[i - 1].key, &gathered->items[i].key);
        lines += same ? 1 : 1 + FEEDBACK_BUCKETS + 2; /* a histogram has two lines beside its buckets */
    }
    return NODE_SIZE + lines * LINE_SIZE;
}

static char *write_text(const struct daemon *daemon, int64_t now, const struct gathered *gathered, size_t *length)
{
    size_t size = size_of_text(gathered);
    char *text = malloc(size);
    struct buffer out = buffer_over(text, text == NULL ? 0 : size);
    write_requests(&out, gathered);
    write_node(daemon, &out);
    write_edge(daemon, now, &out);
    *length = out.length;
    if (!out.overflow) return text;
    free(text);
    return NULL;
}

char *metrics_text(const struct daemon *daemon, int64_t now, size_t *length)
{
    struct gathered gathered = {.items = calloc(PLACES, sizeof *gathered.items)};
    if (gathered.items == NULL || daemon->node == NULL || daemon->effect == NULL) {
        free(gathered.items);
        return NULL;
    }
    feedback_each_series(traffic_feedback(node_traffic(daemon)), gather, &gathered);
    merge(&gathered);
    char *text = write_text(daemon, now, &gathered, length);
    free(gathered.items);
    return text;
}
