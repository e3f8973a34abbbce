/* countersign apply: brings a gateway to what files say, and nothing else; countersign export: such a file of what it holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/names.h"
#include "cli/relation.h"
#include "cli/relations.h"
#include "cli/state.h"
#include "control/routes.h"

#define MAX_FILES 16

struct apply {
    struct connection_options where;
    const char *files[MAX_FILES];
    size_t file_count;
    bool plan;  /* only say what would be done */
    bool prune; /* remove what the files do not name, of the kinds that they name */
    bool users; /* export: with the users of the domain */
    struct connection connection;
    struct state state;
    struct related related[RELATION_COUNT];
    json_t *wanted; /* the document */
    unsigned differences, unchanged;
    char problem[256];
};

static bool take_option(struct apply *apply, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **place;
    } options[] = {{"--data", &apply->where.data},
                   {"--profile", &apply->where.profile},
                   {"--endpoint", &apply->where.endpoint},
                   {"--instance", &apply->where.instance}};
    if (value == NULL) return false;
    if (strcmp(name, "-f") == 0 && apply->file_count < MAX_FILES) {
        apply->files[apply->file_count++] = value;
        return true;
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(name, options[i].name) != 0) continue;
        *options[i].place = value;
        return true;
    }
    return false;
}

static const char *read_arguments(struct apply *apply, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--plan") == 0) {
            apply->plan = true;
        } else if (strcmp(argv[i], "--prune") == 0) {
            apply->prune = true;
        } else if (strcmp(argv[i], "--users") == 0) {
            apply->users = true;
        } else if (take_option(apply, argv[i], i + 1 < argc ? argv[i + 1] : NULL)) {
            i++;
        } else {
            return "an option is unknown or lacks its value";
        }
    }
    return NULL;
}

static bool holds(const json_t *current, const json_t *wanted);

static bool holds_list(const json_t *current, const json_t *wanted)
{
    if (!json_is_array(current) || json_array_size(current) != json_array_size(wanted)) return false;
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        if (!holds(json_array_get(current, i), json_array_get(wanted, i))) return false;
    }
    return true;
}

/* Members that the file leaves out may be anything. */
static bool holds(const json_t *current, const json_t *wanted)
{
    const char *name;
    json_t *value;
    if (json_is_array(wanted)) return holds_list(current, wanted);
    if (!json_is_object(wanted)) return json_equal(current, wanted);
    json_object_foreach((json_t *)(uintptr_t)wanted, name, value)
    {
        if (!holds(json_object_get(current, name), value)) return false;
    }
    return true;
}

static void tell(struct apply *apply, char sign, const struct kind *kind, const json_t *item, const char *what)
{
    apply->differences++;
    printf("%c %s %s%s%s\n", sign, kind->resource, kind_name(kind, item), what[0] != '\0' ? ": " : "", what);
}

static enum connection_outcome send(struct apply *apply, const struct operation *operation, const char *id, json_t *body, json_t **answer)
{
    json_t *ignored = NULL;
    enum connection_outcome outcome = body != NULL ? names_resolve_body(&apply->connection, body) : CONNECTION_DONE;
    struct connection_call call = {.method = operation->route->method, .path = operation->route->path, .params = &id, .body = body};
    if (outcome == CONNECTION_DONE) outcome = connection_send(&apply->connection, &call, answer != NULL ? answer : &ignored);
    json_decref(ignored);
    return outcome;
}

static enum connection_outcome set_published(struct apply *apply, const char *id, const char *environment, const char *action)
{
    struct operation publish;
    json_t *body = json_pack("{s:s, s:s, s:s}", "action", action, "env_id", environment, "api_id", id);
    operation_find("api", "publish", &publish);
    enum connection_outcome outcome = send(apply, &publish, id, body, NULL);
    json_decref(body);
    return outcome;
}

static bool lists_name(const json_t *list, const json_t *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(json_array_get(list, i), name)) return true;
    }
    return false;
}

