#include "cli/local.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "crypto/secret.h"

#define MAX_FILE (64u * 1024 * 1024)

/* Admission wipes the secrets that it was given, so it gets copies. */
static enum found give(const struct local *local, struct arena *arena, struct credential *credential)
{
    *credential = local->credential;
    for (size_t i = 0; i < credential->secret_count; i++) {
        credential->secrets[i].value = arena_copy(arena, local->credential.secrets[i].value);
        if (arena->exhausted) return FOUND_FAULT;
    }
    return FOUND;
}

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *arena, struct credential *credential)
{
    const struct local *local = context;
    if (local->credential.kind != CREDENTIAL_KEY_PAIR || !bytes_equal(local->key_id, key_id)) return FOUND_NOTHING;
    return give(local, arena, credential);
}

static enum found find_api_key(void *context, struct bytes secret, struct arena *arena, struct credential *credential)
{
    const struct local *local = context;
    if (local->credential.kind != CREDENTIAL_API_KEY || !secret_equal(local->credential.secrets[0].value, secret)) return FOUND_NOTHING;
    return give(local, arena, credential);
}

static enum found find_authorisation(void *context, const struct credential *caller, const struct publication *publication,
                                     int64_t *not_after)
{
    (void)context;
    (void)caller;
    (void)publication;
    *not_after = 0;
    return FOUND;
}

/* One request is looked at, once: there is none before it. */
static enum nonce_answer remember_nonce(void *context, const struct nonce_use *use)
{
    (void)context;
    (void)use;
    return NONCE_UNSEEN;
}

void local_set(struct local *local, const struct scheme *scheme, struct bytes key_id, struct bytes secret)
{
    struct place place = scheme_default_place(scheme->id);
    bool of_user = scheme->id == SCHEME_AUTH_TOKEN;
    *local = (struct local){.key_id = key_id};
    local->credential = (struct credential){
        .id = BYTES("local"),
        .kind = scheme->proof_kind == PROOF_LOOKUP ? CREDENTIAL_API_KEY : CREDENTIAL_KEY_PAIR,
        .principal = {.kind = of_user ? PRINCIPAL_USER : PRINCIPAL_APP, .enabled = true, .id = BYTES("local"), .name = BYTES("local")},
        .enabled = true,
        .schemes = 1u << scheme->id,
        .location = place.location,
        .place_name = place.name,
        .place_prefix = place.prefix,
        .secrets = {{.value = secret}},
        .secret_count = 1,
    };
    local->publication.plan.auth_type = of_user ? AUTH_TYPE_IAM : AUTH_TYPE_APP;
    (void)proof_plan_add(&local->publication.plan, place);
    local->directory = (struct directory){
        .context = local, .key_pair = find_key_pair, .api_key = find_api_key, .authorisation = find_authorisation, .nonce = remember_nonce};
}

/* Only what was asked for: a need that a scheme forgets to name must not work here either. */
static struct body_facts asked_facts(struct bytes body, unsigned needs)
{
    struct body_facts all = body_facts_of(body), asked = {.length = all.length};
    if ((needs & BODY_SHA256) != 0) asked.sha256 = all.sha256;
    if ((needs & BODY_MD5) != 0) asked.md5 = all.md5;
    if ((needs & BODY_SM3) != 0) asked.sm3 = all.sm3;
    if ((needs & BODY_FORM) != 0) asked.form = all.form;
    return asked;
}

void local_admit(struct local *local, const struct local_question *question, struct arena *arena, struct admission *admission)
{
    struct admit_context context = {.publication = &local->publication,
                                    .request = question->request,
                                    .directory = &local->directory,
                                    .arena = arena,
                                    .now = question->now,
                                    .has_body = question->without_body || question->body.length > 0};
    admit_begin(&context, admission);
    if (admission->outcome != ADMISSION_NEEDS_BODY || question->without_body) return;
    struct body_facts facts = asked_facts(question->body, admission->body_needs);
    admit_finish(&context, &facts, admission);
}

static bool read_stream(FILE *file, struct bytes *content)
{
    size_t capacity = 64 * 1024, length = 0;
    uint8_t *data = malloc(capacity);
    while (data != NULL) {
        length += fread(data + length, 1, capacity - length, file);
        if (length < capacity || capacity >= MAX_FILE) break;
        capacity *= 2;
        uint8_t *grown = realloc(data, capacity);
        if (grown == NULL) free(data);
        data = grown;
    }
    if (data == NULL || ferror(file) || length >= MAX_FILE) {
        free(data);
        return false;
    }
    *content = bytes_of(data, length);
    return true;
}

bool local_read_file(const char *path, struct bytes *content)
{
    bool standard_input = strcmp(path, "-") == 0;
    FILE *file = standard_input ? stdin : fopen(path, "rb");
    bool read = file != NULL && read_stream(file, content);
    if (!read) fprintf(stderr, "countersign: %s cannot be read: %s\n", path, errno != 0 ? strerror(errno) : "too large");
    if (file != NULL && !standard_input) fclose(file);
    return read;
}

struct arena local_arena(void)
{
    void *memory = malloc(LOCAL_ARENA_SIZE);
    if (memory == NULL) exit(command_failed("", "out of memory"));
    return arena_over(memory, LOCAL_ARENA_SIZE);
}
