#include "control/options.h"

#include "base/text.h"
#include "control/charsets.h"
#include "control/gateway_address.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

const char options_usage[] =
    "Usage: countersignd --data DIR [options]\n"
    "\n"
    "  --data DIR          where keys, edge, socket and the embedded store are\n"
    "  --store URL         sqlite:FILE or postgresql://...  (default sqlite:DIR/store.db)\n"
    "  --listen unix:PATH  socket of the management API     (default unix:DIR/countersignd.sock)\n"
    "  --group NAME        the group of nginx's workers: may read the edge and use the socket\n"
    "  --name-servers LIST ip[:port],... asked for names of backends and key sets  (default: the system's)\n"
    "  --region NAME       told to clients, up to 64 letters, digits, _ and -  (default local)\n"
    "  --state DIR         files that are shared with the workers: replay memory, feedback  (default DIR/edge of --data)\n"
    "  --key-set-hosts LIST name,... of servers of key sets (JWKS) that may be at private or loopback addresses\n"
    "  --key-set-ca FILE   authorities (PEM) that servers of key sets are checked against  (default: the system's)\n"
    "  --gateway LIST      [INSTANCE_ID=]http[s]://127.0.0.1:PORT,...: where nginx listens, for requests that are tried  (default: none)\n"
    "  --nonce-rate N      nonces a second that the replay memory is made for, 1 to 1000000  (default 500)\n"
    "  --edge-size N       MiB that the edge may take, 1 to 1048576  (default 65536; the file is as large as what is in it)\n"
    "  --routes            print method and path of every route, and end\n"
    "  --reference         print the reference of routes, fields and errors as Markdown, and end\n"
    "  --openapi           print the OpenAPI description of the management API as JSON, and end\n"
    "  --help              print this, and end\n";

#define UNIX_PREFIX "unix:"

enum {
    OPTION_DATA = 256,
    OPTION_STORE,
    OPTION_LISTEN,
    OPTION_GROUP,
    OPTION_NAME_SERVERS,
    OPTION_REGION,
    OPTION_STATE,
    OPTION_NONCE_RATE,
    OPTION_EDGE_SIZE,
    OPTION_KEY_SET_HOSTS,
    OPTION_KEY_SET_CA,
    OPTION_GATEWAY,
    OPTION_ROUTES,
    OPTION_REFERENCE,
    OPTION_OPENAPI,
    OPTION_HELP
};

static const struct option long_options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"store", required_argument, NULL, OPTION_STORE},
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"group", required_argument, NULL, OPTION_GROUP},
    {"name-servers", required_argument, NULL, OPTION_NAME_SERVERS},
    {"region", required_argument, NULL, OPTION_REGION},
    {"state", required_argument, NULL, OPTION_STATE},
    {"nonce-rate", required_argument, NULL, OPTION_NONCE_RATE},
    {"edge-size", required_argument, NULL, OPTION_EDGE_SIZE},
    {"key-set-hosts", required_argument, NULL, OPTION_KEY_SET_HOSTS},
    {"key-set-ca", required_argument, NULL, OPTION_KEY_SET_CA},
    {"gateway", required_argument, NULL, OPTION_GATEWAY},
    {"routes", no_argument, NULL, OPTION_ROUTES},
    {"reference", no_argument, NULL, OPTION_REFERENCE},
    {"openapi", no_argument, NULL, OPTION_OPENAPI},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct given {
    const char *store;
    const char *listen;
    const char *state;
    const char *nonce_rate;
    const char *edge_size;
};

static bool take_command(int option, struct options *options)
{
    switch (option) {
    case OPTION_ROUTES:
        options->command = COMMAND_ROUTES;
        return true;
    case OPTION_REFERENCE:
        options->command = COMMAND_REFERENCE;
        return true;
    case OPTION_OPENAPI:
        options->command = COMMAND_OPENAPI;
        return true;
    case OPTION_HELP:
        options->command = COMMAND_HELP;
        return true;
    default:
        return false;
    }
}

static bool take_places(int option, const char *value, struct options *options)
{
    if (option == OPTION_GATEWAY) options->gateway = value;
    if (option == OPTION_KEY_SET_HOSTS) options->key_set_hosts = value;
    if (option == OPTION_KEY_SET_CA) options->key_set_ca = value;
    return option == OPTION_GATEWAY || option == OPTION_KEY_SET_HOSTS || option == OPTION_KEY_SET_CA;
}

