#include "cli/key_options.h"

#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "cli/local.h"

void key_options_start(struct key_options *options)
{
    *options = (struct key_options){.secret = bytes_of_text(getenv(KEY_OPTIONS_SECRET_VARIABLE)), .now = time(NULL)};
    optind = 1;
    opterr = 0;
}

static const char *read_secret(struct key_options *options, const char *path)
{
    if (!local_read_file(path, &options->secret)) return "the secret cannot be read";
    struct bytes *secret = &options->secret;
    while (secret->length > 0 && (secret->data[secret->length - 1] == '\n' || secret->data[secret->length - 1] == '\r')) secret->length--;
    return secret->length > 0 ? NULL : "the secret is empty";
}

const char *key_options_take(struct key_options *options, int option, const char *value)
{
    switch (option) {
    case OPTION_SCHEME:
        options->scheme = scheme_by_name(bytes_of_text(value));
        return options->scheme != NULL ? NULL : "--scheme: there is no scheme of this name";
    case OPTION_KEY:
        options->key_id = bytes_of_text(value);
        return NULL;
    case OPTION_SECRET:
        options->secret = bytes_of_text(value);
        return NULL;
    case OPTION_SECRET_FILE:
        return read_secret(options, value);
    case OPTION_NOW:
        return number_parse(bytes_of_text(value), &options->now) ? NULL : "--now is no number";
    default:
        return "an option is unknown, or lacks its value";
    }
}
