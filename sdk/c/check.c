/* check: what the vectors do not ask: keys that cannot be one, options, what is told, requests that cannot be signed. Last line:
 * "N passed, N failed". */
#include "countersign.h"

#include <stdio.h>
#include <string.h>

static int passed, failed;

static void that(bool holds, const char *what)
{
    if (holds)
        passed++;
    else
        failed++;
    if (!holds) printf("FAIL %s\n", what);
}

static void refused_key(countersign_key *key, const countersign_error *error, const char *what)
{
    that(key == NULL && error->code == COUNTERSIGN_INVALID_ARGUMENT && error->detail[0] != '\0', what);
    countersign_key_free(key);
}

static void check_keys(void)
{
    static const char sixteen[] = "0123456789abcdef";
    static const char short_rsa[] =
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAJgdD3QLVRR6s6bFf/f4rsvp7OX6dSn0CBaLJllzGIKvGohrIUOP1uXsYDLJvZZF1WS54xsFIIb6zgGGRbahHmcCAwEAAQ==";
    static const char p384[] = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE0p7KJCOdIYKLNrGUQiR8dTKmDJpxe6zAYKBYj0jRElPZFMqSTcXKyAgKw5"
                               "PrKBI33TZPDBseqFVKn40V67QgU4j+aZl6G3hFFoSxHskodpXG4mtiX/DqAN9D0Ms29EHB";
    countersign_error error;
    refused_key(countersign_key_hmac("id", "", &error), &error, "no secret");
    refused_key(countersign_key_hmac("", "secret", &error), &error, "no id");
    refused_key(countersign_key_bce(NULL, "secret", &error), &error, "NULL as id");
    refused_key(countersign_key_aliyun("id", NULL, &error), &error, "NULL as secret");
    refused_key(countersign_key_aes("id", &(countersign_aes){"aes-128-cfb", "0123456789abcde", sixteen}, &error), &error,
                "a short aes key");
    refused_key(countersign_key_aes("id", &(countersign_aes){"aes-256-cfb", sixteen, sixteen}, &error), &error,
                "an aes key of the other size");
    refused_key(countersign_key_aes("id", &(countersign_aes){"aes-128-cfb", sixteen, "0123456789abcde"}, &error), &error, "a short vector");
    refused_key(countersign_key_aes("id", &(countersign_aes){"aes-192-cfb", sixteen, sixteen}, &error), &error, "another algorithm");
    refused_key(countersign_key_aes("id", &(countersign_aes){NULL, NULL, NULL}, &error), &error, "nothing of an aes key");
    refused_key(countersign_key_public("id", "AAAA", &error), &error, "no SPKI");
    refused_key(countersign_key_public("id", "", &error), &error, "no public key");
    refused_key(countersign_key_public("id", short_rsa, &error), &error, "RSA of 512 bits");
    refused_key(countersign_key_public("id", p384, &error), &error, "ECDSA over another curve");
    that(countersign_key_hmac("", "", NULL) == NULL, "an error that nobody wants");
    that(countersign_verifier_new(NULL, 0, NULL, &error) == NULL && error.code == COUNTERSIGN_INVALID_ARGUMENT, "a verifier without keys");
    countersign_key *key = countersign_key_hmac("id", "secret", &error);
    countersign_options options = {.window = -1};
    that(countersign_verifier_new(&key, 1, &options, &error) == NULL && error.code == COUNTERSIGN_INVALID_ARGUMENT,
         "a window before it begins");
    countersign_key_free(key); /* still the caller's */
}

