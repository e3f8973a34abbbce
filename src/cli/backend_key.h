/* A signature key as a backend knows it, from options: for verify and backend. */
#ifndef COUNTERSIGN_CLI_BACKEND_KEY_H
#define COUNTERSIGN_CLI_BACKEND_KEY_H

#include "base/arena.h"
#include "policy/publication.h"

struct backend_key_options {
    const char *sign_type; /* NULL: not named */
    const char *id;
    const char *secret_file;
    const char *key_file;
};

/* Takes an option of this list and its value; false when it is none of them. */
bool backend_key_take(struct backend_key_options *options, const char *name, const char *value);
/* The key that they describe; what it points to lies in the arena and the arguments. NULL, or what is wrong with them: *misused says
 * whether with the call or with a file. */
const char *backend_key_read(const struct backend_key_options *options, struct arena *arena, struct signature_key *key, bool *misused);

#define BACKEND_KEY_USAGE                                                                                                                  \
    "  --sign-type    hmac, basic, aes, public_key, bce or aliyun\n"                                                                       \
    "  --key          the signature key's sign_key; of aes and public_key its id\n"                                                        \
    "  --secret-file  its sign_secret; of aes the vector, of public_key not wanted\n"                                                      \
    "  --key-file     of aes the AES key, of public_key the public key (PEM, or base64 on one line; of several the first counts)\n"

#endif
