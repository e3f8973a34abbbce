#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/private_key.h"

/* PKCS#8 in base64, made for this test. */
static const char rsa_2048[] = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCtej/OgR//HS5pJQVjZ9OPBOsz8RM8fAmQwJXpaKuDmmUbldT8"
                               "Bl7RY87f+N7/wvT4ohoTsUYYtp8yp24Fpjor2dy3bTX2kfPdY2mZm4spGGSKuoabqYVXBAKvm7ul8z3o4cIA1Yn4l3no5/ddwO5o"
                               "eb4rnisQw1Gywnqh4NTcMXMA4Ni1NYvJO2BoyV+Xrr4nXGlFffbcW/GDyrub72kVmWo7q4LaFi7vXVwQRZKaEKnDql7xAzMJafS1"
                               "k6wr+XUypOo0j2SCAsGizojhVholVAMKMre19pmzWhReSHf0cV8954gzlpm7X1Y76xLUeQ+Z9JCju3RpDahy8STJqZe1AgMBAAEC"
                               "ggEAHaEfK8ynI+IejqvZj0BpBGjxKTZ4NCD1W0lhcXPEs54Xvc3qCj+mSzoyV9PAdsucHqlFLe7dy5PJfhPVuVZKYjn8NkILcPk9"
                               "vybfHvLPom29omo4WnbqRNH1CXxeYPo6LT/97DmMrq5kjpCsEdHFhoegoP+LWHobxp3r5yEpChCJd68iv2pQzvAeU6cJ98qYTV8g"
                               "krMN/J75uNei19NTGYyw0POkJoi0gyPghhQhC0S8kb7aPml5CEHlhgrFswM6imX1chKJo71Kr6OCZ9Fi1n3x98FYzfhA6e8HErSQ"
                               "N5qdIkpG3sPXPoLyvOCB6WueqR9vBox/pf2q5Fgj374uYwKBgQDwfUNO2rf8zFL/iZublQ7wZ5gYWmVL09qJeUwFXPMgODUk+Qi5"
                               "VOww+dy4wT4cxnEMwRY2msZ7XPefdgTum8L9L9IwxElHsLb75/QWoYZCrxMpEcKOVuGMXFFoRcHQW4KIUyn9W5EvchCTWz7qQgK3"
                               "WOw7byrFEse7Js3bqJlJbwKBgQC4qozGqizd2cq4ihHQtQvdQYkDrW9O8/IjZkzQ200KschX1tk9Q2o2CnFhLg7VSkTPXwLleBpy"
                               "iuLKtk4x1HuMM+RCE8CCm4GfWtyYWAlSp/1xGuKdgAmEQwj4Kz4IDK8bDNSu/VRUT68hqBjPKXDL+/Y0Yv3XRNyN3s4ZjMg3GwKB"
                               "gGhDFnRQdOX/u5gYE8OPCywE7bbZMgN+9McXNHM6yhlU5Q2DflnDTKcrHJtpBEG7cvXBnJzN23FOa/jRVPARzaaxHeKQpuiS37I0"
                               "7OkG3Et61ca/cWb+mcidmZmobI+lrODnlVPHaBl2zWLlc1BikATnY3udBaDtNHSaLTOnU9W3AoGBAKNjs38rntsEEovJDg49wiuY"
                               "CqTIVY3j5cBQiXLaNoZZ2stte3TrKxR5lOvJFrK9LbjVdfiWlb/3BscZGoKYYGAiobmdRF3LPZtDh577dfQ+Us46XXvBh6oQreT2"
                               "TcJNhrlGVwAlgPHAN1JuKtVQ805otuSPGc3YTdTw6CZPG+81AoGAVZPX4IhYIDJdAGg9/5TO6LwFTR6hpn5qS2VwGemLSQl6jRDx"
                               "b01/j4oqU5JU5XSYGKoP00VMeAK3LVgrx1ScEMq4ikC0Cva3hgVkw/ZHN0cTbnh5ZLzHRgWSKZ3xKTk7kb8IAtaw8rT6bN+8XQPu"
                               "S3iD2Gd14tHjjaMks3kGqDg=";
static const char rsa_1024[] = "MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAMTUg2guIWOg4IQPwqRV4otTNBO1QD+AQ4g5rJz0vGPkzOlDFNVB"
                               "Y4x2aUMb+A00efoJxA59T3SsFKyK51F2hH4ldUMYK2EEQdyLEi7BrCJSrHodsxUyg23Cbf0syC1X990jImpqHWgq3QsUbsWLLkQz"
                               "R4emkpBPtlKbMacFgENnAgMBAAECgYAGpwQV9lEsk9hivkGe2kRA3zwIWnzkaIpfxUs/NspTOf1u+NRwbLhXm/zsxro4gAiLWd8l"
                               "ejjAQbylJECzMSVDKv5wUQZL86dBYIsJrSBDeUt31hzgi5UZ8JDOPgzMT5/FTFofVTqKGDo6xdD5lpt6+iGOD2Nes0M5SryvcJJP"
                               "8QJBAO9kRC9f5FqK60+31bhptAK53wW954SbKNRBkbTHs/jNNeIObFj6l0LbZSCD2Iqm6XKILtQEUGVY/tn4lnjhGp8CQQDSfFRh"
                               "u08hxhRGSN7akur0L/YZm+DEt2+dwycQjpckNq6jCaCGk1ltkwrYUwM9qQj4ZLatLM8n+aMLTzwXdOo5AkBu1CexGx74QBpi5MQg"
                               "RWeeX3j+CoZV4ROM+PJBFLegdzj7+Bt3MkS3IiV2YTPuNQodCSlM5NZnpUUPmsPnIKgXAkEAqN5MyJgBNaR4MadW+98xFzW/aO5R"
                               "VyGgL98Y4US0573jQDSCEFX5QlrdMY7wI7EQ3E/Y63juvjCe6XzpRhxrqQI/d2481VBuDVhFY/Y2zV8CGdRO+2ou0lW0XDeCM+25"
                               "0Cojd1oE+iyHHHWmLeOK0rw66rx+olEYipEVU2kasPOE";
