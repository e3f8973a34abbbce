/* Admission. The order of the checks is part of the security of the product:
 *
 *   one proof → its claim → credential known → usable with this scheme and place → fresh → the proof itself
 *     → credential and principal enabled and in time → authorised here → body → nonce unseen
 *
 * Everything before the proof can be learned by a stranger, everything behind it only by who holds the secret. When the proof depends on
 * the body, the later checks come first nevertheless, so that nobody uploads for nothing; admission.proven is false then, and the answer
 * says of all of them that the key is unknown. */
#include "admit/admit.h"

#include "admit/answer.h"
#include "admit/proof.h"
#include "admit/token.h"
#include "base/text.h"
#include "crypto/secret.h"

static bool refuse(struct admission *admission, enum refusal refusal)
{
    admission->outcome = ADMISSION_REFUSED;
    admission->refusal = refusal;
    return false;
}

static bool fault(struct admission *admission)
{
    admission->outcome = ADMISSION_FAULT;
    return false;
}

static bool go_on(struct admission *admission, enum refusal refusal)
{
    return refusal == REFUSAL_NONE || refuse(admission, refusal);
}

/* ASCII without NUL, which most requests are, needs no look at characters. */
static bool is_plain_text(struct bytes text)
{
    uint8_t high = 0, nul = 0;
    for (size_t i = 0; i < text.length; i++) {
        high |= text.data[i];
        nul |= text.data[i] == 0;
    }
    return nul == 0 && (high < 0x80 || utf8_is_valid(text));
}

/* Decoded bytes that are no UTF-8, or NUL, mean something else to every reader; a signature over them does not bind what a backend sees. */
static bool is_text(struct bytes raw, struct arena *arena)
{
    if (bytes_find(raw, '%') == raw.length) return is_plain_text(raw);
    size_t mark = arena->used;
    struct buffer decoded = buffer_in(arena, raw.length);
    bool valid = percent_decode(&decoded, raw) && is_plain_text(buffer_bytes(&decoded));
    arena_rewind(arena, mark);
    return valid;
}

static bool check_target(const struct admit_context *context, struct admission *admission)
{
    if (is_text(context->request->path, context->arena)) {
        if (is_text(context->request->query, context->arena)) return true;
        admission->claim.field = BYTES("query");
    } else {
        admission->claim.field = BYTES("path");
    }
    return refuse(admission, REFUSAL_TARGET_MALFORMED);
}

static bool read_claim(const struct admit_context *context, struct admission *admission)
{
    const struct place *place = NULL;
    enum refusal refusal = proof_find(context->request, &context->publication->plan, &place);
    if (refusal != REFUSAL_NONE) {
        admission->format = answer_format_of(context->request);
        if (place != NULL) admission->claim.field = place->name;
        return refuse(admission, refusal);
    }
    struct claim *claim = &admission->claim;
    claim->place = place;
    claim->scheme = scheme_by_id(place->scheme);
    admission->format = claim->scheme->format_at != NULL ? claim->scheme->format_at(place) : claim->scheme->format;
    if (!go_on(admission, claim->scheme->read(context->request, context->arena, claim))) return false;
    return claim->scheme->proof_kind != PROOF_MAC || check_target(context, admission);
}

static enum found find_credential(const struct admit_context *context, const struct claim *claim, struct credential *credential)
{
    const struct directory *directory = context->directory;
    if (claim->scheme->proof_kind == PROOF_LOOKUP) return directory->api_key(directory->context, claim->proof, context->arena, credential);
    return directory->key_pair(directory->context, claim->key_id, context->arena, credential);
}

/* Who may call what: apps and consumers call APIs of type APP, users those of type IAM. Another kind's key is unknown here. */
static bool kind_belongs(enum principal_kind kind, enum auth_type type)
{
    if (type == AUTH_TYPE_IAM) return kind == PRINCIPAL_USER;
    return kind == PRINCIPAL_APP || kind == PRINCIPAL_CONSUMER;
}

/* An API key that was issued for one place does not count in another one: the place may be the reason why it is thought to be safe. An
 * AppCode counts where the API takes AppCodes. */
static bool place_belongs(const struct credential *credential, const struct place *place)
{
    if (place->scheme == SCHEME_APP_CODE) return true;
    if (credential->location != place->location || !bytes_equal_folded(credential->place_prefix, place->prefix)) return false;
    return place->location == PLACE_HEADER ? bytes_equal_folded(credential->place_name, place->name)
                                           : bytes_equal(credential->place_name, place->name);
}

