/* The tables of routes of all resources, for routes.c; and what one resource lets others use. */
#ifndef COUNTERSIGN_CONTROL_RESOURCES_H
#define COUNTERSIGN_CONTROL_RESOURCES_H

#include "control/resource.h"
#include "control/routes.h"

extern const struct routes routes_openapi, routes_envs, routes_groups, routes_domains, routes_apps, routes_app_auths, routes_instances,
    routes_features;
extern const struct routes routes_audits, routes_consumer_import, routes_app_codes, routes_app_key_pairs, routes_consumer_credentials;
extern const struct routes routes_outlines, routes_quotas;
extern const struct routes routes_apis, routes_api_publish, routes_consumers, routes_token_credentials, routes_key_sets,
    routes_consumer_auths, routes_signs, routes_sign_next, routes_sign_bindings;
extern const struct routes routes_throttles, routes_throttle_specials, routes_acls, routes_app_acls;

extern const struct routes routes_iam_tokens, routes_console_session, routes_users, routes_access_keys, routes_security_tokens,
    routes_iam_projects, routes_security, routes_factors, routes_step_up, routes_code_webhook, routes_secrets;
extern const struct routes routes_refused_requests, routes_metrics_series, routes_probes, routes_signature_debugger, routes_overview,
    routes_try_api;

extern const struct resource resource_env, resource_group, resource_app;

/* apps.c: what a reset takes, and the secret that it names or that is drawn; empty: a fault. */
extern const struct fields app_secret_fields;
struct bytes app_secret_of_body(struct call *call);

/* envs.c: the row id of an environment id is "<instance>/<env_id>", since RELEASE has the same id in every instance. Empty: a fault. */
struct bytes env_row_id(struct call *call, struct bytes env_id);
/* The environment of this instance, or refused with APIG.3003. */
bool env_load(struct call *call, struct bytes env_id, struct value *row);

#define ENV_RELEASE_ID   "DEFAULT_ENVIRONMENT_RELEASE_ID"
#define ENV_RELEASE_NAME "RELEASE"

#endif
