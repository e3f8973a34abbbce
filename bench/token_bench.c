/* What does the admission of one token cost, and how much of it is its signature alone, in the same process? Microseconds of a call, the
 * median of many, of tokens that were not seen before: warm, and with the caches emptied before each, as between the requests of a worker.
 * "ours" is the signature alone by a key made ready, as admission checks it; "bare" what OpenSSL offers for a parsed key: of MACs
 * EVP_MAC with a context that stays (HMAC(), which looks the algorithm up, is "one-shot"), of public keys EVP_DigestVerify, with the DER
 * that it wants of an ECDSA signature. Each decodes the signature. The calls take turns, each with another token. The last column is a
 * token that is known. Usage: token-bench [CALLS [ALGORITHM]]   (it reads vectors/keys) */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admit/admit.h"
#include "base/text.h"
#include "credential/token_rules.h"
#include "http/parse.h"
#include "jwt/issue.h"
#include "jwt/jwk.h"

#define NOW    1700000000
#define SWEEP  (4u * 1024 * 1024)
#define TOKENS 3001 /* more than are known at once */
#define ROOM   1200
#define KINDS  4

static _Alignas(64) uint8_t memory[64 * 1024], sweep[SWEEP], requests[TOKENS][ROOM];
static struct jwt_memory tokens;
static struct publication publication;
static struct bytes key_set;
static double times[KINDS][TOKENS];

struct row {
    struct jwt_issuer issuer;
    struct jwk jwk;
    struct verify_key *ours;
    EVP_PKEY *parsed; /* NULL: it is a MAC */
    EVP_MAC_CTX *mac;
    EVP_MD_CTX *digest;
};

static double now_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static enum found find_key_set(void *context, struct bytes name, struct arena *arena, struct key_set *set)
{
    (void)context;
    (void)name;
    *set = (struct key_set){1, arena != NULL ? arena_copy(arena, key_set) : BYTES("")};
    return FOUND;
}

static const struct directory directory = {.key_set = find_key_set};

static struct bytes token_of(size_t at)
{
    return bytes_of_text((const char *)requests[at]);
}

static void whole(struct row *row, size_t at)
{
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_field field = {BYTES("Authorization"), token_of(at)};
    struct http_request request = {.method = BYTES("GET"), .target = BYTES("/"), .path = BYTES("/"), .fields = &field, .field_count = 1};
    struct admit_context context = {
        .publication = &publication, .request = &request, .directory = &directory, .arena = &arena, .now = NOW, .tokens = &tokens};
    struct admission admission;
    (void)row;
    admit_begin(&context, &admission);
    if (admission.outcome != ADMISSION_ACCEPTED) exit(4);
}

/* What was signed, and the signature decoded. */
struct parts {
    struct bytes text;
    struct bytes signature;
    uint8_t room[512];
};

static void take_apart(size_t at, struct parts *parts)
{
    struct buffer signature = buffer_over(parts->room, sizeof parts->room);
    struct bytes token = bytes_from(token_of(at), sizeof "Bearer " - 1);
    size_t dot = (size_t)((const uint8_t *)memrchr(token.data, '.', token.length) - token.data);
    if (!base64url_decode(&signature, bytes_from(token, dot + 1))) exit(5);
    parts->text = bytes_slice(token, 0, dot);
    parts->signature = buffer_bytes(&signature);
}

static void ours(struct row *row, size_t at)
{
    struct parts parts;
    take_apart(at, &parts);
    if (!verify_key_check(row->ours, parts.text, parts.signature)) exit(6);
}

static void check_mac(const struct parts *parts, const uint8_t *mac, size_t length)
{
    if (length != parts->signature.length || CRYPTO_memcmp(mac, parts->signature.data, length) != 0) exit(7);
}

static void one_shot(struct row *row, size_t at)
{
    struct parts parts;
    uint8_t mac[64];
    unsigned length = sizeof mac;
    if (row->parsed != NULL) return;
    take_apart(at, &parts);
    struct bytes secret = row->issuer.secret;
    if (HMAC(EVP_sha256(), secret.data, (int)secret.length, parts.text.data, parts.text.length, mac, &length) == NULL) exit(8);
    check_mac(&parts, mac, length);
}

