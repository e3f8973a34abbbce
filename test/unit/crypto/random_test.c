#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/random.h"

#include <sys/wait.h>
#include <unistd.h>

static void ids_have_their_form_and_differ(void **state)
{
    (void)state;
    static char ids[600][33]; /* more than one stock holds */
    for (size_t i = 0; i < 600; i++) {
        assert_true(random_id(ids[i]));
        assert_int_equal(strlen(ids[i]), 32);
        assert_int_equal(strspn(ids[i], "0123456789abcdef"), 32);
        for (size_t earlier = 0; earlier < i; earlier++) assert_memory_not_equal(ids[i], ids[earlier], 32);
    }
}

static void long_draws_fill_everything(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 1024, 1025, 10000};
    static uint8_t bytes[10001];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t size = sizes[i], differing = 0;
        memset(bytes, 0xa5, sizeof bytes);
        assert_true(random_bytes(bytes, size));
        assert_int_equal(bytes[size], 0xa5);
        for (size_t at = 0; at < size; at++) differing += bytes[at] != 0xa5;
        assert_true(size < 1000 || differing > size / 2);
    }
}

static void text_uses_the_whole_alphabet(void **state)
{
    (void)state;
    static uint8_t memory[20000];
    size_t counts[256] = {0}, kinds = 0;
    struct buffer out = buffer_over(memory, sizeof memory);
    assert_true(random_text(&out, sizeof memory));
    for (size_t i = 0; i < out.length; i++) counts[memory[i]]++;
    for (int c = 0; c < 256; c++) {
        bool allowed = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        assert_true(allowed || counts[c] == 0);
        /* 323 on average; five times the deviation is 90 */
        assert_true(!allowed || (counts[c] > 200 && counts[c] < 460));
        kinds += counts[c] > 0;
    }
    assert_int_equal(kinds, 62);
    assert_false(random_text(&out, 1));
    assert_true(out.overflow);
}

/* What the child draws after a fork is not what the parent draws. */
static void a_child_draws_its_own(void **state)
{
    (void)state;
    char warm[33], mine[33], childs[33] = {0};
    int ends[2];
    assert_true(random_id(warm));
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool told = random_id(childs) && write(ends[1], childs, sizeof childs) == (ssize_t)sizeof childs;
        _exit(told ? 0 : 1);
    }
    assert_true(random_id(mine));
    assert_int_equal(read(ends[0], childs, sizeof childs), sizeof childs);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_string_not_equal(mine, childs);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_have_their_form_and_differ),
        cmocka_unit_test(long_draws_fill_everything),
        cmocka_unit_test(text_uses_the_whole_alphabet),
        cmocka_unit_test(a_child_draws_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