static enum refusal check_use(const struct admit_context *context, const struct admission *admission)
{
    const struct credential *credential = &admission->credential;
    const struct claim *claim = &admission->claim;
    if (!kind_belongs(credential->principal.kind, context->publication->plan.auth_type)) return REFUSAL_KEY_UNKNOWN;
    bool allowed = (credential->schemes & (1u << claim->scheme->id)) != 0;
    if (claim->scheme->proof_kind == PROOF_LOOKUP) {
        bool belongs = allowed && credential->kind == CREDENTIAL_API_KEY && place_belongs(credential, claim->place);
        return belongs ? REFUSAL_NONE : REFUSAL_KEY_UNKNOWN;
    }
    allowed = allowed && credential->kind == CREDENTIAL_KEY_PAIR;
    return allowed ? REFUSAL_NONE : REFUSAL_SCHEME_NOT_ALLOWED;
}

static enum refusal check_standing(const struct admission *admission, int64_t now)
{
    switch (credential_standing_at(&admission->credential, now)) {
    case CREDENTIAL_USABLE:
        return REFUSAL_NONE;
    case CREDENTIAL_DISABLED:
        return REFUSAL_CREDENTIAL_DISABLED;
    case CREDENTIAL_PRINCIPAL_DISABLED:
        return REFUSAL_PRINCIPAL_DISABLED;
    case CREDENTIAL_STALE:
        return REFUSAL_USER_TOKEN_STALE;
    case CREDENTIAL_UNACCOMPANIED:
        return REFUSAL_SECURITY_TOKEN;
    case CREDENTIAL_NOT_YET_VALID:
        return REFUSAL_CREDENTIAL_NOT_YET_VALID;
    case CREDENTIAL_EXPIRED:
        return REFUSAL_CREDENTIAL_EXPIRED;
    }
    return REFUSAL_CREDENTIAL_DISABLED;
}

static bool check_authorisation(const struct admit_context *context, struct admission *admission)
{
    if (context->skip_authorisation) return true;
    const struct directory *directory = context->directory;
    int64_t not_after = 0;
    switch (directory->authorisation(directory->context, &admission->credential, context->publication, &not_after)) {
    case FOUND:
        break;
    case FOUND_NOTHING:
        return refuse(admission, REFUSAL_NOT_AUTHORISED);
    case FOUND_FAULT:
        return fault(admission);
    }
    return not_after == 0 || context->now <= not_after || refuse(admission, REFUSAL_AUTHORISATION_EXPIRED);
}

static bool check_caller(const struct admit_context *context, struct admission *admission)
{
    return go_on(admission, check_standing(admission, context->now)) && check_authorisation(context, admission);
}

/* It is held against the secrets of a key pair. */
static bool is_keyed(const struct claim *claim)
{
    return claim->scheme->proof_kind == PROOF_MAC || claim->scheme->proof_kind == PROOF_SECRET;
}

static bool check_proof(const struct admit_context *context, const struct scheme_input *input, struct admission *admission)
{
    if (is_keyed(input->claim) && !go_on(admission, proof_check_mac(input, &admission->credential, context->now, &admission->canonical)))
        return false;
    admission->proven = true;
    return true;
}

/* The same work for a key that nobody holds, so that the time of the answer does not tell. A signature is held against a key made of
 * itself: by one that stands here anybody could sign, and learn from a quick answer that he was right. */
static void pretend_to_check(const struct admit_context *context, const struct scheme_input *input)
{
    struct bytes text, secret = BYTES("no credential has this as its secret");
    if (input->claim->scheme->proof_kind == PROOF_MAC) secret = bytes_slice(input->claim->proof, 0, DIGEST_MAX_SIZE);
    const struct credential nobody = {.secrets = {{secret}}, .secret_count = 1};
    if (is_keyed(input->claim)) (void)proof_check_mac(input, &nobody, context->now, &text);
}

static bool check_known(const struct admit_context *context, struct admission *admission)
{
    switch (find_credential(context, &admission->claim, &admission->credential)) {
    case FOUND:
        admission->known = true;
        if (context->arena->exhausted) return refuse(admission, REFUSAL_REQUEST_TOO_COMPLEX);
        return go_on(admission, check_use(context, admission));
    case FOUND_NOTHING:
        return refuse(admission, REFUSAL_KEY_UNKNOWN);
    case FOUND_FAULT:
        break;
    }
    return fault(admission);
}

