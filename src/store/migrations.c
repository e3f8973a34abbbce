/* The schema, as numbered steps that are applied once and never edited after a release: a change is a new step. One dialect for both
 * databases; the words in braces are each database's own (driver.h). Text compares by bytes everywhere, so both sort alike. */
#include "store/migrations.h"

#include "crypto/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No index of credential and authorisation begins with the instance: with a million rows of one instance a planner without statistics could
 * take it for a choice. Indexes end with the id where lists go on from an id or sort by it last.
 *
 * Unique indexes have telling names: they are what store_conflict returns. Foreign keys stop the removal of what is in use; what refers to
 * a principal cannot have one, since principals are of several tables. version and binding refer to env through a generated column, because
 * the id of an env row is the instance's and its own. */
static const char *const migrations[] = {
    /* 1: bookkeeping */
    "CREATE TABLE revision (only_row {integer} NOT NULL PRIMARY KEY CHECK (only_row = 1), value {integer} NOT NULL,"
    " forgotten {integer} NOT NULL){table};"
    "INSERT INTO revision (only_row, value, forgotten) VALUES (1, 0, 0);"
    "CREATE TABLE identity (only_row {integer} NOT NULL PRIMARY KEY CHECK (only_row = 1), id {text} NOT NULL){table};"
    "CREATE TABLE changes (revision {integer} NOT NULL, place {integer} NOT NULL, kind {integer} NOT NULL, instance_id {text} NOT NULL,"
    " id {text} NOT NULL, second {text} NOT NULL, PRIMARY KEY (revision, place)){table};"
    "CREATE TABLE audit (id {text} NOT NULL PRIMARY KEY, actor {text} NOT NULL, actor_name {text} NOT NULL, source {text} NOT NULL,"
    " action {text} NOT NULL, resource {text} NOT NULL, resource_id {text} NOT NULL, instance_id {text} NOT NULL,"
    " before_json {text} NOT NULL, after_json {text} NOT NULL, audit_time {integer} NOT NULL, revision {integer} NOT NULL){table};"
    "CREATE INDEX audit_by_time ON audit (instance_id, audit_time, id);"
    "CREATE INDEX audit_by_resource ON audit (resource_id);",

    /* 2: what is published where */
    "CREATE TABLE instance (id {text} NOT NULL PRIMARY KEY, project_id {text} NOT NULL, name {text} NOT NULL,"
    " create_time {integer} NOT NULL){table};"
    "CREATE TABLE env (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " remark {text}, create_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX env_name ON env (instance_id, name);"
    "CREATE TABLE api_group (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " remark {text}, sl_domain {text}, register_time {integer} NOT NULL, update_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX group_name ON api_group (instance_id, name);"
    "CREATE TABLE domain (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " group_id {text} NOT NULL REFERENCES api_group (id), url_domain {text} NOT NULL, min_ssl_version {text}){table};"
    "CREATE UNIQUE INDEX domain_url ON domain (instance_id, url_domain);"
    "CREATE INDEX domain_by_group ON domain (group_id);"
    "CREATE TABLE api (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " group_id {text} NOT NULL REFERENCES api_group (id), name {text} NOT NULL, type {integer}, req_protocol {text}, req_method {text},"
    " req_uri {text}, route_key {text} NOT NULL, auth_type {text}, match_mode {text}, remark {text}, definition {text},"
    " register_time {integer} NOT NULL, update_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX api_name ON api (group_id, name);"
    "CREATE UNIQUE INDEX api_route ON api (group_id, route_key);"
    "CREATE INDEX api_by_time ON api (instance_id, register_time, id);"
    "CREATE TABLE version (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " api_id {text} NOT NULL REFERENCES api (id), group_id {text} NOT NULL REFERENCES api_group (id), env_id {text} NOT NULL,"
    " publish_id {text} NOT NULL, version_no {text} NOT NULL, status {integer} NOT NULL CHECK (status IN (1, 2)), remark {text},"
    " route_key {text} NOT NULL, definition {text} NOT NULL, publish_time {integer} NOT NULL,"
    " env_row {text} GENERATED ALWAYS AS (instance_id || '/' || env_id) STORED REFERENCES env (id)){table};"
    "CREATE UNIQUE INDEX version_effective ON version (instance_id, api_id, env_id) WHERE status = 1;"
    "CREATE UNIQUE INDEX version_route ON version (instance_id, group_id, env_id, route_key) WHERE status = 1;"
    "CREATE INDEX version_by_api ON version (api_id, env_id, publish_time);"
    "CREATE INDEX version_by_group ON version (group_id, env_id);"
    "CREATE INDEX version_by_env ON version (env_row);"
    "CREATE INDEX version_by_publish ON version (publish_id);",

    /* 3: who may call */
    "CREATE TABLE app (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " remark {text}, status {integer} NOT NULL, app_key {text} NOT NULL, creator {text}, register_time {integer} NOT NULL,"
    " update_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX app_name ON app (instance_id, name);"
    "CREATE UNIQUE INDEX app_key ON app (instance_id, app_key);"
    "CREATE INDEX app_by_time ON app (instance_id, register_time, id);"
    "CREATE TABLE consumer (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " description {text}, enabled {integer} NOT NULL CHECK (enabled IN (0, 1)), create_time {integer} NOT NULL,"
    " update_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX consumer_name ON consumer (instance_id, name);"
    "CREATE INDEX consumer_by_time ON consumer (instance_id, create_time, id);"
    "CREATE TABLE credential (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL, kind {integer} NOT NULL,"
    " principal_kind {integer} NOT NULL, principal_id {text} NOT NULL, lookup {text} NOT NULL, secret {blob}, next_secret {blob},"
    " secret_until {integer}, display {text}, enabled {integer} NOT NULL CHECK (enabled IN (0, 1)), not_before {integer},"
    " not_after {integer}, schemes {integer}, location {integer}, place_name {text}, place_prefix {text}, generated {integer},"
    " revision {integer} NOT NULL, create_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX credential_lookup ON credential (lookup, kind, instance_id);"
    "CREATE INDEX credential_by_principal ON credential (principal_id);"
    "CREATE TABLE authorisation (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " principal_kind {integer} NOT NULL, principal_id {text} NOT NULL, api_id {text} NOT NULL REFERENCES api (id),"
    " env_id {text} NOT NULL, auth_time {integer} NOT NULL, not_after {integer}){table};"
    "CREATE UNIQUE INDEX authorisation_once ON authorisation (principal_id, principal_kind, api_id, env_id);"
    "CREATE INDEX authorisation_by_api ON authorisation (api_id, id);"
    "CREATE TABLE place_use (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " api_id {text} NOT NULL REFERENCES api (id), env_id {text} NOT NULL, location {integer} NOT NULL, name {text} NOT NULL,"
    " prefix {text} NOT NULL, uses {integer} NOT NULL CHECK (uses >= 0)){table};"
    "CREATE UNIQUE INDEX place_use_once ON place_use (api_id, env_id, location, name, prefix);"
    "CREATE TABLE iam_user (id {text} NOT NULL PRIMARY KEY, project_id {text} NOT NULL, domain_id {text} NOT NULL, name {text} NOT NULL,"
    " enabled {integer} NOT NULL CHECK (enabled IN (0, 1)), create_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX user_name ON iam_user (name);",

    /* 4: with what the gateway signs */
    "CREATE TABLE sign (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " sign_type {text} NOT NULL, sign_key {text} NOT NULL, sign_secret {blob}, sign_algorithm {text}, create_time {integer} NOT NULL,"
    " update_time {integer} NOT NULL, revision {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX sign_name ON sign (instance_id, name);"
    "CREATE TABLE binding (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " sign_id {text} NOT NULL REFERENCES sign (id), api_id {text} NOT NULL REFERENCES api (id), env_id {text} NOT NULL, publish_id {text},"
    " binding_time {integer} NOT NULL,"
    " env_row {text} GENERATED ALWAYS AS (instance_id || '/' || env_id) STORED REFERENCES env (id)){table};"
    "CREATE UNIQUE INDEX binding_once ON binding (api_id, env_id);"
    "CREATE INDEX binding_by_sign ON binding (sign_id);"
    "CREATE INDEX binding_by_env ON binding (env_row);",

    /* 5: a key that follows, and what is switched on */
    "ALTER TABLE sign ADD COLUMN next_key {text};"
    "ALTER TABLE sign ADD COLUMN next_secret {blob};"
    "ALTER TABLE sign ADD COLUMN next_from {integer};"
    "CREATE TABLE feature (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " enable {integer} NOT NULL CHECK (enable IN (0, 1)), config {text} NOT NULL, update_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX feature_name ON feature (instance_id, name);",

    /* 6: the audit as a chain; its end stands in the row that every write takes */
    "ALTER TABLE audit ADD COLUMN project_id {text} NOT NULL DEFAULT '';"
    "ALTER TABLE audit ADD COLUMN request_id {text} NOT NULL DEFAULT '';"
    "ALTER TABLE audit ADD COLUMN result {text} NOT NULL DEFAULT '';"
    "ALTER TABLE audit ADD COLUMN chain {text} NOT NULL DEFAULT '';"
    "ALTER TABLE revision ADD COLUMN audit_id {text} NOT NULL DEFAULT '';"
    "ALTER TABLE revision ADD COLUMN audit_chain {text} NOT NULL DEFAULT '';",

    /* 7: a key pair of an app or a consumer counts with every signature that an API takes */
    "UPDATE credential SET schemes = 2147483647 WHERE kind = 2 AND principal_kind IN (1, 2);",
    /* 8: domains, projects, roles and tokens; who was there before is an administrator */
    "CREATE TABLE iam_domain (id {text} NOT NULL PRIMARY KEY, name {text} NOT NULL, create_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX account_name ON iam_domain (name);"
    "CREATE TABLE iam_project (id {text} NOT NULL PRIMARY KEY, domain_id {text} NOT NULL REFERENCES iam_domain (id), name {text} NOT NULL,"
    " description {text}, create_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX project_name ON iam_project (domain_id, name);"
    "INSERT INTO iam_domain (id, name, create_time) SELECT domain_id, 'countersign', min(create_time) FROM iam_user GROUP BY domain_id;"
    "INSERT INTO iam_project (id, domain_id, name, description, create_time)"
    " SELECT project_id, domain_id, 'local', '', min(create_time) FROM iam_user GROUP BY project_id, domain_id;"
    "ALTER TABLE iam_user ADD COLUMN description {text};"
    "ALTER TABLE iam_user ADD COLUMN email {text};"
    "ALTER TABLE iam_user ADD COLUMN mobile {text};"
    "ALTER TABLE iam_user ADD COLUMN password {text};"
    "ALTER TABLE iam_user ADD COLUMN password_time {integer};"
    "ALTER TABLE iam_user ADD COLUMN stamp {integer};"
    "DROP INDEX user_name;"
    "CREATE UNIQUE INDEX user_name ON iam_user (domain_id, name);"
    "CREATE TABLE iam_role (id {text} NOT NULL PRIMARY KEY, user_id {text} NOT NULL REFERENCES iam_user (id), role {text} NOT NULL,"
    " project_id {text} NOT NULL, instance_id {text} NOT NULL, create_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX role_once ON iam_role (user_id, role, project_id, instance_id);"
    "INSERT INTO iam_role (id, user_id, role, project_id, instance_id, create_time)"
    " SELECT id, id, 'administrator', '', '', create_time FROM iam_user;"
    "CREATE TABLE iam_token (id {text} NOT NULL PRIMARY KEY, kind {integer} NOT NULL, lookup {text} NOT NULL,"
    " user_id {text} NOT NULL REFERENCES iam_user (id), project_id {text} NOT NULL, domain_id {text} NOT NULL, methods {text} NOT NULL,"
    " stamp {integer} NOT NULL, issued {integer} NOT NULL, expires {integer} NOT NULL, last_used {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX token_lookup ON iam_token (lookup);"
    "CREATE INDEX token_by_user ON iam_token (user_id);"
    "CREATE INDEX token_by_end ON iam_token (expires);"
    "CREATE TABLE iam_security (id {text} NOT NULL PRIMARY KEY REFERENCES iam_domain (id), session_idle {integer} NOT NULL,"
    " session_end {integer} NOT NULL, update_time {integer} NOT NULL){table};",
    /* 9: quotas, and what an instance is like */
    "CREATE TABLE quota (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), config_name {text} NOT NULL,"
    " config_value {integer} NOT NULL, config_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX quota_name ON quota (instance_id, config_name);"
    "ALTER TABLE instance ADD COLUMN description {text} DEFAULT '';"
    "ALTER TABLE instance ADD COLUMN region {text} DEFAULT '';",

    /* 10: what workers told; nothing refers to it, and all of it goes with time */
    "CREATE TABLE traffic (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL, minute {integer} NOT NULL,"
    " api_id {text} NOT NULL, outcome {text} NOT NULL, refusal {text} NOT NULL, principal_kind {integer} NOT NULL,"
    " scheme {integer} NOT NULL, status_class {integer} NOT NULL, requests {integer} NOT NULL, duration {integer} NOT NULL,"
    " bucket_0 {integer} NOT NULL, bucket_1 {integer} NOT NULL, bucket_2 {integer} NOT NULL, bucket_3 {integer} NOT NULL,"
    " bucket_4 {integer} NOT NULL, bucket_5 {integer} NOT NULL, bucket_6 {integer} NOT NULL, bucket_7 {integer} NOT NULL,"
    " bucket_8 {integer} NOT NULL, bucket_9 {integer} NOT NULL, bucket_10 {integer} NOT NULL,"
    " bucket_11 {integer} NOT NULL){table};"
    "CREATE INDEX traffic_by_minute ON traffic (instance_id, minute, id);"
    "CREATE INDEX traffic_by_age ON traffic (minute);"
    "CREATE TABLE refused_request (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL, refused_time {integer} NOT NULL,"
    " status {integer} NOT NULL, refusal {text} NOT NULL, scheme {text} NOT NULL, api_id {text} NOT NULL, environment {text} NOT NULL,"
    " principal_id {text} NOT NULL, credential_id {text} NOT NULL, client {text} NOT NULL, method {text} NOT NULL, host {text} NOT NULL,"
    " target {text} NOT NULL, key_id {text} NOT NULL, field {text} NOT NULL, signed_names {text} NOT NULL,"
    " string_to_sign {text} NOT NULL){table};"
    "CREATE INDEX refused_by_time ON refused_request (instance_id, refused_time, id);"
    "CREATE INDEX refused_by_age ON refused_request (refused_time, id);"
    "CREATE TABLE credential_use (id {text} NOT NULL PRIMARY KEY, last_used {integer} NOT NULL){table};"
    "CREATE INDEX credential_use_by_age ON credential_use (last_used);",
    /* 11: second factors, and proving oneself again */
    "ALTER TABLE iam_security ADD COLUMN show_secrets {text} NOT NULL DEFAULT 'step_up';"
    "ALTER TABLE iam_security ADD COLUMN step_up_window {integer} NOT NULL DEFAULT 0;"
    "ALTER TABLE iam_security ADD COLUMN require_factor {integer} NOT NULL DEFAULT 0;"
    "CREATE TABLE iam_factor (id {text} NOT NULL PRIMARY KEY, user_id {text} NOT NULL REFERENCES iam_user (id), secret {blob} NOT NULL,"
    " last_step {integer} NOT NULL, confirmed {integer} NOT NULL CHECK (confirmed IN (0, 1)), recovery {text} NOT NULL,"
    " revision {integer} NOT NULL, create_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX factor_of_user ON iam_factor (user_id);"
    "CREATE TABLE iam_step_up (id {text} NOT NULL PRIMARY KEY, user_id {text} NOT NULL REFERENCES iam_user (id), proof_id {text} NOT NULL,"
    " action {text} NOT NULL, object_id {text} NOT NULL, tries {integer} NOT NULL, granted {integer} NOT NULL, used {integer} NOT NULL,"
    " expires {integer} NOT NULL){table};"
    "CREATE INDEX step_up_by_user ON iam_step_up (user_id, expires);",

    /* 12: tokens: their rules, and places that are told apart by scheme and claim */
    "ALTER TABLE credential ADD COLUMN rules {text};"
    "ALTER TABLE place_use ADD COLUMN scheme {integer} NOT NULL DEFAULT 1;"
    "ALTER TABLE place_use ADD COLUMN claim {text} NOT NULL DEFAULT '';"
    "DROP INDEX place_use_once;"
    "CREATE UNIQUE INDEX place_use_once ON place_use (api_id, env_id, location, name, prefix, scheme, claim);",

    /* 13: codes that a provider carries to a user's telephone or mailbox */
    "CREATE TABLE iam_code_webhook (id {text} NOT NULL PRIMARY KEY REFERENCES iam_domain (id), url {text} NOT NULL, secret {blob} NOT NULL,"
    " user_daily_most {integer} NOT NULL, daily_most {integer} NOT NULL, revision {integer} NOT NULL, create_time {integer} NOT NULL,"
    " update_time {integer} NOT NULL){table};"
    "CREATE TABLE iam_code (id {text} NOT NULL PRIMARY KEY, user_id {text} NOT NULL REFERENCES iam_user (id), domain_id {text} NOT NULL,"
    " sent {integer} NOT NULL){table};"
    "CREATE INDEX code_by_user ON iam_code (user_id, sent);"
    "CREATE INDEX code_by_domain ON iam_code (domain_id, sent);"
    "ALTER TABLE iam_step_up ADD COLUMN method {text} NOT NULL DEFAULT 'totp';"
    "ALTER TABLE iam_step_up ADD COLUMN destination {text} NOT NULL DEFAULT '';"
    "ALTER TABLE iam_step_up ADD COLUMN code {text} NOT NULL DEFAULT '';"
    "ALTER TABLE iam_step_up ADD COLUMN sent {integer} NOT NULL DEFAULT 0;",

    /* 14: key sets from elsewhere */
    "CREATE TABLE key_set (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " url {text} NOT NULL, jwks {text} NOT NULL, keys {integer} NOT NULL, revision {integer} NOT NULL, fetch_time {integer} NOT NULL,"
    " expire_time {integer} NOT NULL, attempt_time {integer} NOT NULL, next_time {integer} NOT NULL, attempts {integer} NOT NULL,"
    " problem {text} NOT NULL){table};"
    "CREATE UNIQUE INDEX key_set_name ON key_set (instance_id, name);"
    "CREATE INDEX key_set_by_name ON key_set (name);"
    "CREATE INDEX key_set_by_time ON key_set (next_time);"
    "CREATE TABLE key_set_use (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " name {text} NOT NULL){table};"
    "CREATE INDEX key_set_use_by_name ON key_set_use (instance_id, name);",

    /* 15: limits of requests, and lists of addresses */
    "CREATE TABLE throttle (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " remark {text}, type {integer} NOT NULL, time_interval {integer} NOT NULL, time_unit {text} NOT NULL,"
    " api_call_limits {integer} NOT NULL, user_call_limits {integer} NOT NULL, app_call_limits {integer} NOT NULL,"
    " consumer_call_limits {integer} NOT NULL, ip_call_limits {integer} NOT NULL, create_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX throttle_name ON throttle (instance_id, name);"
    "CREATE TABLE throttle_special (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " throttle_id {text} NOT NULL REFERENCES throttle (id), object_type {text} NOT NULL, object_id {text} NOT NULL,"
    " call_limits {integer} NOT NULL, apply_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX special_once ON throttle_special (throttle_id, object_type, object_id);"
    "CREATE INDEX special_by_object ON throttle_special (object_id);"
    "CREATE TABLE throttle_binding (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " policy_id {text} NOT NULL REFERENCES throttle (id), api_id {text} NOT NULL REFERENCES api (id), env_id {text} NOT NULL,"
    " publish_id {text}, binding_time {integer} NOT NULL,"
    " env_row {text} GENERATED ALWAYS AS (instance_id || '/' || env_id) STORED REFERENCES env (id)){table};"
    "CREATE UNIQUE INDEX throttle_binding_once ON throttle_binding (api_id, env_id);"
    "CREATE INDEX throttle_binding_by_policy ON throttle_binding (policy_id);"
    "CREATE INDEX throttle_binding_by_env ON throttle_binding (env_row);"
    "CREATE TABLE acl (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id), name {text} NOT NULL,"
    " acl_type {text} NOT NULL, entity_type {text} NOT NULL, acl_value {text} NOT NULL, update_time {integer} NOT NULL){table};"
    "CREATE UNIQUE INDEX acl_name ON acl (instance_id, name);"
    "CREATE TABLE acl_binding (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL REFERENCES instance (id),"
    " policy_id {text} NOT NULL REFERENCES acl (id), api_id {text} NOT NULL REFERENCES api (id), env_id {text} NOT NULL,"
    " publish_id {text}, binding_time {integer} NOT NULL,"
    " env_row {text} GENERATED ALWAYS AS (instance_id || '/' || env_id) STORED REFERENCES env (id)){table};"
    "CREATE UNIQUE INDEX acl_binding_once ON acl_binding (api_id, env_id);"
    "CREATE INDEX acl_binding_by_policy ON acl_binding (policy_id);"
    "CREATE INDEX acl_binding_by_env ON acl_binding (env_row);"
    "CREATE TABLE app_acl (id {text} NOT NULL PRIMARY KEY REFERENCES app (id), instance_id {text} NOT NULL REFERENCES instance (id),"
    " app_acl_type {text} NOT NULL, app_acl_values {text} NOT NULL, update_time {integer} NOT NULL){table};",

    /* 16: the audit by what it is asked for most */
    "CREATE INDEX audit_by_actor ON audit (instance_id, actor, audit_time, id);"
    "CREATE INDEX audit_by_action ON audit (instance_id, action, audit_time, id);"
    "CREATE INDEX audit_by_object ON audit (instance_id, resource_id, audit_time, id);"
    "CREATE INDEX audit_by_result ON audit (instance_id, result, audit_time, id);"
    "CREATE INDEX audit_by_request ON audit (instance_id, request_id, audit_time, id);"
    "DROP INDEX audit_by_resource;",

    /* 17: headers in which consumers' tokens are passed through (PLACE_USE_PASSED, SCHEME_JWT), of what there is */
    "INSERT INTO place_use (id, instance_id, api_id, env_id, location, name, prefix, uses, scheme, claim)"
    " SELECT min(a.id) || min(c.id), a.instance_id, a.api_id, a.env_id, 101, c.place_name, '', count(*), 8, ''"
    " FROM credential c JOIN authorisation a ON a.principal_id = c.principal_id"
    " WHERE c.kind = 3 AND c.location = 1 AND c.rules LIKE '%\"pass_through\":true%'"
    " GROUP BY a.instance_id, a.api_id, a.env_id, c.place_name;",
    /* 18: counts of rows and pages of names (store/tracked.h); lists by state, and of whom an API admits, in their order */
    "CREATE TABLE row_count (entity {text} NOT NULL, part_1 {text} NOT NULL, part_2 {text} NOT NULL, part_3 {text} NOT NULL,"
    " part_4 {text} NOT NULL, number {integer} NOT NULL, PRIMARY KEY (entity, part_1, part_2, part_3, part_4)){table};"
    "INSERT INTO row_count SELECT 'app', instance_id, CAST(status AS TEXT), '', '', count(*) FROM app GROUP BY instance_id, status;"
    "INSERT INTO row_count SELECT 'consumer', instance_id, CAST(enabled AS TEXT), '', '', count(*) FROM consumer"
    " GROUP BY instance_id, enabled;"
    "INSERT INTO row_count SELECT 'authorisation', instance_id, CAST(principal_kind AS TEXT), api_id, env_id, count(*) FROM authorisation"
    " GROUP BY instance_id, principal_kind, api_id, env_id;"
    "INSERT INTO row_count SELECT 'audit', instance_id, project_id, '', '', count(*) FROM audit GROUP BY instance_id, project_id;"
    "CREATE TABLE name_page (entity {text} NOT NULL, instance_id {text} NOT NULL, first_time {integer} NOT NULL, first_id {text} NOT NULL,"
    " names {blob} NOT NULL, PRIMARY KEY (entity, instance_id, first_time, first_id)){table};"
    "CREATE INDEX app_by_status ON app (instance_id, status, register_time, id);"
    "CREATE INDEX app_by_creator ON app (instance_id, creator, register_time, id);"
    "CREATE INDEX consumer_by_state ON consumer (instance_id, enabled, create_time, id);"
    "CREATE INDEX authorisation_by_time ON authorisation (api_id, principal_kind, auth_time, id);"
    "CREATE INDEX authorisation_by_env ON authorisation (api_id, env_id, principal_kind, auth_time, id);",

    /* 19: what the nodes say about themselves */
    "CREATE TABLE node (id {text} NOT NULL PRIMARY KEY, name {text} NOT NULL, seen {integer} NOT NULL, edge_revision {integer} NOT NULL,"
    " problem {text} NOT NULL, problem_since {integer} NOT NULL, nonces {integer} NOT NULL, nonce_capacity {integer} NOT NULL){table};",
    /* 20: refused requests by principal and minute; what was counted before, of samples, is not taken over: it was not all */
    "CREATE TABLE refused_count (id {text} NOT NULL PRIMARY KEY, instance_id {text} NOT NULL, minute {integer} NOT NULL,"
    " principal_id {text} NOT NULL, refusal {text} NOT NULL, requests {integer} NOT NULL, last_time {integer} NOT NULL){table};"
    "CREATE INDEX refused_count_by_minute ON refused_count (instance_id, minute);"
    "CREATE INDEX refused_count_by_age ON refused_count (minute);",

    /* 21: the audit in the order in which it was written, and counts of its blocks (store/audit_blocks.h), which tell what indexes told */
    "CREATE TABLE audit_block (instance_id {text} NOT NULL, first_id {text} NOT NULL, sort {text} NOT NULL, project_id {text} NOT NULL,"
    " actor {text} NOT NULL, actor_name {text} NOT NULL, source {text} NOT NULL, action {text} NOT NULL, resource {text} NOT NULL,"
    " result {text} NOT NULL, last_id {text} NOT NULL, from_time {integer} NOT NULL, to_time {integer} NOT NULL, number {integer} NOT NULL,"
    " PRIMARY KEY (instance_id, first_id, sort)){table};"
    "DELETE FROM row_count WHERE entity = 'audit';"
    "DROP INDEX audit_by_time;"
    "DROP INDEX audit_by_actor;"
    "DROP INDEX audit_by_action;"
    "DROP INDEX audit_by_result;"
    "DROP INDEX audit_by_object;"
    "DROP INDEX audit_by_request;"
    "CREATE INDEX audit_by_instance ON audit (instance_id, id);"
    "CREATE INDEX audit_by_object ON audit (instance_id, resource_id, id);"
    "CREATE INDEX audit_by_request ON audit (instance_id, request_id, id);",

    /* 22: how many principals may call anything (store/tracked.c) */
    "INSERT INTO row_count SELECT 'authorised', instance_id, CAST(principal_kind AS TEXT), '', '', count(DISTINCT principal_id)"
    " FROM authorisation GROUP BY instance_id, principal_kind;",
};
#define MIGRATIONS ((int64_t)(sizeof migrations / sizeof migrations[0]))

