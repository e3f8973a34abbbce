#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheme/scheme.h"
#include "support/sample.h"

static const struct scheme *const scheme = &scheme_app_code;
static struct sample sample;

/* How often the AppCode is found in all places together; the last one is read. */
static size_t found(const char *raw, bool in_query, enum refusal *refusal)
{
    struct proof_plan plan = {.auth_type = AUTH_TYPE_APP};
    size_t count = 0;
    assert_true(scheme_app_code_places(&plan, in_query));
    sample_set(&sample, raw);
    *refusal = REFUSAL_PROOF_MISSING;
    for (size_t i = 0; i < plan.place_count; i++) {
        size_t here = scheme->present(&sample.request, &plan.places[i]);
        if (here == 0) continue;
        count += here;
        sample.place = plan.places[i];
        sample.claim = (struct claim){.scheme = scheme, .place = &sample.place};
        *refusal = scheme->read(&sample.request, &sample.arena, &sample.claim);
    }
    return count;
}

static void every_vendors_header(void **state)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\nAuthorization: APPCODE a.b.c/d+e=\n\n",
        "GET / HTTP/1.1\nauthorization: appcode a.b.c/d+e=\n\n",
        "GET / HTTP/1.1\nX-Apig-AppCode: a.b.c/d+e=\n\n",
        "GET / HTTP/1.1\nX-Bce-Signature: AppCode/a.b.c/d+e=\n\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        enum refusal refusal;
        assert_int_equal(found(requests[i], false, &refusal), 1);
        assert_int_equal(refusal, REFUSAL_NONE);
        assert_bytes(sample.claim.proof, "a.b.c/d+e=");
    }
}

static void a_query_name_in_any_case(void **state)
{
    static const char *const requests[] = {
        "GET /?AppCode=secret%2Bcode HTTP/1.1\n\n",
        "GET /?appcode=secret%2Bcode HTTP/1.1\n\n",
        "GET /?a=1&APPCODE=secret+code HTTP/1.1\n\n",
        "GET /?app%43od%65=secret%2bcode HTTP/1.1\n\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        enum refusal refusal;
        assert_int_equal(found(requests[i], true, &refusal), 1);
        assert_int_equal(refusal, REFUSAL_NONE);
        assert_bytes(sample.claim.proof, "secret+code");
        assert_int_equal(found(requests[i], false, &refusal), 0);
    }
}

static void what_is_none_of_them(void **state)
{
    static const char *const requests[] = {
        "GET /?appcode2=x&xappcode=x HTTP/1.1\n\n",
        "GET / HTTP/1.1\nX-Ca-AppCode: x\n\n",
        "GET / HTTP/1.1\nAuthorization: APPCODEx\n\n",
        "GET / HTTP/1.1\nAuthorization: Bearer x\n\n",
        "GET / HTTP/1.1\nX-Bce-Signature: bce-auth-v1/a/b/c/d/e\n\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        enum refusal refusal;
        assert_int_equal(found(requests[i], true, &refusal), 0);
    }
}

static void twice_and_empty(void **state)
{
    enum refusal refusal;
    (void)state;
    assert_int_equal(found("GET /?AppCode=a&appcode=a HTTP/1.1\n\n", true, &refusal), 2);
    assert_int_equal(refusal, REFUSAL_PROOF_AMBIGUOUS);
    assert_int_equal(found("GET / HTTP/1.1\nX-Apig-AppCode: a\nX-Apig-AppCode: a\n\n", false, &refusal), 2);
    assert_int_equal(refusal, REFUSAL_PROOF_AMBIGUOUS);
    assert_int_equal(found("GET / HTTP/1.1\nX-Apig-AppCode:\n\n", false, &refusal), 1);
    assert_int_equal(refusal, REFUSAL_KEY_MISSING);
    assert_int_equal(found("GET / HTTP/1.1\nX-Bce-Signature: AppCode/\n\n", false, &refusal), 1);
    assert_int_equal(refusal, REFUSAL_KEY_MISSING);
    assert_int_equal(found("GET / HTTP/1.1\nAuthorization: APPCODE a b\n\n", false, &refusal), 1);
    assert_int_equal(refusal, REFUSAL_PROOF_MALFORMED);
}

static void each_place_has_its_vendors_answers(void **state)
{
    struct proof_plan plan = {.auth_type = AUTH_TYPE_APP};
    (void)state;
    assert_true(scheme_app_code_places(&plan, true));
    assert_int_equal(plan.place_count, 4);
    for (size_t i = 0; i < plan.place_count; i++) {
        const struct place *place = &plan.places[i];
        enum answer_format expected = ANSWER_CA;
        if (bytes_equal(place->name, BYTES("x-apig-appcode"))) expected = ANSWER_APIG;
        if (bytes_equal(place->name, BYTES("x-bce-signature"))) expected = ANSWER_BCE;
        assert_int_equal(scheme->format_at(place), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vendors_header),
        cmocka_unit_test(a_query_name_in_any_case),
        cmocka_unit_test(what_is_none_of_them),
        cmocka_unit_test(twice_and_empty),
        cmocka_unit_test(each_place_has_its_vendors_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
