#include "control/daemon.h"

#include "control/anchor.h"
#include "control/attempts.h"
#include "control/code_sender.h"
#include "control/effect.h"
#include "control/files.h"
#include "control/first_start.h"
#include "control/key_fetcher.h"
#include "control/keys.h"
#include "control/log.h"
#include "control/node.h"
#include "control/notify.h"
#include "control/options.h"
#include "control/refusals.h"
#include "control/server.h"
#include "store/sealing.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE OPTION_TEXT_SIZE

struct running {
    const struct options *options;
    struct daemon daemon;
    struct store_keys keys;
    struct server *server;
    int lock;
    char keys_path[PATH_SIZE];
    char edge_path[PATH_SIZE];
    char problem[256];
};

/* Nothing of this process's memory may reach a disk: it holds secrets in clear. */
static bool harden(struct running *running)
{
    const struct rlimit none = {0, 0};
    umask(0077);
    if (setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0) return true;
    snprintf(running->problem, sizeof running->problem, "core dumps cannot be switched off");
    return false;
}

static bool provide_directories(struct running *running)
{
    const char *data = running->options->data;
    const char *group = running->options->group;
    char *problem = running->problem;
    if (!path_join(running->keys_path, PATH_SIZE, data, "keys") || !path_join(running->edge_path, PATH_SIZE, data, "edge")) {
        snprintf(problem, sizeof running->problem, "the data directory's name is too long");
        return false;
    }
    /* Workers pass through the data directory to the edge and the socket, and can list nothing else. */
    return directory_provide(data, 0711, NULL, problem) && directory_provide(running->keys_path, 0700, NULL, problem) &&
           directory_provide(running->edge_path, 0750, group, problem);
}

/* Two daemons on one data directory would write one edge. */
static bool lock_data(struct running *running)
{
    running->lock = open(running->options->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (running->lock >= 0 && flock(running->lock, LOCK_EX | LOCK_NB) == 0) return true;
    snprintf(running->problem, sizeof running->problem, "another countersignd works on %.180s", running->options->data);
    return false;
}

static bool open_store(struct running *running)
{
    bool due;
    running->daemon.store = store_open(running->options->store, running->problem);
    if (running->daemon.store == NULL || !first_start_is_due(running->daemon.store, &due, running->problem)) return false;
    if (!keys_provide(running->keys_path, due, running->problem)) return false;
    if (!store_keys_load(&running->keys, running->keys_path, running->problem)) return false;
    running->daemon.keys = &running->keys;
    return !due || first_start(&running->daemon, running->problem);
}

/* What was anchored before is compared first: from here on the file follows this store. */
static bool watch_audit(struct running *running)
{
    struct daemon *daemon = &running->daemon;
    anchor_check(daemon->data, daemon->store);
    daemon->anchor = anchor_open(daemon->data, running->problem);
    struct session *session = daemon->anchor != NULL ? store_read(daemon->store) : NULL;
    if (session != NULL) {
        struct audit_point end = store_audit_point(session);
        anchor_note(daemon->anchor, &end, (int64_t)time(NULL));
    }
    store_abort(session);
    if (daemon->anchor != NULL) daemon->refusals = refusals_start(daemon, running->problem);
    return daemon->refusals != NULL;
}

static bool start(struct running *running)
{
    running->daemon.data = running->options->data;
    running->daemon.region = running->options->region;
    running->daemon.gateway = running->options->gateway;
    const struct node_options node = {running->options->state, running->options->group, running->options->nonce_rate};
    if (!harden(running) || !provide_directories(running) || !lock_data(running) || !open_store(running) || !watch_audit(running)) {
        return false;
    }
    if (!effect_start(&running->daemon, running->options, running->problem)) return false;
    if (!key_fetcher_start(&running->daemon, running->options, running->problem)) return false;
    if (!node_start(&running->daemon, &node, running->problem)) return false;
    running->daemon.codes = code_sender_start(running->problem);
    if (running->daemon.codes == NULL) return false;
    running->daemon.attempts = attempts_make();
    if (running->daemon.attempts == NULL) {
        snprintf(running->problem, sizeof running->problem, "no memory");
        return false;
    }
    running->server = server_start(&running->daemon, running->options->socket, running->options->group, running->problem);
    return running->server != NULL;
}

/* In the reverse order: no call without a publisher, no publisher without a store. */
static void stop(struct running *running)
{
    server_stop(running->server);
    code_sender_stop(running->daemon.codes);
    node_stop(&running->daemon);
    key_fetcher_stop(&running->daemon);
    effect_stop(&running->daemon);
    refusals_stop(running->daemon.refusals);
    anchor_close(running->daemon.anchor);
    attempts_destroy(running->daemon.attempts);
    if (running->daemon.store != NULL) store_close(running->daemon.store);
    store_keys_wipe(&running->keys);
    if (running->lock >= 0) close(running->lock);
}

/* Before any thread is made, so that all of them inherit the mask and only sigwait sees the signals. */
static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    /* A client that went away, and a file at its limit: the write fails, and its caller says so. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int daemon_serve(const struct options *options)
{
    struct running running = {.options = options, .lock = -1};
    sigset_t signals;
    int signal_number;
    block_signals(&signals);
    if (!start(&running)) {
        log_problem(LOG_ERROR, "start_failed", running.problem);
        stop(&running);
        return 1;
    }
    struct log_item socket = {"socket", bytes_of_text(options->socket)};
    log_event(LOG_INFO, "started", &socket, 1);
    notify_supervisor("READY=1");
    sigwait(&signals, &signal_number);
    log_event(LOG_INFO, "stopping", NULL, 0);
    notify_supervisor("STOPPING=1");
    stop(&running);
    log_event(LOG_INFO, "stopped", NULL, 0);
    return 0;
}
