#include "gateway/lockout.h"

#include "gateway/source.h"
#include "gateway/state.h"

static const struct gateway_lock defaults = {.rule = {.failures = 5, .seconds = 300, .most = 3600}};

/* "name=value"; NULL: another name. */
static u_char *value_of(const ngx_str_t *argument, const char *name)
{
    size_t length = ngx_strlen(name);
    return ngx_strncmp(argument->data, name, length) == 0 ? argument->data + length : NULL;
}

static bool read_number(const ngx_str_t *argument, u_char *value, ngx_int_t most, uint32_t *number)
{
    ngx_int_t read = ngx_atoi(value, (size_t)(argument->data + argument->len - value));
    if (read < 1 || read > most) return false;
    *number = (uint32_t)read;
    return true;
}

static bool read_seconds(const ngx_str_t *argument, u_char *value, uint32_t *seconds)
{
    ngx_str_t text = {(size_t)(argument->data + argument->len - value), value};
    ngx_int_t read = ngx_parse_time(&text, 1);
    if (read < 1 || read > LOCK_MOST_SECONDS) return false;
    *seconds = (uint32_t)read;
    return true;
}

static bool read_argument(const ngx_str_t *argument, struct gateway_lock *lock)
{
    u_char *value;
    if ((value = value_of(argument, "failures=")) != NULL) return read_number(argument, value, LOCK_MOST_FAILURES, &lock->rule.failures);
    if ((value = value_of(argument, "global=")) != NULL) return read_number(argument, value, LOCK_MOST_FAILURES, &lock->global_failures);
    if ((value = value_of(argument, "time=")) != NULL) return read_seconds(argument, value, &lock->rule.seconds);
    if ((value = value_of(argument, "most=")) != NULL) return read_seconds(argument, value, &lock->rule.most);
    return false;
}

char *lockout_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    struct gateway_main *main = conf;
    const ngx_str_t *arguments = cf->args->elts;
    static char wrong[] = "takes \"off\", or failures=N, time=TIME, most=TIME and global=N: 1 to 20 failures, 1s to 24h";
    (void)command;
    if (main->lock.set) {
        static char twice[] = "is duplicate";
        return twice;
    }
    main->lock.set = true;
    if (cf->args->nelts == 2 && ngx_strcmp(arguments[1].data, "off") == 0) return NGX_CONF_OK;
    struct gateway_lock lock = defaults;
    lock.set = lock.on = true;
    for (ngx_uint_t i = 1; i < cf->args->nelts; i++)
        if (!read_argument(&arguments[i], &lock)) return wrong;
    if (lock.rule.most < lock.rule.seconds) lock.rule.most = lock.rule.seconds;
    main->lock = lock;
    return NGX_CONF_OK;
}

static bool has_failed(const struct admission *admission)
{
    if (admission->outcome != ADMISSION_REFUSED) return false;
    return admission->refusal == REFUSAL_SIGNATURE_MISMATCH || admission->refusal == REFUSAL_KEY_UNKNOWN;
}

/* True: shut. */
static bool judge(struct lock *lock, const struct lock_rule *rule, const struct lock_attempt *attempt, const struct admission *admission)
{
    enum lock_answer answer = lock_look(lock, rule, attempt);
    if (answer == LOCK_SHUT) return true;
    if (has_failed(admission)) {
        lock_failed(lock, rule, attempt);
    } else if (answer == LOCK_WATCHED && admission->outcome == ADMISSION_ACCEPTED) { /* a copy is refused, and shows nothing */
        lock_succeeded(lock, attempt);
    }
    return false;
}

static void shut(struct admission *admission)
{
    admission->outcome = ADMISSION_REFUSED;
    admission->refusal = REFUSAL_KEY_LOCKED;
}

void lockout_judge(struct gateway_context *context)
{
    const ngx_http_request_t *r = context->request;
    const struct gateway_main *main = ngx_http_get_module_main_conf(r, ngx_http_countersign_module);
    const struct gateway_server *server = ngx_http_get_module_srv_conf(r, ngx_http_countersign_module);
    struct admission *admission = &context->admission;
    const struct claim *claim = &admission->claim;
    if (claim->scheme == NULL || claim->key_id.length == 0) return;
    struct lock *lock = state_lock();
    if (lock == NULL) {
        admission->outcome = ADMISSION_FAULT;
        return;
    }
    struct lock_attempt attempt = {
        .instance = bytes_of_str(server->instance), .key_id = claim->key_id, .source = source_customer(r->connection), .now = ngx_time()};
    if (judge(lock, &main->lock.rule, &attempt, admission)) return shut(admission);
    if (main->lock.global_failures == 0) return;
    struct lock_rule global = main->lock.rule;
    global.failures = main->lock.global_failures;
    attempt.source = BYTES("");
    if (judge(lock, &global, &attempt, admission)) shut(admission);
}
