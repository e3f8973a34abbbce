/* A module for stock nginx that does for each request one bare primitive of OpenSSL and nothing else, so that what a fresh token or a
 * countersignature costs through the gateway stands beside the primitive in a worker of the same kind, under the same load. For the
 * benchmark alone: it protects nothing.
 *
 *     primitive verify|mac|sign usual|quickest KEY TEXTS;      (of a location)
 *
 * TEXTS has a line for each call, taken in turns: of verify and mac a token in compact form, taken apart here when nginx starts, so that
 * decoding is no part of what is measured; of sign the text itself. KEY: a key in PEM (public of verify, private of sign); the bytes of
 * the secret of mac. What does not hold is answered 500. $primitive_signature is what sign made last, in hex.
 *
 * usual: what OpenSSL's pages show for a parsed key and a text, EVP_DigestVerifyInit and EVP_DigestVerify, EVP_DigestSignInit and
 * EVP_DigestSign, HMAC(). quickest: what spares making a context ready: a copy of one that has its key already, of MACs EVP_MAC with a
 * context that keeps its key. */
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>

#define SIGNATURE_ROOM 512
#define SECRET_ROOM    64

struct line {
    ngx_str_t text;
    ngx_str_t signature; /* as OpenSSL takes it; empty: there is none yet */
};

struct primitive {
    bool (*call)(struct primitive *primitive, const struct line *line); /* NULL: nothing is done here */
    EVP_PKEY *key;
    EVP_MD_CTX *ready; /* has the key; never used up, copies are */
    EVP_MD_CTX *context;
    EVP_MAC_CTX *mac;
    u_char secret[SECRET_ROOM];
    size_t secret_length;
    struct line *lines;
    size_t count;
    size_t at;
    u_char signature[SIGNATURE_ROOM];
    size_t signature_length;
};

extern ngx_module_t ngx_http_primitive_module;

/* nginx looks these up in what it loads. */
extern ngx_module_t *ngx_modules[];
extern char *ngx_module_names[];
extern char *ngx_module_order[];
ngx_module_t *ngx_modules[] __attribute__((visibility("default"))) = {&ngx_http_primitive_module, NULL};
char *ngx_module_names[] __attribute__((visibility("default"))) = {"ngx_http_primitive_module", NULL};
char *ngx_module_order[] __attribute__((visibility("default"))) = {NULL};

/* --- the calls ----------------------------------------------------------------------------------------------------------------------- */

static bool verify_usual(struct primitive *primitive, const struct line *line)
{
    EVP_MD_CTX_reset(primitive->context); /* it keeps the key before otherwise */
    return EVP_DigestVerifyInit(primitive->context, NULL, EVP_sha256(), NULL, primitive->key) == 1 &&
           EVP_DigestVerify(primitive->context, line->signature.data, line->signature.len, line->text.data, line->text.len) == 1;
}

static bool verify_quickest(struct primitive *primitive, const struct line *line)
{
    return EVP_MD_CTX_copy_ex(primitive->context, primitive->ready) == 1 &&
           EVP_DigestVerify(primitive->context, line->signature.data, line->signature.len, line->text.data, line->text.len) == 1;
}

static bool sign_usual(struct primitive *primitive, const struct line *line)
{
    primitive->signature_length = sizeof primitive->signature;
    EVP_MD_CTX_reset(primitive->context);
    return EVP_DigestSignInit(primitive->context, NULL, EVP_sha256(), NULL, primitive->key) == 1 &&
           EVP_DigestSign(primitive->context, primitive->signature, &primitive->signature_length, line->text.data, line->text.len) == 1;
}

static bool sign_quickest(struct primitive *primitive, const struct line *line)
{
    primitive->signature_length = sizeof primitive->signature;
    return EVP_MD_CTX_copy_ex(primitive->context, primitive->ready) == 1 &&
           EVP_DigestSign(primitive->context, primitive->signature, &primitive->signature_length, line->text.data, line->text.len) == 1;
}

static bool is_signature(const struct line *line, const u_char *mac, size_t length)
{
    return length == line->signature.len && CRYPTO_memcmp(mac, line->signature.data, length) == 0;
}