static bool check_body(const struct admit_context *context, struct scheme_input *input, struct admission *admission)
{
    const struct scheme *scheme = admission->claim.scheme;
    input->field = &admission->claim.field;
    return scheme->check_body == NULL || go_on(admission, scheme->check_body(input, &context->publication->rules));
}

void admit_need_body(const struct admit_context *context, unsigned needs, struct admission *admission)
{
    uint64_t limit = context->publication->rules.body_limit;
    if (limit == 0) limit = ADMIT_DEFAULT_BODY_LIMIT;
    admission->body_needs |= needs;
    if ((admission->body_needs & BODY_FORM) != 0 && limit > ADMIT_FORM_LIMIT) limit = ADMIT_FORM_LIMIT;
    admission->body_limit = limit;
    admission->outcome = ADMISSION_NEEDS_BODY;
}

/* The last second at which a copy of this request would still be admitted. A time that does not count leaves twice the skew, from now. */
static int64_t nonce_until(const struct claim *claim, int64_t now)
{
    int64_t until = 0;
    if (claim->nonce_until != 0) return claim->nonce_until;
    if (!claim->timed || !claim->time_is_signed) return now + 2 * ADMIT_CLOCK_SKEW;
    return __builtin_add_overflow(claim->time, claim->lifetime > 0 ? claim->lifetime : ADMIT_CLOCK_SKEW, &until) ? INT64_MAX : until;
}

/* A request without a time is remembered for a while only, so it counts as made now; a token was made at any time. */
static int64_t nonce_made(const struct claim *claim, int64_t now)
{
    if (claim->nonce_until != 0) return 0;
    return claim->timed && claim->time_is_signed ? claim->time : now;
}

static bool asks_for_nonce(const struct admission *admission)
{
    return admission->claim.nonce.length > 0 && !admission->nonce_remembered;
}

static struct nonce_use nonce_use_of(const struct admit_context *context, const struct admission *admission)
{
    const struct claim *claim = &admission->claim;
    return (struct nonce_use){.principal = &admission->credential.principal,
                              .credential_id = admission->credential.id,
                              .key_id = claim->key_id,
                              .nonce = claim->nonce,
                              .until = nonce_until(claim, context->now),
                              .made = nonce_made(claim, context->now),
                              .now = context->now};
}

static void expect_nonces_of_caller(const struct admit_context *context, const struct admission *admission)
{
    const struct directory *directory = context->directory;
    const struct claim *claim = &admission->claim;
    if (directory->nonces_of != NULL && claim->key_id.length > 0 && asks_for_nonce(admission))
        directory->nonces_of(directory->context, claim->key_id);
}

static void expect_nonce(const struct admit_context *context, const struct admission *admission, struct nonce_use *use)
{
    const struct directory *directory = context->directory;
    if (directory->nonce_soon != NULL && asks_for_nonce(admission)) directory->nonce_soon(directory->context, use);
}

/* The last check of all: whoever fails another one burns no nonce, and cannot fill the memory. */
static bool check_nonce(const struct admit_context *context, struct admission *admission, const struct nonce_use *use)
{
    /* While the body came in, its time ran out, and with it the memory of an earlier copy. */
    if (use->until < use->now) return refuse(admission, REFUSAL_DATE_EXPIRED);
    if (context->directory->nonce == NULL) return fault(admission);
    switch (context->directory->nonce(context->directory->context, use)) {
    case NONCE_UNSEEN:
        admission->nonce_remembered = true;
        return true;
    case NONCE_SEEN:
        return refuse(admission, REFUSAL_NONCE_SEEN);
    case NONCE_QUOTA:
        return refuse(admission, REFUSAL_NONCE_QUOTA);
    case NONCE_FULL:
        return refuse(admission, REFUSAL_REPLAY_MEMORY_FULL);
    case NONCE_FAULT:
        break;
    }
    return fault(admission);
}

/* What comes last in both halves. */
static bool settle_with(const struct admit_context *context, struct scheme_input *input, struct admission *admission,
                        const struct nonce_use *use)
{
    if (!check_body(context, input, admission)) return false;
    if (asks_for_nonce(admission) && !check_nonce(context, admission, use)) return false;
    admission->outcome = ADMISSION_ACCEPTED;
    return true;
}

static bool settle(const struct admit_context *context, struct scheme_input *input, struct admission *admission)
{
    const struct nonce_use use = nonce_use_of(context, admission);
    return settle_with(context, input, admission, &use);
}

