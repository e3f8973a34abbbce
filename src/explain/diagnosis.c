#include "explain/diagnosis.h"

#include "admit/proof.h"
#include "crypto/secret.h"
#include "explain/guess.h"
#include "explain/trials.h"

struct work {
    const struct diagnosis_question *question;
    struct arena *arena;
    struct diagnosis *diagnosis;
    struct publication publication; /* a copy, or one that asks for any proof */
    struct directory directory;
    struct body_facts facts;
    struct bytes texts[8]; /* the forms of what is signed */
    size_t text_count;
    bool readable;
    bool unrouted; /* no API is published there */
};

const char *diagnosis_proof_name(enum diagnosis_proof proof)
{
    static const char *const names[] = {"nothing_signed", "not_told", "unknown_key", "holds", "does_not_hold"};
    return names[proof];
}

bool diagnosis_any_place(struct proof_plan *plan)
{
    bool room = true;
    for (int id = SCHEME_NONE + 1; id < SCHEME_COUNT; id++) {
        const struct scheme *scheme = scheme_by_id((enum scheme_id)id);
        if (scheme->proof_kind == PROOF_MAC) room = scheme_signature_places(plan, scheme->id) && room;
    }
    room = scheme_app_code_places(plan, true) && room;
    room = proof_plan_add(plan, scheme_default_place(SCHEME_API_KEY)) && room;
    return proof_plan_add(plan, scheme_default_place(SCHEME_JWT)) && room;
}

/* Whoever looks at a request does not use its nonce up. */
static enum nonce_answer let_nonce_be(void *context, const struct nonce_use *use)
{
    (void)context, (void)use;
    return NONCE_UNSEEN;
}

static void add_finding(struct diagnosis *diagnosis, struct finding finding)
{
    if (finding.cause == CAUSE_NONE || diagnosis->finding_count == DIAGNOSIS_MAX_FINDINGS) return;
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        if (diagnosis->findings[i].cause == finding.cause) return;
    diagnosis->findings[diagnosis->finding_count++] = finding;
}

/* Which proof there is, and what it claims, as far as that can be read. */
static void read_claim(struct work *work)
{
    struct diagnosis *diagnosis = work->diagnosis;
    const struct place *place = NULL;
    diagnosis->refusal = proof_find(work->question->request, &work->publication.plan, &place);
    if (place != NULL) diagnosis->field = place->name;
    if (diagnosis->refusal != REFUSAL_NONE) return;
    struct claim *claim = &diagnosis->claim;
    *claim = (struct claim){.scheme = scheme_by_id(place->scheme), .place = place};
    diagnosis->refusal = claim->scheme->read(work->question->request, work->arena, claim);
    if (claim->field.length > 0) diagnosis->field = claim->field;
    work->readable = diagnosis->refusal == REFUSAL_NONE;
}

/* A key pair's public half is in the request. */
static bool names_key(const struct scheme *scheme)
{
    return scheme->proof_kind == PROOF_MAC || scheme->proof_kind == PROOF_SECRET;
}

/* Whose key it is; of a key pair, with secrets. */
static enum found find_credential(struct work *work, struct credential *credential)
{
    const struct directory *directory = work->question->directory;
    struct diagnosis *diagnosis = work->diagnosis;
    if (!work->readable || !names_key(diagnosis->claim.scheme)) return FOUND_NOTHING;
    enum found found = directory->key_pair(directory->context, diagnosis->claim.key_id, work->arena, credential);
    diagnosis->known = found == FOUND;
    if (found == FOUND) diagnosis->principal = credential->principal;
    if (found == FOUND) diagnosis->credential_id = credential->id;
    return found;
}

static bool may_verify(const struct work *work)
{
    bool of_users = work->publication.plan.auth_type == AUTH_TYPE_IAM;
    unsigned expected = of_users ? 1u << PRINCIPAL_USER : 1u << PRINCIPAL_APP | 1u << PRINCIPAL_CONSUMER;
    if (!work->diagnosis->known) return (work->question->may_verify & expected) != 0;
    return (work->question->may_verify & 1u << work->diagnosis->principal.kind) != 0;
}