static const char *dialect_word(const struct dialect *dialect, struct bytes word)
{
    if (bytes_equal(word, BYTES("text"))) return dialect->text;
    if (bytes_equal(word, BYTES("integer"))) return dialect->integer;
    if (bytes_equal(word, BYTES("blob"))) return dialect->blob;
    return dialect->table;
}

/* Writes `sql` with its words replaced; the result is NUL-terminated unless it overflowed. */
static bool dialect_write(const struct dialect *dialect, const char *sql, struct buffer *out)
{
    struct bytes rest = bytes_of_text(sql);
    while (rest.length > 0) {
        size_t plain = bytes_find(rest, '{');
        buffer_add(out, bytes_slice(rest, 0, plain));
        rest = bytes_from(rest, plain + 1);
        if (rest.length == 0) break;
        size_t word = bytes_find(rest, '}');
        buffer_add_text(out, dialect_word(dialect, bytes_slice(rest, 0, word)));
        rest = bytes_from(rest, word + 1);
    }
    buffer_add_byte(out, 0);
    return !out->overflow;
}

static bool migrate_exec(struct connection *connection, const char *sql)
{
    char text[16384];
    struct buffer out = buffer_over(text, sizeof text);
    if (!dialect_write(&connection->driver->dialect, sql, &out)) {
        connection_problem(connection, "migration", "its text is too long");
        return false;
    }
    return connection->driver->exec(connection, text) == STEP_DONE;
}

