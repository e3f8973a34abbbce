/* What the time of an answer could tell, seen without a clock, under valgrind:
 *
 *   secret-work compare            secret_equal over bytes that memcheck takes for unknown: what branches on them is reported
 *   secret-work stops              the same with a comparison that ends at the first difference, which has to be reported
 *   secret-work SCHEME known       a wrong signature with a key that somebody holds: callgrind counts the instructions of admit_begin
 *   secret-work SCHEME unknown     with one that nobody holds
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "admit/admit.h"
#include "crypto/secret.h"
#include "http/parse.h"

#define NOW     1573789015
#define KEY     "4f8a0c6e9b1d4a52b7e3c1d09a6f8e21"
#define SECRET  "0123456789abcdef0123456789abcdef"
#define LONGEST 96

static _Alignas(64) uint8_t memory[ADMIT_ARENA_SIZE];
static bool is_held;

static bool stops(struct bytes a, struct bytes b)
{
    size_t i = 0;
    while (i < a.length && a.data[i] == b.data[i]) i++;
    return i == a.length;
}

static void compare(bool (*equal)(struct bytes a, struct bytes b), size_t length, size_t different)
{
    uint8_t a[LONGEST], b[LONGEST];
    memset(a, 0x5a, sizeof a);
    memset(b, 0x5a, sizeof b);
    if (different < length) b[different] ^= 1;
    (void)VALGRIND_MAKE_MEM_UNDEFINED(a, length);
    bool same = equal(bytes_of(a, length), bytes_of(b, length));
    (void)VALGRIND_MAKE_MEM_DEFINED(&same, sizeof same);
    if (same != (different >= length)) exit(3);
}

static int compare_all(bool (*equal)(struct bytes a, struct bytes b))
{
    for (size_t length = 1; length <= LONGEST; length++)
        for (size_t different = 0; different <= length; different++) compare(equal, length, different);
    return 0;
}

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *into, struct credential *credential)
{
    (void)context;
    (void)key_id;
    if (!is_held) return FOUND_NOTHING;
    *credential = (struct credential){.id = BYTES("c1"),
                                      .kind = CREDENTIAL_KEY_PAIR,
                                      .principal = {.kind = PRINCIPAL_APP, .enabled = true, .id = BYTES("a")},
                                      .enabled = true,
                                      .schemes = ~0u,
                                      .secrets = {{.value = arena_copy(into, BYTES(SECRET))}},
                                      .secret_count = 1};
    return FOUND;
}

static const struct directory directory = {.key_pair = find_key_pair};

/* Signed with another secret than the key's. */
static bool sign(const struct scheme *scheme, struct arena *arena, struct http_request *request)
{
    struct bytes body;
    const char *problem = "";
    const char *raw = "GET /v1/orders?limit=20 HTTP/1.1\nHost: gw.example.com\n\n";
    if (!http_parse(arena, bytes_of_text(raw), request, &body, &problem)) return false;
    struct body_facts facts = body_empty();
    struct signed_fields added;
    struct signing signing = {.request = request, .body = &facts, .key_id = BYTES(KEY), .now = NOW, .secret.text = BYTES("another")};
    struct http_field *fields = arena_take_array(arena, request->field_count + SIGNING_MAX_FIELDS, sizeof *fields);
    if (scheme->sign == NULL || !scheme->sign(&signing, arena, &added) || fields == NULL) return false;
    memcpy(fields, request->fields, request->field_count * sizeof *fields);
    memcpy(fields + request->field_count, added.items, added.count * sizeof *fields);
    request->fields = fields;
    request->field_count += added.count;
    return true;
}

static int admit(const struct scheme *scheme)
{
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_request request;
    struct publication publication = {.plan.auth_type = AUTH_TYPE_APP};
    struct admission admission;
    struct admit_context context = {.publication = &publication, .request = &request, .directory = &directory, .arena = &arena, .now = NOW};
    if (!proof_plan_add(&publication.plan, scheme_default_place(scheme->id)) || !sign(scheme, &arena, &request)) return 4;
    admit_begin(&context, &admission);
    return admission.refusal == (is_held ? REFUSAL_SIGNATURE_MISMATCH : REFUSAL_KEY_UNKNOWN) ? 0 : 3;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "compare") == 0) return compare_all(secret_equal);
    if (argc == 2 && strcmp(argv[1], "stops") == 0) return compare_all(stops);
    if (argc != 3) return 2;
    is_held = strcmp(argv[2], "known") == 0;
    for (enum scheme_id id = 0; id < SCHEME_COUNT; id++) {
        const struct scheme *scheme = scheme_by_id(id);
        if (scheme != NULL && strcmp(scheme->name, argv[1]) == 0) return admit(scheme);
    }
    return 2;
}