/* What the gateway would do, were the nonce a new one. */
static void judge(struct work *work)
{
    const struct diagnosis_question *question = work->question;
    struct diagnosis *diagnosis = work->diagnosis;
    struct admission admission;
    struct admit_context context = {.publication = &work->publication,
                                    .request = question->request,
                                    .directory = &work->directory,
                                    .arena = work->arena,
                                    .now = question->now,
                                    .tokens = question->tokens,
                                    .skip_authorisation = question->publication == NULL,
                                    .has_body = question->body.length > 0};
    admit_begin(&context, &admission);
    if (admission.outcome == ADMISSION_NEEDS_BODY) admit_finish(&context, &work->facts, &admission);
    diagnosis->judged = true;
    diagnosis->outcome = admission.outcome;
    diagnosis->refusal = admission.refusal;
    if (admission.claim.field.length > 0) diagnosis->field = admission.claim.field;
    if (admission.known && admission.credential.id.length > 0) {
        diagnosis->known = true;
        diagnosis->principal = admission.credential.principal;
        diagnosis->credential_id = admission.credential.id;
    }
    if (work->readable && diagnosis->claim.scheme->proof_kind != PROOF_MAC)
        diagnosis->proof = admission.proven                                                                ? DIAGNOSIS_HOLDS
                           : admission.refusal == REFUSAL_KEY_UNKNOWN || admission.refusal == REFUSAL_NONE ? DIAGNOSIS_UNKNOWN_KEY
                                                                                                           : DIAGNOSIS_DOES_NOT_HOLD;
}

static void judge_without_secrets(struct work *work)
{
    struct diagnosis *diagnosis = work->diagnosis;
    diagnosis->outcome = ADMISSION_REFUSED;
    if (!work->readable) return;
    diagnosis->proof = DIAGNOSIS_NOT_TOLD;
    if (diagnosis->claim.scheme->proof_kind != PROOF_MAC) return;
    diagnosis->refusal = proof_check_time(&diagnosis->claim, &work->publication.rules, work->question->now);
    if (diagnosis->known) return;
    diagnosis->proof = DIAGNOSIS_UNKNOWN_KEY;
    diagnosis->refusal = REFUSAL_KEY_UNKNOWN;
}

static void reconstruct(struct work *work)
{
    struct diagnosis *diagnosis = work->diagnosis;
    struct scheme_input input = {
        .request = work->question->request, .claim = &diagnosis->claim, .body = &work->facts, .arena = work->arena};
    if (!work->readable || diagnosis->claim.scheme->proof_kind != PROOF_MAC) return;
    for (unsigned i = 0; i < diagnosis->claim.scheme->candidate_count && work->text_count < 8; i++) {
        struct buffer out = buffer_in(work->arena, scheme_text_bound(&input));
        if (diagnosis->claim.scheme->canonical(&input, i, &out) && !out.overflow) work->texts[work->text_count++] = buffer_bytes(&out);
    }
    if (work->text_count > 0) diagnosis->gateway_text = work->texts[0];
}

/* SDKs of two families show the text of a refusal on one line: '#' or '|' for each line end. */
static struct bytes normal_text(const struct work *work, struct bytes text)
{
    bool one_line = bytes_find(text, '\n') == text.length;
    const struct scheme *scheme = work->diagnosis->claim.scheme;
    uint8_t mark = scheme != NULL && scheme->id == SCHEME_ALIYUN_CA ? '#' : '|';
    struct buffer out = buffer_in(work->arena, text.length);
    for (size_t i = 0; i < text.length; i++) {
        bool at_end = text.data[i] == '\r' && i + 1 < text.length && text.data[i + 1] == '\n';
        if (!at_end) buffer_add_byte(&out, one_line && text.data[i] == mark ? '\n' : text.data[i]);
    }
    return buffer_bytes(&out);
}