/* The secrets have done their work, or will be looked up again; they do not wait for a body in memory. */
static void forget_secrets(struct credential *credential)
{
    for (size_t i = 0; i < credential->secret_count; i++) {
        struct credential_secret *secret = &credential->secrets[i];
        secret_wipe((void *)(uintptr_t)secret->value.data, secret->value.length);
        if (secret->hmac != NULL) secret_wipe((void *)(uintptr_t)secret->hmac, sizeof *secret->hmac);
        secret->hmac = NULL;
    }
    credential->secret_count = 0;
}

static struct scheme_input input_of(const struct admit_context *context, const struct admission *admission, const struct body_facts *body)
{
    return (struct scheme_input){
        .request = context->request, .claim = &admission->claim, .body = body, .arena = context->arena, .keys = context->keys};
}

/* Can the proof be checked before the body has come? */
static bool is_provable(const struct admit_context *context, const struct claim *claim)
{
    return !context->has_body || claim->body_in_proof == BODY_UNUSED;
}

static bool must_wait(const struct admit_context *context, const struct claim *claim)
{
    return context->has_body && (claim->body_in_proof | claim->body_after) != BODY_UNUSED;
}

static bool check_time(const struct admit_context *context, struct admission *admission)
{
    enum proof_kind kind = admission->claim.scheme->proof_kind;
    if (kind != PROOF_MAC && (kind != PROOF_SECRET || !admission->claim.timed)) return true;
    return go_on(admission, proof_check_time(&admission->claim, &context->publication->rules, context->now));
}

/* A field of the name where a proof would stand, with something else in it, is no silence. `Authorization` may hold the caller's word to
 * the backend, but not one that begins as a proof does. */
static bool is_silent_at(const struct http_request *request, const struct place *place)
{
    const struct http_field *field = place->location == PLACE_HEADER ? http_field_find(request, place->name) : NULL;
    if (field == NULL) return true;
    bool shared = bytes_equal_folded(place->name, BYTES("authorization")) && place->prefix.length > 0;
    return shared && !bytes_start_with_folded(field->value, bytes_trim(place->prefix));
}

/* Who brings no proof passes as nobody, where the API says so. A bad proof is none: it never counts as silence (CVE-2026-49230). */
static bool pass_as_nobody(const struct admit_context *context, struct admission *admission)
{
    const struct publication *publication = context->publication;
    if (!publication->rules.accept_anonymous || admission->claim.scheme != NULL || admission->refusal != REFUSAL_PROOF_MISSING)
        return false;
    for (size_t i = 0; i < publication->plan.place_count; i++)
        if (!is_silent_at(context->request, &publication->plan.places[i])) return false;
    admission->refusal = REFUSAL_NONE;
    admission->outcome = ADMISSION_ACCEPTED;
    return true;
}

/* Nothing of a token depends on the body, and all of it is asked again once that came. */
static bool check_token_caller(const struct admit_context *context, struct admission *admission)
{
    if (!token_check(context, admission)) return false;
    if (token_is_of_policy(admission)) return true;
    if (!kind_belongs(admission->credential.principal.kind, context->publication->plan.auth_type))
        return refuse(admission, REFUSAL_KEY_UNKNOWN);
    return check_caller(context, admission);
}

static bool begin_with_token(const struct admit_context *context, struct admission *admission)
{
    struct scheme_input input = input_of(context, admission, NULL);
    return check_token_caller(context, admission) && settle(context, &input, admission);
}

static bool prove(const struct admit_context *context, const struct scheme_input *input, struct admission *admission, struct nonce_use *use)
{
    if (!must_wait(context, input->claim)) expect_nonce(context, admission, use);
    return check_proof(context, input, admission);
}

static bool begin(const struct admit_context *context, struct admission *admission)
{
    const struct claim *claim = &admission->claim;
    if (!read_claim(context, admission)) return pass_as_nobody(context, admission);
    if (claim->scheme->proof_kind == PROOF_TOKEN) return begin_with_token(context, admission);
    struct scheme_input input = input_of(context, admission, context->has_body ? NULL : body_nothing());
    bool provable = is_provable(context, claim);
    expect_nonces_of_caller(context, admission);
    if (!check_known(context, admission)) {
        if (provable && admission->refusal == REFUSAL_KEY_UNKNOWN) pretend_to_check(context, &input);
        return false;
    }
    if (!check_time(context, admission)) return false;
    struct nonce_use use = nonce_use_of(context, admission);
    if (provable && !prove(context, &input, admission, &use)) return false;
    if (!check_caller(context, admission)) return false;
    if (must_wait(context, claim)) {
        admit_need_body(context, claim->body_in_proof | claim->body_after, admission);
        return true;
    }
    return settle_with(context, &input, admission, &use);
}

