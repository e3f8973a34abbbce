#include "cli/up_children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STOP_PATIENCE_MS 5000
#define LOG_TAIL         2000 /* bytes of a dead child's log that are shown */

static sigset_t watched_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    return set;
}

void children_prepare(void)
{
    sigset_t set = watched_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* In the child. A group of its own, so that Ctrl-C reaches only us and we stop the children in order. */
static void become(const struct child *child, const char *const argv[], pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(127);
    int in = open("/dev/null", O_RDWR | O_CLOEXEC);
    int out = open(child->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    /* What they log goes to standard error. To standard output the daemon says the administrator's secret, which belongs into no log. */
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(in, 1) < 0 || dup2(out, 2) < 0) _exit(127);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

bool children_start(struct children *children, struct child child, const char *const argv[], char problem[static 256])
{
    pid_t parent = getpid();
    child.pid = children->count < CHILDREN_MAX ? fork() : -1;
    if (child.pid < 0) {
        snprintf(problem, 256, "%s cannot be started: %s", child.name, strerror(errno));
        return false;
    }
    if (child.pid == 0) become(&child, argv, parent);
    setpgid(child.pid, child.pid);
    children->items[children->count++] = child;
    return true;
}

/* True once it has ended. What is left of its group goes with it: a killed nginx master leaves workers behind. */
static bool reap(struct child *child)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return false;
    kill(-child->pid, SIGKILL);
    waitpid(child->pid, &child->status, 0);
    child->pid = 0;
    return true;
}

static struct child *reap_one(struct children *children)
{
    for (size_t i = 0; i < children->count; i++)
        if (children->items[i].pid != 0 && reap(&children->items[i])) return &children->items[i];
    return NULL;
}

enum children_event children_watch(struct children *children, int timeout_ms, struct child **dead)
{
    sigset_t set = watched_signals();
    struct timespec limit = {timeout_ms / 1000, (timeout_ms % 1000) * 1000000L};
    *dead = reap_one(children);
    if (*dead != NULL) return CHILDREN_ONE_DIED;
    int arrived = timeout_ms < 0 ? sigwaitinfo(&set, NULL) : sigtimedwait(&set, NULL, &limit);
    if (arrived > 0 && arrived != SIGCHLD) return CHILDREN_STOP_ASKED;
    *dead = reap_one(children);
    return *dead != NULL ? CHILDREN_ONE_DIED : CHILDREN_QUIET;
}

static void stop_one(struct child *child)
{
    struct timespec pause = {0, 10 * 1000000L};
    kill(child->pid, child->stop_signal);
    for (int waited = 0; waited < STOP_PATIENCE_MS; waited += 10) {
        if (reap(child)) return;
        nanosleep(&pause, NULL);
    }
    kill(-child->pid, SIGKILL);
    waitpid(child->pid, &child->status, 0);
    child->pid = 0;
}

void children_stop(struct children *children)
{
    for (size_t i = children->count; i > 0; i--)
        if (children->items[i - 1].pid != 0) stop_one(&children->items[i - 1]);
}

static void print_log_tail(const char *path)
{
    char tail[LOG_TAIL + 1];
    int log = open(path, O_RDONLY | O_CLOEXEC);
    if (log < 0) return;
    off_t end = lseek(log, 0, SEEK_END);
    ssize_t got = pread(log, tail, LOG_TAIL, end > LOG_TAIL ? end - LOG_TAIL : 0);
    close(log);
    if (got <= 0) return;
    tail[got] = 0;
    char *line = end > LOG_TAIL ? strchr(tail, '\n') : NULL;
    fprintf(stderr, "The end of %s:\n%s\n", path, line != NULL ? line + 1 : tail);
}

void child_report_death(const struct child *child)
{
    if (WIFSIGNALED(child->status)) {
        fprintf(stderr, "countersign up: %s was killed by signal %d (%s)\n", child->name, WTERMSIG(child->status),
                strsignal(WTERMSIG(child->status)));
    } else {
        fprintf(stderr, "countersign up: %s ended with status %d\n", child->name, WEXITSTATUS(child->status));
    }
    print_log_tail(child->log);
}
