/* countersign up: gateway, daemon and a sample backend in the foreground, on loopback, for a first look. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/up_children.h"
#include "cli/up_demo.h"
#include "cli/up_files.h"
#include "cli/up_nginx.h"
#include "control/files.h"

#define ARENA_SIZE       (16u * 1024 * 1024)
#define READY_TIMEOUT_MS 30000
#define READY_STEP_MS    20

struct up {
    struct arena arena;
    const char *data; /* absolute */
    const char *logs;
    const char *programs; /* the folder of countersign and countersignd */
    unsigned port;
    unsigned management_port;
    unsigned backend_port;
    struct children children;
    struct management management;
    struct demo_keys keys;
    char problem[256];
};

struct option {
    const char *name;
    unsigned *number; /* a port, or */
    const char **text;
};

static bool take_option(const struct option *options, size_t count, const char *name, const char *value)
{
    for (size_t i = 0; i < count; i++) {
        int64_t number = 0;
        if (strcmp(options[i].name, name) != 0) continue;
        if (options[i].text != NULL) *options[i].text = value;
        if (options[i].number == NULL) return true;
        if (!number_parse(bytes_of_text(value), &number) || number < 1 || number > 65535) return false;
        *options[i].number = (unsigned)number;
        return true;
    }
    return false;
}

static bool read_options(struct up *up, int argc, char **argv, char problem[static 256])
{
    const struct option options[] = {
        {"--data", NULL, &up->data},
        {"--port", &up->port, NULL},
        {"--management-port", &up->management_port, NULL},
        {"--backend-port", &up->backend_port, NULL},
    };
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || !take_option(options, sizeof options / sizeof *options, argv[i], argv[i + 1])) {
            snprintf(problem, 256, "%.100s is no option here, or its value is missing or no port", argv[i]);
            return false;
        }
    }
    return true;
}

static struct sockaddr_in loopback(unsigned port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static bool port_is_free(struct up *up, unsigned port, const char *option)
{
    struct sockaddr_in address = loopback(port);
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool free = listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0;
    int error = errno;
    if (listener >= 0) close(listener);
    if (!free) snprintf(up->problem, 256, "127.0.0.1:%u: %s; choose another port with %s", port, strerror(error), option);
    return free;
}

static bool port_answers(unsigned port)
{
    struct sockaddr_in address = loopback(port);
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers = probe >= 0 && connect(probe, (struct sockaddr *)&address, sizeof address) == 0;
    if (probe >= 0) close(probe);
    return answers;
}

static bool daemon_is_ready(const struct up *up)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.80s/countersignd.sock", up->data);
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers = probe >= 0 && connect(probe, (struct sockaddr *)&address, sizeof address) == 0;
    if (probe >= 0) close(probe);
    return answers;
}

static bool backend_is_ready(const struct up *up)
{
    return port_answers(up->backend_port);
}

static bool nginx_is_ready(const struct up *up)
{
    return port_answers(up->port) && port_answers(up->management_port);
}

/* Waits until `ready`. False: asked to stop (problem is empty), or something died. */
static bool await(struct up *up, bool (*ready)(const struct up *up))
{
    for (int waited = 0; waited < READY_TIMEOUT_MS; waited += READY_STEP_MS) {
        struct child *dead;
        if (ready(up)) return true;
        switch (children_watch(&up->children, READY_STEP_MS, &dead)) {
        case CHILDREN_QUIET:
            break;
        case CHILDREN_STOP_ASKED:
            return false;
        case CHILDREN_ONE_DIED:
            child_report_death(dead);
            snprintf(up->problem, sizeof up->problem, "%s did not start", dead->name);
            return false;
        }
    }
    snprintf(up->problem, sizeof up->problem, "not everything is ready after %d s; see the logs in %.150s", READY_TIMEOUT_MS / 1000,
             up->logs);
    return false;
}

static bool start_daemon(struct up *up)
{
    char gateway[32];
    snprintf(gateway, sizeof gateway, "http://127.0.0.1:%u", up->port);
    const char *const as_root[] = {
        path_in(&up->arena, up->programs, "countersignd"), "--data", up->data, "--gateway", gateway, "--group", "nogroup", NULL};
    const char *const as_user[] = {as_root[0], "--data", up->data, "--gateway", gateway, NULL};
    struct child child = {.name = "countersignd", .log = path_in(&up->arena, up->logs, "countersignd.log"), .stop_signal = SIGTERM};
    return children_start(&up->children, child, geteuid() == 0 ? as_root : as_user, up->problem) && await(up, daemon_is_ready);
}

static bool start_backend(struct up *up)
{
    char listen_at[32];
    snprintf(listen_at, sizeof listen_at, "127.0.0.1:%u", up->backend_port);
    const char *secret = path_in(&up->arena, up->data, "backend.secret"), *app_secret = path_in(&up->arena, up->data, "app.secret");
    const char *key = arena_copy_text(&up->arena, up->keys.sign_key);
    const char *const argv[] = {
        path_in(&up->arena, up->programs, "countersign"), "backend", "--listen", listen_at, "--key", key, "--secret-file", secret, NULL};
    struct child child = {.name = "the sample backend", .log = path_in(&up->arena, up->logs, "backend.log"), .stop_signal = SIGTERM};
    return file_replace(app_secret, 0600, up->keys.app_secret, up->problem) &&
           file_replace(secret, 0600, up->keys.sign_secret, up->problem) && children_start(&up->children, child, argv, up->problem) &&
           await(up, backend_is_ready);
}

