#include "control/sign_types.h"

#include "base/text.h"
#include "control/charsets.h"
#include "control/features.h"
#include "crypto/key_pair.h"
#include "crypto/private_key.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "policy/publication.h"

const char *const sign_type_names[] = {"hmac", "basic", "aes", "public_key", "bce", "aliyun", NULL};
const char *const sign_type_algorithms[] = {"aes-128-cfb", "aes-256-cfb", NULL};

struct sign_type {
    enum signature_type type;
    const char *algorithm; /* NULL: it has none */
    size_t key_length;     /* of what is drawn; 0: a key pair is made */
    size_t secret_length;
    struct field key;
    struct field secret;
};

static const struct charset user_name = {"A-Za-z", "A-Za-z0-9_-", false, "letters, digits, _ and -, first a letter"};
static const struct charset aes_text = {"A-Za-z0-9+/", "A-Za-z0-9_!@#$%+/=-", false,
                                        "letters, digits and _-!@#$%+/=, first a letter, digit, + or /"};
static const struct charset public_text = {"A-Za-z0-9+/", "A-Za-z0-9_+/=-", false, "the key in base64 on one line (SubjectPublicKeyInfo)"};
static const struct charset private_text = {"A-Za-z0-9+/", "A-Za-z0-9_!@#$%+/=-", false, "the key in base64 on one line (PKCS#8)"};
static const struct charset printable = {NULL, "!-~", false, "printable ASCII without blanks"};
static const struct charset aliyun_secret = {NULL, "A-Za-z0-9_@#!*", false, "letters, digits and _@#!*"};

#define KEY(from, to, characters)                                                                                                          \
    {                                                                                                                                      \
        .name = "sign_key", .type = FIELD_STRING, .minimum = from, .maximum = to, .charset = characters                                    \
    }
#define SECRET(from, to, characters)                                                                                                       \
    {                                                                                                                                      \
        .name = "sign_secret", .type = FIELD_STRING, .minimum = from, .maximum = to, .charset = characters                                 \
    }

/* bce: the key never holds '/', at which its readers split; and a secret that can be guessed proves nothing. */
static const struct sign_type types[] = {
    {SIGNATURE_HMAC, NULL, 32, 64, KEY(8, 32, &charset_key), SECRET(16, 64, &charset_secret)},
    {SIGNATURE_BASIC, NULL, 32, 64, KEY(4, 32, &user_name), SECRET(8, 64, &charset_secret)},
    {SIGNATURE_AES, "aes-128-cfb", 16, 16, KEY(16, 16, &aes_text), SECRET(16, 16, &aes_text)},
    {SIGNATURE_AES, "aes-256-cfb", 32, 16, KEY(32, 32, &aes_text), SECRET(16, 16, &aes_text)},
    {SIGNATURE_PUBLIC_KEY, NULL, 0, 0, KEY(8, 512, &public_text), SECRET(16, 2048, &private_text)},
    {SIGNATURE_BCE, NULL, 32, 64, KEY(1, 64, &charset_id), SECRET(16, 128, &printable)},
    {SIGNATURE_ALIYUN, NULL, 20, 30, KEY(6, 20, &charset_name), SECRET(6, 30, &aliyun_secret)},
};

static bool refuse_switched_off(struct call *call)
{
    char memory[128];
    struct buffer text = buffer_over(memory, sizeof memory);
    buffer_add_text(&text, "sign_type=public_key not supported by instance ");
    buffer_add(&text, call->instance_id);
    return call_refuse(call, ERROR_SIGN_TYPE_OFF, buffer_bytes(&text));
}

static bool is_offered(struct call *call, const struct sign_type *type)
{
    bool on = true;
    if (type->type == SIGNATURE_PUBLIC_KEY && !feature_read(call, FEATURE_PUBLIC_KEY, &on)) return false;
    return on || refuse_switched_off(call);
}

static bool has_algorithm(const struct sign_type *type, struct bytes algorithm)
{
    return type->algorithm == NULL ? algorithm.length == 0 : bytes_equal(algorithm, bytes_of_text(type->algorithm));
}

const struct sign_type *sign_type_of(struct call *call, struct bytes name, struct bytes algorithm)
{
    enum signature_type wanted = signature_type_named(name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].type == wanted && has_algorithm(&types[i], algorithm)) return is_offered(call, &types[i]) ? &types[i] : NULL;
    }
    if (wanted == SIGNATURE_AES) {
        call_refuse(call, ERROR_FIELD_MISSING, BYTES("sign_algorithm"));
    } else {
        call_refuse_rule(call, "sign_algorithm", "absent, unless sign_type is aes");
    }
    return NULL;
}

bool sign_type_keeps_name(const struct sign_type *type)
{
    return type->type != SIGNATURE_AES && type->type != SIGNATURE_PUBLIC_KEY;
}

