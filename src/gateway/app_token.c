#include "gateway/app_token.h"

#include "admit/app_grant.h"
#include "directory/directory.h"
#include "gateway/context.h"

#define FEATURE    "app_token"
#define PREFIX     "/v1/apigw/"
#define ARENA_SIZE (64 * 1024) /* the form, decoded, and two admissions */

bool app_token_may_be_asked(const struct gateway_context *context)
{
    return bytes_start_with(context->view.path, BYTES(PREFIX));
}

static enum edge_result find_settings(struct gateway_context *context, const struct edge_view *view, struct app_grant_settings *settings)
{
    struct bytes config;
    enum edge_result result = edge_feature(view, BYTES(FEATURE), &config);
    if (result != EDGE_OK) return result;
    return app_grant_settings_read(&context->arena, config, settings) ? EDGE_OK : EDGE_FAULT;
}

bool app_token_asked(struct gateway_context *context, const struct edge_view *view)
{
    struct app_grant_settings settings;
    enum edge_result result = find_settings(context, view, &settings);
    if (result == EDGE_NOTHING || (result == EDGE_OK && !bytes_equal(settings.uri, context->view.path))) return false;
    context->admission.format = ANSWER_APIG;
    context->admission.outcome = result == EDGE_OK ? ADMISSION_NEEDS_BODY : ADMISSION_FAULT;
    context->admission.body_needs = BODY_FORM;
    context->admission.body_limit = APP_GRANT_FORM_LIMIT;
    context->grants = true;
    return true;
}

/* Asked again: while the body came in, it may have been switched off. */
void app_token_grant(struct gateway_context *context, struct edge_view *view)
{
    struct app_grant_settings settings;
    struct directory directory = directory_over(view);
    struct answer *answer = context_grow_arena(context, ARENA_SIZE) ? arena_take(&context->arena, sizeof *answer) : NULL;
    if (answer == NULL || find_settings(context, view, &settings) != EDGE_OK) {
        context->admission.outcome = ADMISSION_FAULT;
        return;
    }
    const struct app_grant_question question = {.settings = &settings,
                                                .request = &context->view,
                                                .form = context->body.facts.form,
                                                .directory = &directory,
                                                .request_id = bytes_of(context->request_id, REQUEST_ID_LENGTH),
                                                .arena = &context->arena,
                                                .now = ngx_time()};
    app_grant(&question, &context->admission, answer);
    if (context->admission.outcome != ADMISSION_FAULT) context->own_answer = answer;
}
