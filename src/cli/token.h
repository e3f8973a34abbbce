/* `sign`, `verify` and `explain` with --scheme jwt: what they work on is a token, not a request. */
#ifndef COUNTERSIGN_CLI_TOKEN_H
#define COUNTERSIGN_CLI_TOKEN_H

#include "admit/admit.h"
#include "credential/token_rules.h"

/* Is it --scheme jwt? */
bool token_is_meant(int argc, char **argv);

/* Each returns an enum command_exit. */
int token_sign_main(int argc, char **argv);
int token_verify_main(int argc, char **argv);
int token_explain_main(int argc, char **argv);

/* A token as it was given, and by what it is held. */
struct token_subject {
    struct bytes token;
    struct bytes jwks; /* empty: none was given */
    struct token_rules rules;
    struct buffer audiences;
    struct bytes holder; /* what the claim rules.claim must be; empty: anything */
    int64_t now;
};
/* Reads options and token of a command. False: *status is the exit status, and was told. */
bool token_subject_read(int argc, char **argv, struct arena *arena, struct token_subject *subject, int *status);

/* What the gateway makes of it, by its own admission. */
struct token_verdict {
    struct admission admission;
    unsigned status;
    struct bytes body; /* of the answer */
};
/* False: it could not be judged. */
bool token_judge(const struct token_subject *subject, struct arena *arena, struct token_verdict *verdict);

#define TOKEN_SIGN_USAGE                                                                                                                   \
    "with --scheme jwt a token is issued, for tests: --scheme jwt (--jwks F | --private-key F) [OPTION...]\n"                              \
    "  --jwks F         a set with a symmetric key, as the gateway answers it: HS256, HS384, HS512\n"                                      \
    "  --private-key F  PKCS#8 in PEM: RSA gives RS256, a curve ES256, ES384 or ES512, Ed25519 EdDSA\n"                                    \
    "  --alg A          another one that the key is for: RS384, RS512, PS256, PS384, PS512; of several secrets the one for it\n"           \
    "  --kid K          names the key in the token\n"                                                                                      \
    "  --claim N=V      a claim; a number, true, false, a list or an object where V is one in JSON; may be repeated\n"                     \
    "  --lifetime S     seconds until exp, 300 unless given; 0: no exp\n"
#define TOKEN_RULES_USAGE                                                                                                                  \
    "with --scheme jwt a token is judged: --scheme jwt --jwks F [OPTION...] [FILE]\n"                                                      \
    "  FILE                 the token; standard input unless given\n"                                                                      \
    "  --jwks F             the keys\n"                                                                                                    \
    "  --issuer I, --audience A, --leeway S, --accept-undated  as the credential demands it\n"                                             \
    "  --claim N=V          the claim that names the consumer, and its value\n"

#endif
