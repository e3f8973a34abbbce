#include "explain/trials.h"

#include "base/text.h"
#include "crypto/secret.h"
#include "explain/trial.h"

struct run {
    const struct trials_question *question;
    struct trials_answer *answer;
    struct http_field *fields;
    uint64_t work;
};

static bool is_header_line(size_t line, struct bytes text)
{
    return line > 5 && bytes_find(text, ':') < text.length && !bytes_start_with(text, BYTES("/"));
}

/* number: its line, from 1. */
static void add_line(struct buffer *out, enum text_change change, size_t number, struct bytes line)
{
    if (change == TEXT_WITHOUT_HEADERS && is_header_line(number, line)) return;
    if (out->length > 0) buffer_add_text(out, change == TEXT_WITH_CRLF ? "\r\n" : "\n");
    bool slash = number == 2 && line.length > 1 && line.data[line.length - 1] == '/';
    buffer_add(out, change == TEXT_WITHOUT_SLASH && slash ? bytes_slice(line, 0, line.length - 1) : line);
}

static struct bytes changed_text(struct arena *arena, enum text_change change, struct bytes text)
{
    if (change == TEXT_AS_IT_IS) return text;
    struct buffer out = buffer_in(arena, 2 * text.length + 1);
    size_t number = 1;
    for (struct bytes rest = text;; number++) {
        size_t end = bytes_find(rest, '\n');
        add_line(&out, change, number, bytes_slice(rest, 0, end));
        if (end == rest.length) break;
        rest = bytes_from(rest, end + 1);
    }
    if (change == TEXT_WITH_LINE_END) buffer_add_byte(&out, '\n');
    return buffer_bytes(&out);
}

/* Empty: this secret cannot be changed so. */
static void changed_secret(const struct trial *trial, const struct claim *claim, struct bytes secret, struct buffer *out)
{
    switch (trial->secret) {
    case SECRET_FROM_BASE64:
        if (!base64_decode(out, secret)) buffer_clear(out);
        return;
    case SECRET_FROM_HEX:
        if (!hex_decode(out, secret)) buffer_clear(out);
        return;
    case SECRET_IS_KEY:
        buffer_add(out, claim->key_id);
        return;
    case SECRET_AS_IT_IS:
    case SECRET_WITH_LINE_END:
    case SECRET_WITH_CRLF:
        break;
    }
    buffer_add(out, secret);
    if (trial->secret == SECRET_WITH_CRLF) buffer_add_byte(out, '\r');
    if (trial->secret != SECRET_AS_IT_IS) buffer_add_byte(out, '\n');
}

static bool text_gives_proof(const struct trial *trial, const struct claim *claim, struct bytes text)
{
    const struct credential *credential = trial->question->credential;
    uint8_t memory[1024];
    bool gives = false;
    for (size_t i = 0; i < credential->secret_count && !gives; i++) {
        if (!credential_secret_is_live(&credential->secrets[i], trial->question->now)) continue;
        struct buffer secret = buffer_over(memory, sizeof memory);
        changed_secret(trial, claim, credential->secrets[i].value, &secret);
        const struct hmac_secret by = {.text = buffer_bytes(&secret)};
        gives = by.text.length > 0 && scheme_proof_holds(claim, &by, text);
    }
    secret_wipe(memory, sizeof memory);
    return gives;
}

/* One of the forms of the text, as this trial has it, gives the signature. *text then lives in the arena. */
static bool holds(struct run *run, struct trial *trial, struct bytes *text)
{
    struct arena *arena = run->question->arena;
    struct claim claim = {.scheme = run->question->scheme, .place = run->question->place};
    struct body_facts facts = body_facts_of(trial->body);
    struct scheme_input input = {.request = &trial->request, .claim = &claim, .body = &facts, .arena = arena};
    run->work += trial->body.length; /* for its digests */
    if (claim.scheme->read(&trial->request, arena, &claim) != REFUSAL_NONE) return false;
    for (unsigned i = 0; i < claim.scheme->candidate_count; i++) {
        size_t mark = arena->used;
        struct buffer out = buffer_in(arena, scheme_text_bound(&input));
        if (claim.scheme->canonical(&input, i, &out) && !out.overflow) {
            *text = changed_text(arena, trial->text, buffer_bytes(&out));
            run->work += text->length + 256;
            if (text_gives_proof(trial, &claim, *text)) return true;
        }
        arena_rewind(arena, mark);
    }
    return false;
}

static struct trial start(struct run *run)
{
    const struct http_request *request = run->question->request;
    struct trial trial = {.question = run->question, .request = *request, .fields = run->fields, .body = run->question->body};
    for (size_t i = 0; i < request->field_count; i++) run->fields[i] = request->fields[i];
    trial.request.fields = run->fields;
    return trial;
}

static struct bytes note_of(struct arena *arena, const struct change *change)
{
    if (change->note != NULL) return bytes_of_text(change->note);
    struct buffer out = buffer_in(arena, strlen(change->name) + strlen(change->value) + 2);
    buffer_add_text(&out, change->name);
    buffer_add_text(&out, ": ");
    buffer_add_text(&out, change->value);
    return buffer_bytes(&out);
}

/* NULL: not changed. True: it holds, and the answer says so. */
static bool try_changes(struct run *run, const struct change *first, const struct change *second)
{
    struct arena *arena = run->question->arena;
    size_t mark = arena->used;
    struct trial trial = start(run);
    struct bytes text;
    bool made = (first == NULL || first->make(&trial, first)) && (second == NULL || second->make(&trial, second));
    if (!made || !holds(run, &trial, &text)) {
        arena_rewind(arena, mark);
        return false;
    }
    const struct change *both[] = {first, second};
    run->answer->found = true;
    run->answer->text = text;
    for (size_t i = 0; i < 2 && both[i] != NULL; i++) {
        run->answer->causes[i] = both[i]->cause;
        run->answer->notes[i] = note_of(arena, both[i]);
        run->answer->count = i + 1;
    }
    return true;
}

static bool try_each(struct run *run)
{
    for (size_t i = 0; i < change_count; i++)
        if (try_changes(run, &changes[i], NULL)) return true;
    return false;
}

/* The second change is of another kind, or it would undo the first. */
static bool try_pairs(struct run *run)
{
    for (size_t i = 0; i < change_count; i++) {
        for (size_t j = i + 1; j < change_count; j++) {
            if (run->work > TRIALS_MOST_WORK) return false;
            if (changes[i].cause != changes[j].cause && try_changes(run, &changes[i], &changes[j])) return true;
        }
    }
    return false;
}

void trials_run(const struct trials_question *question, struct trials_answer *answer)
{
    struct run run = {.question = question, .answer = answer};
    *answer = (struct trials_answer){0};
    run.fields = arena_take_array(question->arena, question->request->field_count + 4, sizeof *run.fields);
    if (run.fields == NULL) return;
    answer->holds = try_changes(&run, NULL, NULL);
    if (!answer->holds) (void)(try_each(&run) || try_pairs(&run));
}
