/* Mistakes alone and two at a time, within a bound of work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "explain/trials.h"

#define SECRET "the-secret-of-the-key-0123456789"

static _Alignas(16) uint8_t memory[4 * 1024 * 1024];
static uint8_t large[60 * 1024];

static struct http_field fields[] = {
    {BYTES("Host"), BYTES("gw.example.com")},
    {BYTES("Accept"), BYTES("*/*")},
    {BYTES("Content-Type"), BYTES("text/plain")},
    {BYTES("X-Ca-Key"), BYTES("key")},
    {BYTES("X-Ca-Timestamp"), BYTES("1700000000000")},
    {BYTES("X-Ca-Signature-Headers"), BYTES("x-ca-key,x-ca-timestamp")},
    {BYTES("X-Ca-Signature"), BYTES("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")},
};
static struct http_request request = {.method = BYTES("POST"), .fields = fields, .field_count = sizeof fields / sizeof *fields};
static struct place place;

/* With a line end behind the text, and one behind the secret. */
static void sign_wrongly(struct arena *arena, struct bytes body)
{
    struct claim claim = {.scheme = &scheme_aliyun_ca, .place = &place};
    struct body_facts facts = body_facts_of(body);
    const struct scheme_input input = {.request = &request, .claim = &claim, .body = &facts, .arena = arena};
    const struct hmac_secret secret = {.text = BYTES(SECRET "\n")};
    place = scheme_default_place(SCHEME_ALIYUN_CA);
    assert_true(http_request_set_target(&request, BYTES("/a?b=1")));
    assert_int_equal(scheme_aliyun_ca.read(&request, arena, &claim), REFUSAL_NONE);
    struct buffer text = buffer_in(arena, scheme_text_bound(&input) + 1), mac = buffer_in(arena, 64), out = buffer_in(arena, 64);
    assert_true(scheme_aliyun_ca.canonical(&input, 0, &text));
    buffer_add_byte(&text, '\n');
    scheme_aliyun_ca.signature(&claim, &secret, buffer_bytes(&text), &mac);
    if (mac.length == 32) base64_encode(&out, buffer_bytes(&mac));
    fields[sizeof fields / sizeof *fields - 1].value = buffer_bytes(mac.length == 32 ? &out : &mac);
}

static bool finds_both(struct bytes body)
{
    struct arena arena = arena_over(memory, sizeof memory);
    const struct credential credential = {.secrets = {{.value = BYTES(SECRET)}}, .secret_count = 1};
    sign_wrongly(&arena, body);
    const struct trials_question question = {.request = &request,
                                             .body = body,
                                             .scheme = &scheme_aliyun_ca,
                                             .place = &place,
                                             .credential = &credential,
                                             .now = 1700000000,
                                             .arena = &arena};
    struct trials_answer answer;
    trials_run(&question, &answer);
    assert_false(answer.holds);
    return answer.found && answer.count == 2;
}

static void two_mistakes_are_found(void **state)
{
    (void)state;
    assert_true(finds_both(BYTES("a body")));
}

/* The body is digested in every trial, so it counts as work: not all pairs are tried then. */
static void a_large_body_does_not_buy_much_work(void **state)
{
    (void)state;
    memset(large, 'x', sizeof large);
    assert_false(finds_both(bytes_of(large, sizeof large)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_mistakes_are_found),
        cmocka_unit_test(a_large_body_does_not_buy_much_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
