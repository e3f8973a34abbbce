/* What does countersigning one request cost, and how much of it is the primitive alone, with the same key in the same process? Microseconds
 * of a call, the median of many, warm and with the caches emptied before each, as between the requests of a worker. The primitive is
 * measured as this library calls it, a context made ready and a digest, and as OpenSSL offers it for a text and a parsed key ("bare":
 * EVP_DigestSign for public keys, HMAC() for MACs). The calls take turns, so that what disturbs one disturbs all.
 * Usage: countersign-bench [CALLS]   (in the root of the tree: it reads vectors/keys) */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admit/countersign.h"
#include "base/text.h"
#include "policy/tells.h"

#define NOW      1700000000
#define SWEEP    (4u * 1024 * 1024)
#define MOST     100000
#define KEY_ROOM 4096
#define KINDS    3

static _Alignas(64) uint8_t memory[64 * 1024], sweep[SWEEP];
static struct countersigner signer;
static struct http_request request;
static double times[KINDS][MOST];

/* One row: what is asked, and the primitive of it. */
struct row {
    const char *name;
    struct signature_key key;
    EVP_PKEY_CTX *ready_context; /* of public keys; NULL: the MACs alone */
    EVP_PKEY *parsed;
    struct hmac_key ready;
};

static double now_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void whole(struct row *row)
{
    struct arena arena = arena_over(memory, sizeof memory);
    struct body_facts facts = body_empty();
    struct countersigned outgoing = {.request = &request, .body = &facts, .now = NOW};
    struct signed_fields fields;
    if (!countersign_request(&signer, &row->key, &outgoing, &arena, &fields)) exit(1);
}

static void primitive(struct row *row)
{
    static uint8_t digest[32], signature[512];
    size_t length = sizeof signature;
    if (row->ready_context != NULL) {
        if (EVP_PKEY_sign(row->ready_context, signature, &length, digest, sizeof digest) != 1) exit(1);
        return;
    }
    struct digest_value mac = hmac_with(&row->ready, bytes_of(digest, sizeof digest));
    memcpy(digest, mac.data, sizeof digest);
}

static void bare(struct row *row)
{
    static const uint8_t text[97] = "SDK-HMAC-SHA256\n20231114T221320Z\n";
    static uint8_t signature[512];
    static EVP_MD_CTX *context;
    size_t length = sizeof signature;
    unsigned mac_length = sizeof signature;
    if (row->parsed == NULL) {
        struct bytes key = row->key.type == SIGNATURE_AES ? row->key.key : row->key.secret;
        if (HMAC(EVP_sha256(), key.data, (int)key.length, text, sizeof text, signature, &mac_length) == NULL) exit(1);
        return;
    }
    if (context == NULL) context = EVP_MD_CTX_new();
    EVP_MD_CTX_reset(context); /* it keeps the key before otherwise */
    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, row->parsed) != 1) exit(1);
    if (EVP_DigestSign(context, signature, &length, text, sizeof text) != 1) exit(1);
}

static void empty_caches(void)
{
    for (size_t i = 0; i < SWEEP; i += 64) sweep[i]++;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Of each kind of call, in turns. */
static void medians(struct row *row, int calls, bool cold, double found[KINDS])
{
    static void (*const kinds[KINDS])(struct row * row) = {primitive, bare, whole};
    for (int i = 0; i < calls; i++)
        for (size_t kind = 0; kind < KINDS; kind++) {
            kinds[kind](row);
            if (cold) empty_caches();
            double from = now_microseconds();
            kinds[kind](row);
            times[kind][i] = now_microseconds() - from;
        }
    for (size_t kind = 0; kind < KINDS; kind++) {
        qsort(times[kind], (size_t)calls, sizeof *times[kind], compare);
        found[kind] = times[kind][calls / 2];
    }
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *key = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    if (file != NULL) fclose(file);
    if (key == NULL) exit(1);
    return key;
}

/* As the gateway has it: PKCS#8 in base64; and bare, made ready like the gateway's. */
static void lay_private(struct row *row, const char *path)
{
    EVP_PKEY *key = read_key(path);
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    uint8_t *der = NULL;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    struct buffer text = buffer_over(malloc(KEY_ROOM), KEY_ROOM);
    base64_encode(&text, bytes_of(der, (size_t)length));
    row->key.secret = buffer_bytes(&text);
    row->parsed = key;
    row->ready_context = EVP_PKEY_CTX_new(key, NULL);
    if (EVP_PKEY_sign_init(row->ready_context) != 1 || EVP_PKEY_CTX_set_signature_md(row->ready_context, EVP_sha256()) != 1) exit(1);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) EVP_PKEY_CTX_set_rsa_padding(row->ready_context, RSA_PKCS1_PADDING);
}