/* The form that is nearest to what the client has. */
static void choose_form(struct work *work)
{
    struct diagnosis *diagnosis = work->diagnosis;
    for (size_t i = 1; i < work->text_count; i++)
        if (texts_common(work->texts[i], diagnosis->client_text) > texts_common(diagnosis->gateway_text, diagnosis->client_text))
            diagnosis->gateway_text = work->texts[i];
}

/* What the client says it signed; beside a sample, with what is masked there. */
static struct bytes given_text(const struct work *work)
{
    struct bytes text = normal_text(work, work->question->client_text);
    bool of_sample = work->question->request == NULL && work->text_count > 0;
    return of_sample ? texts_mask_alike(work->arena, work->texts[0], text) : text;
}

/* The text that stands beside the gateway's: the client's own word first. */
static void compare(struct work *work, const struct trials_answer *trials)
{
    struct diagnosis *diagnosis = work->diagnosis;
    struct bytes given = work->question->client_text;
    bool deduced = trials->holds || trials->found;
    if (given.length > 0) {
        diagnosis->client_text = given_text(work);
        diagnosis->client_text_source = CLIENT_TEXT_GIVEN;
    } else if (deduced) {
        diagnosis->client_text = trials->text;
        diagnosis->client_text_source = CLIENT_TEXT_DEDUCED;
    }
    if (diagnosis->client_text_source == CLIENT_TEXT_NONE || work->text_count == 0) return;
    choose_form(work);
    texts_compare(diagnosis->gateway_text, diagnosis->client_text, &diagnosis->difference);
}

static void find_by_trials(struct diagnosis *diagnosis, const struct trials_answer *trials)
{
    if (trials->holds) return;
    for (size_t i = 0; trials->found && i < trials->count; i++)
        add_finding(diagnosis, (struct finding){trials->causes[i], trials->notes[i], true});
}

/* The signature does not hold, and no trial says why. */
static void find_by_difference(struct work *work)
{
    struct diagnosis *diagnosis = work->diagnosis;
    bool fails = diagnosis->proof == DIAGNOSIS_DOES_NOT_HOLD, given = diagnosis->client_text_source == CLIENT_TEXT_GIVEN;
    if (given && diagnosis->difference.differs) {
        enum cause cause = guess_cause(diagnosis->claim.scheme, diagnosis->gateway_text, &diagnosis->difference, work->arena);
        add_finding(diagnosis, (struct finding){cause, BYTES(""), false});
    } else if (given && fails) {
        add_finding(diagnosis, (struct finding){CAUSE_SECRET, BYTES(""), true});
    } else if (fails) {
        add_finding(diagnosis, (struct finding){CAUSE_SECRET_OR_TEXT, BYTES(""), false});
    }
}

static void find_causes(struct work *work, const struct trials_answer *trials)
{
    struct diagnosis *diagnosis = work->diagnosis;
    enum cause cause = cause_of_refusal(diagnosis->refusal);
    bool token = work->readable && diagnosis->claim.scheme->proof_kind == PROOF_TOKEN;
    bool secret = work->readable && diagnosis->claim.scheme->proof_kind == PROOF_SECRET;
    if (token && diagnosis->refusal == REFUSAL_SIGNATURE_MISMATCH) cause = CAUSE_TOKEN_SIGNATURE;
    if (secret && diagnosis->refusal == REFUSAL_SIGNATURE_MISMATCH) cause = CAUSE_SECRET_WRONG;
    if (work->unrouted) add_finding(diagnosis, (struct finding){CAUSE_ROUTE, BYTES(""), true});
    add_finding(diagnosis, (struct finding){cause, diagnosis->field, true});
    find_by_trials(diagnosis, trials);
    if (!trials->holds && !trials->found && work->text_count > 0) find_by_difference(work);
}

static void wipe(struct credential *credential)
{
    for (size_t i = 0; i < credential->secret_count; i++)
        secret_wipe((void *)(uintptr_t)credential->secrets[i].value.data, credential->secrets[i].value.length);
}

