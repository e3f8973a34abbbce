/* countersign explain: what the server reads in a request and reconstructs from it, and where a client's own text begins to differ. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/key_options.h"
#include "cli/local.h"
#include "cli/token.h"
#include "cli/visible.h"
#include "explain/guess.h"
#include "explain/paste.h"
#include "scheme/jwt.h"

struct subject {
    struct key_options key;
    const char *path;
    const char *client_path; /* NULL: no text of the client */
    struct bytes client;
    struct http_request request;
    struct body_facts body;
    struct place place;
    struct claim claim;
};

enum { OPTION_CLIENT = OPTION_OWN };

static const char *read_options(struct subject *subject, int argc, char **argv)
{
    static const struct option table[] = {KEY_OPTIONS_ROWS, {"client-string", required_argument, NULL, OPTION_CLIENT}, {NULL, 0, NULL, 0}};
    int option;
    key_options_start(&subject->key);
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        const char *problem = NULL;
        if (option == OPTION_CLIENT) {
            subject->client_path = optarg;
        } else {
            problem = key_options_take(&subject->key, option, optarg);
        }
        if (problem != NULL) return problem;
    }
    if (argc - optind > 1) return "name one file at most";
    subject->path = optind < argc ? argv[optind] : "-";
    if (subject->key.scheme != NULL && subject->key.scheme->proof_kind != PROOF_MAC) return "--scheme: nothing is signed there";
    return NULL;
}

/* All places of the scheme that was named, or of every one that signs. */
static void collect_places(const struct subject *subject, struct proof_plan *plan)
{
    for (int id = SCHEME_NONE + 1; id < SCHEME_COUNT; id++) {
        const struct scheme *scheme = scheme_by_id((enum scheme_id)id);
        bool wanted = subject->key.scheme == NULL || subject->key.scheme == scheme;
        if (wanted && scheme->proof_kind == PROOF_MAC) (void)scheme_signature_places(plan, scheme->id);
    }
}

/* The scheme that was named, or the first that the request carries a proof of. */
static bool choose_scheme(struct subject *subject)
{
    struct proof_plan plan = {.auth_type = AUTH_TYPE_APP};
    size_t chosen = 0;
    collect_places(subject, &plan);
    while (chosen < plan.place_count && scheme_by_id(plan.places[chosen].scheme)->present(&subject->request, &plan.places[chosen]) == 0)
        chosen++;
    if (chosen == plan.place_count && subject->key.scheme == NULL) return false;
    subject->place = plan.places[chosen < plan.place_count ? chosen : 0];
    subject->key.scheme = scheme_by_id(subject->place.scheme);
    subject->claim = (struct claim){.scheme = subject->key.scheme, .place = &subject->place};
    return true;
}

static void print_line(const char *label, struct bytes text)
{
    printf("%s%.*s\n", label, (int)text.length, (const char *)text.data);
}

static void print_claim(const struct subject *subject)
{
    const struct claim *claim = &subject->claim;
    printf("scheme: %s\n", claim->scheme->name);
    print_line("key: ", claim->key_id);
    print_line("signature: ", claim->proof);
    print_line("signed headers: ", claim->signed_names);
    if (!claim->timed) {
        puts("time: none");
        return;
    }
    int64_t distance = subject->key.now - claim->time;
    printf("time: %.*s (%s), %lld s %s the clock%s\n", (int)claim->time_text.length, (const char *)claim->time_text.data,
           claim->time_is_signed ? "signed" : "not signed: it counts for nothing", (long long)(distance < 0 ? -distance : distance),
           distance < 0 ? "ahead of" : "behind", distance > ADMIT_CLOCK_SKEW || distance < -ADMIT_CLOCK_SKEW ? ": expired" : "");
}

/* A byte such that it is seen, and cannot steer a terminal. */
static void print_byte(uint8_t byte)
{
    if (byte >= 0x21 && byte <= 0x7e) {
        printf("'%c' (0x%02x)", byte, byte);
    } else {
        printf("0x%02x", byte);
    }
}

/* Line by line; bytes_next_part would hide an empty last line. */
static void print_text(struct bytes text)
{
    for (unsigned number = 1;; number++) {
        size_t end = bytes_find(text, '\n');
        printf("  %2u|", number);
        print_visible(bytes_slice(text, 0, end));
        putchar('\n');
        if (end == text.length) return;
        text = bytes_from(text, end + 1);
    }
}

static void print_side(const char *label, struct bytes line, struct bytes text, size_t at)
{
    printf("  %s ", label);
    print_visible(line);
    if (at < text.length) {
        fputs("   <- here ", stdout);
        print_byte(text.data[at]);
        putchar('\n');
    } else {
        puts("   <- ends here");
    }
}

static void print_difference(const struct subject *subject, struct bytes server, struct arena *arena)
{
    struct difference difference;
    texts_compare(server, subject->client, &difference);
    printf("the client's text differs from the server's first in line %zu, byte %zu of the line (byte %zu of the text):\n", difference.line,
           difference.column, difference.offset + 1);
    print_side("server", difference.gateway_line, server, difference.offset);
    print_side("client", difference.client_line, subject->client, difference.offset);
    printf("likely: %s\n", cause_words(guess_cause(subject->claim.scheme, server, &difference, arena)));
}

static bool matches_secret(const struct subject *subject, struct bytes text)
{
    const struct hmac_secret secret = {.text = subject->key.secret};
    return secret.text.length > 0 && scheme_proof_holds(&subject->claim, &secret, text);
}

