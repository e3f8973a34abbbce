/* countersign backend: a backend that believes the gateway only. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/backend_key.h"
#include "cli/command.h"
#include "cli/up_files.h"
#include "control/sample_backend.h"
#include "crypto/secret.h"

#define MEMORY (4 * FILE_LIMIT)

struct wishes {
    const char *listen;
    struct backend_key_options key;
};

static bool read_options(int argc, char **argv, struct wishes *wishes)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--listen") == 0)
            wishes->listen = argv[i + 1];
        else if (strncmp(argv[i], "--", 2) != 0 || !backend_key_take(&wishes->key, argv[i] + 2, argv[i + 1]))
            return false;
    }
    return argc % 2 == 1;
}

/* "127.0.0.1:9000" */
static bool split_address(const char *text, char address[static INET_ADDRSTRLEN], uint16_t *port)
{
    struct bytes whole = bytes_of_text(text);
    size_t colon = bytes_find(whole, ':');
    int64_t number;
    if (colon >= INET_ADDRSTRLEN || !number_parse(bytes_from(whole, colon + 1), &number) || number < 1 || number > 65535) return false;
    snprintf(address, INET_ADDRSTRLEN, "%.*s", (int)colon, text);
    *port = (uint16_t)number;
    return true;
}

static int serve(const struct wishes *wishes, const struct signature_key *key)
{
    char address[INET_ADDRSTRLEN], problem[256];
    uint16_t port;
    int signal;
    sigset_t stop;
    if (!split_address(wishes->listen, address, &port)) return command_misused("backend", "--listen wants ADDRESS:PORT");
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    struct sample_backend *backend = sample_backend_start(address, port, key, problem);
    if (backend == NULL) return command_failed("backend", problem);
    printf("listening at http://%s:%u\n", address, port);
    fflush(stdout);
    sigwait(&stop, &signal);
    sample_backend_stop(backend);
    return COMMAND_OK;
}

int backend_main(int argc, char **argv)
{
    struct wishes wishes = {.listen = "127.0.0.1:9000", .key = {.sign_type = "hmac"}};
    struct signature_key key;
    bool misused;
    if (!read_options(argc, argv, &wishes)) return command_misused("backend", "an option is unknown, or lacks its value");
    void *memory = malloc(MEMORY);
    if (memory == NULL) return command_failed("backend", "out of memory");
    struct arena arena = arena_over(memory, MEMORY);
    const char *problem = backend_key_read(&wishes.key, &arena, &key, &misused);
    int result = COMMAND_FAULT;
    if (problem == NULL) result = serve(&wishes, &key);
    if (problem != NULL) result = misused ? command_misused("backend", problem) : command_failed("backend", problem);
    secret_wipe(memory, MEMORY);
    free(memory);
    return result;
}
