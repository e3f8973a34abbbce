/* countersign: the command table, and finding the row that was asked for. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/backend_key.h"
#include "cli/command.h"
#include "cli/key_options.h"
#include "cli/operations.h"
#include "cli/resource.h"
#include "cli/token.h"

static int help_main(int argc, char **argv);

static const struct command commands[] = {
    {"admin", admin_main, "what only the owner of the store may do",
     "reset-factor --user NAME --data DIR [--store URL]\n"
     "  reset-factor  takes a user's second factor away, and ends his tokens and sessions; the daemon may run\n"
     "  --store       the daemon's, sqlite:DIR/store.db unless given\n"
     "       countersign admin rotate-store-key --data DIR [--store URL] [--step prepare|switch|reseal|retire]\n"
     "       countersign admin rotate-node-key --data DIR --nginx-pid FILE [--timeout SECONDS] [--step prepare|reload|switch|retire]\n"
     "  rotate-…      another key while all goes on; without --step all steps, one after the other (with several nodes: "
     "docs/operate/keys.md)\n"
     "  --nginx-pid   the file with the process id of nginx, which is told to reload\n"},
    {"apply", apply_main, "brings a gateway to what files say",
     "-f FILE [-f FILE]... [--plan] [--prune] [--data DIR | --profile NAME] [--endpoint URL] [--instance ID]\n"
     "  -f       a document as countersign export writes it, or parts of one; - is standard input\n"
     "  --plan   only say what would be done; exit code 1 when there is something\n"
     "  --prune  remove what the files do not name, of the kinds that they name\n"},
    {"audit", audit_main, "is the audit what was written, and all of it as lines of JSON",
     "verify --data DIR [--store URL] [--anchors FILE]... | verify --file EXPORT\n"
     "       countersign audit export --data DIR [--store URL]\n"
     "  verify     walks the whole chain and compares it with the anchors; exit code 1 and the first wrong row when it is broken\n"
     "  --store    the daemon's, sqlite:DIR/store.db unless given\n"
     "  --anchors  ends of the chain that were kept elsewhere, besides DIR/audit.anchors; may be repeated\n"
     "  --file     an export instead of the store\n"
     "  export     a line per row, in the order of the chain\n"},
    {"backend", backend_main, "a sample backend that answers only what the gateway has signed",
     "[--sign-type T] --key KEY [--secret-file FILE] [--key-file FILE] [--listen ADDRESS:PORT]\n"
     "  --listen       127.0.0.1:9000 unless given\n"
     "the signature key that is bound to the API; the type is hmac unless given:\n" BACKEND_KEY_USAGE},
    {"backup", backup_main, "a copy of the embedded store, while the daemon runs",
     "--data DIR --to FILE [--store URL]\n"
     "  --to  a new file; what stands there in the end is whole: its audit was verified. The keys are not in it\n"},
    {"check-vectors", check_vectors_main, "check every signed request of vector files (vectors/README.md)",
     "FILE.jsonl...\n"
     "  A line per failing case; the last line is 'N passed, M failed'. Cases of schemes that are not supported are counted apart.\n"},
    {"edge", edge_main, "what the gateway's workers see, and making it anew from the store",
     "show --data DIR [--kind K] [--limit N]\n"
     "       countersign edge rebuild --data DIR [--store URL] [--group NAME] [--timeout SECONDS]\n"
     "  show     a line of JSON per record; secrets only as \"sealed, N bytes\"\n"
     "  --kind   meta, host, routes, publication, key_pair, api_key, token, key_set, authorisation, signature_key, throttle,\n"
     "           address_list, feature, instance_owner, user or addresses\n"
     "  rebuild  asks the daemon for the whole picture and waits for it; does it here when no daemon runs\n"
     "  --store  the daemon's, sqlite:DIR/store.db unless given\n"
     "  --group  of the gateway's workers, when no daemon runs\n"},
    {"explain", explain_main, "what the server reconstructs from a signed request, and where a client's own text differs",
     "[--scheme S] [--client-string FILE] [OPTION...] [FILE]\n"
     "  FILE             a curl command or a raw HTTP/1.1 request; standard input unless given\n"
     "  --client-string  the text that the client signed; the first differing line and byte are shown, exit code 1\n" KEY_OPTIONS_USAGE
         TOKEN_RULES_USAGE},
    {"export", export_main, "what a gateway holds, as a document for apply",
     "[--users] [--data DIR | --profile NAME] [--endpoint URL] [--instance ID]\n"
     "  Environments, API groups and domains, APIs and where they are published, apps, consumers and their credentials, signature keys,\n"
     "  limits and lists of addresses, authorisations, bindings, features and quotas; no secrets\n"
     "  --users  the users of the domain, too, without passwords\n"},
    {"help", help_main, "what a command does and how it is called",
     "[COMMAND | RESOURCE [VERB] | --reference]\n"
     "  --reference  every call of the management API as a command, as Markdown\n"},
    {"import", import_main, "many consumers with their credentials, a line of JSON each",
     "FILE [--data DIR | --profile NAME] [--endpoint URL] [--instance ID]\n"
     "  FILE  lines such as {\"name\":\"partner\",\"api_key\":{}}; - is standard input. A line of JSON comes out for each: the consumer "
     "with\n"
     "        its keys, this one time, or error_code and error_msg; exit code 1 when a line was refused\n"},
    {"restore", restore_main, "a backup in place of the store, while the daemon is stopped",
     "--data DIR --from FILE | --data DIR --store URL\n"
     "  --from   a file of countersign backup; the present store and its anchors are moved aside, not removed\n"
     "  --store  a store that its own tool has loaded already (PostgreSQL)\n"},
    {"sign", sign_main, "sign a request, as a curl command or raw",
     "--scheme S --key K [--secret-file F] [OPTION...] URL\n"
     "  --method M     GET unless given, POST with a body\n"
     "  -H 'Name: v'   a header to send and sign; may be repeated\n"
     "  --body-file F  the body\n"
     "  --raw          print the whole request instead of a curl command\n"
     "  --nonce N      aliyun-ca: instead of a random one\n"
     "  --scope R/S    v11-hmac-sha256: the region and the service for which the key is derived\n" KEY_OPTIONS_USAGE TOKEN_SIGN_USAGE},
    {"up", up_main, "gateway, daemon and sample backend in the foreground on loopback, for a first look",
     "[--data DIR] [--port N] [--management-port N] [--backend-port N]\n"
     "  --data             where everything is kept (countersign-demo); a second start goes on with it\n"
     "  --port             of the gateway (8080)\n"
     "  --management-port  of the management API (8081)\n"
     "  --backend-port     of the sample backend (9000)\n"},
    {"verify", verify_main, "judge a signed request as the gateway would",
     "--scheme S --key K [--secret-file F] [OPTION...] [FILE]\n"
     "  FILE                     a raw HTTP/1.1 request; standard input unless given\n"
     "  --accept-repeated-names  aliyun-ca: a repeated parameter name is no refusal\n"
     "  --accept-undated         a request without a signed time is no refusal\n"
     "  --require-body-digest    aliyun-ca: a body that is no form needs Content-MD5\n" KEY_OPTIONS_USAGE TOKEN_RULES_USAGE
     "with --sign-type a request is judged as a backend would, to which the gateway signs:\n"
     "--sign-type T --key K [--secret-file F] [--key-file F] [--now N] [FILE]\n" BACKEND_KEY_USAGE},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static void print_overview(FILE *out)
{
    fputs("usage: countersign COMMAND [OPTION...]\n\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].summary);
    fputs("\nand for everything that the management API serves: countersign RESOURCE VERB [ARGUMENT...] [OPTION...]\n\n", out);
    operations_print_resources(out);
    fputs("\n'countersign COMMAND --help' tells more. Exit codes: 0 ok, 1 refused or failed, 2 wrong usage, 3 fault.\n", out);
}

static void print_usage(FILE *out, const struct command *command)
{
    fprintf(out, "countersign %s: %s\n\nusage: countersign %s %s", command->name, command->summary, command->name, command->usage);
}

/* "help consumer create" is "consumer create --help". */
static int help_of_resource(int argc, char **argv)
{
    static char option[] = "--help";
    char *words[] = {argv[1], argc > 2 ? argv[2] : option, option, NULL};
    return resource_main(argc > 2 ? 3 : 2, words);
}