/* A text of the alphabet that all types take. Some want a letter in front, and none minds. */
static bool draw(struct call *call, size_t length, struct bytes *text)
{
    struct buffer drawn = buffer_in(&call->arena, length);
    do {
        buffer_clear(&drawn);
        if (!random_text(&drawn, length)) return call_fault(call, "no randomness for a signature key");
    } while (drawn.data[0] <= '9');
    *text = buffer_bytes(&drawn);
    return true;
}

static struct bytes in_base64(struct call *call, struct bytes der)
{
    struct buffer text = buffer_in(&call->arena, 4 * (der.length / 3 + 1));
    base64_encode(&text, der);
    return buffer_bytes(&text);
}

static bool make_pair(struct call *call, struct sign_pair *pair)
{
    uint8_t public_memory[KEY_PAIR_MAX], private_memory[KEY_PAIR_MAX];
    struct buffer public_key = buffer_over(public_memory, sizeof public_memory);
    struct buffer private_key = buffer_over(private_memory, sizeof private_memory);
    bool made = key_pair_generate(&public_key, &private_key);
    if (made) *pair = (struct sign_pair){in_base64(call, buffer_bytes(&public_key)), in_base64(call, buffer_bytes(&private_key))};
    secret_wipe(private_memory, sizeof private_memory);
    return (made && !call->arena.exhausted) || call_fault(call, "no key pair could be made");
}

/* NULL: no such key. Destroy it. */
static struct private_key *read_private(struct bytes text)
{
    uint8_t memory[2048];
    struct buffer der = buffer_over(memory, sizeof memory);
    struct private_key *key = base64_decode(&der, text) ? private_key_prepare(buffer_bytes(&der)) : NULL;
    secret_wipe(memory, sizeof memory);
    return key;
}

static struct public_key *read_public(struct bytes text)
{
    uint8_t memory[1024];
    struct buffer der = buffer_over(memory, sizeof memory);
    return base64_decode(&der, text) ? public_key_prepare(buffer_bytes(&der)) : NULL;
}

#define PRIVATE_RULE "a private key in PKCS#8 and base64: RSA of 2048 bits and more, or ECDSA on P-256"
#define PUBLIC_RULE  "a public key as SubjectPublicKeyInfo in base64: RSA of 2048 bits and more, or ECDSA on P-256"

/* The public half says nothing that the private one does not. */
static bool derive_public(struct call *call, struct sign_pair *pair)
{
    uint8_t memory[KEY_PAIR_MAX];
    struct buffer der = buffer_over(memory, sizeof memory);
    struct private_key *key = read_private(pair->secret);
    bool derived = key != NULL && private_key_public(key, &der);
    private_key_destroy(key);
    if (!derived) return call_refuse_rule(call, "sign_secret", PRIVATE_RULE);
    pair->key = in_base64(call, buffer_bytes(&der));
    return true;
}

static bool complete_key_pair(struct call *call, struct sign_pair *pair)
{
    if (pair->secret.length > 0) return pair->key.length > 0 || derive_public(call, pair);
    if (pair->key.length > 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("sign_secret"));
    return make_pair(call, pair);
}

bool sign_type_complete(struct call *call, const struct sign_type *type, struct sign_pair *pair)
{
    if (type->type == SIGNATURE_PUBLIC_KEY) return complete_key_pair(call, pair);
    return (pair->key.length > 0 || draw(call, type->key_length, &pair->key)) &&
           (pair->secret.length > 0 || draw(call, type->secret_length, &pair->secret));
}

static bool follows(struct call *call, const struct field *field, struct bytes text)
{
    struct field_problem problem;
    return field_check_text(field, text, &problem) || call_refuse_field(call, &problem);
}

/* What one signs, the other verifies. */
static bool belong_together(struct private_key *private_key, struct public_key *public_key)
{
    uint8_t memory[PRIVATE_KEY_MAX_SIGNATURE];
    struct buffer signature = buffer_over(memory, sizeof memory);
    struct bytes text = BYTES("are they a pair?");
    return private_key_kind(private_key) == public_key_kind(public_key) && private_key_sign(private_key, text, &signature) &&
           public_key_verify(public_key, text, buffer_bytes(&signature));
}

static bool check_key_pair(struct call *call, const struct sign_pair *pair)
{
    struct public_key *public_key = read_public(pair->key);
    struct private_key *private_key = read_private(pair->secret);
    bool fit = public_key != NULL && private_key != NULL && belong_together(private_key, public_key);
    bool is_public = public_key != NULL, is_private = private_key != NULL;
    public_key_destroy(public_key);
    private_key_destroy(private_key);
    if (!is_public) return call_refuse_rule(call, "sign_key", PUBLIC_RULE);
    if (!is_private) return call_refuse_rule(call, "sign_secret", PRIVATE_RULE);
    return fit || call_refuse_rule(call, "sign_secret", "the private key that belongs to the public key in sign_key");
}

bool sign_type_check(struct call *call, const struct sign_type *type, const struct sign_pair *pair)
{
    if (!follows(call, &type->key, pair->key) || !follows(call, &type->secret, pair->secret)) return false;
    return type->type != SIGNATURE_PUBLIC_KEY || check_key_pair(call, pair);
}
