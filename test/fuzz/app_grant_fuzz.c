/* Target: app_grant (the form of the token endpoint, with its refresh tokens) and app_grant_settings_read, over the same bytes. The one app
 * of this world is "key" with the secret "secret". */
#include "admit/app_grant.h"

#include <stdlib.h>
#include <string.h>

#include "scheme/app_token.h"

#define NOW 1573789015

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_assert(bool holds)
{
    if (!holds) abort();
}

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *arena, struct credential *credential)
{
    (void)context;
    if (!bytes_equal(key_id, BYTES("key"))) return FOUND_NOTHING;
    *credential = (struct credential){.id = BYTES("credential"),
                                      .kind = CREDENTIAL_KEY_PAIR,
                                      .principal = {.kind = PRINCIPAL_APP, .enabled = true, .id = BYTES("app"), .name = BYTES("app")},
                                      .enabled = true,
                                      .schemes = ~0u,
                                      .secrets = {{.value = arena_copy(arena, BYTES("secret"))}},
                                      .secret_count = 1};
    return FOUND;
}

static void grant(struct bytes form, struct arena *arena)
{
    static const struct http_field fields[] = {{BYTES("Content-Type"), BYTES("application/x-www-form-urlencoded")}};
    const struct app_grant_settings settings = {.uri = BYTES(APP_GRANT_DEFAULT_URI), .lifetime = 60, .refresh = 60};
    const struct directory directory = {.key_pair = find_key_pair};
    struct http_request request = {.method = BYTES("POST"), .fields = fields, .field_count = 1};
    struct admission admission;
    struct answer answer = {0};
    fuzz_assert(http_request_set_target(&request, settings.uri));
    const struct app_grant_question question = {.settings = &settings,
                                                .request = &request,
                                                .form = form,
                                                .directory = &directory,
                                                .request_id = BYTES("0123456789abcdef0123456789abcdef"),
                                                .arena = arena,
                                                .now = NOW};
    app_grant(&question, &admission, &answer);
    fuzz_assert(answer.status == 200 || answer.status == 400 || answer.status == 401);
    fuzz_assert(answer.body.length > 0 && answer.body.data[answer.body.length - 1] == '}');
    fuzz_assert((answer.status == 200) == (admission.outcome == ADMISSION_ACCEPTED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1024 * 1024];
    struct arena arena = arena_over(memory, sizeof memory);
    struct app_grant_settings settings;
    if (size > APP_GRANT_FORM_LIMIT) return 0;
    if (app_grant_settings_read(&arena, bytes_of(data, size), &settings)) fuzz_assert(settings.lifetime > 0 && settings.refresh > 0);
    arena = arena_over(memory, sizeof memory);
    grant(bytes_of(data, size), &arena);
    return 0;
}
