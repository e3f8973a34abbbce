#include "internal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cs_type_name(cs_type type)
{
    static const char *const names[] = {"hmac", "basic", "aes", "public_key", "bce", "aliyun"};
    return names[type];
}

const char *cs_algorithm_name(cs_algorithm algorithm)
{
    static const char *const names[] = {
        "", "SDK-HMAC-SHA256", "SDK-AES-128-CFB", "SDK-AES-256-CFB", "SDK-RSA-SHA256", "SDK-ECDSA-P256-SHA256"};
    return names[algorithm];
}

static void invalid(countersign_error *error, const char *detail)
{
    if (error != NULL) cs_refuse(error, COUNTERSIGN_INVALID_ARGUMENT, detail);
}

static countersign_key *new_key(cs_type type, const char *id, const char *secret, countersign_error *error)
{
    if (id == NULL || id[0] == '\0' || secret == NULL || secret[0] == '\0') {
        invalid(error, "a key needs an id and a secret");
        return NULL;
    }
    countersign_key *key = calloc(1, sizeof *key);
    if (key != NULL) *key = (countersign_key){.type = type, .id = strdup(id), .secret = strdup(secret)};
    if (key != NULL && key->id != NULL && key->secret != NULL) return key;
    countersign_key_free(key);
    if (error != NULL) cs_fault(error);
    return NULL;
}

countersign_key *countersign_key_hmac(const char *id, const char *secret, countersign_error *error)
{
    countersign_key *key = new_key(CS_HMAC, id, secret, error);
    if (key != NULL) key->algorithm = CS_SDK_HMAC;
    return key;
}

countersign_key *countersign_key_basic(const char *id, const char *secret, countersign_error *error)
{
    return new_key(CS_BASIC, id, secret, error);
}

countersign_key *countersign_key_bce(const char *id, const char *secret, countersign_error *error)
{
    return new_key(CS_BCE, id, secret, error);
}

countersign_key *countersign_key_aliyun(const char *id, const char *secret, countersign_error *error)
{
    return new_key(CS_ALIYUN, id, secret, error);
}

countersign_key *countersign_key_aes(const char *id, const countersign_aes *parts, countersign_error *error)
{
    bool small = parts->algorithm != NULL && strcmp(parts->algorithm, "aes-128-cfb") == 0;
    if (!small && (parts->algorithm == NULL || strcmp(parts->algorithm, "aes-256-cfb") != 0)) {
        invalid(error, "algorithm must be aes-128-cfb or aes-256-cfb");
        return NULL;
    }
    if (parts->key == NULL || strlen(parts->key) != (small ? 16 : 32) || parts->vector == NULL || strlen(parts->vector) != 16) {
        invalid(error, "aes-128-cfb needs a key of 16 bytes, aes-256-cfb one of 32, and both a vector of 16");
        return NULL;
    }
    countersign_key *key = new_key(CS_AES, id, parts->key, error);
    if (key == NULL) return NULL;
    memcpy(key->vector, parts->vector, sizeof key->vector);
    key->algorithm = small ? CS_SDK_AES_128 : CS_SDK_AES_256;
    return key;
}

static cs_algorithm algorithm_of(const EVP_PKEY *key)
{
    char group[32] = "";
    if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= 2048) return CS_SDK_RSA;
    if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 && strcmp(group, "prime256v1") == 0)
        return CS_SDK_ECDSA;
    return CS_NONE;
}

/* The base64 of a PEM, or bare: without armour and blanks. */
static cs_span bare_base64(cs_arena *arena, cs_span text)
{
    cs_text bare = {.arena = arena};
    cs_span line;
    for (bool more = true; cs_next(&text, '\n', &line, &more);) {
        if (line.size >= 5 && memcmp(line.data, "-----", 5) == 0) continue;
        for (size_t i = 0; i < line.size; i++)
            if (strchr(" \t\r", line.data[i]) == NULL) cs_add(&bare, cs_part(line, i, i + 1));
    }
    return cs_done(&bare);
}

static EVP_PKEY *read_public_key(const char *text)
{
    cs_arena arena = {0};
    cs_span der;
    EVP_PKEY *key = NULL;
    if (cs_base64_decode(&arena, bare_base64(&arena, cs_string(text)), &der) && der.size < INT32_MAX) {
        const unsigned char *place = (const unsigned char *)der.data;
        key = d2i_PUBKEY(NULL, &place, (long)der.size);
        if (key != NULL && place != (const unsigned char *)der.data + der.size) {
            EVP_PKEY_free(key);
            key = NULL;
        }
    }
    cs_arena_free(&arena);
    ERR_clear_error();
    return key;
}

countersign_key *countersign_key_public(const char *id, const char *text, countersign_error *error)
{
    EVP_PKEY *public_key = text == NULL ? NULL : read_public_key(text);
    if (public_key == NULL || algorithm_of(public_key) == CS_NONE) {
        invalid(error, public_key == NULL ? "a public key must be an SPKI, in PEM or bare base64"
                                          : "a public key must be RSA from 2048 bits, or ECDSA P-256");
        EVP_PKEY_free(public_key);
        return NULL;
    }
    countersign_key *key = new_key(CS_PUBLIC_KEY, id, "-", error);
    if (key == NULL) {
        EVP_PKEY_free(public_key);
        return NULL;
    }
    key->public_key = public_key;
    key->algorithm = algorithm_of(public_key);
    return key;
}

void countersign_key_until(countersign_key *key, int64_t not_after)
{
    key->ends = true;
    key->not_after = not_after;
}