static void lay_hmac(struct row *row)
{
    hmac_prepare(&row->ready, DIGEST_SHA256, row->key.type == SIGNATURE_AES ? row->key.key : row->key.secret);
    row->key.hmac = &row->ready;
}

static void lay_request(void)
{
    static const struct http_field fields[] = {{BYTES("host"), BYTES("backend.internal:8080")},
                                               {BYTES("x-countersign-app"), BYTES("3f1d7c52a0b94c86a6e0f3a1b2c4d5e6")},
                                               {BYTES("x-request-id"), BYTES("7f5c1f8a2b3c4d5e6f708192a3b4c5d6")}};
    request = (struct http_request){.method = BYTES("GET"), .fields = fields, .field_count = sizeof fields / sizeof fields[0]};
    if (!http_request_set_target(&request, BYTES("/orders/7?page=2"))) exit(1);
}

int main(int argc, char **argv)
{
    int calls = argc > 1 ? atoi(argv[1]) : 2001;
    struct row rows[] = {
        {.name = "hmac", .key = {.type = SIGNATURE_HMAC, .key = BYTES("signature_key1"), .secret = BYTES("signature_secret1-0123456789")}},
        {.name = "basic", .key = {.type = SIGNATURE_BASIC, .key = BYTES("gateway_user"), .secret = BYTES("p@ss#word$1%:xy")}},
        {.name = "aes",
         .key = {.type = SIGNATURE_AES, .id = BYTES("id"), .key = BYTES("Kq3+vY/7mR=tW$2z"), .secret = BYTES("Zx9!aB8@cD7#eF6%")}},
        {.name = "bce", .key = {.type = SIGNATURE_BCE, .key = BYTES("signature_key1"), .secret = BYTES("signature_secret1-0123456789")}},
        {.name = "aliyun", .key = {.type = SIGNATURE_ALIYUN, .key = BYTES("DemoKey1"), .secret = BYTES("signature_secret1-0123456789")}},
        {.name = "rsa", .key = {.type = SIGNATURE_PUBLIC_KEY, .id = BYTES("id")}},
        {.name = "ecdsa", .key = {.type = SIGNATURE_PUBLIC_KEY, .id = BYTES("id")}},
    };
    size_t count = sizeof rows / sizeof *rows;
    if (calls < 1 || calls > MOST || !countersigner_prepare(&signer)) return 1;
    lay_request();
    lay_private(&rows[count - 2], "vectors/keys/rsa-private.pem");
    lay_private(&rows[count - 1], "vectors/keys/ecdsa-private.pem");
    printf("%-8s %10s %10s %10s   %10s %10s %10s\n", "type", "primitive", "bare", "whole", "cold", "bare", "whole");
    for (size_t i = 0; i < count; i++) {
        double warm[KINDS], cold[KINDS];
        if (rows[i].ready_context == NULL) lay_hmac(&rows[i]);
        rows[i].key.opening = i + 1;
        medians(&rows[i], calls, false, warm);
        medians(&rows[i], calls, true, cold);
        printf("%-8s %10.2f %10.2f %10.2f   %10.2f %10.2f %10.2f\n", rows[i].name, warm[0], warm[1], warm[2], cold[0], cold[1], cold[2]);
    }
    countersigner_destroy(&signer);
    return 0;
}
