#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admit/answer.h"
#include "base/json.h"
#include "support/sample.h"

#define ID "0123456789abcdef0123456789abcdef"

static _Alignas(16) uint8_t memory[512 * 1024];
static struct arena arena;
static struct publication publication;
static struct answer answer;

static struct bytes field_value(const char *name)
{
    for (size_t i = 0; i < answer.field_count; i++)
        if (bytes_equal(answer.fields[i].name, bytes_of_text(name))) return answer.fields[i].value;
    return BYTES("(absent)");
}

static void write_answer(struct admission *admission)
{
    arena = arena_over(memory, sizeof memory);
    admission->format = ANSWER_BCE;
    admission->outcome = ADMISSION_REFUSED;
    admission->proven = true;
    answer_write(admission, &publication, BYTES(ID), &arena, &answer);
}

/* The same in the body and in the headers: which of them a client reads is not known (baidu.md 2.5). */
static void body_and_headers_say_the_same(void **state)
{
    (void)state;
    struct admission admission = {.refusal = REFUSAL_SIGNATURE_MISMATCH, .canonical = BYTES("GET\n/a\n\nhost:h")};
    write_answer(&admission);
    assert_int_equal(answer.status, 400);
    assert_bytes(answer.content_type, "application/json;charset=UTF-8");
    assert_bytes(answer.body,
                 "{\"requestId\":\"" ID "\",\"code\":\"SignatureMismatch\",\"message\":\"Signature is invalid: Signature is mismatched, "
                 "canonicalRequest:GET|/a||host:h\"}");
    assert_bytes(field_value("X-Bce-Request-Id"), ID);
    assert_bytes(field_value("X-Bce-Exception-Point"), "Gateway");
    assert_bytes(field_value("X-Bce-Error-Code"), "SignatureMismatch");
    assert_bytes(field_value("X-Bce-Error-Message"), "Signature is invalid: Signature is mismatched, canonicalRequest:GET|/a||host:h");

    publication.rules.hide_hint = true;
    write_answer(&admission);
    publication.rules.hide_hint = false;
    assert_bytes(field_value("X-Bce-Error-Message"), "Signature is invalid: Signature is mismatched");
}

static void an_expired_time_is_told_with_both_clocks(void **state)
{
    (void)state;
    struct admission admission = {
        .refusal = REFUSAL_DATE_EXPIRED, .claim = {.time_text = BYTES("2023-11-14T22:13:20Z")}, .now = 1700009999};
    write_answer(&admission);
    assert_bytes(field_value("X-Bce-Error-Code"), "SignatureTimestampExpired");
    assert_bytes(field_value("X-Bce-Error-Message"), "Signature is invalid: Timestamp is expired. Timestamp 2023-11-14T22:13:20Z, server "
                                                     "time 2023-11-15T00:59:59Z.");
}

static void a_time_ahead_is_skewed(void **state)
{
    (void)state;
    struct admission admission = {.refusal = REFUSAL_DATE_EXPIRED,
                                  .claim = {.time = 1700009999 + 901, .time_text = BYTES("2023-11-15T01:15:00Z")},
                                  .now = 1700009999};
    write_answer(&admission);
    assert_int_equal(answer.status, 403);
    assert_bytes(field_value("X-Bce-Error-Code"), "RequestTimeTooSkewed");
}

static void every_refusal_has_a_status_a_code_and_a_safe_message(void **state)
{
    (void)state;
    for (int refusal = REFUSAL_NONE + 1; refusal < REFUSAL_COUNT; refusal++) {
        struct admission admission = {.refusal = (enum refusal)refusal, .claim = {.field = BYTES("a\r\nX-Evil: 1\x01\xff")}};
        struct json_value whole;
        write_answer(&admission);
        assert_in_range(answer.status, 400, 508);
        assert_true(field_value("X-Bce-Error-Code").length > 5);
        struct bytes message = field_value("X-Bce-Error-Message");
        for (size_t i = 0; i < message.length; i++) assert_true(message.data[i] >= 0x20 && message.data[i] != 0x7f);
        assert_true(json_read(&arena, answer.body, &whole));
    }
}

static void who_has_not_proved_himself_reads_that_the_app_is_unknown(void **state)
{
    (void)state;
    struct admission admission = {.refusal = REFUSAL_PRINCIPAL_DISABLED};
    write_answer(&admission);
    assert_bytes(field_value("X-Bce-Error-Message"), "Signature is invalid: App authorization failed, the app is disabled.");
    admission.proven = false;
    answer_write(&admission, &publication, BYTES(ID), &arena, &answer);
    assert_bytes(field_value("X-Bce-Error-Message"), "Signature is invalid: App authorization failed.");
}

static void failures_of_the_gateway_have_their_codes(void **state)
{
    (void)state;
    static const struct {
        unsigned asked, status;
        const char *code;
    } cases[] = {{413, 413, "InvalidHTTPRequest"},  {414, 414, "InvalidHTTPRequest"}, {502, 502, "BadGateway"},
                 {503, 503, "InternalServerError"}, {504, 504, "GatewayTimeout"},     {418, 400, "InvalidHTTPRequest"},
                 {507, 500, "InternalServerError"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        arena = arena_over(memory, sizeof memory);
        answer_write_failure(cases[i].asked, ANSWER_BCE, BYTES(ID), &arena, &answer);
        assert_int_equal(answer.status, cases[i].status);
        assert_bytes(field_value("X-Bce-Error-Code"), cases[i].code);
    }
}

static void the_header_alone_tells_the_format(void **state)
{
    (void)state;
    static struct sample sample;
    sample_set(&sample, "GET / HTTP/1.1\nx-bce-signature: garbage\n\n");
    assert_int_equal(answer_format_of(&sample.request), ANSWER_BCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_and_headers_say_the_same),
        cmocka_unit_test(an_expired_time_is_told_with_both_clocks),
        cmocka_unit_test(a_time_ahead_is_skewed),
        cmocka_unit_test(every_refusal_has_a_status_a_code_and_a_safe_message),
        cmocka_unit_test(who_has_not_proved_himself_reads_that_the_app_is_unknown),
        cmocka_unit_test(failures_of_the_gateway_have_their_codes),
        cmocka_unit_test(the_header_alone_tells_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
