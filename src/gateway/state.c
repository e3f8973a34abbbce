#include "gateway/state.h"

#include "base/text.h"

#define RETRY_MS 500

static struct {
    struct replay replay;
    struct feedback feedback;
    bool has_replay;
    bool has_feedback;
    bool wants_feedback;
    char directory[NGX_MAX_PATH];
    char problem[256];
    ngx_event_t retry;
    ngx_connection_t nobody; /* timers want a connection to log about */
} state;

/* Said once for each reason, not twice a second. */
static void complain(ngx_log_t *log, const char *problem)
{
    if (bytes_equal(bytes_of_text(problem), bytes_of_text(state.problem))) return;
    ngx_log_error(NGX_LOG_ERR, log, 0, "countersign: no replay memory, requests with a nonce are answered 503: %s", problem);
    ngx_cpystrn((u_char *)state.problem, (u_char *)(uintptr_t)problem, sizeof state.problem);
}

static void open_feedback(ngx_log_t *log)
{
    char problem[256] = "";
    if (!feedback_open(&state.feedback, state.directory, problem)) return;
    state.has_feedback = feedback_take_part(&state.feedback, (uint64_t)ngx_pid);
    state.wants_feedback = false;
    if (state.has_feedback) return;
    feedback_close(&state.feedback);
    ngx_log_error(NGX_LOG_WARN, log, 0, "countersign: more workers than the feedback has parts, the requests of this one are not counted");
}

static void open_files(ngx_log_t *log)
{
    char problem[256] = "";
    if (!state.has_replay) state.has_replay = replay_open(&state.replay, state.directory, problem);
    if (!state.has_replay) complain(log, problem);
    if (state.wants_feedback) open_feedback(log);
    if (!state.has_replay || state.wants_feedback) ngx_add_timer(&state.retry, RETRY_MS);
}

static void try_again(ngx_event_t *event)
{
    if (!ngx_exiting) open_files(event->log);
}

void state_start(const struct gateway_main *main, ngx_cycle_t *cycle)
{
    ngx_cpystrn((u_char *)state.directory, main->state_directory.data, ngx_min(main->state_directory.len + 1, sizeof state.directory));
    state.wants_feedback = main->feedback;
    state.nobody.fd = (ngx_socket_t)-1;
    state.retry.handler = try_again;
    state.retry.log = cycle->log;
    state.retry.data = &state.nobody;
    state.retry.cancelable = 1; /* a worker that waits for a file may still leave */
    open_files(cycle->log);
}

void state_stop(void)
{
    if (state.retry.timer_set) ngx_del_timer(&state.retry);
    if (state.has_replay) replay_close(&state.replay);
    if (state.has_feedback) feedback_close(&state.feedback);
    state.has_replay = state.has_feedback = false;
}

struct replay *state_replay(void)
{
    return state.has_replay ? &state.replay : NULL;
}

struct feedback *state_feedback(void)
{
    return state.has_feedback ? &state.feedback : NULL;
}