static bool take(int option, const char *value, struct options *options, struct given *given)
{
    switch (option) {
    case OPTION_DATA:
        options->data = value;
        return true;
    case OPTION_STORE:
        given->store = value;
        return true;
    case OPTION_LISTEN:
        given->listen = value;
        return true;
    case OPTION_GROUP:
        options->group = value;
        return true;
    case OPTION_NAME_SERVERS:
        options->name_servers = value;
        return true;
    case OPTION_REGION:
        options->region = value;
        return true;
    case OPTION_STATE:
        given->state = value;
        return true;
    case OPTION_NONCE_RATE:
        given->nonce_rate = value;
        return true;
    case OPTION_EDGE_SIZE:
        given->edge_size = value;
        return true;
    default:
        return take_places(option, value, options) || take_command(option, options);
    }
}

static bool compose(char *text, const char *prefix, const char *value, const char *suffix)
{
    int length = snprintf(text, OPTION_TEXT_SIZE, "%s%s%s", prefix, value, suffix);
    return length >= 0 && length < OPTION_TEXT_SIZE;
}

static bool compose_store(struct options *options, const char *given)
{
    return given != NULL ? compose(options->store, "", given, "") : compose(options->store, "sqlite:", options->data, "/store.db");
}

static bool compose_socket(struct options *options, const char *given)
{
    return given != NULL ? compose(options->socket, "", given + strlen(UNIX_PREFIX), "")
                         : compose(options->socket, "", options->data, "/countersignd.sock");
}

static bool compose_state(struct options *options, const char *given)
{
    return given != NULL ? compose(options->state, "", given, "") : compose(options->state, "", options->data, "/edge");
}

static bool compose_paths(struct options *options, const struct given *given)
{
    return compose_store(options, given->store) && compose_socket(options, given->listen) && compose_state(options, given->state);
}

static bool read_nonce_rate(struct options *options, const char *given)
{
    int64_t rate = 500;
    if (given != NULL && (!number_parse(bytes_of_text(given), &rate) || rate < 1 || rate > 1000000)) return false;
    options->nonce_rate = (unsigned)rate;
    return true;
}

static bool read_edge_size(struct options *options, const char *given)
{
    int64_t mebibytes = 65536;
    if (given != NULL && (!number_parse(bytes_of_text(given), &mebibytes) || mebibytes < 1 || mebibytes > 1048576)) return false;
    options->edge_size = (uint64_t)mebibytes << 20;
    return true;
}

static bool is_region(struct bytes region)
{
    return region.length > 0 && region.length <= 64 && charset_allows(&charset_id, region);
}

static bool complete(struct options *options, const struct given *given, char *problem)
{
    const char *wrong = gateway_addresses_problem(options->gateway);
    if (wrong != NULL) {
        snprintf(problem, 256, "%s", wrong);
        return false;
    }
    if (options->data == NULL || options->data[0] == '\0') {
        wrong = "--data DIR must be given";
    } else if (!is_region(bytes_of_text(options->region))) {
        wrong = "--region must be 1 to 64 letters, digits, _ and -";
    } else if (given->listen != NULL && strncmp(given->listen, UNIX_PREFIX, strlen(UNIX_PREFIX)) != 0) {
        wrong = "--listen must be unix:PATH";
    } else if (!read_nonce_rate(options, given->nonce_rate)) {
        wrong = "--nonce-rate must be a number from 1 to 1000000";
    } else if (!read_edge_size(options, given->edge_size)) {
        wrong = "--edge-size must be a number from 1 to 1048576";
    } else if (!compose_paths(options, given)) {
        wrong = "a path is too long";
    }
    if (wrong != NULL) snprintf(problem, 256, "%s", wrong);
    return wrong == NULL;
}

bool options_read(int argc, char **argv, struct options *options, char problem[static 256])
{
    struct given given = {0};
    int option;
    *options = (struct options){.region = "local"};
    opterr = 0;
    optind = 0; /* glibc: start over, for more than one reading in a process */
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (take(option, optarg, options, &given)) continue;
        snprintf(problem, 256, "unknown or incomplete option: %.180s", argv[optind - 1]);
        return false;
    }
    if (optind < argc) {
        snprintf(problem, 256, "unexpected argument: %.180s", argv[optind]);
        return false;
    }
    return options->command != COMMAND_SERVE || complete(options, &given, problem);
}