static bool mac_usual(struct primitive *primitive, const struct line *line)
{
    u_char mac[EVP_MAX_MD_SIZE];
    unsigned length = sizeof mac;
    return HMAC(EVP_sha256(), primitive->secret, (int)primitive->secret_length, line->text.data, line->text.len, mac, &length) != NULL &&
           is_signature(line, mac, length);
}

static bool mac_quickest(struct primitive *primitive, const struct line *line)
{
    u_char mac[EVP_MAX_MD_SIZE];
    size_t length = 0;
    return EVP_MAC_init(primitive->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(primitive->mac, line->text.data, line->text.len) == 1 &&
           EVP_MAC_final(primitive->mac, mac, &length, sizeof mac) == 1 && is_signature(line, mac, length);
}

static ngx_int_t handle(ngx_http_request_t *request)
{
    struct primitive *primitive = ngx_http_get_module_loc_conf(request, ngx_http_primitive_module);
    if (primitive->call == NULL) return NGX_DECLINED;
    const struct line *line = &primitive->lines[primitive->at];
    primitive->at = primitive->at + 1 < primitive->count ? primitive->at + 1 : 0;
    return primitive->call(primitive, line) ? NGX_DECLINED : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

/* --- keys and texts ------------------------------------------------------------------------------------------------------------------ */

static bool read_key(struct primitive *primitive, const char *path, bool is_private)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    primitive->key = is_private ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : PEM_read_PUBKEY(file, NULL, NULL, NULL);
    fclose(file);
    primitive->ready = EVP_MD_CTX_new();
    primitive->context = EVP_MD_CTX_new();
    if (primitive->key == NULL || primitive->ready == NULL || primitive->context == NULL) return false;
    return is_private ? EVP_DigestSignInit(primitive->ready, NULL, EVP_sha256(), NULL, primitive->key) == 1
                      : EVP_DigestVerifyInit(primitive->ready, NULL, EVP_sha256(), NULL, primitive->key) == 1;
}

static bool read_secret(struct primitive *primitive, const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    const OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
                                 OSSL_PARAM_construct_end()};
    if (file == NULL || mac == NULL) return false;
    primitive->secret_length = fread(primitive->secret, 1, sizeof primitive->secret, file);
    fclose(file);
    primitive->mac = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    return primitive->mac != NULL && EVP_MAC_init(primitive->mac, primitive->secret, primitive->secret_length, digest) == 1;
}

/* R and S, as a token has them, in the DER that OpenSSL takes. */
static bool to_der(ngx_pool_t *pool, ngx_str_t *signature)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    int half = (int)signature->len / 2;
    BIGNUM *r = BN_bin2bn(signature->data, half, NULL), *s = BN_bin2bn(signature->data + half, half, NULL);
    if (pair == NULL || ECDSA_SIG_set0(pair, r, s) != 1) return false;
    u_char *der = ngx_pnalloc(pool, SIGNATURE_ROOM), *to = der;
    int length = der != NULL ? i2d_ECDSA_SIG(pair, &to) : 0;
    ECDSA_SIG_free(pair);
    *signature = (ngx_str_t){(size_t)length, der};
    return length > 0;
}

/* Cuts the signature off the token, decoded. */
static bool take_apart(ngx_pool_t *pool, const struct primitive *primitive, struct line *line)
{
    u_char *end = line->text.data + line->text.len, *dot = end;
    while (dot > line->text.data && dot[-1] != '.') dot--;
    if (dot == line->text.data) return false;
    ngx_str_t encoded = {(size_t)(end - dot), dot};
    line->text.len = (size_t)(dot - 1 - line->text.data);
    line->signature.data = ngx_pnalloc(pool, ngx_base64_decoded_length(encoded.len));
    if (line->signature.data == NULL || ngx_decode_base64url(&line->signature, &encoded) != NGX_OK) return false;
    bool is_pair = primitive->key != NULL && EVP_PKEY_get_base_id(primitive->key) == EVP_PKEY_EC;
    return !is_pair || to_der(pool, &line->signature);
}

static bool add_line(ngx_array_t *lines, const char *text, size_t length)
{
    struct line *line = ngx_array_push(lines);
    if (line == NULL) return false;
    *line = (struct line){.text = {length, ngx_pnalloc(lines->pool, length)}};
    if (line->text.data != NULL) ngx_memcpy(line->text.data, text, length);
    return line->text.data != NULL;
}