static bool asks_nobody(const struct publication *publication)
{
    return publication->plan.auth_type == AUTH_TYPE_NONE && publication->token_policy.length == 0;
}

void admit_begin(const struct admit_context *context, struct admission *admission)
{
    *admission = (struct admission){.outcome = ADMISSION_REFUSED, .now = context->now, .nonce_remembered = context->nonce_remembered};
    if (asks_nobody(context->publication)) {
        admission->outcome = ADMISSION_ACCEPTED;
        return;
    }
    (void)begin(context, admission);
    forget_secrets(&admission->credential);
}

void admit_refuse_large_body(struct admission *admission)
{
    (void)refuse(admission, (admission->body_needs & BODY_FORM) != 0 ? REFUSAL_FORM_TOO_LARGE : REFUSAL_BODY_TOO_LARGE);
}

static size_t count_fields(struct bytes form)
{
    size_t count = 0;
    for (struct http_pair pair; count <= ADMIT_FORM_MAX_FIELDS && http_pair_next(&form, &pair);) count++;
    return count;
}

static enum refusal check_form(struct bytes form, struct arena *arena)
{
    if (form.length > ADMIT_FORM_LIMIT || count_fields(form) > ADMIT_FORM_MAX_FIELDS) return REFUSAL_FORM_TOO_LARGE;
    return is_text(form, arena) ? REFUSAL_NONE : REFUSAL_FORM_MALFORMED;
}

static bool check_facts(const struct admit_context *context, const struct body_facts *body, struct admission *admission)
{
    if (body->length > admission->body_limit) {
        admit_refuse_large_body(admission);
        return false;
    }
    if ((admission->body_needs & BODY_FORM) == 0) return true;
    admission->claim.field = BYTES("body");
    return go_on(admission, check_form(body->form, context->arena));
}

/* Signatures count when they come in, however long the request then lasts; what was issued for a time ends with it. */
static bool lasts(const struct admit_context *context, struct admission *admission)
{
    return admission->claim.scheme->proof_kind != PROOF_SECRET || check_time(context, admission);
}

/* Time has passed: everything that a change could have touched is asked again; a proof by another secret is made anew. */
static bool look_again(const struct admit_context *context, const struct scheme_input *input, struct admission *admission)
{
    struct bytes id = admission->credential.id;
    uint64_t revision = admission->credential.revision;
    if (admission->claim.scheme == NULL) {
        (void)refuse(admission, REFUSAL_PROOF_MISSING);
        return pass_as_nobody(context, admission);
    }
    if (!proof_plan_has(&context->publication->plan, admission->claim.place)) return refuse(admission, REFUSAL_PROOF_MISSING);
    if (admission->claim.scheme->proof_kind == PROOF_TOKEN)
        return check_token_caller(context, admission) &&
               (bytes_equal(admission->credential.id, id) || refuse(admission, REFUSAL_KEY_UNKNOWN));
    admission->known = false;
    if (!check_known(context, admission)) return false;
    if (!bytes_equal(admission->credential.id, id)) return refuse(admission, REFUSAL_KEY_UNKNOWN);
    if (!lasts(context, admission)) return false;
    if (admission->credential.revision != revision) admission->proven = false;
    if (!admission->proven && !check_proof(context, input, admission)) return false;
    return check_caller(context, admission);
}

static bool finish(const struct admit_context *context, const struct body_facts *body, struct admission *admission)
{
    if (!check_facts(context, body, admission)) return false;
    if (asks_nobody(context->publication)) {
        admission->outcome = ADMISSION_ACCEPTED;
        return true;
    }
    struct scheme_input input = input_of(context, admission, body);
    if (!look_again(context, &input, admission)) return false;
    return admission->claim.scheme == NULL || settle(context, &input, admission);
}

void admit_finish(const struct admit_context *context, const struct body_facts *body, struct admission *admission)
{
    if (admission->outcome != ADMISSION_NEEDS_BODY) {
        (void)fault(admission);
        return;
    }
    admission->outcome = ADMISSION_REFUSED;
    (void)finish(context, body, admission);
    forget_secrets(&admission->credential);
}

void admit_again(const struct admit_context *context, const struct body_facts *body, struct admission *admission)
{
    struct scheme_input input = input_of(context, admission, body != NULL ? body : body_nothing());
    if (asks_nobody(context->publication)) return;
    if (look_again(context, &input, admission)) admission->outcome = ADMISSION_ACCEPTED;
    forget_secrets(&admission->credential);
}
