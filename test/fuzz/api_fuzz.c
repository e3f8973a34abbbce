/* What an API may be: paths, authorities and certificates alone, and whole bodies through api_fields and api_rules. */
#include "base/text.h"
#include "control/api_fields.h"
#include "control/api_rules.h"
#include "control/authority.h"
#include "control/certificates.h"
#include "control/path_template.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[256 * 1024];

static void require(bool holds)
{
    if (!holds) abort();
}

static bool has_byte(struct bytes text, uint8_t byte)
{
    return bytes_find(text, byte) < text.length;
}

/* No client, gateway or backend can read an accepted path in two ways. */
static void require_plain_path(struct bytes path, const struct path_template *found)
{
    char key_memory[PATH_TEMPLATE_MAX_LENGTH + 8];
    struct buffer key = buffer_over(key_memory, sizeof key_memory);
    require(path.length > 0 && path.length <= PATH_TEMPLATE_MAX_LENGTH && path.data[0] == '/' && percent_is_valid(path));
    for (size_t i = 0; i < path.length; i++) require(path.data[i] > ' ' && path.data[i] < 0x7f);
    for (const char *bad = "?#*\\;"; *bad != '\0'; bad++) require(!has_byte(path, (uint8_t)*bad));
    for (size_t i = 0; i + 1 < path.length; i++) require(path.data[i] != '/' || path.data[i + 1] != '/');
    for (size_t i = 0; i < found->count; i++) require(path_template_has(found, found->params[i]) && found->params[i].length > 0);
    path_template_route_key(&key, BYTES("GET"), path);
    require(!key.overflow && key.length <= path.length + 4);
}

static void check_path(struct bytes text)
{
    struct path_template found;
    if (path_template_read(text, &found) == NULL) require_plain_path(text, &found);
}

static struct bytes last_label(struct bytes host)
{
    for (size_t i = host.length; i-- > 0;) {
        if (host.data[i] == '.') return bytes_from(host, i + 1);
    }
    return host;
}

static bool is_number(struct bytes label)
{
    for (size_t i = 0; i < label.length; i++) {
        if (label.data[i] < '0' || label.data[i] > '9') return false;
    }
    return true;
}

static void check_authority(struct bytes text)
{
    struct authority authority;
    if (authority_read(text, &authority) != NULL) return;
    require(authority.host.length > 0 && authority.host.length <= 253 && text.length <= AUTHORITY_MAX_LENGTH);
    for (const char *bad = "/@?#%\\[] \t\r\n"; *bad != '\0'; bad++) require(!has_byte(authority.host, (uint8_t)*bad));
    /* "169.254.example" is a name; "169.254.7" would be read as an address. */
    require(!bytes_start_with(authority.host, BYTES("169.254.")) || !is_number(last_label(authority.host)));
    require(!bytes_start_with_folded(authority.host, BYTES("fe80:")));
}

static void check_certificates(struct bytes text)
{
    struct arena arena = arena_over(memory, sizeof memory);
    if (certificates_are_pem(&arena, text)) require(!has_byte(text, '{') && !has_byte(text, 0));
}

static struct bytes member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

static void require_backend(const json_t *api, const struct path_template *front)
{
    struct path_template back;
    struct authority authority;
    const json_t *backend = json_object_get(api, "backend_api");
    require(bytes_equal(member(api, "backend_type"), BYTES("HTTP")) && json_object_get(api, "mock_info") == NULL);
    require(path_template_read(member(backend, "req_uri"), &back) == NULL);
    require(authority_read(member(backend, "url_domain"), &authority) == NULL);
    for (size_t i = 0; i < back.count; i++) require(path_template_has(front, back.params[i]));
}

static void require_mock(const json_t *api)
{
    require(bytes_equal(member(api, "backend_type"), BYTES("MOCK")));
    require(member(json_object_get(api, "mock_info"), "result_content").length <= 4 * 2048);
}

/* What was accepted can be routed, forwarded or answered, and asks for nothing that nobody does. */
static void require_served(const json_t *api)
{
    struct path_template front;
    require(path_template_read(member(api, "req_uri"), &front) == NULL);
    if (json_object_get(api, "mock_info") == NULL) {
        require_backend(api, &front);
    } else {
        require_mock(api);
    }
    struct bytes type = member(api, "auth_type");
    require(bytes_equal(type, BYTES("APP")) || bytes_equal(type, BYTES("NONE")) || bytes_equal(type, BYTES("IAM")));
    require(json_array_size(json_object_get(api, "policy_https")) == 0 && json_object_get(api, "func_info") == NULL);
}

static void check_body(struct bytes text)
{
    static struct call call;
    struct field_problem problem;
    json_t *given = fields_parse(text, &problem);
    if (given == NULL) return;
    memset(&call, 0, sizeof call);
    call.arena = arena_over(memory, sizeof memory);
    call.body = fields_check(&api_fields, given, FILL_PRESETS, &problem);
    json_decref(given);
    if (call.body == NULL) return;
    if (api_rules_hold(&call)) {
        require(call.error == ERROR_NONE);
        require_served(call.body);
    } else {
        require(error_of(call.error)->status == 400 && strlen(call.subject) > 0);
    }
    json_decref(call.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    check_path(text);
    check_authority(text);
    check_certificates(text);
    check_body(text);
    return 0;
}
