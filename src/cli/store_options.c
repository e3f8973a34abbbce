#include "cli/store_options.h"

#include <stdio.h>

#define OWN_MOST 8

enum { OPTION_DATA = 256, OPTION_STORE, OPTION_UNKNOWN = '?' };

static const char *take(struct store_options *options, int option, const char *value, const struct store_command *command)
{
    switch (option) {
    case OPTION_DATA:
        options->data = value;
        return NULL;
    case OPTION_STORE:
        options->store = value;
        return NULL;
    case OPTION_UNKNOWN:
        return "an option is unknown or lacks its value";
    default:
        return command->take(command->context, option, value);
    }
}

static const char *compose_url(struct store_options *options)
{
    int length = 0;
    options->url[0] = '\0';
    if (options->store != NULL)
        length = snprintf(options->url, sizeof options->url, "%s", options->store);
    else if (options->data != NULL)
        length = snprintf(options->url, sizeof options->url, "sqlite:%s/store.db", options->data);
    return length < (int)sizeof options->url ? NULL : "--data or --store is too long";
}

const char *store_options_read(struct store_options *options, int argc, char **argv, const struct store_command *command)
{
    struct option names[OWN_MOST + 3] = {{"data", 1, NULL, OPTION_DATA}, {"store", 1, NULL, OPTION_STORE}};
    const char *problem = NULL;
    for (size_t i = 0; command->names != NULL && i < OWN_MOST && command->names[i].name != NULL; i++) names[2 + i] = command->names[i];
    opterr = 0;
    optind = 1;
    for (int option; problem == NULL && (option = getopt_long(argc, argv, "", names, NULL)) != -1;)
        problem = take(options, option, optarg, command);
    if (problem == NULL && optind < argc) problem = "there is nothing to do with a further argument";
    return problem != NULL ? problem : compose_url(options);
}
