#include "control/call.h"

#include "base/text.h"
#include "control/log.h"
#include "control/routes.h"
#include "crypto/random.h"

#include <string.h>
#include <time.h>

bool call_answer(struct call *call, unsigned status, json_t *body)
{
    if (body == NULL && status != 204) return call_fault(call, "no memory for the answer");
    call->status = status;
    call->answer = body;
    return true;
}

/* libmicrohttpd wants texts that end in NUL: what is kept here does. */
bool call_add_field(struct call *call, const char *name, struct bytes value)
{
    const char *kept = arena_copy_text(&call->arena, value);
    if (kept == NULL || call->answer_field_count == CALL_MAX_FIELDS) return call_fault(call, "no room for a field of the answer");
    call->answer_fields[call->answer_field_count++] = (struct http_field){bytes_of_text(name), bytes_of(kept, value.length)};
    return true;
}

bool call_begin(struct call *call, bool writes)
{
    call->session = writes ? store_write(call->daemon->store) : store_read(call->daemon->store);
    return call->session != NULL || call_fault(call, "no session with the store");
}

void call_let_go(struct call *call)
{
    store_abort(call->session);
    call->session = NULL;
}

bool call_refuse(struct call *call, enum error_code code, struct bytes subject)
{
    if (call->error != ERROR_NONE) return false; /* the first reason counts */
    call->error = code;
    size_t length = subject.length < CALL_MAX_SUBJECT ? subject.length : CALL_MAX_SUBJECT - 1;
    if (length > 0) memcpy(call->subject, subject.data, length);
    call->subject[length] = '\0';
    return false;
}

bool call_refuse_rule(struct call *call, const char *field, const char *rule)
{
    char subject[CALL_MAX_SUBJECT];
    struct buffer out = buffer_over(subject, sizeof subject);
    buffer_add_text(&out, field);
    buffer_add_text(&out, ". Please refer to the support documentation. The rule: ");
    buffer_add_text(&out, rule);
    return call_refuse(call, ERROR_FIELD_VALUE, buffer_bytes(&out));
}

bool call_refuse_field(struct call *call, const struct field_problem *problem)
{
    return call_refuse(call, problem->code, bytes_of_text(problem->subject));
}

static bool put_text(json_t *item, const char *name, const struct buffer *text)
{
    struct bytes bytes = buffer_bytes(text);
    return json_object_set_new(item, name, json_stringn((const char *)bytes.data, bytes.length)) == 0;
}

bool call_take_back(struct call *call, json_t *item)
{
    char memory[1024 + CALL_MAX_SUBJECT];
    struct buffer text = buffer_over(memory, sizeof memory);
    if (call->error == ERROR_NONE || error_of(call->error)->status >= 500) return false;
    error_write_code(&text, call->error);
    bool done = put_text(item, "error_code", &text);
    buffer_clear(&text);
    error_write_text(&text, call->error, bytes_of_text(call->subject));
    if (!done || !put_text(item, "error_msg", &text)) return call_fault(call, "no memory for the answer");
    call->error = ERROR_NONE;
    return true;
}

bool call_fault(struct call *call, const char *what)
{
    log_call(call, LOG_ERROR, what);
    return call_refuse(call, ERROR_FAULT, BYTES(""));
}

bool call_store(struct call *call, enum store_result result)
{
    if (result == STORE_OK) return true;
    return call_fault(call, store_problem(call->session));
}

struct bytes call_text(const struct call *call, const char *name)
{
    const json_t *value = json_object_get(call->body, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

int64_t call_integer(const struct call *call, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(call->body, name);
    if (json_is_boolean(value)) return json_is_true(value);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool call_has(const struct call *call, const char *name)
{
    return json_object_get(call->body, name) != NULL;
}

struct bytes call_query(struct call *call, const char *name)
{
    if (!route_reads(call->route, name)) call_fault(call, "a query parameter that the route does not name");
    struct bytes rest = call->request.query;
    struct http_pair pair;
    while (http_pair_next(&rest, &pair)) {
        if (!bytes_equal(pair.name, bytes_of_text(name))) continue;
        struct buffer out = buffer_in(&call->arena, pair.value.length);
        return percent_decode_form(&out, pair.value) ? buffer_bytes(&out) : BYTES("");
    }
    return BYTES("");
}

bool call_query_check(struct call *call, const struct fields *fields)
{
    struct field_problem problem;
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        struct bytes text = call_query(call, field->name);
        if (text.length == 0 && (field->flags & FIELD_REQUIRED)) return call_refuse(call, ERROR_FIELD_MISSING, bytes_of_text(field->name));
        if (text.length > 0 && !field_check_query(field, text, &problem)) return call_refuse_field(call, &problem);
    }
    return true;
}

struct bytes call_new_id(struct call *call)
{
    char id[ID_SIZE];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (random_id_at(now.tv_sec * 1000 + now.tv_nsec / 1000000, id)) return arena_copy(&call->arena, bytes_of(id, ID_SIZE - 1));
    call_fault(call, "no randomness for an id");
    return BYTES("");
}

bool call_change_of_users(struct call *call, enum change_kind kind, struct bytes id)
{
    call->changed = true;
    return call_store(call, store_change(call->session, kind, BYTES(""), id, BYTES("")));
}

bool call_change(struct call *call, enum change_kind kind, struct bytes id, struct bytes second)
{
    call->changed = true;
    return call_store(call, store_change(call->session, kind, call->instance_id, id, second));
}
