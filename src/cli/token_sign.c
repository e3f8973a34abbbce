/* countersign sign --scheme jwt: a token, for tests. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/token.h"
#include "jwt/issue.h"
#include "jwt/jwk.h"

#define LIFETIME  300
#define TOKEN_MAX (2 * JWT_MAX_LENGTH)

struct order {
    struct jwt_issuer issuer;
    json_t *claims;
    enum verify_algorithm wanted; /* VERIFY_NONE: what the key is for */
    int64_t now, lifetime;
    struct bytes jwks, pem;
};

/* V in JSON where it is a number, true, false, a list or an object; else the text itself. */
static const char *add_claim(struct order *order, const char *pair)
{
    char name[256];
    size_t length = strcspn(pair, "=");
    if (pair[length] != '=' || length == 0 || length >= sizeof name) return "--claim: write it as NAME=VALUE";
    memcpy(name, pair, length);
    name[length] = 0;
    json_t *value = json_loads(pair + length + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (value == NULL) value = json_string(pair + length + 1);
    return json_object_set_new(order->claims, name, value) == 0 ? NULL : "--claim: the value is no text in UTF-8";
}

enum { OPTION_SCHEME = 256, OPTION_ALG, OPTION_JWKS, OPTION_PRIVATE_KEY, OPTION_KID, OPTION_CLAIM, OPTION_LIFETIME, OPTION_NOW };

static const char *take_seconds(const char *value, int64_t *seconds)
{
    return number_parse(bytes_of_text(value), seconds) && *seconds >= 0 ? NULL : "--now, --lifetime: a number of seconds";
}

static const char *take_option(struct order *order, int option, const char *value)
{
    switch (option) {
    case OPTION_SCHEME:
        return NULL;
    case OPTION_ALG:
        order->wanted = verify_algorithm_named(bytes_of_text(value));
        return order->wanted != VERIFY_NONE ? NULL : "--alg: HS256 to HS512, RS256 to RS512, PS256 to PS512, ES256 to ES512 or EdDSA";
    case OPTION_JWKS:
        return local_read_file(value, &order->jwks) ? NULL : "--jwks: no such file";
    case OPTION_PRIVATE_KEY:
        return local_read_file(value, &order->pem) ? NULL : "--private-key: no such file";
    case OPTION_KID:
        order->issuer.kid = bytes_of_text(value);
        return NULL;
    case OPTION_CLAIM:
        return add_claim(order, value);
    case OPTION_LIFETIME:
        return take_seconds(value, &order->lifetime);
    case OPTION_NOW:
        return take_seconds(value, &order->now);
    default:
        return "an option is unknown, or lacks its value";
    }
}

static const char *read_options(struct order *order, int argc, char **argv)
{
    static const struct option table[] = {{"scheme", required_argument, NULL, OPTION_SCHEME},
                                          {"alg", required_argument, NULL, OPTION_ALG},
                                          {"jwks", required_argument, NULL, OPTION_JWKS},
                                          {"private-key", required_argument, NULL, OPTION_PRIVATE_KEY},
                                          {"kid", required_argument, NULL, OPTION_KID},
                                          {"claim", required_argument, NULL, OPTION_CLAIM},
                                          {"lifetime", required_argument, NULL, OPTION_LIFETIME},
                                          {"now", required_argument, NULL, OPTION_NOW},
                                          {NULL, 0, NULL, 0}};
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        const char *problem = take_option(order, option, optarg);
        if (problem != NULL) return problem;
    }
    if (optind < argc) return "with --scheme jwt no URL is named: what comes out is a token";
    return (order->jwks.length > 0) + (order->pem.length > 0) == 1 ? NULL : "either --jwks or --private-key is needed";
}

/* The first symmetric key of the set, as the gateway makes them. */
static const char *take_secret(struct order *order, struct arena *arena)
{
    struct jwk *keys = arena_take_array(arena, JWK_SET_MAX_KEYS, sizeof *keys);
    struct jwk_set set = {.keys = keys};
    const char *problem = keys == NULL ? "--jwks is too large" : jwk_set_read(arena, order->jwks, true, &set);
    for (size_t i = 0; problem == NULL && i < set.count; i++) {
        if (verify_family_of(keys[i].algorithm) != VERIFY_HMAC || (order->wanted != VERIFY_NONE && order->wanted != keys[i].algorithm))
            continue;
        order->issuer.algorithm = keys[i].algorithm;
        order->issuer.secret = keys[i].material.secret;
        if (order->issuer.kid.length == 0 && keys[i].has_kid) order->issuer.kid = keys[i].kid;
        return NULL;
    }
    return "--jwks holds no symmetric key for the algorithm";
}

/* What stands between the lines of dashes. */
static struct bytes pem_body(struct bytes pem, struct arena *arena)
{
    struct buffer text = buffer_in(arena, pem.length), der = buffer_in(arena, pem.length);
    for (struct bytes line; bytes_next_part(&pem, '\n', &line);) {
        while (line.length > 0 && line.data[line.length - 1] <= ' ') line.length--;
        if (!bytes_start_with(line, BYTES("-----"))) buffer_add(&text, line);
    }
    return base64_decode(&der, buffer_bytes(&text)) ? buffer_bytes(&der) : BYTES("");
}

static const char *take_private_key(struct order *order, struct arena *arena)
{
    order->issuer.key = sign_key_prepare(pem_body(order->pem, arena));
    if (order->issuer.key == NULL)
        return "--private-key is no PKCS#8 in PEM with an RSA key of 2048 to 4096 bits, one on P-256, P-384 or P-521, or Ed25519";
    order->issuer.algorithm = order->wanted != VERIFY_NONE ? order->wanted : sign_key_algorithm(order->issuer.key);
    return sign_key_fits(order->issuer.key, order->issuer.algorithm) ? NULL : "--alg: the private key is not for it";
}

/* What was given as a claim stands. */
static bool date_claims(struct order *order)
{
    json_t *dates = json_object();
    bool dated = json_object_set_new(dates, "iat", json_integer((json_int_t)order->now)) == 0;
    if (order->lifetime > 0)
        dated = dated && json_object_set_new(dates, "exp", json_integer((json_int_t)(order->now + order->lifetime))) == 0;
    dated = dated && json_object_update_missing(order->claims, dates) == 0;
    json_decref(dates);
    return dated;
}

static int issue(struct order *order, struct arena *arena)
{
    struct buffer out = buffer_in(arena, TOKEN_MAX);
    char *text = date_claims(order) ? json_dumps(order->claims, JSON_COMPACT) : NULL;
    bool done = text != NULL && jwt_issue(&order->issuer, bytes_of_text(text), &out);
    free(text);
    if (!done) return command_failed("sign", "no token could be made: too many claims, or the key does not sign");
    printf("%.*s\n", (int)out.length, (const char *)out.data);
    return COMMAND_OK;
}

int token_sign_main(int argc, char **argv)
{
    struct arena arena = local_arena();
    struct order order = {.claims = json_object(), .now = time(NULL), .lifetime = LIFETIME};
    const char *problem = read_options(&order, argc, argv);
    if (problem == NULL) problem = order.jwks.length > 0 ? take_secret(&order, &arena) : take_private_key(&order, &arena);
    int status = problem != NULL ? command_misused("sign", problem) : issue(&order, &arena);
    sign_key_destroy(order.issuer.key);
    json_decref(order.claims);
    return status;
}
