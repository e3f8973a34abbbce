#include "control/api_fields.h"

#include "control/charsets.h"
#include "control/jwt_policies.h"
#include "control/path_template.h"
#include "policy/publication.h"
#include "store/schema.h"

#define SAMPLE_MAX        20480
#define MOCK_MAX          2048
#define CERTIFICATES_MAX  65536
#define BODY_LIMIT_MAX    (9536ll * 1024 * 1024) /* of request_body_size, huawei.md 1.1 */
#define TIMEOUT_MAX       600000
#define MAX_POLICIES      5
#define MAX_ORCHESTRATION 5

const char *const api_methods[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "ANY", NULL};
static const char *const front_protocols[] = {"HTTP", "HTTPS", "BOTH", "GRPCS", NULL};
static const char *const backend_protocols[] = {"HTTP", "HTTPS", "GRPCS", NULL};
static const char *const auth_types[] = {"NONE", "APP", "IAM", "AUTHORIZER", NULL};
static const char *const match_modes[] = {"NORMAL", "SWA", NULL};
static const char *const backend_types[] = {"HTTP", "FUNCTION", "MOCK", "GRPC", NULL};
static const char *const app_code_types[] = {"DISABLE", "HEADER", "HEADER_QUERY", NULL};
static const char *const content_types[] = {"application/json", "application/xml", "multipart/form-data", "text/plain", NULL};
static const char *const retry_counts[] = {"-1", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", NULL};
static const char *const param_types[] = {"STRING", "NUMBER", NULL};
static const char *const param_locations[] = {"PATH", "QUERY", "HEADER", NULL};
static const char *const param_origins[] = {"REQUEST", "CONSTANT", "SYSTEM", NULL};

const struct charset charset_tag = {"A-Za-z", "A-Za-z0-9*#%.:_-", true, "letters, digits and -*#%.:_, first a letter"};
static const struct charset charset_param = {"A-Za-z", "A-Za-z0-9_.-", false, "letters, digits and -_., first a letter"};

static const struct field auth_opt_items[] = {
    {.name = "app_code_auth_type", .type = FIELD_STRING, .choices = app_code_types, .preset = "\"DISABLE\""},
};
static const struct fields auth_opt = FIELDS_OF(auth_opt_items);

static const struct field vpc_channel_items[] = {
    {.name = "vpc_channel_id", .type = FIELD_STRING, .maximum = 64, .charset = &charset_id},
    {.name = "vpc_channel_proxy_host", .type = FIELD_STRING, .maximum = 255, .charset = &charset_printable},
};
static const struct fields vpc_channel = FIELDS_OF(vpc_channel_items);

/* url_domain is asked for by api_rules.c, which can say better why it is missing. */
static const struct field backend_api_items[] = {
    {.name = "url_domain", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "req_protocol", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = backend_protocols},
    {.name = "req_method", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = api_methods},
    {.name = "req_uri", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = PATH_TEMPLATE_MAX_LENGTH},
    {.name = "timeout", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = TIMEOUT_MAX},
    {.name = "retry_count", .type = FIELD_STRING, .choices = retry_counts, .preset = "\"-1\""},
    {.name = "enable_client_ssl", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "enable_sm_channel", .type = FIELD_BOOLEAN},
    {.name = "version", .type = FIELD_STRING, .maximum = 16, .charset = &charset_printable},
    {.name = "remark", .type = FIELD_STRING, .maximum = 255},
    {.name = "authorizer_id", .type = FIELD_STRING, .maximum = 64},
    {.name = "vpc_channel_status", .type = FIELD_INTEGER, .minimum = 1, .maximum = 2, .preset = "2"},
    {.name = "vpc_channel_info", .type = FIELD_OBJECT, .members = &vpc_channel},
};
static const struct fields backend_api = FIELDS_OF(backend_api_items);

static const struct field mock_info_items[] = {
    {.name = "result_content", .type = FIELD_STRING, .maximum = MOCK_MAX},
    {.name = "remark", .type = FIELD_STRING, .maximum = 255},
    {.name = "version", .type = FIELD_STRING, .maximum = 64, .charset = &charset_printable},
    {.name = "authorizer_id", .type = FIELD_STRING, .maximum = 64},
};
static const struct fields mock_info = FIELDS_OF(mock_info_items);

static const struct field req_param_items[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = PATH_TEMPLATE_MAX_PARAM_NAME,
     .charset = &charset_param},
    {.name = "type", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = param_types},
    {.name = "location", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = param_locations},
    {.name = "default_value", .type = FIELD_STRING, .maximum = 255},
    {.name = "sample_value", .type = FIELD_STRING, .maximum = 255},
    {.name = "required", .type = FIELD_INTEGER, .minimum = 1, .maximum = 2},
    {.name = "valid_enable", .type = FIELD_INTEGER, .minimum = 1, .maximum = 2, .preset = "2"},
    {.name = "remark", .type = FIELD_STRING, .maximum = 255},
    {.name = "enumerations", .type = FIELD_STRING, .maximum = 512},
    {.name = "min_num", .type = FIELD_INTEGER, .minimum = INT32_MIN, .maximum = INT32_MAX},
    {.name = "max_num", .type = FIELD_INTEGER, .minimum = INT32_MIN, .maximum = INT32_MAX},
    {.name = "min_size", .type = FIELD_INTEGER, .minimum = 0, .maximum = INT32_MAX},
    {.name = "max_size", .type = FIELD_INTEGER, .minimum = 0, .maximum = INT32_MAX},
    {.name = "regular", .type = FIELD_STRING, .maximum = 255},
    {.name = "json_schema", .type = FIELD_STRING, .maximum = 255},
    {.name = "pass_through", .type = FIELD_INTEGER, .minimum = 1, .maximum = 2},
    {.name = "orchestrations", .type = FIELD_STRINGS, .maximum = 64, .most_items = MAX_ORCHESTRATION},
};
static const struct fields req_param = FIELDS_OF(req_param_items);