static void bare_mac(struct row *row, const struct parts *parts)
{
    uint8_t mac[64];
    size_t length = sizeof mac;
    struct bytes secret = row->issuer.secret;
    bool done = EVP_MAC_init(row->mac, secret.data, secret.length, NULL) == 1 &&
                EVP_MAC_update(row->mac, parts->text.data, parts->text.length) == 1 &&
                EVP_MAC_final(row->mac, mac, &length, sizeof mac) == 1;
    if (!done) exit(9);
    check_mac(parts, mac, length);
}

/* R and S as the DER that OpenSSL takes. */
static struct bytes der_of(struct bytes pair, uint8_t room[80])
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    uint8_t *to = room;
    BIGNUM *r = BN_bin2bn(pair.data, 32, NULL), *s = BN_bin2bn(pair.data + 32, 32, NULL);
    if (signature == NULL || ECDSA_SIG_set0(signature, r, s) != 1) exit(10);
    int length = i2d_ECDSA_SIG(signature, &to);
    ECDSA_SIG_free(signature);
    return bytes_of(room, length > 0 ? (size_t)length : 0);
}

static void bare(struct row *row, size_t at)
{
    struct parts parts;
    uint8_t room[80];
    take_apart(at, &parts);
    if (row->parsed == NULL) return bare_mac(row, &parts);
    if (row->issuer.algorithm == VERIFY_ES256) parts.signature = der_of(parts.signature, room);
    EVP_MD_CTX_reset(row->digest);
    if (EVP_DigestVerifyInit(row->digest, NULL, EVP_sha256(), NULL, row->parsed) != 1) exit(11);
    if (EVP_DigestVerify(row->digest, parts.signature.data, parts.signature.length, parts.text.data, parts.text.length) != 1) exit(12);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void (*const kinds[KINDS])(struct row *row, size_t at) = {ours, one_shot, bare, whole};

static double median(double *of, size_t count)
{
    qsort(of, count, sizeof *of, compare);
    return of[count / 2];
}

static double timed(void (*call)(struct row *row, size_t at), struct row *row, size_t at, bool cold)
{
    for (size_t line = 0; cold && line < SWEEP; line += 64) sweep[line]++;
    double from = now_microseconds();
    call(row, at);
    return now_microseconds() - from;
}

static void medians(struct row *row, size_t calls, bool cold, double found[KINDS])
{
    for (size_t i = 0; i < calls; i++)
        for (size_t kind = 0; kind < KINDS; kind++) times[kind][i] = timed(kinds[kind], row, (i + kind * TOKENS / KINDS) % TOKENS, cold);
    for (size_t kind = 0; kind < KINDS; kind++) found[kind] = median(times[kind], calls);
}

static double known(struct row *row, size_t calls, bool cold)
{
    whole(row, 0);
    for (size_t i = 0; i < calls; i++) times[0][i] = timed(whole, row, 0, cold);
    return median(times[0], calls);
}

/* The public half; it lives as long as the program. */
static bool lay_public(EVP_PKEY *key, struct row *row)
{
    uint8_t *room = malloc(1024);
    size_t length = 0;
    struct verify_material *material = &row->jwk.material;
    if (row->issuer.algorithm == VERIFY_ES256) {
        if (EVP_PKEY_get_octet_string_param(key, "pub", room, 1024, &length) != 1 || length != 65) return false;
        material->x = bytes_of(room + 1, 32);
        material->y = bytes_of(room + 33, 32);
        return true;
    }
    BIGNUM *n = NULL, *e = NULL;
    if (EVP_PKEY_get_bn_param(key, "n", &n) != 1 || EVP_PKEY_get_bn_param(key, "e", &e) != 1) return false;
    material->modulus = bytes_of(room, (size_t)BN_bn2bin(n, room));
    material->exponent = bytes_of(room + 512, (size_t)BN_bn2bin(e, room + 512));
    return true;
}

static void read_key(const char *path, struct row *row)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *key = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    PKCS8_PRIV_KEY_INFO *info = key != NULL ? EVP_PKEY2PKCS8(key) : NULL;
    uint8_t *der = NULL;
    int length = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    if (file != NULL) fclose(file);
    row->issuer.key = sign_key_prepare(bytes_of(der, length > 0 ? (size_t)length : 0));
    if (row->issuer.key == NULL || !lay_public(key, row)) exit(1);
    row->parsed = key;
}

