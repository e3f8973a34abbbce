#include "control/log.h"

#include "base/date.h"
#include "base/json.h"
#include "control/call.h"
#include "control/routes.h"

#include <time.h>
#include <unistd.h>

#define LINE_SIZE 4096

static const char *const level_names[] = {"info", "warning", "error"};

static void add_member(struct buffer *line, const char *name, struct bytes text)
{
    size_t before = line->length;
    buffer_add_text(line, ",\"");
    buffer_add_text(line, name);
    buffer_add_text(line, "\":");
    json_write_string(line, text);
    if (!line->overflow) return;
    line->length = before;
    line->overflow = false;
}

void log_event(enum log_level level, const char *event, const struct log_item *items, size_t count)
{
    char memory[LINE_SIZE];
    struct buffer line = buffer_over(memory, sizeof memory - 2); /* room for the end */
    buffer_add_text(&line, "{\"time\":\"");
    date_format_rfc3339(&line, (int64_t)time(NULL));
    buffer_add_text(&line, "\"");
    add_member(&line, "level", bytes_of_text(level_names[level]));
    add_member(&line, "event", bytes_of_text(event));
    for (size_t i = 0; i < count; i++) add_member(&line, items[i].name, items[i].text);
    memory[line.length] = '}';
    memory[line.length + 1] = '\n';
    /* One write per line, so that lines of several threads do not mix; a log that cannot be written must not stop the daemon. */
    ssize_t written = write(STDERR_FILENO, memory, line.length + 2);
    (void)written;
}

void log_problem(enum log_level level, const char *event, const char *problem)
{
    struct log_item item = {"problem", bytes_of_text(problem)};
    log_event(level, event, &item, 1);
}

static struct bytes action_of(const struct call *call)
{
    return bytes_of_text(call->route != NULL ? call->route->action : "");
}

void log_call(const struct call *call, enum log_level level, const char *problem)
{
    struct log_item items[] = {
        {"request_id", bytes_of_text(call->request_id)}, {"action", action_of(call)}, {"problem", bytes_of_text(problem)}};
    log_event(level, "call_problem", items, sizeof items / sizeof *items);
}

void log_answer(const struct call *call)
{
    char memory[32];
    struct buffer status = buffer_over(memory, sizeof memory);
    buffer_add_number(&status, call->status);
    char code_memory[16];
    struct buffer code = buffer_over(code_memory, sizeof code_memory);
    if (call->error != ERROR_NONE) error_write_code(&code, call->error);
    struct log_item items[] = {
        {"request_id", bytes_of_text(call->request_id)},
        {"method", call->request.method},
        {"path", call->request.path},
        {"action", action_of(call)},
        {"user", call->actor_name},
        {"source", call->source},
        {"status", buffer_bytes(&status)},
        {"code", buffer_bytes(&code)},
        {"subject", bytes_of_text(call->subject)},
    };
    log_event(call->status >= 500 ? LOG_ERROR : LOG_INFO, "call", items, sizeof items / sizeof *items);
}