/* A request that is signed by itself, and verified with the proof in another header. */
static void check_what_is_told(void)
{
    static const char body[] = "pay 1";
    countersign_header headers[8] = {{"Host", "a.example"}, {"X-Countersign-App", "app-1"}, {"X-Request-Id", "r1"}};
    countersign_request request = {"POST", "/orders", headers, 3, body, 5};
    const char *names[] = {"x-countersign-app"};
    countersign_credential credential = {"id", "secret"};
    countersign_signed *made;
    countersign_error error;
    that(countersign_sign_sdk_hmac(&request, &credential, &(countersign_signing){.signed_headers = names, .signed_header_count = 1}, &made,
                                   &error) == COUNTERSIGN_OK,
         "signed");
    headers[3] = made->headers[0];
    headers[4] = (countersign_header){"X-Proof", made->headers[1].value};
    request.header_count = 5;
    countersign_key *key = countersign_key_hmac("id", "secret", &error);
    countersign_options options = countersign_options_default();
    options.proof_header = "x-proof";
    countersign_verifier *verifier = countersign_verifier_new(&key, 1, &options, &error);
    countersign_verified *verified;
    that(countersign_verify(verifier, &request, &verified, NULL) == COUNTERSIGN_OK, "a proof in another header, by the system's clock");
    that(strcmp(verified->caller, "app-1") == 0 && strcmp(verified->consumer, "") == 0, "the caller");
    that(strcmp(verified->request_id, "") == 0, "a request id that is not signed is not told");
    that(verified->signed_header_count == 3 && strcmp(verified->signed_headers[1], "x-countersign-app") == 0, "signed headers");
    countersign_verified_free(verified);
    that(countersign_verify(verifier, &request, NULL, NULL) == COUNTERSIGN_OK, "a result that nobody wants");
    headers[4].name = "Authorization";
    that(countersign_verify(verifier, &request, &verified, &error) == COUNTERSIGN_MISSING && verified == NULL,
         "the header that is not asked");
    countersign_verifier_free(verifier);
    countersign_signed_free(made);
}

static void refused_signing(countersign_code code, countersign_signed *const *made, const char *what)
{
    that(code == COUNTERSIGN_INVALID_ARGUMENT && *made == NULL, what);
}

static void check_signing(void)
{
    countersign_request repeated = {"GET", "/?a=1&a=2", NULL, 0, NULL, 0}, raw = {"GET", "/\xc3\xa9", NULL, 0, NULL, 0},
                        bad = {"GET", "/%4", NULL, 0, NULL, 0};
    countersign_credential credential = {"id", "secret"}, none = {"id", ""};
    countersign_signed *made;
    refused_signing(countersign_sign_aliyun_ca(&repeated, &credential, NULL, &made, NULL), &made, "a repeated parameter name");
    refused_signing(countersign_sign_sdk_hmac(&raw, &credential, NULL, &made, NULL), &made, "a target that is not encoded");
    refused_signing(countersign_sign_bce(&bad, &credential, NULL, &made, NULL), &made, "a bad escape");
    refused_signing(countersign_sign_bce(&repeated, &none, NULL, &made, NULL), &made, "no secret to sign with");
    refused_signing(countersign_sign_bce(&repeated, &credential, &(countersign_signing){.expiration = -1}, &made, NULL), &made,
                    "an expiration before now");
    that(countersign_sign_aliyun_ca(&(countersign_request){"get", "/", NULL, 0, "x", 1}, &credential, NULL, &made, NULL) ==
                 COUNTERSIGN_OK &&
             made->header_count == 7 && strncmp(made->string_to_sign, "GET\n", 4) == 0,
         "all headers that aliyun-ca sets");
    countersign_signed_free(made);
    countersign_signed_free(NULL);
    countersign_verified_free(NULL);
    countersign_verifier_free(NULL);
    that(strcmp(countersign_code_name(COUNTERSIGN_BODY_MISMATCH), "body_mismatch") == 0 &&
             strcmp(countersign_code_name(COUNTERSIGN_FAULT), "fault") == 0,
         "names of codes");
}

int main(void)
{
    check_keys();
    check_what_is_told();
    check_signing();
    printf("%d passed, %d failed\n", passed, failed);
    return passed > 0 && failed == 0 ? 0 : 1;
}
