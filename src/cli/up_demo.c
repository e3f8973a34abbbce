#include "cli/up_demo.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buffer.h"
#include "base/json.h"
#include "cli/up_files.h"
#include "control/files.h"
#include "crypto/random.h"
#include "scheme/scheme.h"

#define RELEASE  "DEFAULT_ENVIRONMENT_RELEASE_ID" /* huawei.md 4.1 */
#define NAME     "demo"
#define MAX_BODY 2048

struct demo {
    struct arena *arena;
    const struct management *management;
    char *problem; /* 256 */
};

/* A text with every '$' replaced by the next of `values`, as a JSON string. */
static struct bytes compose(struct arena *arena, const char *text, const struct bytes *values)
{
    struct buffer body = buffer_in(arena, MAX_BODY);
    for (; *text != 0; text++) {
        if (*text == '$')
            json_write_string(&body, *values++);
        else
            buffer_add_byte(&body, (uint8_t)*text);
    }
    return buffer_bytes(&body);
}

static struct bytes member_text(struct arena *arena, const struct json_value *object, const char *name)
{
    struct json_value value;
    bool found = json_member(arena, object, bytes_of_text(name), &value) && value.type == JSON_TYPE_STRING;
    return found ? value.text : bytes_of(NULL, 0);
}

static bool json_file(struct arena *arena, const char *path, struct json_value *document, char problem[static 256])
{
    struct bytes content;
    if (!file_read(arena, path, &content, problem)) return false;
    if (json_read(arena, content, document)) return true;
    snprintf(problem, 256, "%.200s is no JSON document", path);
    return false;
}

bool demo_administrator(struct arena *arena, const char *data, struct management *management, char problem[static 256])
{
    struct json_value document;
    if (!json_file(arena, path_in(arena, data, "admin.json"), &document, problem)) return false;
    management->access = member_text(arena, &document, "access");
    management->secret = member_text(arena, &document, "secret");
    management->project_id = member_text(arena, &document, "project_id");
    management->instance_id = member_text(arena, &document, "instance_id");
    bool complete = management->access.length > 0 && management->secret.length > 0 && management->project_id.length > 0 &&
                    management->instance_id.length > 0;
    if (!complete) snprintf(problem, 256, "admin.json lacks access, secret, project_id or instance_id");
    return complete;
}

static bool draw_keys(struct arena *arena, const char *path, char problem[static 256])
{
    struct bytes drawn[5];
    for (size_t i = 0; i < 5; i++) {
        struct buffer text = buffer_in(arena, 32);
        if (!random_text(&text, 32)) {
            snprintf(problem, 256, "the system has no randomness");
            return false;
        }
        drawn[i] = buffer_bytes(&text);
    }
    static const char template[] = "{\"app_key\":$,\"app_secret\":$,\"api_key\":$,\"sign_key\":$,\"sign_secret\":$}\n";
    return file_replace(path, 0600, compose(arena, template, drawn), problem);
}

bool demo_keys_load(struct arena *arena, const char *data, struct demo_keys *keys, char problem[static 256])
{
    const char *path = path_in(arena, data, "demo.json");
    struct stat found;
    struct json_value document;
    if (stat(path, &found) != 0 && !draw_keys(arena, path, problem)) return false;
    if (!json_file(arena, path, &document, problem)) return false;
    keys->app_key = member_text(arena, &document, "app_key");
    keys->app_secret = member_text(arena, &document, "app_secret");
    keys->api_key = member_text(arena, &document, "api_key");
    keys->sign_key = member_text(arena, &document, "sign_key");
    keys->sign_secret = member_text(arena, &document, "sign_secret");
    return true;
}

/* One call; true on 2xx, and *answer is the answer's object. */
static bool call(const struct demo *demo, const struct management_call *what, struct json_value *answer)
{
    struct http_reply reply;
    *answer = (struct json_value){0};
    if (!management_send(demo->management, what, demo->arena, &reply, demo->problem)) return false;
    if (reply.status >= 200 && reply.status < 300 && (reply.body.length == 0 || json_read(demo->arena, reply.body, answer))) return true;
    snprintf(demo->problem, 256, "%s %.*s answered %u %.*s", what->method, (int)what->target.length, (const char *)what->target.data,
             reply.status, (int)(reply.body.length < 150 ? reply.body.length : 150), (const char *)reply.body.data);
    return false;
}

static struct bytes join3(struct arena *arena, const char *a, struct bytes b, const char *c)
{
    struct buffer out = buffer_in(arena, strlen(a) + b.length + strlen(c));
    buffer_add_text(&out, a);
    buffer_add(&out, b);
    buffer_add_text(&out, c);
    return buffer_bytes(&out);
}

