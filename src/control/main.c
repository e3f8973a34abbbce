/* countersignd: the daemon that owns the truth. */
#include "control/daemon.h"
#include "control/openapi.h"
#include "control/options.h"
#include "control/reference.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct options options;
    char problem[256];
    if (!options_read(argc, argv, &options, problem)) {
        fprintf(stderr, "countersignd: %s\n\n%s", problem, options_usage);
        return 2;
    }
    switch (options.command) {
    case COMMAND_ROUTES:
        reference_print_routes(stdout);
        return 0;
    case COMMAND_REFERENCE:
        reference_print(stdout);
        return 0;
    case COMMAND_OPENAPI:
        return openapi_print(stdout) ? 0 : 1;
    case COMMAND_HELP:
        fputs(options_usage, stdout);
        return 0;
    case COMMAND_SERVE:
        return daemon_serve(&options);
    }
    return 2;
}