static void issue(struct row *row)
{
    char claims[200];
    for (size_t i = 0; i < TOKENS; i++) {
        struct buffer out = buffer_over(requests[i], ROOM - 1);
        buffer_add_text(&out, "Bearer ");
        snprintf(claims, sizeof claims,
                 "{\"iss\":\"https://idp.example/\",\"aud\":\"orders\",\"uid\":\"11215ac069234abcb8944232b79ae711\",\"n\":%zu,\"exp\":%d}",
                 i, NOW + 600);
        if (!jwt_issue(&row->issuer, bytes_of_text(claims), &out)) exit(2);
        requests[i][out.length] = 0;
    }
}

static void lay_keys(struct row *row)
{
    static uint8_t room[2048];
    struct buffer out = buffer_over(room, sizeof room);
    row->jwk.algorithm = row->issuer.algorithm;
    row->jwk.has_kid = true;
    row->jwk.kid = row->issuer.kid;
    row->ours = verify_key_prepare(row->jwk.algorithm, &row->jwk.material);
    row->digest = EVP_MD_CTX_new();
    row->mac = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0), OSSL_PARAM_construct_end()};
    if (row->mac == NULL || EVP_MAC_CTX_set_params(row->mac, digest) != 1) exit(3);
    buffer_add_text(&out, "{\"keys\":[");
    jwk_write(&out, &row->jwk);
    buffer_add_text(&out, "]}");
    key_set = buffer_bytes(&out);
    if (row->ours == NULL || row->digest == NULL || key_set.length == 0) exit(3);
    publication.serial++;
    issue(row);
}

int main(int argc, char **argv)
{
    size_t calls = argc > 1 ? (size_t)atol(argv[1]) : TOKENS;
    static uint8_t run[256];
    const struct bytes secret = BYTES("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    struct row rows[] = {{.issuer = {.algorithm = VERIFY_HS256, .secret = secret, .kid = BYTES("k1")}, .jwk.material.secret = secret},
                         {.issuer = {.algorithm = VERIFY_RS256, .kid = BYTES("k1")}},
                         {.issuer = {.algorithm = VERIFY_ES256, .kid = BYTES("k1")}}};
    struct buffer out = buffer_over(run, sizeof run);
    token_rules_write(&out,
                      &(struct token_rules){.key_set = BYTES("api-1@RELEASE"), .issuer = BYTES("https://idp.example/"), .leeway = 60});
    struct place place = scheme_default_place(SCHEME_JWT);
    place.claim = BYTES("");
    publication = (struct publication){
        .plan = {.auth_type = AUTH_TYPE_NONE}, .id = BYTES("publication"), .api_id = BYTES("api"), .instance_id = BYTES("instance")};
    publication.token_policy = buffer_bytes(&out);
    if (!proof_plan_add(&publication.plan, place)) return 1;
    tokens.known.seed = 0x9e3779b97f4a7c15u;
    read_key("vectors/keys/rsa-private.pem", &rows[1]);
    read_key("vectors/keys/ecdsa-private.pem", &rows[2]);
    printf("%-6s %8s %8s %8s %8s %8s   %8s %8s %8s %8s %8s\n", "alg", "ours", "one-shot", "bare", "fresh", "known", "cold", "one-shot",
           "bare", "fresh", "known");
    if (calls == 0 || calls > TOKENS) return 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (argc > 2 && strcmp(argv[2], verify_algorithm_name(rows[i].issuer.algorithm)) != 0) continue;
        lay_keys(&rows[i]);
        printf("%-6s", verify_algorithm_name(rows[i].issuer.algorithm));
        for (int cold = 0; cold < 2; cold++) {
            double found[KINDS];
            medians(&rows[i], calls, cold, found);
            printf(" %8.2f %8.2f %8.2f %8.2f %8.2f  ", found[0], found[1], found[2], found[3], known(&rows[i], calls, cold));
        }
        printf("\n");
    }
    jwt_memory_destroy(&tokens);
    return 0;
}