static const struct field backend_param_items[] = {
    {.name = "origin", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = param_origins},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = PATH_TEMPLATE_MAX_PARAM_NAME,
     .charset = &charset_param},
    {.name = "location", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = param_locations},
    {.name = "value", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "remark", .type = FIELD_STRING, .maximum = 255},
};
static const struct fields backend_param = FIELDS_OF(backend_param_items);

/* Kinds of backend and policies that are not served: only whether they are there matters (api_rules.c). */

/* In the words of docs/schemes; the first three unless the operator says otherwise. */
const char *const api_signature_schemes[] = {"aliyun-ca",       "sdk-hmac-sha256",       "bce-auth-v1", "sdk-hmac-sm3",
                                             "v11-hmac-sha256", "sdk-ecdsa-p256-sha256", "sdk-sm2-sm3", NULL};
static const struct field member_items[] = {
    {.name = "authority", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "weight", .type = FIELD_INTEGER, .minimum = 1, .maximum = BACKEND_MAX_WEIGHT, .preset = "1"},
};
static const struct fields member = FIELDS_OF(member_items);

/* This gateway's own options. */
static const struct field countersign_items[] = {
    {.name = "signature_schemes",
     .type = FIELD_STRINGS,
     .most_items = 8,
     .choices = api_signature_schemes,
     .preset = "[\"aliyun-ca\",\"sdk-hmac-sha256\",\"bce-auth-v1\"]"},
    {.name = "hide_hint", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "body_limit", .type = FIELD_INTEGER, .minimum = 0, .maximum = BODY_LIMIT_MAX, .preset = "0"},
    {.name = "accept_repeated_names", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "require_body_digest", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "accept_anonymous", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "accept_undated", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "require_nonce", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "disable_internet", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "disable_internal", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "verify_certificate", .type = FIELD_BOOLEAN, .preset = "true"},
    {.name = "ca_certificates", .type = FIELD_STRING, .maximum = CERTIFICATES_MAX, .preset = "\"\""},
    {.name = "members", .type = FIELD_OBJECTS, .members = &member, .most_items = BACKEND_MAX_MEMBERS},
    {.name = "jwt_policy", .type = FIELD_OBJECT, .members = &jwt_policy_fields},
};
static const struct fields countersign = FIELDS_OF(countersign_items);