static bool read_lines(struct primitive *primitive, ngx_pool_t *pool, const char *path)
{
    FILE *file = fopen(path, "r");
    ngx_array_t *lines = ngx_array_create(pool, 1024, sizeof(struct line));
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    bool good = file != NULL && lines != NULL;
    while (good && (length = getline(&text, &room, file)) > 1) good = add_line(lines, text, (size_t)length - 1);
    free(text);
    if (file != NULL) fclose(file);
    if (!good || lines->nelts == 0) return false;
    primitive->lines = lines->elts;
    primitive->count = lines->nelts;
    return true;
}

/* --- configuration ------------------------------------------------------------------------------------------------------------------- */

struct kind {
    const char *name;
    bool (*usual)(struct primitive *primitive, const struct line *line);
    bool (*quickest)(struct primitive *primitive, const struct line *line);
    bool has_secret;
    bool signs;
};
static const struct kind kinds[] = {{"verify", verify_usual, verify_quickest, .has_secret = false, .signs = false},
                                    {"mac", mac_usual, mac_quickest, .has_secret = true, .signs = false},
                                    {"sign", sign_usual, sign_quickest, .has_secret = false, .signs = true}};

static const struct kind *kind_named(const ngx_str_t *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ngx_strcmp(name->data, kinds[i].name) == 0) return &kinds[i];
    return NULL;
}

static char *set_primitive(ngx_conf_t *configuration, ngx_command_t *command, void *of_location)
{
    struct primitive *primitive = of_location;
    const ngx_str_t *words = configuration->args->elts;
    const struct kind *kind = kind_named(&words[1]);
    bool quickest = ngx_strcmp(words[2].data, "quickest") == 0;
    (void)command;
    if (kind == NULL || (!quickest && ngx_strcmp(words[2].data, "usual") != 0)) return "is verify|mac|sign usual|quickest KEY TEXTS";
    const char *key = (const char *)words[3].data;
    if (!(kind->has_secret ? read_secret(primitive, key) : read_key(primitive, key, kind->signs))) return "has no such key";
    if (!read_lines(primitive, configuration->pool, (const char *)words[4].data)) return "has no texts";
    for (size_t i = 0; !kind->signs && i < primitive->count; i++)
        if (!take_apart(configuration->pool, primitive, &primitive->lines[i])) return "has a text that is no token";
    primitive->call = quickest ? kind->quickest : kind->usual;
    return NGX_CONF_OK;
}

static void *create_location(ngx_conf_t *configuration)
{
    return ngx_pcalloc(configuration->pool, sizeof(struct primitive));
}

static ngx_int_t show_signature(ngx_http_request_t *request, ngx_http_variable_value_t *value, uintptr_t data)
{
    const struct primitive *primitive = ngx_http_get_module_loc_conf(request, ngx_http_primitive_module);
    u_char *hex = ngx_pnalloc(request->pool, 2 * SIGNATURE_ROOM);
    (void)data;
    if (hex == NULL) return NGX_ERROR;
    value->data = hex;
    value->len = (unsigned)(ngx_hex_dump(hex, (u_char *)(uintptr_t)primitive->signature, primitive->signature_length) - hex) & 0xfffffff;
    value->valid = 1;
    return NGX_OK;
}

static ngx_int_t add_variable(ngx_conf_t *configuration)
{
    static ngx_str_t name = ngx_string("primitive_signature");
    ngx_http_variable_t *variable = ngx_http_add_variable(configuration, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (variable == NULL) return NGX_ERROR;
    variable->get_handler = show_signature;
    return NGX_OK;
}

static ngx_int_t add_handler(ngx_conf_t *configuration)
{
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(configuration, ngx_http_core_module);
    ngx_http_handler_pt *place = ngx_array_push(&core->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (place == NULL) return NGX_ERROR;
    *place = handle;
    return NGX_OK;
}

static ngx_command_t commands[] = {
    {ngx_string("primitive"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE4, set_primitive, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL}, ngx_null_command};

static ngx_http_module_t contexts = {add_variable, add_handler, NULL, NULL, NULL, NULL, create_location, NULL};

ngx_module_t ngx_http_primitive_module = {NGX_MODULE_V1, &contexts, commands, NGX_HTTP_MODULE,      NULL, NULL, NULL, NULL,
                                          NULL,          NULL,      NULL,     NGX_MODULE_V1_PADDING};