/* The first item of a list that an answer holds. */
static bool first_item(struct arena *arena, const struct json_value *answer, const char *list, struct json_value *item)
{
    struct json_value items, no_name;
    if (!json_member(arena, answer, bytes_of_text(list), &items) || items.type != JSON_TYPE_ARRAY) return false;
    struct bytes rest = items.raw;
    return json_next(arena, &rest, &no_name, item);
}

/* A resource of the demonstration: looked for by its name, created when it is not there. */
struct wanted {
    const char *path;
    const char *list;
    struct bytes body;
};

static bool ensure(const struct demo *demo, const struct wanted *wanted, struct json_value *resource, bool *created)
{
    struct bytes query = join3(demo->arena, wanted->path, BYTES("?name=" NAME), "&precise_search=name");
    *created = false;
    struct json_value answer;
    if (!call(demo, &(struct management_call){"GET", query, bytes_of(NULL, 0)}, &answer)) return false;
    if (first_item(demo->arena, &answer, wanted->list, resource)) return true;
    *created = true;
    return call(demo, &(struct management_call){"POST", bytes_of_text(wanted->path), wanted->body}, resource);
}

static struct bytes id_of(const struct demo *demo, const struct json_value *resource)
{
    return member_text(demo->arena, resource, "id");
}

static bool create_group(const struct demo *demo, struct bytes *group)
{
    struct json_value resource;
    bool created;
    struct wanted wanted = {"/api-groups", "groups", BYTES("{\"name\":\"" NAME "\",\"remark\":\"made by countersign up\"}")};
    if (!ensure(demo, &wanted, &resource, &created)) return false;
    *group = id_of(demo, &resource);
    struct json_value domain;
    if (!created && first_item(demo->arena, &resource, "url_domains", &domain)) return true;
    struct bytes target = join3(demo->arena, "/api-groups/", *group, "/domains");
    return call(demo, &(struct management_call){"POST", target, BYTES("{\"url_domain\":\"" DEMO_HOST "\"}")}, &resource);
}

static struct bytes api_body(struct arena *arena, struct bytes group, struct bytes backend)
{
    return compose(arena,
                   "{\"name\":\"" NAME
                   "\",\"group_id\":$,\"type\":1,\"req_protocol\":\"HTTP\",\"req_method\":\"ANY\",\"req_uri\":\"" DEMO_PATH
                   "\",\"match_mode\":\"SWA\",\"auth_type\":\"APP\",\"backend_type\":\"HTTP\",\"backend_api\":{\"url_domain\":$,"
                   "\"req_protocol\":\"HTTP\",\"req_method\":\"ANY\",\"req_uri\":\"" DEMO_PATH "\",\"timeout\":5000}}",
                   (struct bytes[]){group, backend});
}

/* Is the API that is there published once, and does it forward to this backend? Then *publication is its publication. */
static bool is_current(const struct demo *demo, const struct json_value *api, struct bytes backend, struct bytes *publication)
{
    struct json_value forwards;
    if (!json_member(demo->arena, api, BYTES("backend_api"), &forwards)) return false;
    *publication = member_text(demo->arena, api, "publish_id");
    return bytes_equal(member_text(demo->arena, &forwards, "url_domain"), backend) && publication->length > 0 &&
           bytes_find(*publication, '|') == publication->length;
}

static bool publish(const struct demo *demo, struct bytes api, struct bytes *publication)
{
    struct json_value answer;
    struct bytes body = compose(demo->arena, "{\"action\":\"online\",\"env_id\":\"" RELEASE "\",\"api_id\":$}", &api);
    if (!call(demo, &(struct management_call){"POST", BYTES("/apis/action"), body}, &answer)) return false;
    *publication = member_text(demo->arena, &answer, "publish_id");
    return true;
}

/* The API, published; its backend follows the port of this start. */
static bool provide_api(const struct demo *demo, struct bytes group, unsigned backend_port, struct bytes *api, struct bytes *publication)
{
    char text[32];
    struct bytes backend = bytes_of(text, (size_t)snprintf(text, sizeof text, "127.0.0.1:%u", backend_port));
    struct json_value resource, current;
    bool created;
    struct wanted wanted = {"/apis", "apis", api_body(demo->arena, group, backend)};
    if (!ensure(demo, &wanted, &resource, &created)) return false;
    *api = id_of(demo, &resource);
    if (created) return publish(demo, *api, publication);
    struct bytes target = join3(demo->arena, "/apis/", *api, "");
    if (!call(demo, &(struct management_call){"GET", target, bytes_of(NULL, 0)}, &current)) return false;
    if (is_current(demo, &current, backend, publication)) return true;
    return call(demo, &(struct management_call){"PUT", target, wanted.body}, &current) && publish(demo, *api, publication);
}