static int help_main(int argc, char **argv)
{
    const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
    if (argc > 1 && strcmp(argv[1], "--reference") == 0) {
        operations_print_reference(stdout);
        return COMMAND_OK;
    }
    if (argc > 1 && command == NULL && operation_resource_exists(argv[1])) return help_of_resource(argc, argv);
    if (argc > 1 && command == NULL) return command_misused("help", "there is no such command");
    if (command != NULL) {
        print_usage(stdout, command);
    } else {
        print_overview(stdout);
    }
    return COMMAND_OK;
}

int command_misused(const char *name, const char *problem)
{
    const struct command *command = command_find(name);
    fprintf(stderr, "countersign %s: %s\n", name, problem);
    if (command != NULL) fprintf(stderr, "usage: countersign %s %s", command->name, command->usage);
    return COMMAND_USAGE;
}

int command_failed(const char *name, const char *problem)
{
    fprintf(stderr, "countersign %s: %s\n", name, problem);
    return COMMAND_FAULT;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) return false;
        if (strcmp(argv[i], "--help") == 0) return true;
    }
    return false;
}

/* `sign create` makes a signature key, `sign --key …` signs a request. `audit` decides by itself. */
static bool is_resource(const struct command *command, int argc, char **argv)
{
    struct operation operation;
    if (command == NULL) return operation_resource_exists(argv[1]);
    return command->run != audit_main && argc > 2 && operation_find(argv[1], argv[2], &operation);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return COMMAND_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return help_main(1, argv);
    const struct command *command = command_find(argv[1]);
    if (is_resource(command, argc, argv)) return resource_main(argc - 1, argv + 1);
    if (command == NULL) {
        fprintf(stderr, "countersign: there is no command '%s'\n", argv[1]);
        print_overview(stderr);
        return COMMAND_USAGE;
    }
    if (asks_for_help(argc - 1, argv + 1)) {
        print_usage(stdout, command);
        return COMMAND_OK;
    }
    return command->run(argc - 1, argv + 1);
}