/* Online where it should be and is not, or is in an older form; offline where it should not be. */
static enum connection_outcome follow_published(struct apply *apply, const char *id, const json_t *current, const json_t *item,
                                                bool changed)
{
    const json_t *now = json_object_get(current, "published"), *wanted = json_object_get(item, "published");
    enum connection_outcome outcome = CONNECTION_DONE;
    for (size_t i = 0; outcome == CONNECTION_DONE && i < json_array_size(wanted); i++) {
        const json_t *name = json_array_get(wanted, i);
        if (changed || !lists_name(now, name)) outcome = set_published(apply, id, json_string_value(name), "online");
    }
    for (size_t i = 0; wanted != NULL && outcome == CONNECTION_DONE && i < json_array_size(now); i++) {
        const json_t *name = json_array_get(now, i);
        if (!lists_name(wanted, name)) outcome = set_published(apply, id, json_string_value(name), "offline");
    }
    return outcome;
}

static enum connection_outcome make(struct apply *apply, const struct kind *kind, const json_t *item)
{
    struct operation create;
    json_t *answer = NULL, *body = json_deep_copy(item);
    json_object_del(body, "published");
    tell(apply, '+', kind, item, "");
    kind_operation(kind, "create", &create);
    enum connection_outcome outcome = apply->plan ? CONNECTION_DONE : send(apply, &create, NULL, body, &answer);
    const char *id = json_string_value(json_object_get(answer, "id"));
    if (outcome == CONNECTION_DONE && id != NULL) outcome = follow_published(apply, id, NULL, item, true);
    json_decref(answer);
    json_decref(body);
    return outcome;
}

/* The names of the members that differ, for the plan. */
static void name_differences(const json_t *current, json_t *item, char *text, size_t size)
{
    const char *name;
    json_t *value;
    size_t used = 0;
    text[0] = '\0';
    json_object_foreach(item, name, value)
    {
        if (holds(json_object_get(current, name), value) || used + 2 >= size) continue;
        int length = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", name);
        used += length > 0 ? (size_t)length : 0;
    }
}

/* All of it where a call replaces the whole; otherwise what differs, and what has to be there. */
static json_t *body_of_update(const struct operation *update, const json_t *current, const json_t *item)
{
    bool replaces = update->route->filling == FILL_PRESETS;
    json_t *whole = json_deep_copy(current), *body = json_object();
    json_object_update(whole, (json_t *)(uintptr_t)item);
    for (size_t i = 0; i < update->route->body->count; i++) {
        const struct field *field = &update->route->body->items[i];
        json_t *value = json_object_get(whole, field->name);
        bool same = value != NULL && holds(json_object_get(current, field->name), value);
        if (!replaces && same && (field->flags & FIELD_REQUIRED) == 0) continue;
        if (value != NULL && (field->flags & FIELD_READ_ONLY) == 0) json_object_set(body, field->name, value);
    }
    json_decref(whole);
    return body;
}

/* Is what this environment serves another definition than that of now? Somebody published and edited, or a run ended between the two. */
static enum connection_outcome ask_behind(struct apply *apply, size_t kind, size_t place, const char *environment, bool *behind)
{
    char query[QUERY_SIZE] = "";
    const char *id = json_string_value(json_array_get(apply->state.ids[kind], place));
    json_t *answer = NULL, *named = json_pack("{s:s}", "env_id", environment),
           *now = json_copy(json_array_get(apply->state.items[kind], place));
    const char *env = id_of(&apply->state, KIND_ENV, named);
    struct connection_call call = {.method = "GET", .path = IN_INSTANCE "/apis/runtime/{api_id}", .params = &id, .query = query};
    query_add(query, "env_id", env != NULL ? env : "");
    enum connection_outcome outcome = connection_send(&apply->connection, &call, &answer);
    json_t *served = outcome == CONNECTION_DONE ? state_item(&apply->state, kind, answer) : NULL;
    json_object_del(now, "published");
    if (served != NULL && !json_equal(served, now)) *behind = true;
    json_decref(served);
    json_decref(answer);
    json_decref(named);
    json_decref(now);
    return outcome;
}

static enum connection_outcome is_behind(struct apply *apply, size_t kind, size_t place, const json_t *item, bool *behind)
{
    const json_t *wanted = json_object_get(item, "published");
    enum connection_outcome outcome = CONNECTION_DONE;
    *behind = false;
    for (size_t i = 0; outcome == CONNECTION_DONE && !*behind && i < json_array_size(wanted); i++)
        outcome = ask_behind(apply, kind, place, json_string_value(json_array_get(wanted, i)), behind);
    return outcome;
}

