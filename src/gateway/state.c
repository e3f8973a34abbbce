#include "gateway/state.h"

#include "base/text.h"
#include "mapped/heartbeat.h"
#include "replay/callers.h"

#define RETRY_MS        500
#define LEAST_STALENESS 10 /* seconds: the daemon asks the store four times a second, and is restarted now and then */
#define WARN_EVERY      60

enum shared_file { FILE_REPLAY, FILE_LIMIT, FILE_LOCK, FILE_HEARTBEAT, FILES };

static struct {
    struct replay replay;
    struct replay_callers callers;
    struct feedback feedback;
    bool has_replay;
    bool has_feedback;
    bool wants_feedback;
    bool waits_for_part; /* said already */
    struct lock lock;
    bool has_lock, wants_lock, locks;
    struct limit limit;
    bool has_limit;
    struct mapped heartbeat;
    bool has_heartbeat;
    time_t max_staleness; /* 0: any will do */
    enum staleness staleness;
    time_t warned;
    char directory[NGX_MAX_PATH];
    char problems[FILES][256]; /* said already */
    ngx_event_t retry;
    ngx_connection_t nobody; /* timers want a connection to log about */
} state;

/* Said once for each reason, not twice a second. */
static void complain(ngx_log_t *log, enum shared_file file, const char *problem)
{
    static const char *const effects[FILES] = {
        [FILE_REPLAY] = "no replay memory, requests with a nonce are answered 503",
        [FILE_LIMIT] = "no memory of limits, requests that are counted are answered 503",
        [FILE_LOCK] = "no memory of failed attempts, signed requests are answered 503",
        [FILE_HEARTBEAT] = "no word of the daemon, the edge counts as too old",
    };
    char *said = state.problems[file];
    if (bytes_equal(bytes_of_text(problem), bytes_of_text(said))) return;
    ngx_log_error(NGX_LOG_ERR, log, 0, "countersign: %s: %s", effects[file], problem);
    ngx_cpystrn((u_char *)said, (u_char *)(uintptr_t)problem, sizeof state.problems[file]);
}

/* After a reload the workers of before still have their parts: theirs will do once they have gone. */
static void open_feedback(ngx_log_t *log)
{
    char problem[256] = "";
    if (!feedback_open(&state.feedback, state.directory, problem)) return;
    state.has_feedback = feedback_take_part(&state.feedback, (uint64_t)ngx_pid);
    state.wants_feedback = !state.has_feedback;
    if (state.has_feedback) return;
    feedback_close(&state.feedback);
    if (state.waits_for_part) return;
    state.waits_for_part = true;
    ngx_log_error(NGX_LOG_WARN, log, 0,
                  "countersign: more workers than the feedback has parts, the requests of this one are not counted until one is free");
}

/* What requests cannot do without once they need it. False: some of it is not there yet. */
static bool open_memories(ngx_log_t *log)
{
    char problem[256] = "";
    if (!state.has_replay) state.has_replay = replay_open(&state.replay, state.directory, problem);
    if (!state.has_replay) complain(log, FILE_REPLAY, problem);
    state.replay.callers = &state.callers;
    if (!state.has_limit) state.has_limit = limit_open(&state.limit, state.directory, problem);
    if (!state.has_limit) complain(log, FILE_LIMIT, problem);
    if (state.wants_lock) state.has_lock = lock_open(&state.lock, state.directory, problem);
    if (state.has_lock) state.wants_lock = false;
    if (state.wants_lock) complain(log, FILE_LOCK, problem);
    return state.has_replay && state.has_limit && !state.wants_lock;
}

static bool open_heartbeat(ngx_log_t *log)
{
    char problem[256] = "";
    if (state.max_staleness == 0 || state.has_heartbeat) return true;
    state.has_heartbeat = mapped_open(&state.heartbeat, state.directory, &heartbeat_form, problem);
    if (!state.has_heartbeat) complain(log, FILE_HEARTBEAT, problem);
    return state.has_heartbeat;
}

static void open_files(ngx_log_t *log)
{
    bool complete = open_memories(log);
    complete = open_heartbeat(log) && complete;
    if (state.wants_feedback) open_feedback(log);
    if (!complete || state.wants_feedback) ngx_add_timer(&state.retry, RETRY_MS);
}

static void try_again(ngx_event_t *event)
{
    if (!ngx_exiting) open_files(event->log);
}

void state_start(const struct gateway_main *main, ngx_cycle_t *cycle)
{
    ngx_cpystrn((u_char *)state.directory, main->state_directory.data, ngx_min(main->state_directory.len + 1, sizeof state.directory));
    state.wants_feedback = main->feedback;
    state.locks = state.wants_lock = main->lock.on;
    state.max_staleness = main->max_staleness;
    state.staleness = main->staleness;
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
    if (state.has_replay) {
        replay_close(&state.replay);
        ngx_memzero(&state.callers, sizeof state.callers); /* another file has another key */
    }
    if (state.has_feedback) feedback_close(&state.feedback);
    if (state.has_lock) lock_close(&state.lock);
    if (state.has_limit) limit_close(&state.limit);
    mapped_close(&state.heartbeat);
    state.has_replay = state.has_feedback = state.has_lock = state.has_limit = state.has_heartbeat = false;
}

struct replay *state_replay(void)
{
    return state.has_replay ? &state.replay : NULL;
}

struct feedback *state_feedback(void)
{
    return state.has_feedback ? &state.feedback : NULL;
}

bool state_locks(void)
{
    return state.locks;
}

struct lock *state_lock(void)
{
    return state.has_lock ? &state.lock : NULL;
}

struct limit *state_limit(void)
{
    return state.has_limit ? &state.limit : NULL;
}

char *state_staleness_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    struct gateway_main *main = conf;
    ngx_str_t *arguments = cf->args->elts;
    static char wrong[] = "takes a time of at least 10s, and \"refuse\" or \"warn\"";
    (void)command;
    ngx_int_t seconds = ngx_parse_time(&arguments[1], 1);
    bool warns = cf->args->nelts == 3 && ngx_strcmp(arguments[2].data, "warn") == 0;
    bool refuses = cf->args->nelts == 2 || ngx_strcmp(arguments[2].data, "refuse") == 0;
    if (seconds < LEAST_STALENESS || (!warns && !refuses)) return wrong;
    main->max_staleness = seconds;
    main->staleness = warns ? STALENESS_WARN : STALENESS_REFUSE;
    return NGX_CONF_OK;
}

static void warn(ngx_log_t *log)
{
    if (ngx_time() < state.warned + WARN_EVERY) return;
    state.warned = ngx_time();
    ngx_log_error(NGX_LOG_WARN, log, 0, "countersign: the daemon has not heard from the store for more than %T s, changes may be missing",
                  state.max_staleness);
}

bool state_is_stale(ngx_log_t *log)
{
    if (state.max_staleness == 0) return false;
    if (state.has_heartbeat && ngx_time() - heartbeat_read(&state.heartbeat) <= state.max_staleness) return false;
    if (state.staleness == STALENESS_REFUSE) return true;
    warn(log);
    return false;
}
