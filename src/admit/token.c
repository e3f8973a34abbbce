/* A token goes through the same order of checks as any proof (admit.c): whose is it, the signature, then what only the holder of a key can
 * make it say. Its consumer is found by a claim that nobody vouches for yet: it only picks the keys by which the token then has to hold. */
#include "admit/token.h"

#include "admit/answer.h"
#include "jwt/verify.h"

#define TOLD_MAX      8192
#define JTI_MAX       256
#define HIGHEST_CLAIM 8192 /* bytes of a claim that names a consumer */

/* What a token is held against. */
struct demand {
    const struct admit_context *context;
    struct jwt_known_name name; /* of the token; its scope is the instance of a consumer's, the publication of a policy's */
    uint64_t revision;          /* of the rules; 0: nothing is remembered by them */
    struct token_rules rules;
    struct digest_value holder; /* length 0: nobody's */
    uint64_t key_revision;
};

bool token_is_of_policy(const struct admission *admission)
{
    return admission->claim.place->claim.length == 0;
}

static enum refusal refusal_of(enum jwt_verdict verdict)
{
    static const enum refusal refusals[] = {
        [JWT_GOOD] = REFUSAL_NONE,
        [JWT_MALFORMED] = REFUSAL_PROOF_MALFORMED,
        [JWT_HEADER_REFUSED] = REFUSAL_TOKEN_HEADER,
        [JWT_ALGORITHM_UNKNOWN] = REFUSAL_ALGORITHM_UNKNOWN,
        [JWT_KEY_UNKNOWN] = REFUSAL_TOKEN_KEY_UNKNOWN,
        [JWT_SIGNATURE_MISMATCH] = REFUSAL_SIGNATURE_MISMATCH,
        [JWT_EXPIRED] = REFUSAL_TOKEN_EXPIRED,
        [JWT_NOT_YET_VALID] = REFUSAL_TOKEN_NOT_YET_VALID,
        [JWT_CLAIM_MISSING] = REFUSAL_TOKEN_CLAIM_MISSING,
        [JWT_CLAIM_MISMATCH] = REFUSAL_TOKEN_CLAIM_MISMATCH,
        [JWT_TOO_COMPLEX] = REFUSAL_REQUEST_TOO_COMPLEX,
    };
    return refusals[verdict];
}

static bool conclude(struct admission *admission, enum jwt_verdict verdict)
{
    if (verdict == JWT_GOOD) return true;
    admission->outcome = verdict == JWT_FAULT ? ADMISSION_FAULT : ADMISSION_REFUSED;
    if (verdict != JWT_FAULT) admission->refusal = refusal_of(verdict);
    return false;
}

static bool fault(struct admission *admission)
{
    return conclude(admission, JWT_FAULT);
}

/* --- keys ---------------------------------------------------------------------------------------------------------------------------- */

static enum jwt_verdict ask_for_keys(const struct demand *demand, struct arena *arena, struct key_set *set)
{
    const struct directory *directory = demand->context->directory;
    if (directory->key_set == NULL) return JWT_FAULT;
    switch (directory->key_set(directory->context, demand->rules.key_set, arena, set)) {
    case FOUND:
        return JWT_GOOD;
    case FOUND_NOTHING: /* not fetched yet: no key is known */
        return JWT_KEY_UNKNOWN;
    case FOUND_FAULT:
        break;
    }
    return arena != NULL && arena->exhausted ? JWT_TOO_COMPLEX : JWT_FAULT;
}

/* Local keys change with the rules; only those from elsewhere have to be asked for. */
static enum jwt_verdict learn_key_revision(struct demand *demand)
{
    struct key_set set = {.revision = demand->revision};
    enum jwt_verdict verdict = demand->rules.remote ? ask_for_keys(demand, NULL, &set) : JWT_GOOD;
    demand->key_revision = set.revision;
    return verdict;
}

