/* countersignd: the daemon that owns the truth. */
#include "control/daemon.h"
#include "control/options.h"
#include "control/routes.h"

#include <stdio.h>

static int print_routes(void)
{
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) printf("%s %s\n", route->method, route->path);
    return 0;
}

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
        return print_routes();
    case COMMAND_HELP:
        fputs(options_usage, stdout);
        return 0;
    case COMMAND_SERVE:
        return daemon_serve(&options);
    }
    return 2;
}