void countersign_key_free(countersign_key *key)
{
    if (key == NULL) return;
    if (key->secret != NULL) OPENSSL_cleanse(key->secret, strlen(key->secret));
    OPENSSL_cleanse(key->vector, sizeof key->vector);
    EVP_PKEY_free(key->public_key);
    free(key->secret);
    free(key->id);
    free(key);
}

/* --- Proving */

bool cs_mac(cs_span secret, cs_span text, unsigned char mac[32])
{
    unsigned size = 0;
    if (secret.size > INT32_MAX) return false;
    return HMAC(EVP_sha256(), secret.data, (int)secret.size, (const unsigned char *)text.data, text.size, mac, &size) != NULL && size == 32;
}

cs_span cs_hex_mac(cs_arena *arena, cs_span secret, cs_span text)
{
    unsigned char mac[32];
    cs_text made = {.arena = arena};
    if (cs_mac(secret, text, mac)) cs_add_hex(&made, mac, sizeof mac);
    return cs_done(&made);
}

cs_span cs_base64_mac(cs_arena *arena, cs_span secret, cs_span text)
{
    unsigned char mac[32];
    cs_text made = {.arena = arena};
    if (cs_mac(secret, text, mac)) cs_add_base64(&made, mac, sizeof mac);
    return cs_done(&made);
}

/* AES-CFB128 around the MAC: as safe as the MAC, in the clothes that the customer chose. */
static bool wrap(const countersign_key *key, unsigned char mac[32])
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *cipher = key->algorithm == CS_SDK_AES_128 ? EVP_aes_128_cfb128() : EVP_aes_256_cfb128();
    unsigned char wrapped[64];
    int size = 0;
    bool good = context != NULL && EVP_EncryptInit_ex(context, cipher, NULL, (const unsigned char *)key->secret, key->vector) == 1 &&
                EVP_EncryptUpdate(context, wrapped, &size, mac, 32) == 1 && size == 32;
    if (good) memcpy(mac, wrapped, 32);
    EVP_CIPHER_CTX_free(context);
    return good;
}

static cs_span hex_proof(const countersign_key *key, cs_span text, cs_arena *arena)
{
    unsigned char mac[32];
    cs_text made = {.arena = arena};
    if (cs_mac(cs_string(key->secret), text, mac) && (key->type == CS_HMAC || wrap(key, mac))) cs_add_hex(&made, mac, sizeof mac);
    return cs_done(&made);
}

/* Compares digests, so that the time does not tell the length. */
static bool is_password(const countersign_key *key, cs_span given, bool *fits, cs_arena *arena, countersign_error *error)
{
    cs_span known = cs_hex_sha256(arena, cs_string(key->secret)), digest = cs_hex_sha256(arena, given);
    if (known.size == 0 || digest.size == 0) return cs_fault(error);
    if (cs_equal_secret(known, digest)) *fits = true;
    return true;
}

static bool decode_hex(cs_arena *arena, cs_span text, cs_span *data)
{
    char *bytes = cs_take(arena, text.size / 2 + 1, 1);
    if (bytes == NULL || text.size % 2 != 0 || text.size > 144 || !cs_is_hex(text)) return false;
    for (size_t i = 0; i < text.size / 2; i++) {
        const char digits[3] = {text.data[2 * i], text.data[2 * i + 1], '\0'};
        bytes[i] = (char)strtoul(digits, NULL, 16);
    }
    *data = (cs_span){bytes, text.size / 2};
    return true;
}

static bool public_key_proves(const countersign_key *key, cs_span text, const cs_proof *proof, bool *fits, cs_arena *arena,
                              countersign_error *error)
{
    cs_span signature;
    if (key->algorithm == CS_SDK_RSA ? !cs_base64_decode(arena, proof->signature, &signature)
                                     : !decode_hex(arena, proof->signature, &signature))
        return cs_malformed(error, key->algorithm == CS_SDK_RSA ? "Signature is not base64" : "Signature is not lower-case hex");
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->public_key) != 1) {
        EVP_MD_CTX_free(context);
        return cs_fault(error);
    }
    /* Anything but 1 is no proof: a signature of another length is an error to libcrypto, and a refusal here. */
    if (EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.size, (const unsigned char *)text.data, text.size) == 1)
        *fits = true;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return true;
}

static bool compare_proof(cs_span expected, const cs_proof *proof, bool *fits, countersign_error *error)
{
    if (expected.size == 0) return cs_fault(error);
    if (cs_equal_secret(expected, proof->signature)) *fits = true;
    return true;
}

bool cs_key_proves(const countersign_key *key, cs_span text, const cs_proof *proof, bool *fits, cs_arena *arena, countersign_error *error)
{
    cs_span secret = cs_string(key->secret);
    switch (key->type) {
    case CS_BASIC:
        return is_password(key, proof->signature, fits, arena, error);
    case CS_PUBLIC_KEY:
        return public_key_proves(key, text, proof, fits, arena, error);
    case CS_BCE:
        return compare_proof(cs_hex_mac(arena, cs_hex_mac(arena, secret, proof->prefix), text), proof, fits, error);
    case CS_ALIYUN:
        if (proof->signature.size != 44) return cs_malformed(error, "X-Ca-Proxy-Signature is not the base64 of 32 bytes");
        return compare_proof(cs_base64_mac(arena, secret, text), proof, fits, error);
    default:
        if (proof->signature.size != 64 || !cs_is_hex(proof->signature))
            return cs_malformed(error, "Signature is not 64 lower-case hex digits");
        return compare_proof(hex_proof(key, text, arena), proof, fits, error);
    }
}