static enum jwt_verdict give_text(void *context, struct arena *arena, struct bytes *text)
{
    struct key_set set = {0};
    enum jwt_verdict verdict = ask_for_keys(context, arena, &set);
    *text = set.text;
    return verdict;
}

/* --- what a good token leaves behind ---------------------------------------------------------------------------------------------------
 */

/* A value becomes a header or a parameter of its own and nothing more (CVE-2026-31908): one that could end a line refuses the token. */
static bool is_tellable(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) return false;
    return true;
}

static enum jwt_verdict collect_told(const struct jwt_token *token, const struct demand *demand, struct admission *admission)
{
    struct token_tell tell;
    struct arena *arena = demand->context->arena;
    struct bytes rest = demand->rules.tells;
    struct buffer told = rest.length > 0 ? buffer_in(arena, TOLD_MAX) : buffer_over(NULL, 0);
    while (token_tell_next(&rest, &tell)) {
        struct json_value value;
        struct bytes text;
        bool there = jwt_claim_find(arena, token, tell.claim, &value) && jwt_claim_text(&value, &text);
        buffer_add_byte(&told, there);
        if (!there) continue;
        admission->claim.field = tell.claim;
        if (!is_tellable(text)) return JWT_CLAIM_MISMATCH;
        token_text_add(&told, text);
    }
    admission->token_told = buffer_bytes(&told);
    return told.overflow ? JWT_TOO_COMPLEX : JWT_GOOD;
}

/* The token has expired by then whatever leeway it is given later: more of it must not open what was used already. */
static int64_t last_second_of(const struct jwt_times *times, uint32_t leeway)
{
    int64_t last;
    return __builtin_add_overflow(times->until - (int64_t)leeway, TOKEN_MOST_LEEWAY - 1, &last) ? INT64_MAX : last;
}

/* RFC 7519, 4.1.7. Admission remembers it last of all, until the token has expired; so a token that never does cannot be of single use. */
static enum jwt_verdict read_jti(const struct jwt_token *token, const struct jwt_times *times, const struct demand *demand,
                                 struct admission *admission)
{
    struct json_value value;
    struct arena *arena = demand->context->arena;
    bool there = json_member(arena, &token->claims, BYTES("jti"), &value);
    admission->claim.field = BYTES("jti");
    if (!there) return JWT_CLAIM_MISSING;
    if (value.type != JSON_TYPE_STRING || value.text.length == 0 || value.text.length > JTI_MAX) return JWT_CLAIM_MISMATCH;
    admission->claim.field = BYTES("exp");
    if (times->until == INT64_MAX) return JWT_CLAIM_MISSING;
    admission->claim.nonce = value.text;
    admission->claim.nonce_until = last_second_of(times, demand->rules.leeway);
    return JWT_GOOD;
}

static void remember(const struct demand *demand, const struct jwt_times *times, const struct admission *admission)
{
    if (demand->revision == 0 || demand->rules.single_use) return;
    const struct jwt_fact fact = {.name = demand->name,
                                  .told = admission->token_told,
                                  .times = *times,
                                  .rules = demand->revision,
                                  .keys = demand->key_revision,
                                  .holder = demand->holder};
    jwt_known_keep(&demand->context->tokens->known, &fact);
}

static void take_over(const struct demand *demand, struct admission *admission)
{
    admission->proven = true;
    admission->token_tells = demand->rules.tells;
    admission->pass_through = demand->rules.pass_through;
    admission->claim.field = bytes_of(NULL, 0);
}

/* --- the token itself ------------------------------------------------------------------------------------------------------------------
 */

static enum jwt_verdict check_claims(const struct jwt_token *token, const struct demand *demand, struct jwt_check *check,
                                     struct admission *admission)
{
    enum jwt_verdict verdict = jwt_claims_check(demand->context->arena, token, check);
    admission->claim.field = check->field;
    if (verdict == JWT_GOOD && demand->rules.single_use) verdict = read_jti(token, &check->times, demand, admission);
    return verdict == JWT_GOOD ? collect_told(token, demand, admission) : verdict;
}

