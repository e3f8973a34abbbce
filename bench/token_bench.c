/* What does the admission of one token cost, and how much of it is its signature alone, by the same key in the same process? Microseconds
 * of a call, the median of many, of tokens that were not seen before: warm, and with the caches emptied before each, as between the
 * requests of a worker. The last column is the same token once it is known. Usage: token-bench [CALLS [ALGORITHM]]   (it reads
 * vectors/keys) */
#include <openssl/bn.h>
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

static _Alignas(64) uint8_t memory[64 * 1024], sweep[SWEEP], requests[TOKENS][ROOM];
static struct jwt_memory tokens;
static struct publication publication;
static struct bytes key_set;
static double times[TOKENS];

struct row {
    struct jwt_issuer issuer;
    struct jwk jwk;
    struct verify_key *bare;
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

static void primitive(struct row *row, size_t at)
{
    uint8_t room[512];
    struct buffer signature = buffer_over(room, sizeof room);
    struct bytes token = bytes_from(token_of(at), sizeof "Bearer " - 1);
    size_t dot = (size_t)((const uint8_t *)memrchr(token.data, '.', token.length) - token.data);
    if (!base64url_decode(&signature, bytes_from(token, dot + 1))) exit(5);
    if (!verify_key_check(row->bare, bytes_slice(token, 0, dot), buffer_bytes(&signature))) exit(6);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(void (*call)(struct row *row, size_t at), struct row *row, size_t calls, bool cold, bool same)
{
    for (size_t i = 0; i < calls; i++) {
        if (cold)
            for (size_t line = 0; line < SWEEP; line += 64) sweep[line]++;
        double from = now_microseconds();
        call(row, same ? 0 : i % TOKENS);
        times[i % TOKENS] = now_microseconds() - from;
    }
    qsort(times, calls < TOKENS ? calls : TOKENS, sizeof *times, compare);
    return times[(calls < TOKENS ? calls : TOKENS) / 2];
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
    row->bare = verify_key_prepare(row->jwk.algorithm, &row->jwk.material);
    buffer_add_text(&out, "{\"keys\":[");
    jwk_write(&out, &row->jwk);
    buffer_add_text(&out, "]}");
    key_set = buffer_bytes(&out);
    if (row->bare == NULL || key_set.length == 0) exit(3);
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
    printf("%-8s %10s %10s %7s   %10s %10s %7s   %10s\n", "alg", "signature", "fresh", "ratio", "cold", "fresh", "ratio", "known");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (argc > 2 && strcmp(argv[2], verify_algorithm_name(rows[i].issuer.algorithm)) != 0) continue;
        lay_keys(&rows[i]);
        double bare = median(primitive, &rows[i], calls, false, false), all = median(whole, &rows[i], calls, false, false);
        double cold_bare = median(primitive, &rows[i], calls, true, false), cold = median(whole, &rows[i], calls, true, false);
        printf("%-8s %10.2f %10.2f %7.3f   %10.2f %10.2f %7.3f   %10.2f\n", verify_algorithm_name(rows[i].issuer.algorithm), bare, all,
               all / bare, cold_bare, cold, cold / cold_bare, median(whole, &rows[i], calls, false, true));
    }
    jwt_memory_destroy(&tokens);
    return 0;
}