static bool authorise_app(const struct demo *demo, const struct demo_keys *keys, struct bytes api)
{
    struct json_value resource;
    bool created;
    struct bytes body =
        compose(demo->arena, "{\"name\":\"" NAME "\",\"app_key\":$,\"app_secret\":$}", (struct bytes[]){keys->app_key, keys->app_secret});
    if (!ensure(demo, &(struct wanted){"/apps", "apps", body}, &resource, &created)) return false;
    body =
        compose(demo->arena, "{\"env_id\":\"" RELEASE "\",\"app_ids\":[$],\"api_ids\":[$]}", (struct bytes[]){id_of(demo, &resource), api});
    return call(demo, &(struct management_call){"POST", BYTES("/app-auths"), body}, &resource);
}

static bool authorise_consumer(const struct demo *demo, const struct demo_keys *keys, struct bytes api)
{
    struct json_value resource;
    bool created;
    struct bytes body =
        compose(demo->arena, "{\"name\":\"" NAME "\",\"api_key\":{\"generate_mode\":\"CUSTOM\",\"source\":\"BEARER\",\"value\":$}}",
                &keys->api_key);
    if (!ensure(demo, &(struct wanted){"/consumers", "consumers", body}, &resource, &created)) return false;
    body = compose(demo->arena, "{\"env_id\":\"" RELEASE "\",\"consumer_ids\":[$],\"api_ids\":[$]}",
                   (struct bytes[]){id_of(demo, &resource), api});
    return call(demo, &(struct management_call){"POST", BYTES("/consumer-auths"), body}, &resource);
}

static bool bind_signature_key(const struct demo *demo, const struct demo_keys *keys, struct bytes publication)
{
    struct json_value resource;
    bool created;
    struct bytes body = compose(demo->arena, "{\"name\":\"" NAME "\",\"sign_type\":\"hmac\",\"sign_key\":$,\"sign_secret\":$}",
                                (struct bytes[]){keys->sign_key, keys->sign_secret});
    if (!ensure(demo, &(struct wanted){"/signs", "signs", body}, &resource, &created)) return false;
    body = compose(demo->arena, "{\"sign_id\":$,\"publish_ids\":[$]}", (struct bytes[]){id_of(demo, &resource), publication});
    return call(demo, &(struct management_call){"POST", BYTES("/sign-bindings"), body}, &resource);
}

bool demo_create(struct arena *arena, const struct management *management, const struct demo_keys *keys, unsigned backend_port,
                 char problem[static 256])
{
    struct demo demo = {arena, management, problem};
    struct bytes group, api, publication;
    return create_group(&demo, &group) && provide_api(&demo, group, backend_port, &api, &publication) && authorise_app(&demo, keys, api) &&
           authorise_consumer(&demo, keys, api) && bind_signature_key(&demo, keys, publication);
}

/* -H 'Name: value', quoted for a shell: signed fields hold no quote. */
static void print_fields(const struct signed_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct http_field *field = &fields->items[i];
        printf(" \\\n      -H '%.*s: %.*s'", (int)field->name.length, (const char *)field->name.data, (int)field->value.length,
               (const char *)field->value.data);
    }
    printf("\n");
}

static bool sign_call(struct arena *arena, const struct demo_keys *keys, unsigned port, struct signed_fields *fields)
{
    char host[64];
    snprintf(host, sizeof host, DEMO_HOST ":%u", port);
    struct http_field field = {BYTES("Host"), bytes_of_text(host)};
    struct http_request request = {.method = BYTES("GET"), .fields = &field, .field_count = 1};
    struct body_facts nothing = body_empty();
    struct signing signing = {
        .request = &request,
        .body = &nothing,
        .key_id = keys->app_key,
        .secret.text = keys->app_secret,
        .now = (int64_t)time(NULL),
    };
    return http_request_set_target(&request, BYTES(DEMO_PATH)) && scheme_sdk_hmac_sha256.sign(&signing, arena, fields);
}

void demo_print_calls(struct arena *arena, const struct demo_keys *keys, unsigned port)
{
    struct signed_fields fields = {0};
    if (!sign_call(arena, keys, port, &fields)) return;
    printf("\nA signed request, good for 15 minutes:\n\n  curl http://" DEMO_HOST ":%u" DEMO_PATH, port);
    print_fields(&fields);
    printf("\nThe same API with the key of a consumer:\n\n  curl http://" DEMO_HOST ":%u" DEMO_PATH " -H 'Authorization: Bearer %.*s'\n",
           port, (int)keys->api_key.length, (const char *)keys->api_key.data);
}