/* The signature comes first: who holds no key learns nothing of what the claims would have to be. */
static enum jwt_verdict check_token(const struct jwt_token *token, struct demand *demand, struct admission *admission)
{
    struct jwt_check check = {.rules = &demand->rules, .now = demand->context->now};
    enum jwt_verdict verdict = learn_key_revision(demand);
    if (verdict != JWT_GOOD) return verdict;
    const struct jwt_key_source source = {demand->context->publication->instance_id, demand->rules.key_set, demand->key_revision, give_text,
                                          demand};
    verdict = jwt_verify(demand->context->arena, token, &source, &demand->context->tokens->keys);
    if (verdict == JWT_GOOD) verdict = check_claims(token, demand, &check, admission);
    if (verdict != JWT_GOOD) return verdict;
    remember(demand, &check.times, admission);
    take_over(demand, admission);
    return JWT_GOOD;
}

/* Known: it held by the same rules and keys. Only its time can have run out since. */
static bool is_still_good(struct demand *demand, const struct jwt_known_token *known)
{
    return demand->revision != 0 && known->rules == demand->revision && learn_key_revision(demand) == JWT_GOOD &&
           known->keys == demand->key_revision && jwt_times_check(&known->times, demand->context->now) == JWT_GOOD;
}

/* Copied, since what is known may make room while the body comes in. */
static bool accept_known(const struct demand *demand, const struct jwt_known_token *known, struct admission *admission)
{
    admission->token_told = arena_copy(demand->context->arena, jwt_known_told(known));
    take_over(demand, admission);
    return !demand->context->arena->exhausted;
}

/* --- of an API's policy ----------------------------------------------------------------------------------------------------------------
 */

static bool check_by_policy(const struct admit_context *context, struct admission *admission)
{
    const struct publication *publication = context->publication;
    struct demand demand = {.context = context, .revision = publication->serial};
    demand.name = jwt_known_name(&context->tokens->known, publication->id, admission->claim.proof);
    struct jwt_token token;
    if (!token_rules_read(publication->token_policy, &demand.rules)) return fault(admission);
    admission->credential.id = admission->credential.principal.id = publication->api_id;
    const struct jwt_known_token *known = jwt_known_find(&context->tokens->known, &demand.name);
    bool nobodys = known != NULL && known->holder.length == 0;
    if (nobodys && is_still_good(&demand, known)) return accept_known(&demand, known, admission);
    enum jwt_verdict verdict = jwt_token_read(context->arena, admission->claim.proof, &token);
    if (verdict == JWT_GOOD) verdict = check_token(&token, &demand, admission);
    return conclude(admission, verdict);
}

/* --- of a consumer ---------------------------------------------------------------------------------------------------------------------
 */

static bool same_place(const struct place *place, const struct place *other)
{
    return place->scheme == other->scheme && place->location == other->location && bytes_equal(place->name, other->name) &&
           bytes_equal(place->prefix, other->prefix);
}

/* It counts in the one place that its consumer was given for it. */
static bool belongs(const struct credential *credential, const struct place *place)
{
    return credential->kind == CREDENTIAL_TOKEN && credential->location == place->location &&
           bytes_equal_folded(credential->place_prefix, place->prefix) && bytes_equal_folded(credential->place_name, place->name);
}

/* False with no refusal: nobody is filed there. */
static enum found find_holder(struct demand *demand, struct admission *admission)
{
    const struct directory *directory = demand->context->directory;
    struct credential *credential = &admission->credential;
    if (directory->token == NULL) return FOUND_FAULT;
    enum found found = directory->token(directory->context, digest_bytes(&demand->holder), demand->context->arena, credential);
    if (found != FOUND) return found;
    if (!belongs(credential, admission->claim.place)) return FOUND_NOTHING;
    demand->revision = credential->revision;
    return token_rules_read(credential->token_rules, &demand->rules) ? FOUND : FOUND_FAULT;
}