/* As it should be, but an older form of it is served. */
static enum connection_outcome publish_anew(struct apply *apply, size_t kind, size_t place, const json_t *item)
{
    const char *id = json_string_value(json_array_get(apply->state.ids[kind], place));
    tell(apply, '~', &kinds[kind], item, "published in an older form");
    if (apply->plan) return CONNECTION_DONE;
    return follow_published(apply, id, json_array_get(apply->state.items[kind], place), item, true);
}

static enum connection_outcome change(struct apply *apply, size_t kind, size_t place, json_t *item)
{
    char what[512];
    struct operation update;
    const json_t *current = json_array_get(apply->state.items[kind], place);
    const char *id = json_string_value(json_array_get(apply->state.ids[kind], place));
    json_t *plain = json_deep_copy(item);
    json_object_del(plain, "published");
    bool changed = !holds(current, plain);
    json_decref(plain);
    name_differences(current, item, what, sizeof what);
    tell(apply, '~', &kinds[kind], item, what);
    if (apply->plan || !kind_operation(&kinds[kind], "update", &update)) return CONNECTION_DONE;
    json_t *body = body_of_update(&update, current, item);
    enum connection_outcome outcome = changed ? send(apply, &update, id, body, NULL) : CONNECTION_DONE;
    json_decref(body);
    if (outcome == CONNECTION_DONE && kinds[kind].published) outcome = follow_published(apply, id, current, item, changed);
    return outcome;
}

static enum connection_outcome keep_or_publish(struct apply *apply, size_t kind, size_t place, const json_t *item)
{
    bool behind = false;
    enum connection_outcome outcome = kinds[kind].published ? is_behind(apply, kind, place, item, &behind) : CONNECTION_DONE;
    if (outcome == CONNECTION_DONE && behind) return publish_anew(apply, kind, place, item);
    apply->unchanged++;
    return outcome;
}

static enum connection_outcome apply_kind(struct apply *apply, size_t kind)
{
    json_t *list = json_object_get(apply->wanted, kinds[kind].list);
    enum connection_outcome outcome = CONNECTION_DONE;
    for (size_t i = 0; outcome == CONNECTION_DONE && i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        int place = state_find(&apply->state, kind, item);
        if (place < 0) {
            outcome = make(apply, &kinds[kind], item);
        } else if (holds(json_array_get(apply->state.items[kind], (size_t)place), item)) {
            outcome = keep_or_publish(apply, kind, (size_t)place, item);
        } else {
            outcome = change(apply, kind, (size_t)place, item);
        }
    }
    return outcome;
}

static bool is_wanted(const struct apply *apply, size_t kind, const json_t *item)
{
    struct state wanted = {{0}, {0}};
    wanted.items[kind] = json_object_get(apply->wanted, kinds[kind].list);
    return state_find(&wanted, kind, item) >= 0;
}

static enum connection_outcome remove_item(struct apply *apply, size_t kind, size_t place)
{
    struct operation delete;
    const json_t *item = json_array_get(apply->state.items[kind], place);
    const char *id = json_string_value(json_array_get(apply->state.ids[kind], place));
    json_t *nowhere = json_pack("{s:[]}", "published");
    tell(apply, '-', &kinds[kind], item, "");
    enum connection_outcome outcome = CONNECTION_DONE;
    if (!apply->plan && kinds[kind].published) outcome = follow_published(apply, id, item, nowhere, false);
    if (!apply->plan && outcome == CONNECTION_DONE && kind_operation(&kinds[kind], "delete", &delete))
        outcome = send(apply, &delete, id, NULL, NULL);
    json_decref(nowhere);
    return outcome;
}

static enum connection_outcome prune_kind(struct apply *apply, size_t kind)
{
    enum connection_outcome outcome = CONNECTION_DONE;
    if (json_object_get(apply->wanted, kinds[kind].list) == NULL) return outcome;
    for (size_t i = 0; outcome == CONNECTION_DONE && i < json_array_size(apply->state.items[kind]); i++) {
        if (!is_wanted(apply, kind, json_array_get(apply->state.items[kind], i))) outcome = remove_item(apply, kind, i);
    }
    return outcome;
}