static const char p256[] = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUmCMlRT4uWzfyDTDkTZNkDpddCaLaICWlU7YqyJS4COhRANCAASj"
                           "p3KVFdORtSdmXyUelHlR/o3+ae9Orlpz4+nYlMtMSMqI77kBsNucabik6ObCIgoKvP8tXUCjH6AsYv6rIFGp";
static const char p384[] = "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBoaD2X5I9s58v2q73jzlk0ap2blnW63ZCndM5Rf+SpEYsDG4jgtndH"
                           "CDN30iop/r2hZANiAASbU8KJ5akPtcvlu+zgzfe3+W4PoWRw1mxzzSviiGIxfJmSInxsqsxX6puONh8Eg4B5LeUylA0pMS9ZIBAD"
                           "BFLdwf1hEvySc9rHvJiKqXNFPsv+bGELgU4ckekUfNSWkbY=";

static uint8_t memory[4096];

static struct bytes der_of(const char *text)
{
    struct buffer der = buffer_over(memory, sizeof memory);
    assert_true(base64_decode(&der, bytes_of_text(text)));
    return buffer_bytes(&der);
}

static void signs_and_is_checked(const char *text, enum private_key_kind kind)
{
    uint8_t spki_memory[1024], signature_memory[PRIVATE_KEY_MAX_SIGNATURE];
    struct buffer spki = buffer_over(spki_memory, sizeof spki_memory), signature = buffer_over(signature_memory, sizeof signature_memory);
    struct private_key *key = private_key_prepare(der_of(text));
    assert_non_null(key);
    assert_int_equal(private_key_kind(key), kind);
    assert_true(private_key_public(key, &spki));
    assert_true(private_key_sign(key, BYTES("message"), &signature));
    struct public_key *checker = public_key_prepare(buffer_bytes(&spki));
    assert_non_null(checker);
    assert_int_equal(public_key_kind(checker), kind);
    assert_true(public_key_verify(checker, BYTES("message"), buffer_bytes(&signature)));
    assert_false(public_key_verify(checker, BYTES("massage"), buffer_bytes(&signature)));
    assert_false(public_key_verify(checker, BYTES("message"), bytes_slice(buffer_bytes(&signature), 0, signature.length - 1)));
    assert_false(public_key_verify(checker, BYTES("message"), BYTES("")));
    signature_memory[signature.length / 2] ^= 1;
    assert_false(public_key_verify(checker, BYTES("message"), buffer_bytes(&signature)));
    /* The key still signs after a failure in between. */
    struct buffer small = buffer_over(signature_memory, 8);
    assert_false(private_key_sign(key, BYTES("message"), &small));
    signature = buffer_over(signature_memory, sizeof signature_memory);
    assert_true(private_key_sign(key, BYTES("again"), &signature));
    assert_true(public_key_verify(checker, BYTES("again"), buffer_bytes(&signature)));
    public_key_destroy(checker);
    private_key_destroy(key);
}

static void rsa_signs_and_is_checked(void **state)
{
    (void)state;
    signs_and_is_checked(rsa_2048, PRIVATE_KEY_RSA);
}

static void p256_signs_and_is_checked(void **state)
{
    (void)state;
    signs_and_is_checked(p256, PRIVATE_KEY_P256);
}

static void other_keys_are_refused(void **state)
{
    (void)state;
    assert_null(private_key_prepare(der_of(rsa_1024)));
    assert_null(private_key_prepare(der_of(p384)));
    assert_null(private_key_prepare(BYTES("")));
    assert_null(private_key_prepare(BYTES("no key at all")));
    struct bytes der = der_of(p256);
    assert_null(private_key_prepare(bytes_slice(der, 0, der.length - 1)));
    memory[der.length] = 0;
    assert_null(private_key_prepare(bytes_of(memory, der.length + 1)));
    assert_null(public_key_prepare(BYTES("")));
    assert_null(public_key_prepare(BYTES("no key at all")));
    private_key_destroy(NULL);
    public_key_destroy(NULL);
}

static void a_public_key_that_does_not_fit_is_not_written(void **state)
{
    (void)state;
    uint8_t small[16];
    struct buffer out = buffer_over(small, sizeof small);
    struct private_key *key = private_key_prepare(der_of(p256));
    assert_false(private_key_public(key, &out));
    private_key_destroy(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rsa_signs_and_is_checked),
        cmocka_unit_test(p256_signs_and_is_checked),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(a_public_key_that_does_not_fit_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