static bool start_nginx(struct up *up)
{
    const struct nginx_settings settings = {
        .program_folder = up->programs,
        .data = up->data,
        .logs = up->logs,
        .instance = arena_copy_text(&up->arena, up->management.instance_id),
        .port = up->port,
        .management_port = up->management_port,
    };
    const char *configuration;
    if (!nginx_configure(&up->arena, &settings, &configuration, up->problem)) return false;
    /* Debian keeps it out of the path of ordinary users. */
    static const char *const known[] = {"/usr/sbin/nginx", "/usr/local/sbin/nginx", NULL};
    const char *program = path_first(known);
    const char *log = path_in(&up->arena, up->logs, "error.log"); /* the same as in the configuration: one place to look */
    const char *const argv[] = {program != NULL ? program : "nginx", "-p", up->data, "-e", log, "-c", configuration, NULL};
    struct child child = {.name = "nginx", .log = log, .stop_signal = SIGQUIT};
    return children_start(&up->children, child, argv, up->problem) && await(up, nginx_is_ready);
}

/* A Unix socket's path is short, and nginx's configuration holds the path without quotes. */
static bool path_is_usable(struct up *up)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+-";
    if (strlen(up->data) <= 80 && strspn(up->data, allowed) == strlen(up->data)) return true;
    snprintf(up->problem, sizeof up->problem, "%.100s: the folder's path may have 80 characters of A-Z a-z 0-9 / . _ + -", up->data);
    return false;
}

/* The folder exists, is ours, and the gateway's workers can get there. */
static bool prepare_folder(struct up *up)
{
    char resolved[PATH_MAX];
    const char *blocking;
    if (!folder_make(up->data, 0755, up->problem)) return false;
    if (realpath(up->data, resolved) == NULL) return false;
    up->data = arena_copy_text(&up->arena, bytes_of_text(resolved));
    up->logs = path_in(&up->arena, up->data, "log");
    if (!path_is_usable(up)) return false;
    if (!folder_make(up->logs, 0755, up->problem)) return false;
    if (geteuid() != 0 || folder_is_open(&up->arena, up->data, &blocking)) return true;
    snprintf(up->problem, sizeof up->problem, "nginx's workers run as nobody and cannot enter %.100s; choose another folder with --data",
             blocking);
    return false;
}

static bool start_all(struct up *up)
{
    char base[64];
    snprintf(base, sizeof base, "http://127.0.0.1:%u", up->management_port);
    up->management.base = arena_copy(&up->arena, bytes_of_text(base));
    return prepare_folder(up) && port_is_free(up, up->port, "--port") && port_is_free(up, up->management_port, "--management-port") &&
           port_is_free(up, up->backend_port, "--backend-port") && demo_keys_load(&up->arena, up->data, &up->keys, up->problem) &&
           start_backend(up) && start_daemon(up) && demo_administrator(&up->arena, up->data, &up->management, up->problem) &&
           start_nginx(up) && demo_create(&up->arena, &up->management, &up->keys, up->backend_port, up->problem);
}

static void print_state(struct up *up)
{
    const struct management *management = &up->management;
    printf("Countersign runs. Everything listens on loopback only.\n\n"
           "  console         http://127.0.0.1:%u/console/ (user name and password in %s/admin.json)\n"
           "  gateway         http://" DEMO_HOST ":%u\n"
           "  management API  %.*s/v2/%.*s/apigw/instances/%.*s/ (access key in %s/admin.json)\n"
           "  sample backend  http://127.0.0.1:%u\n"
           "  data            %s\n"
           "  logs            %s\n",
           up->management_port, up->data, up->port, (int)management->base.length, (const char *)management->base.data,
           (int)management->project_id.length, (const char *)management->project_id.data, (int)management->instance_id.length,
           (const char *)management->instance_id.data, up->data, up->backend_port, up->data, up->logs);
    demo_print_calls(&up->arena, &up->keys, up->port);
    printf("\nThe next signed request (or --scheme aliyun-ca; any method, path and body):\n\n"
           "  %s/countersign sign --scheme sdk-hmac-sha256 --key %.*s \\\n"
           "      --secret-file %s/app.secret http://" DEMO_HOST ":%u" DEMO_PATH " | sh\n",
           up->programs, (int)up->keys.app_key.length, (const char *)up->keys.app_key.data, up->data, up->port);
    printf("\nCtrl-C stops it all.\n");
    fflush(stdout);
}

/* Until somebody stops us, or a child dies: then nothing that we promised holds any more, so all of it ends. */
static int attend(struct up *up)
{
    for (;;) {
        struct child *dead;
        switch (children_watch(&up->children, -1, &dead)) {
        case CHILDREN_QUIET:
            break;
        case CHILDREN_STOP_ASKED:
            return COMMAND_OK;
        case CHILDREN_ONE_DIED:
            child_report_death(dead);
            return COMMAND_FAULT;
        }
    }
}

static int run(struct up *up)
{
    up->programs = path_of_program(&up->arena);
    children_prepare();
    if (start_all(up)) {
        print_state(up);
        int result = attend(up);
        printf("\nStopping.\n");
        return result;
    }
    /* No problem: asked to stop while starting. */
    return up->problem[0] != 0 ? command_failed("up", up->problem) : COMMAND_OK;
}

int up_main(int argc, char **argv)
{
    struct up *up = calloc(1, sizeof *up);
    void *memory = malloc(ARENA_SIZE);
    int result = COMMAND_FAULT;
    if (up == NULL || memory == NULL) {
        result = command_failed("up", "out of memory");
    } else {
        *up = (struct up){.data = "countersign-demo", .port = 8080, .management_port = 8081, .backend_port = 9000};
        up->arena = arena_over(memory, ARENA_SIZE);
        umask(022);
        if (!read_options(up, argc, argv, up->problem)) {
            result = command_misused("up", up->problem);
        } else {
            result = run(up);
            children_stop(&up->children);
        }
    }
    free(memory);
    free(up);
    return result;
}
