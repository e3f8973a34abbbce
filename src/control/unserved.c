#include "control/unserved.h"

#include <stddef.h>

#define QUOTAS  "apps have no quotas of their own: request throttling policies (throttles) limit them, all alike or one by throttle-specials"
#define CLOUD   "belongs to the vendor's cloud, to its networks or its billing; here the operator runs nginx"
#define PLUGINS "there are no plug-ins"
#define BALANCE "there are no load balance channels: a backend is a host and port, several of them countersign.members of an API"
#define CERTS   "certificates are not managed here: nginx serves those that its configuration names"
#define METRICS "counts by minute, of one API or of all, are GET metrics-series, and all that is counted is GET /metrics"
#define AI      "there are no AI models"

/* A row with a second segment stands before one without. */
static const struct unserved table[] = {
    {"apps", "bound-quota", QUOTAS},
    {"apps", "ai-api-keys", AI},
    {"apis", "debug", "POST apis/{api_id}/try sends one through this gateway, by what is published; what is not published nobody can call"},
    {"apis", "plugins", PLUGINS},
    {"apis", "attached-plugins", PLUGINS},
    {"apis", "attachable-plugins", PLUGINS},
    {"api-groups", "gateway-responses", "the texts of refusals are those of the schemes, and fixed"},
    {"api-groups", "certificate", CERTS},
    {"api-groups", "certificates", CERTS},
    {"api-groups", "sl-domain-access-settings", "the subdomain of a group is always served"},
    {"app-quotas", NULL, QUOTAS},
    {"plugins", NULL, PLUGINS},
    {"orchestrations", NULL, PLUGINS},
    {"authorizers", NULL, "there are no custom authorizers (auth_type AUTHORIZER)"},
    {"vpc-channels", NULL, BALANCE},
    {"certificates", NULL, CERTS},
    {"env-variables", NULL, "there are no environment variables: a definition says what it means"},
    {"openapi", NULL, "definitions are not imported from or exported to OpenAPI"},
    {"async-tasks", NULL, "nothing here is done later: an answered write is effective"},
    {"progress", NULL, "nothing here is done later: an answered write is effective"},
    {"microservice", NULL, "there is no registry of microservices"},
    {"statistics", NULL, METRICS},
    {"metric-data", NULL, METRICS},
    {"custom-ingress-ports", NULL, CLOUD},
    {"vpc-endpoint", NULL, CLOUD},
    {"nat-eip", NULL, CLOUD},
    {"ingress-eip", NULL, CLOUD},
    {"eip", NULL, CLOUD},
    {"instance-tags", NULL, CLOUD},
    {"resource-instances", NULL, CLOUD},
    {"postpaid-resize", NULL, CLOUD},
    {"prepay-resize", NULL, CLOUD},
    {"prepay-instances", NULL, CLOUD},
    {"available-zones", NULL, CLOUD},
    {"restriction", NULL, CLOUD},
};

static bool has_segment(struct bytes path, const char *wanted)
{
    struct bytes segment;
    while (bytes_next_part(&path, '/', &segment)) {
        if (bytes_equal(segment, bytes_of_text(wanted))) return true;
    }
    return false;
}

/* Cuts /v2/{project}/apigw/ and instances/{instance}/ off. False: another path. */
static bool cut_front(struct bytes *path)
{
    struct bytes empty, version, project, service, rest, word, id;
    bytes_next_part(path, '/', &empty);
    bool ours = bytes_next_part(path, '/', &version) && bytes_equal(version, BYTES("v2")) && bytes_next_part(path, '/', &project) &&
                bytes_next_part(path, '/', &service) && bytes_equal(service, BYTES("apigw"));
    if (!ours) return false;
    rest = *path;
    if (bytes_next_part(&rest, '/', &word) && bytes_equal(word, BYTES("instances")) && bytes_next_part(&rest, '/', &id)) *path = rest;
    return true;
}

const struct unserved *unserved_find(struct bytes path)
{
    struct bytes first;
    if (!cut_front(&path)) return NULL;
    if (!bytes_next_part(&path, '/', &first)) first = BYTES("instances"); /* nothing behind the instance: it is meant itself */
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool same = bytes_equal(first, bytes_of_text(table[i].first));
        if (same && (table[i].second == NULL || has_segment(path, table[i].second))) return &table[i];
    }
    return NULL;
}

const struct unserved *unserved_at(size_t index)
{
    return index < sizeof table / sizeof *table ? &table[index] : NULL;
}
