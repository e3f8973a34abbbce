#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admit/countersigner.h"
#include "base/text.h"

/* PKCS#8 in base64, made for this test. */
static const struct bytes one = BYTES("MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUmCMlRT4uWzfyDTDkTZNkDpddCaLaICWlU7YqyJS4COhRANCAASj"
                                      "p3KVFdORtSdmXyUelHlR/o3+ae9Orlpz4+nYlMtMSMqI77kBsNucabik6ObCIgoKvP8tXUCjH6AsYv6rIFGp");
static const struct bytes other =
    BYTES("MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5tea30BetF+OUoppy36MYaPSa2lO1Isc2cEfAfMaXcyhRANCAAQGUSqh"
          "BhhnloeiFWYDRE3cWKBxazqKsDhC/tbLXWkIc2KZh7t0eSVibDqrX/Lnm0MJujx51gdMYj5PHDKkTSI6");

static uint8_t memory[16 * 1024];
static struct countersigner signer;

static int prepare(void **state)
{
    (void)state;
    return countersigner_prepare(&signer) ? 0 : -1;
}

static int destroy(void **state)
{
    (void)state;
    countersigner_destroy(&signer);
    return 0;
}

static struct private_key *key_of(struct bytes text, uint64_t opening)
{
    struct arena arena = arena_over(memory, sizeof memory);
    const struct signing signing = {.secret.text = text, .opening = opening};
    return countersigner_private_key(&signer, &signing, &arena);
}

/* The public half tells one key from another. */
static void assert_half_of(struct private_key *key, struct bytes text)
{
    uint8_t room[3][512];
    struct buffer der = buffer_over(room[0], sizeof room[0]), expected = buffer_over(room[1], sizeof room[1]),
                  found = buffer_over(room[2], sizeof room[2]);
    assert_true(base64_decode(&der, text));
    struct private_key *parsed = private_key_prepare(buffer_bytes(&der));
    assert_non_null(key);
    assert_true(private_key_public(parsed, &expected) && private_key_public(key, &found));
    assert_true(bytes_equal(buffer_bytes(&expected), buffer_bytes(&found)));
    private_key_destroy(parsed);
}

static void an_opening_is_of_one_key(void **state)
{
    (void)state;
    struct private_key *first = key_of(one, 1);
    assert_half_of(first, one);
    assert_ptr_equal(key_of(one, 1), first);
    assert_half_of(key_of(other, 2), other);
    assert_ptr_equal(key_of(one, 1), first);
}

/* The edge changed, so the text was opened anew: it says which key it is, the same or another. */
static void a_new_opening_is_looked_at(void **state)
{
    (void)state;
    struct private_key *first = key_of(one, 1);
    assert_ptr_equal(key_of(one, 3), first);
    assert_ptr_equal(key_of(one, 3), first);
    assert_half_of(key_of(other, 4), other);
    assert_half_of(key_of(other, 1), other); /* the key was opened under 3 since; 1 means nothing any more */
}

static void without_an_opening_the_text_counts(void **state)
{
    (void)state;
    assert_half_of(key_of(one, 0), one);
    assert_half_of(key_of(other, 0), other);
    assert_half_of(key_of(one, 0), one);
}

static void what_is_no_key_is_none(void **state)
{
    (void)state;
    assert_null(key_of(BYTES("AAAA"), 9));
    assert_null(key_of(BYTES("no base64!"), 9));
    assert_half_of(key_of(one, 9), one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_opening_is_of_one_key, prepare, destroy),
        cmocka_unit_test_setup_teardown(a_new_opening_is_looked_at, prepare, destroy),
        cmocka_unit_test_setup_teardown(without_an_opening_the_text_counts, prepare, destroy),
        cmocka_unit_test_setup_teardown(what_is_no_key_is_none, prepare, destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
