/* Where a user of IAM may call APIs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "credential/user.h"

#define NOTHING BYTES("")

static const struct instance_owner owner = {BYTES("project"), BYTES("domain")};
static uint8_t memory[1024];

static struct user with_scopes(const struct user_scope *scopes, size_t count)
{
    struct buffer out = buffer_over(memory, sizeof memory);
    for (size_t i = 0; i < count; i++) user_scope_add(&out, &scopes[i]);
    assert_true(user_scopes_are_sound(buffer_bytes(&out)));
    return (struct user){.enabled = true, .domain_id = BYTES("domain"), .scopes = buffer_bytes(&out)};
}

static bool may(struct user_scope scope, struct bytes limit)
{
    struct user user = with_scopes(&scope, 1);
    return user_may_call(&user, limit, &owner, BYTES("instance"));
}

static void a_scope_counts_where_it_was_given(void **state)
{
    (void)state;
    assert_true(may((struct user_scope){NOTHING, NOTHING}, NOTHING));
    assert_true(may((struct user_scope){BYTES("project"), NOTHING}, NOTHING));
    assert_true(may((struct user_scope){BYTES("project"), BYTES("instance")}, NOTHING));
    assert_false(may((struct user_scope){BYTES("other"), NOTHING}, NOTHING));
    assert_false(may((struct user_scope){BYTES("project"), BYTES("other")}, NOTHING));
    assert_false(may((struct user_scope){BYTES("other"), BYTES("instance")}, NOTHING));
}

static void a_limit_takes_away_and_gives_nothing(void **state)
{
    (void)state;
    assert_true(may((struct user_scope){NOTHING, NOTHING}, BYTES("project")));
    assert_false(may((struct user_scope){NOTHING, NOTHING}, BYTES("other")));
    assert_false(may((struct user_scope){NOTHING, NOTHING}, BYTES("domain")));
    assert_false(may((struct user_scope){BYTES("other"), NOTHING}, BYTES("project")));
}

static void one_of_several_scopes_is_enough(void **state)
{
    (void)state;
    const struct user_scope scopes[] = {{BYTES("other"), NOTHING}, {BYTES("project"), BYTES("instance")}};
    struct user user = with_scopes(scopes, 2);
    assert_true(user_may_call(&user, NOTHING, &owner, BYTES("instance")));
    user = with_scopes(NULL, 0);
    assert_false(user_may_call(&user, NOTHING, &owner, BYTES("instance")));
}

static void another_domain_is_another_world(void **state)
{
    (void)state;
    const struct user_scope everywhere = {NOTHING, NOTHING};
    const struct instance_owner nobodys = {BYTES("project"), NOTHING};
    struct user user = with_scopes(&everywhere, 1);
    user.domain_id = BYTES("elsewhere");
    assert_false(user_may_call(&user, NOTHING, &owner, BYTES("instance")));
    user.domain_id = NOTHING;
    assert_false(user_may_call(&user, NOTHING, &nobodys, BYTES("instance")));
}

static void what_is_cut_off_is_not_sound(void **state)
{
    (void)state;
    const struct user_scope scope = {BYTES("project"), BYTES("instance")};
    struct user user = with_scopes(&scope, 1);
    for (size_t length = 1; length < user.scopes.length; length++) assert_false(user_scopes_are_sound(bytes_slice(user.scopes, 0, length)));
    assert_true(user_scopes_are_sound(NOTHING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_counts_where_it_was_given), cmocka_unit_test(a_limit_takes_away_and_gives_nothing),
        cmocka_unit_test(one_of_several_scopes_is_enough),   cmocka_unit_test(another_domain_is_another_world),
        cmocka_unit_test(what_is_cut_off_is_not_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