static void tell_relation(struct apply *apply, char sign, const struct relation *relation, const json_t *item, const char *what)
{
    char name[512];
    apply->differences++;
    relation_say(relation, item, name, sizeof name);
    printf("%c %s%s%s\n", sign, name, what[0] != '\0' ? ": " : "", what);
}

static enum connection_outcome apply_item(struct apply *apply, size_t index, const json_t *item)
{
    const struct relation *relation = relation_at(index);
    const struct related *there = &apply->related[index];
    char what[512];
    int place = relation_find(relation, there->items, item);
    if (place < 0) {
        tell_relation(apply, '+', relation, item, "");
        return apply->plan ? CONNECTION_DONE : relation_make(&apply->connection, &apply->state, relation, item);
    }
    const struct relation_place here = {json_array_get(there->items, (size_t)place), json_array_get(there->ids, (size_t)place)};
    relation_differs(relation, here.current, item, what, sizeof what);
    if (what[0] == '\0') {
        apply->unchanged++;
        return CONNECTION_DONE;
    }
    tell_relation(apply, '~', relation, item, what);
    return apply->plan ? CONNECTION_DONE : relation_change(&apply->connection, &apply->state, relation, &here, item);
}

static enum connection_outcome apply_relation(struct apply *apply, size_t index)
{
    const json_t *list = json_object_get(apply->wanted, relation_list(relation_at(index)));
    if (list == NULL) return CONNECTION_DONE;
    enum connection_outcome outcome = relation_read(&apply->connection, &apply->state, relation_at(index), &apply->related[index]);
    for (size_t i = 0; outcome == CONNECTION_DONE && i < json_array_size(list); i++)
        outcome = apply_item(apply, index, json_array_get(list, i));
    return outcome;
}

static enum connection_outcome prune_relation(struct apply *apply, size_t index)
{
    const json_t *list = json_object_get(apply->wanted, relation_list(relation_at(index)));
    const struct related *there = &apply->related[index];
    enum connection_outcome outcome = CONNECTION_DONE;
    for (size_t i = 0; list != NULL && outcome == CONNECTION_DONE && i < json_array_size(there->items); i++) {
        const json_t *item = json_array_get(there->items, i);
        bool wanted = false;
        for (size_t j = 0; !wanted && j < json_array_size(list); j++)
            wanted = relation_is(relation_at(index), item, json_array_get(list, j));
        if (wanted) continue;
        tell_relation(apply, '-', relation_at(index), item, "");
        if (!apply->plan) outcome = relation_remove(&apply->connection, relation_at(index), json_array_get(there->ids, i));
    }
    return outcome;
}

static bool names_users(const struct apply *apply)
{
    return json_object_get(apply->wanted, kinds[KIND_USER].list) != NULL;
}

/* What was made now has an id, by which relations find it. */
static enum connection_outcome read_again(struct apply *apply)
{
    if (apply->plan || apply->differences == 0) return CONNECTION_DONE;
    state_free(&apply->state);
    return state_read(&apply->connection, &apply->state, names_users(apply));
}

static enum connection_outcome apply_relations(struct apply *apply, bool settings)
{
    enum connection_outcome outcome = CONNECTION_DONE;
    for (size_t i = 0; outcome == CONNECTION_DONE && i < RELATION_COUNT; i++)
        if (relation_is_setting(relation_at(i)) == settings) outcome = apply_relation(apply, i);
    return outcome;
}

/* Settings first: a quota may have to be raised, a feature switched on, for what comes. */
static enum connection_outcome apply_all(struct apply *apply)
{
    enum connection_outcome outcome = apply_relations(apply, true);
    for (size_t kind = 0; outcome == CONNECTION_DONE && kind < KIND_COUNT; kind++) outcome = apply_kind(apply, kind);
    if (outcome == CONNECTION_DONE) outcome = read_again(apply);
    return outcome == CONNECTION_DONE ? apply_relations(apply, false) : outcome;
}