/* The single integer that `sql` yields; false on a fault or no row. */
static bool migrate_read(struct connection *connection, const char *sql, int64_t *number)
{
    struct statement *statement = statement_get(connection, sql, false);
    if (!statement) return false;
    const struct driver *driver = connection->driver;
    bool found = driver->bind(statement, NULL, 0) && driver->step(statement) == STEP_ROW;
    if (found) *number = driver->column(statement, 0).integer;
    statement_put(statement);
    return found;
}

static bool migrate_number(struct connection *connection, int64_t number)
{
    char sql[64];
    snprintf(sql, sizeof sql, "UPDATE schema_version SET version = %" PRId64, number);
    return migrate_exec(connection, migrations[number - 1]) && connection->driver->exec(connection, sql) == STEP_DONE;
}

/* The id that tells this store from another; it is no secret, so it may stand in the text of the command. */
static bool migrate_identity(struct connection *connection)
{
    int64_t count;
    char id[33], sql[128];
    if (!migrate_read(connection, "SELECT count(*) FROM identity", &count)) return false;
    if (count > 0) return true;
    if (!random_id(id)) {
        connection_problem(connection, "migration", "no randomness");
        return false;
    }
    snprintf(sql, sizeof sql, "INSERT INTO identity (only_row, id) VALUES (1, '%s')", id);
    return connection->driver->exec(connection, sql) == STEP_DONE;
}