static const struct field api_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = API_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = API_NAME,
     .minimum = 3,
     .maximum = 255,
     .charset = &charset_group_name},
    {.name = "group_id",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = API_GROUP_ID,
     .minimum = 1,
     .maximum = 64,
     .charset = &charset_id},
    {.name = "type", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_STORED, .column = API_TYPE, .minimum = 1, .maximum = 2},
    {.name = "version", .type = FIELD_STRING, .maximum = 16, .charset = &charset_printable},
    {.name = "req_protocol",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = API_REQ_PROTOCOL,
     .choices = front_protocols,
     .preset = "\"HTTPS\""},
    {.name = "req_method", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_STORED, .column = API_REQ_METHOD, .choices = api_methods},
    {.name = "req_uri",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = API_REQ_URI,
     .minimum = 1,
     .maximum = PATH_TEMPLATE_MAX_LENGTH},
    {.name = "match_mode",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = API_MATCH_MODE,
     .choices = match_modes,
     .preset = "\"NORMAL\""},
    {.name = "auth_type", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_STORED, .column = API_AUTH_TYPE, .choices = auth_types},
    {.name = "auth_opt", .type = FIELD_OBJECT, .members = &auth_opt},
    {.name = "authorizer_id", .type = FIELD_STRING, .maximum = 64},
    {.name = "cors", .type = FIELD_BOOLEAN, .preset = "false"},
    {.name = "backend_type", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = backend_types},
    {.name = "remark", .type = FIELD_STRING, .flags = FIELD_STORED, .column = API_REMARK, .maximum = 255, .preset = "\"\""},
    {.name = "body_remark", .type = FIELD_STRING, .maximum = SAMPLE_MAX},
    {.name = "result_normal_sample", .type = FIELD_STRING, .maximum = SAMPLE_MAX},
    {.name = "result_failure_sample", .type = FIELD_STRING, .maximum = SAMPLE_MAX},
    {.name = "tags", .type = FIELD_STRINGS, .minimum = 1, .maximum = 128, .most_items = API_MAX_TAGS, .charset = &charset_tag},
    {.name = "content_type", .type = FIELD_STRING, .choices = content_types},
    {.name = "domain_name", .type = FIELD_STRING, .maximum = 255},
    {.name = "response_id", .type = FIELD_STRING, .maximum = 64},
    {.name = "roma_app_id", .type = FIELD_STRING, .maximum = 64},
    {.name = "trace_enabled", .type = FIELD_BOOLEAN},
    {.name = "sampling_strategy", .type = FIELD_STRING, .maximum = 64},
    {.name = "sampling_param", .type = FIELD_STRING, .maximum = 64},
    {.name = "backend_api", .type = FIELD_OBJECT, .members = &backend_api},
    {.name = "mock_info", .type = FIELD_OBJECT, .members = &mock_info},
    {.name = "func_info", .type = FIELD_OBJECT, .members = &fields_any},
    {.name = "req_params", .type = FIELD_OBJECTS, .members = &req_param, .most_items = API_MAX_PARAMS},
    {.name = "backend_params", .type = FIELD_OBJECTS, .members = &backend_param, .most_items = API_MAX_PARAMS},
    {.name = "policy_https", .type = FIELD_OBJECTS, .members = &fields_any, .most_items = MAX_POLICIES},
    {.name = "policy_mocks", .type = FIELD_OBJECTS, .members = &fields_any, .most_items = MAX_POLICIES},
    {.name = "policy_functions", .type = FIELD_OBJECTS, .members = &fields_any, .most_items = MAX_POLICIES},
    {.name = "countersign", .type = FIELD_OBJECT, .members = &countersign},
    {.name = "register_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = API_REGISTER_TIME},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = API_UPDATE_TIME},
    ANSWERED("status", FIELD_INTEGER),
    ANSWERED("arrange_necessary", FIELD_INTEGER),
    ANSWERED("group_name", FIELD_STRING),
    ANSWERED("group_version", FIELD_STRING),
    ANSWERED("run_env_id", FIELD_STRING),
    ANSWERED("run_env_name", FIELD_STRING),
    ANSWERED("publish_id", FIELD_STRING),
    ANSWERED("publish_time", FIELD_STRING), /* one per environment, joined by '|' */
    /* Of a version (api_publish.c). */
    ANSWERED("api_id", FIELD_STRING),
    ANSWERED("env_id", FIELD_STRING),
    ANSWERED("version_id", FIELD_STRING),
    ANSWERED("version_no", FIELD_STRING),
};
const struct fields api_fields = FIELDS_OF(api_items);