/* False: not known, or no longer good; it is looked at as if it were new. */
static bool check_known(struct demand *demand, struct admission *admission)
{
    const struct jwt_known_token *known = jwt_known_find(&demand->context->tokens->known, &demand->name);
    if (known == NULL || known->holder.length == 0) return false;
    demand->holder = known->holder;
    if (find_holder(demand, admission) != FOUND || !is_still_good(demand, known) || !accept_known(demand, known, admission)) return false;
    admission->known = true;
    return true;
}

/* The text by which this claim names somebody. */
static bool name_of(struct arena *arena, const struct jwt_token *token, struct bytes path, struct bytes *name)
{
    struct json_value value;
    if (!jwt_claim_find(arena, token, path, &value)) return false;
    if (value.type != JSON_TYPE_STRING && value.type != JSON_TYPE_NUMBER) return false;
    *name = value.text;
    return name->length > 0 && name->length <= HIGHEST_CLAIM;
}

/* Consumers may be named by different claims in the same place. The first whose keys and rules the token satisfies is the one; else the
 * first who was found says why not. */
struct search {
    struct demand demand;
    struct jwt_token token;
    enum jwt_verdict verdict;
    struct bytes field;
    struct credential first;
    bool found;
};

static void note(struct search *search, const struct admission *admission, enum jwt_verdict verdict)
{
    if (search->found) return;
    search->found = true;
    search->verdict = verdict;
    search->field = admission->claim.field;
    search->first = admission->credential;
}

/* True: the search is over. */
static bool try_claim(struct search *search, struct bytes path, struct admission *admission)
{
    struct bytes name;
    const struct admit_context *context = search->demand.context;
    if (!name_of(context->arena, &search->token, path, &name)) return false;
    search->demand.holder = jwt_holder_name(path, name);
    enum found found = find_holder(&search->demand, admission);
    if (found == FOUND_NOTHING) return false;
    enum jwt_verdict verdict = found == FOUND ? check_token(&search->token, &search->demand, admission) : JWT_FAULT;
    if (context->arena->exhausted) verdict = JWT_TOO_COMPLEX;
    if (verdict == JWT_GOOD) return true;
    note(search, admission, verdict);
    if (verdict != JWT_FAULT && verdict != JWT_TOO_COMPLEX) return false;
    search->verdict = verdict;
    return true;
}

static bool search_holder(struct search *search, struct admission *admission)
{
    const struct proof_plan *plan = &search->demand.context->publication->plan;
    for (size_t i = 0; i < plan->place_count; i++) {
        if (same_place(&plan->places[i], admission->claim.place) && try_claim(search, plan->places[i].claim, admission)) break;
    }
    admission->known = search->found || admission->proven;
    if (admission->proven) return true;
    admission->claim.field = search->field;
    admission->credential = search->first;
    if (search->found) return conclude(admission, search->verdict);
    admission->outcome = ADMISSION_REFUSED;
    admission->refusal = search->demand.context->arena->exhausted ? REFUSAL_REQUEST_TOO_COMPLEX : REFUSAL_KEY_UNKNOWN;
    return false;
}

static bool check_by_consumer(const struct admit_context *context, struct admission *admission)
{
    struct search search = {.demand = {.context = context}};
    search.demand.name = jwt_known_name(&context->tokens->known, context->publication->instance_id, admission->claim.proof);
    if (check_known(&search.demand, admission)) return true;
    if (context->arena->exhausted) return conclude(admission, JWT_TOO_COMPLEX);
    enum jwt_verdict verdict = jwt_token_read(context->arena, admission->claim.proof, &search.token);
    if (verdict != JWT_GOOD) return conclude(admission, verdict);
    return search_holder(&search, admission);
}

bool token_check(const struct admit_context *context, struct admission *admission)
{
    admission->proven = false;
    admission->claim.field = admission->claim.place->name;
    if (context->tokens == NULL) return fault(admission);
    return token_is_of_policy(admission) ? check_by_policy(context, admission) : check_by_consumer(context, admission);
}