static bool migrate_steps(struct connection *connection)
{
    int64_t version = 0;
    if (!migrate_exec(connection, "CREATE TABLE IF NOT EXISTS schema_version"
                                  " (only_row {integer} NOT NULL PRIMARY KEY CHECK (only_row = 1), version {integer} NOT NULL){table};"
                                  "INSERT INTO schema_version (only_row, version) VALUES (1, 0) ON CONFLICT DO NOTHING;")) {
        return false;
    }
    if (!migrate_read(connection, "SELECT version FROM schema_version", &version)) return false;
    if (version > MIGRATIONS) {
        connection_problem(connection, "migration", "the store was written by a newer version of this program");
        return false;
    }
    for (int64_t number = version + 1; number <= MIGRATIONS; number++) {
        if (!migrate_number(connection, number)) return false;
    }
    return migrate_identity(connection);
}

bool migrations_apply(struct connection *connection)
{
    const struct driver *driver = connection->driver;
    if (driver->exec(connection, driver->begin_migration) != STEP_DONE) return false;
    if (driver->lock_migration && driver->exec(connection, driver->lock_migration) != STEP_DONE) return false;
    if (migrate_steps(connection)) return driver->exec(connection, driver->commit) == STEP_DONE;
    char problem[STORE_PROBLEM_SIZE];
    memcpy(problem, connection->problem, sizeof problem);
    driver->exec(connection, "ROLLBACK");
    memcpy(connection->problem, problem, sizeof problem);
    return false;
}
