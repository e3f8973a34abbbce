/* A feedback map in a folder of its own, seen by a worker, who has a part, and by the daemon. */
#ifndef COUNTERSIGN_TEST_FEEDBACK_FIXTURE_H
#define COUNTERSIGN_TEST_FEEDBACK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "feedback/part.h"

static char directory[64], path[128], problem[256];
static struct feedback worker, daemon_side;

static inline int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/feedback-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s", directory, feedback_form.name);
    const struct mapped_place place = {directory, NULL};
    if (!mapped_provide(&place, &feedback_form, feedback_size(), problem)) fail_msg("%s", problem);
    assert_true(feedback_open(&worker, directory, problem));
    assert_true(feedback_open(&daemon_side, directory, problem));
    assert_true(feedback_take_part(&worker, (uint64_t)getpid()));
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    feedback_close(&worker);
    feedback_close(&daemon_side);
    unlink(path);
    rmdir(directory);
    return 0;
}

#endif
