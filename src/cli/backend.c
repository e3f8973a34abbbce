/* countersign backend: a backend that believes the gateway only. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/up_files.h"
#include "control/sample_backend.h"
#include "crypto/secret.h"

struct wishes {
    const char *listen;
    const char *key;
    const char *secret_file;
};

static bool read_options(int argc, char **argv, struct wishes *wishes)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--listen") == 0)
            wishes->listen = argv[i + 1];
        else if (strcmp(argv[i], "--key") == 0)
            wishes->key = argv[i + 1];
        else if (strcmp(argv[i], "--secret-file") == 0)
            wishes->secret_file = argv[i + 1];
        else
            return false;
    }
    return argc % 2 == 1 && wishes->key != NULL && wishes->secret_file != NULL;
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

/* Up to the end of its first line: an editor leaves one behind. */
static struct bytes first_line(struct bytes text)
{
    return bytes_trim(bytes_slice(text, 0, bytes_find(text, '\n')));
}

static int serve(const struct wishes *wishes, struct bytes secret)
{
    struct signature_key key = {.type = SIGNATURE_HMAC, .key = bytes_of_text(wishes->key), .secret = secret};
    char address[INET_ADDRSTRLEN], problem[256];
    uint16_t port;
    int signal;
    sigset_t stop;
    if (!split_address(wishes->listen, address, &port)) return command_misused("backend", "--listen wants ADDRESS:PORT");
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    struct sample_backend *backend = sample_backend_start(address, port, &key, problem);
    if (backend == NULL) return command_failed("backend", problem);
    printf("listening at http://%s:%u\n", address, port);
    fflush(stdout);
    sigwait(&stop, &signal);
    sample_backend_stop(backend);
    return COMMAND_OK;
}

int backend_main(int argc, char **argv)
{
    struct wishes wishes = {.listen = "127.0.0.1:9000"};
    char problem[256];
    struct bytes text;
    if (!read_options(argc, argv, &wishes)) return command_misused("backend", "--key and --secret-file are needed, each with a value");
    void *memory = malloc(FILE_LIMIT + 4096);
    if (memory == NULL) return command_failed("backend", "out of memory");
    struct arena arena = arena_over(memory, FILE_LIMIT + 4096);
    int result = COMMAND_FAULT;
    if (!file_read(&arena, wishes.secret_file, &text, problem))
        result = command_failed("backend", problem);
    else if (first_line(text).length == 0)
        result = command_failed("backend", "the secret file is empty");
    else
        result = serve(&wishes, first_line(text));
    secret_wipe(memory, FILE_LIMIT + 4096);
    free(memory);
    return result;
}
