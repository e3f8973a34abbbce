/* Which role gives which right where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/rights.h"

#define P       BYTES("project")
#define I       BYTES("instance")
#define NOTHING BYTES("")

static bool may(enum role role, enum right right)
{
    struct grant grant = {role, NOTHING, NOTHING};
    struct caller caller = {.grants = &grant, .grant_count = 1};
    return caller_may(&caller, right, (struct scope){P, I});
}

/* Rows: roles in their order. Columns: READ WRITE WRITE_APIS WRITE_APPS READ_AUDIT READ_USERS WRITE_USERS. */
static void roles_give_these_rights(void **state)
{
    (void)state;
    static const char table[ROLE_COUNT][8] = {"1111111", "1111000", "1000110", "1010000", "1001000", "0000000"};
    for (int role = 0; role < ROLE_COUNT; role++) {
        assert_string_equal(right_name(RIGHT_WRITE_APIS), "write_apis");
        for (int right = RIGHT_READ; right <= RIGHT_WRITE_USERS; right++) {
            if (may((enum role)role, (enum right)right) != (table[role][right] == '1')) fail_msg("%s, right %d", role_names[role], right);
        }
        assert_true(may((enum role)role, RIGHT_READ_SELF) && may((enum role)role, RIGHT_WRITE_SELF));
    }
}

static void some_roles_call_apis(void **state)
{
    (void)state;
    static const bool table[ROLE_COUNT] = {
        [ROLE_ADMINISTRATOR] = true, [ROLE_OPERATOR] = true, [ROLE_API_OWNER] = true, [ROLE_API_CALLER] = true};
    for (int role = 0; role < ROLE_COUNT; role++) assert_int_equal(role_may_call((enum role)role), table[role]);
    struct grant grant = {ROLE_API_CALLER, NOTHING, NOTHING};
    struct caller caller = {.grants = &grant, .grant_count = 1};
    assert_false(caller_may(&caller, RIGHT_READ, (struct scope){P, NOTHING}));
}

static bool reaches(struct bytes project, struct bytes instance, struct scope asked)
{
    struct grant grant = {ROLE_OPERATOR, project, instance};
    struct caller caller = {.grants = &grant, .grant_count = 1};
    bool writes = caller_may(&caller, RIGHT_WRITE, asked);
    bool reads = caller_may(&caller, RIGHT_READ, asked);
    assert_true(reads || !writes);
    return writes;
}

static void a_role_counts_where_it_was_given(void **state)
{
    (void)state;
    const struct scope here = {P, I}, beside = {P, BYTES("other")}, elsewhere = {BYTES("other"), I}, whole = {P, NOTHING};
    assert_true(reaches(NOTHING, NOTHING, here) && reaches(NOTHING, NOTHING, whole) && reaches(NOTHING, NOTHING, elsewhere));
    assert_true(reaches(P, NOTHING, here) && reaches(P, NOTHING, beside) && reaches(P, NOTHING, whole));
    assert_false(reaches(P, NOTHING, elsewhere));
    assert_true(reaches(P, I, here));
    assert_false(reaches(P, I, beside) || reaches(P, I, whole) || reaches(P, I, elsewhere));
}

static void users_are_managed_by_those_of_the_whole_domain(void **state)
{
    (void)state;
    struct grant grant = {ROLE_ADMINISTRATOR, P, NOTHING};
    struct caller caller = {.grants = &grant, .grant_count = 1};
    assert_true(caller_may(&caller, RIGHT_WRITE, (struct scope){P, I}));
    assert_false(caller_may(&caller, RIGHT_WRITE_USERS, (struct scope){P, NOTHING}));
    assert_false(caller_may(&caller, RIGHT_READ_USERS, (struct scope){P, NOTHING}));
    grant.project_id = NOTHING;
    assert_true(caller_may(&caller, RIGHT_WRITE_USERS, (struct scope){P, NOTHING}));
}

static void nobody_may_nothing(void **state)
{
    (void)state;
    struct caller caller = {.grants = NULL};
    assert_false(caller_may(&caller, RIGHT_READ, (struct scope){P, I}) ||
                 caller_may(&caller, RIGHT_READ, (struct scope){NOTHING, NOTHING}));
    assert_true(caller_may(&caller, RIGHT_READ_SELF, (struct scope){NOTHING, NOTHING}));
    enum role role;
    assert_false(role_of_name(BYTES("root"), &role) || role_of_name(NOTHING, &role) || role_of_name(BYTES("Operator"), &role));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_give_these_rights),
        cmocka_unit_test(some_roles_call_apis),
        cmocka_unit_test(a_role_counts_where_it_was_given),
        cmocka_unit_test(users_are_managed_by_those_of_the_whole_domain),
        cmocka_unit_test(nobody_may_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
