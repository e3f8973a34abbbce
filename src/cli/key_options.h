/* The options by which sign, verify and explain are told the scheme, the key and the clock. */
#ifndef COUNTERSIGN_CLI_KEY_OPTIONS_H
#define COUNTERSIGN_CLI_KEY_OPTIONS_H

#include <getopt.h>

#include "scheme/scheme.h"

/* A secret on the command line is visible to every user of the machine, hence the file and the variable. */
#define KEY_OPTIONS_SECRET_VARIABLE "COUNTERSIGN_SECRET"

struct key_options {
    const struct scheme *scheme; /* NULL: not named */
    struct bytes key_id;
    struct bytes secret; /* empty: none */
    int64_t now;         /* Unix seconds; the system's clock unless given */
};

enum { OPTION_SCHEME = 256, OPTION_KEY, OPTION_SECRET, OPTION_SECRET_FILE, OPTION_NOW, OPTION_OWN };

/* Rows for the table of getopt_long. */
#define KEY_OPTIONS_ROWS                                                                                                                   \
    {"scheme", required_argument, NULL, OPTION_SCHEME}, {"key", required_argument, NULL, OPTION_KEY},                                      \
        {"secret", required_argument, NULL, OPTION_SECRET}, {"secret-file", required_argument, NULL, OPTION_SECRET_FILE},                  \
    {                                                                                                                                      \
        "now", required_argument, NULL, OPTION_NOW                                                                                         \
    }

/* The same for the usage text of the command table. */
#define KEY_OPTIONS_USAGE                                                                                                                  \
    "  --scheme       aliyun-ca, bce-auth-v1, sdk-hmac-sha256, sdk-hmac-sm3, v11-hmac-sha256, sdk-ecdsa-p256-sha256,\n"                    \
    "                 sdk-sm2-sm3, app-secret, app-basic, app-token, app-code, api-key, auth-token\n"                                      \
    "  --key          the public half of a key pair\n"                                                                                     \
    "  --secret-file  a file with the secret (a line end at its end does not count); else the variable " KEY_OPTIONS_SECRET_VARIABLE "\n"  \
    "  --secret       the secret itself: visible to other users of this machine, prefer the file\n"                                        \
    "  --now          the time in Unix seconds, instead of the clock\n"

void key_options_start(struct key_options *options);
/* Takes one option that getopt_long returned. NULL, or what is wrong with it. Unknown options are wrong. */
const char *key_options_take(struct key_options *options, int option, const char *value);

#endif