static bool is_client_text(const struct subject *subject, struct bytes text)
{
    struct difference difference;
    texts_compare(text, subject->client, &difference);
    return !difference.differs;
}

/* Prints each form of the text; the one nearest to the client's is compared with it. */
static int explain_texts(const struct subject *subject, struct arena *arena)
{
    struct scheme_input input = {.request = &subject->request, .claim = &subject->claim, .body = &subject->body, .arena = arena};
    struct bytes nearest = bytes_of(NULL, 0);
    bool found = subject->client_path == NULL;
    for (unsigned i = 0; i < subject->claim.scheme->candidate_count; i++) {
        struct buffer out = buffer_in(arena, scheme_text_bound(&input));
        if (!subject->claim.scheme->canonical(&input, i, &out) || out.overflow) continue;
        struct bytes text = buffer_bytes(&out);
        bool client = subject->client_path != NULL && is_client_text(subject, text);
        printf("\nform %u%s%s:\n", i, matches_secret(subject, text) ? ", gives the signature" : "", client ? ", is the client's text" : "");
        print_text(text);
        if (nearest.length == 0 || texts_common(text, subject->client) > texts_common(nearest, subject->client)) nearest = text;
        found = found || client;
    }
    if (found) return COMMAND_OK;
    putchar('\n');
    print_difference(subject, nearest, arena);
    return COMMAND_REFUSED;
}

static const char *meaning_of(const struct scheme *scheme)
{
    if (scheme == &scheme_app_token)
        return "nothing of the request is signed: the gateway checks the token with the secret of the app's key";
    switch (scheme->proof_kind) {
    case PROOF_SECRET:
        return "nothing is signed: the gateway compares the secret with the key's";
    case PROOF_TOKEN:
        return "the token brings its signature: the gateway checks it against the keys of whom it names";
    case PROOF_LOOKUP:
    case PROOF_MAC:
        break;
    }
    return "nothing is signed: the gateway looks the secret up";
}

/* A secret that is sent as it is: where it stands, and whether it can be read. The secret itself is not shown. */
static bool explain_looked_up(struct subject *subject, const struct place *place, struct arena *arena)
{
    const struct scheme *scheme = scheme_by_id(place->scheme);
    if (scheme->present(&subject->request, place) == 0) return false;
    if (scheme->proof_kind == PROOF_TOKEN && !scheme_jwt_fits(&subject->request, place)) return false;
    subject->claim = (struct claim){.scheme = scheme, .place = place};
    printf("scheme: %s\n", scheme->name);
    print_line(place->location == PLACE_QUERY ? "in the query: " : "in the header: ", place->name);
    enum refusal refusal = scheme->read(&subject->request, arena, &subject->claim);
    if (subject->claim.key_id.length > 0) print_line("key: ", subject->claim.key_id);
    puts(refusal == REFUSAL_NONE ? meaning_of(scheme) : "the gateway cannot read it");
    if (refusal != REFUSAL_NONE) printf("refused: %s\n", refusal_name(refusal));
    return true;
}

/* An API key may be anywhere; only its usual place can be told from a request alone. */
static int explain_unsigned(struct subject *subject, struct arena *arena)
{
    struct proof_plan plan = {.auth_type = AUTH_TYPE_APP};
    static const enum scheme_id others[] = {SCHEME_API_KEY,    SCHEME_JWT,       SCHEME_AUTH_TOKEN,
                                            SCHEME_APP_SECRET, SCHEME_APP_BASIC, SCHEME_APP_TOKEN};
    bool found = !scheme_app_code_places(&plan, true);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) (void)proof_plan_add(&plan, scheme_default_place(others[i]));
    for (size_t i = 0; i < plan.place_count; i++) found = explain_looked_up(subject, &plan.places[i], arena) || found;
    if (found) return COMMAND_OK;
    printf("refused: %s\n", refusal_name(REFUSAL_PROOF_MISSING));
    return COMMAND_REFUSED;
}

int explain_main(int argc, char **argv)
{
    if (token_is_meant(argc, argv)) return token_explain_main(argc, argv);
    struct arena arena = local_arena();
    struct subject subject = {0};
    struct bytes raw;
    const char *problem = read_options(&subject, argc, argv);
    if (problem != NULL) return command_misused("explain", problem);
    if (!local_read_file(subject.path, &raw)) return COMMAND_FAULT;
    if (subject.client_path != NULL && !local_read_file(subject.client_path, &subject.client)) return COMMAND_FAULT;
    struct pasted pasted;
    struct curl_problem unreadable;
    if (!paste_read(&arena, raw, &pasted, &unreadable)) {
        printf("the request cannot be read: %s%s%.*s\n", unreadable.words, unreadable.about.length > 0 ? ": " : "",
               (int)unreadable.about.length, (const char *)unreadable.about.data);
        return COMMAND_REFUSED;
    }
    subject.request = pasted.request;
    if (!choose_scheme(&subject)) return explain_unsigned(&subject, &arena);
    subject.body = body_facts_of(pasted.body);
    enum refusal refusal = subject.claim.scheme->read(&subject.request, &arena, &subject.claim);
    if (refusal != REFUSAL_NONE) {
        printf("refused: %s\n", refusal_name(refusal));
        print_line("field: ", subject.claim.field);
        return COMMAND_REFUSED;
    }
    print_claim(&subject);
    return explain_texts(&subject, &arena);
}