static enum connection_outcome prune_all(struct apply *apply)
{
    enum connection_outcome outcome = CONNECTION_DONE;
    for (size_t i = RELATION_COUNT; outcome == CONNECTION_DONE && i > 0; i--)
        if (!relation_is_setting(relation_at(i - 1))) outcome = prune_relation(apply, i - 1);
    for (size_t kind = KIND_COUNT; outcome == CONNECTION_DONE && kind > 0; kind--) outcome = prune_kind(apply, kind - 1);
    return outcome;
}

static enum connection_outcome run_apply(struct apply *apply)
{
    enum connection_outcome outcome = state_read(&apply->connection, &apply->state, names_users(apply));
    if (outcome == CONNECTION_DONE) outcome = apply_all(apply);
    if (outcome == CONNECTION_DONE && apply->prune) outcome = prune_all(apply);
    if (outcome == CONNECTION_DONE) printf("%u %s, %u unchanged\n", apply->differences, apply->plan ? "to do" : "done", apply->unchanged);
    return outcome;
}

static enum connection_outcome run_export(struct apply *apply)
{
    enum connection_outcome outcome = state_read(&apply->connection, &apply->state, apply->users);
    for (size_t i = 0; outcome == CONNECTION_DONE && i < RELATION_COUNT; i++)
        outcome = relation_read(&apply->connection, &apply->state, relation_at(i), &apply->related[i]);
    if (outcome != CONNECTION_DONE) return outcome;
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        if (!kinds[kind].apart || apply->users)
            json_object_set_new(apply->wanted, kinds[kind].list, document_sorted(state_without_keys(&apply->state, kind)));
    for (size_t i = 0; i < RELATION_COUNT; i++)
        json_object_set_new(apply->wanted, relation_list(relation_at(i)), document_sorted(apply->related[i].items));
    json_dumpf(apply->wanted, stdout, JSON_INDENT(2));
    putchar('\n');
    return fflush(stdout) == 0 ? CONNECTION_DONE : CONNECTION_FAULT;
}

static int connect_and(struct apply *apply, const char *name, enum connection_outcome (*run)(struct apply *apply))
{
    enum connection_outcome outcome = CONNECTION_FAULT;
    if (connection_open(&apply->connection, &apply->where)) outcome = run(apply);
    if (outcome != CONNECTION_DONE) fprintf(stderr, "countersign %s: %s\n", name, apply->connection.problem);
    connection_close(&apply->connection);
    state_free(&apply->state);
    for (size_t i = 0; i < RELATION_COUNT; i++) related_free(&apply->related[i]);
    if (outcome == CONNECTION_FAULT) return COMMAND_FAULT;
    return outcome == CONNECTION_REFUSED || (apply->plan && apply->differences > 0) ? COMMAND_REFUSED : COMMAND_OK;
}

int apply_main(int argc, char **argv)
{
    struct apply *apply = calloc(1, sizeof *apply);
    if (apply == NULL) return command_failed("apply", "out of memory");
    apply->wanted = json_object();
    const char *problem = read_arguments(apply, argc, argv);
    if (problem == NULL && apply->users) problem = "--users is of export: a file that names users means them";
    if (problem == NULL && apply->file_count == 0) problem = "-f FILE is missing";
    bool read = problem == NULL;
    for (size_t i = 0; read && i < apply->file_count; i++) read = document_add(apply->wanted, apply->files[i], apply->problem);
    int result = problem != NULL ? command_misused("apply", problem)
                 : !read         ? command_failed("apply", apply->problem)
                                 : connect_and(apply, "apply", run_apply);
    json_decref(apply->wanted);
    free(apply);
    return result;
}

int export_main(int argc, char **argv)
{
    struct apply *apply = calloc(1, sizeof *apply);
    if (apply == NULL) return command_failed("export", "out of memory");
    apply->wanted = json_object();
    const char *problem = read_arguments(apply, argc, argv);
    if (problem == NULL && (apply->file_count > 0 || apply->plan || apply->prune)) problem = "it takes no file and no plan";
    int result = problem != NULL ? command_misused("export", problem) : connect_and(apply, "export", run_export);
    json_decref(apply->wanted);
    free(apply);
    return result;
}