static void try_out(struct work *work, const struct credential *credential, struct trials_answer *trials)
{
    struct diagnosis *diagnosis = work->diagnosis;
    if (diagnosis->claim.scheme->proof_kind != PROOF_MAC) return;
    const struct trials_question question = {.request = work->question->request,
                                             .body = work->question->body,
                                             .scheme = diagnosis->claim.scheme,
                                             .place = diagnosis->claim.place,
                                             .credential = credential,
                                             .now = work->question->now,
                                             .arena = work->arena};
    trials_run(&question, trials);
    diagnosis->proof = trials->holds ? DIAGNOSIS_HOLDS : DIAGNOSIS_DOES_NOT_HOLD;
}

static bool start(struct work *work)
{
    const struct diagnosis_question *question = work->question;
    *work->diagnosis = (struct diagnosis){.outcome = ADMISSION_REFUSED};
    work->facts = body_facts_of(question->body);
    work->directory = *question->directory;
    work->directory.nonce = let_nonce_be;
    if (question->publication != NULL) {
        work->publication = *question->publication;
        return true;
    }
    work->unrouted = true;
    work->publication.plan.auth_type = AUTH_TYPE_APP;
    return diagnosis_any_place(&work->publication.plan);
}

bool diagnose(const struct diagnosis_question *question, struct arena *arena, struct diagnosis *diagnosis)
{
    struct work *work = arena_take(arena, sizeof *work);
    struct trials_answer trials = {0};
    struct credential credential = {0};
    if (work == NULL) return false;
    *work = (struct work){.question = question, .arena = arena, .diagnosis = diagnosis};
    if (!start(work)) return false;
    read_claim(work);
    if (find_credential(work, &credential) == FOUND_FAULT) return false;
    if (may_verify(work)) {
        judge(work);
        if (credential.id.length > 0) try_out(work, &credential, &trials);
        if (work->readable && credential.id.length == 0 && diagnosis->claim.scheme->proof_kind == PROOF_MAC)
            diagnosis->proof = DIAGNOSIS_UNKNOWN_KEY;
    } else {
        judge_without_secrets(work);
    }
    wipe(&credential);
    reconstruct(work);
    compare(work, &trials);
    find_causes(work, &trials);
    bool done = diagnosis->outcome != ADMISSION_FAULT && !arena->exhausted;
    if (work->unrouted) {
        diagnosis->outcome = ADMISSION_REFUSED;
        diagnosis->refusal = REFUSAL_API_NOT_FOUND;
        diagnosis->field = BYTES("");
    }
    return done;
}

bool diagnose_sample(const struct diagnosis_sample *sample, struct arena *arena, struct diagnosis *diagnosis)
{
    const struct diagnosis_question question = {.client_text = sample->client_text};
    const struct trials_answer none = {0};
    struct place *place = arena_take(arena, sizeof *place);
    struct work *work = arena_take(arena, sizeof *work);
    if (place == NULL || work == NULL) return false;
    *work = (struct work){.question = &question, .arena = arena, .diagnosis = diagnosis};
    *diagnosis = (struct diagnosis){.judged = true,
                                    .outcome = ADMISSION_REFUSED,
                                    .refusal = sample->refusal,
                                    .field = sample->field,
                                    .gateway_text = sample->gateway_text};
    if (sample->scheme != NULL) {
        *place = scheme_default_place(sample->scheme->id);
        diagnosis->claim =
            (struct claim){.scheme = sample->scheme, .place = place, .key_id = sample->key_id, .signed_names = sample->signed_names};
        work->readable = sample->gateway_text.length > 0;
    }
    if (sample->refusal == REFUSAL_SIGNATURE_MISMATCH) diagnosis->proof = DIAGNOSIS_DOES_NOT_HOLD;
    if (work->readable) work->texts[work->text_count++] = sample->gateway_text;
    compare(work, &none);
    find_causes(work, &none);
    return !arena->exhausted;
}
