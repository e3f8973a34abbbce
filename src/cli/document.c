#include "cli/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/relations.h"
#include "cli/state.h"

static bool say(char problem[static 256], const char *about, const char *what)
{
    snprintf(problem, 256, "%.150s %.100s", about, what);
    return false;
}

static bool check_members(const struct fields *fields, const json_t *item, char problem[static 256]);

static bool check_value(const struct field *field, const json_t *value, char problem[static 256])
{
    if (field->members == NULL) return true;
    if (json_is_object(value)) return check_members(field->members, value, problem);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!check_members(field->members, json_array_get(value, i), problem)) return false;
    return true;
}

static bool check_members(const struct fields *fields, const json_t *item, char problem[static 256])
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)item, name, value)
    {
        const struct field *field = fields_find(fields, name);
        if (field == NULL || (field->flags & FIELD_READ_ONLY) != 0) return say(problem, "holds a member that there is not:", name);
        if ((field->flags & FIELD_SECRET) != 0) return say(problem, "holds a secret, which only a command takes (--ask):", name);
        if (!check_value(field, value, problem)) return false;
    }
    return true;
}

static bool check_thing(size_t kind, json_t *item, char problem[static 256])
{
    struct operation create;
    if (!json_is_object(item) || kind_name(&kinds[kind], item) == NULL) return say(problem, "holds an item without a name", "");
    kind_operation(&kinds[kind], "create", &create);
    json_t *plain = json_copy(item);
    if (kinds[kind].published) json_object_del(plain, "published");
    bool good = check_members(create.route->body, plain, problem);
    json_decref(plain);
    state_put_in_order(item);
    return good;
}

static bool check_things(size_t kind, const json_t *list, char problem[static 256])
{
    struct state seen = {{0}, {0}};
    seen.items[kind] = json_array();
    bool good = true;
    for (size_t i = 0; good && i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        good = check_thing(kind, item, problem);
        if (good && state_find(&seen, kind, item) >= 0) good = say(problem, "holds two items named", kind_name(&kinds[kind], item));
        json_array_append(seen.items[kind], item);
    }
    json_decref(seen.items[kind]);
    return good;
}

static bool check_related(const struct relation *relation, const json_t *list, char problem[static 256])
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *wrong = relation_check(relation, json_array_get(list, i));
        if (wrong != NULL) return say(problem, wrong, "");
    }
    return true;
}

/* Every item is an object with a name, or with what it is known by, of a kind that there is. */
static bool check_list(const char *name, const json_t *list, char problem[static 256])
{
    if (!json_is_array(list)) return say(problem, "must be a list", "");
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        if (strcmp(kinds[kind].list, name) == 0) return check_things(kind, list, problem);
    for (size_t i = 0; i < RELATION_COUNT; i++)
        if (strcmp(relation_list(relation_at(i)), name) == 0) return check_related(relation_at(i), list, problem);
    return say(problem, "is a list that there is not; see countersign apply --help", "");
}

static bool join(json_t *document, const char *name, const json_t *list, char problem[static 256])
{
    char wrong[256];
    if (json_object_get(document, name) == NULL) json_object_set_new(document, name, json_array());
    json_t *whole = json_object_get(document, name);
    if (json_is_array(list)) json_array_extend(whole, (json_t *)(uintptr_t)list);
    if (check_list(name, json_is_array(list) ? whole : list, wrong)) return true;
    return say(problem, name, wrong);
}

bool document_add(json_t *document, const char *file, char problem[static 256])
{
    const char *name;
    json_t *list;
    json_error_t error;
    json_t *added =
        strcmp(file, "-") == 0 ? json_loadf(stdin, JSON_REJECT_DUPLICATES, &error) : json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    bool good = json_is_object(added) || say(problem, file, "is no JSON object");
    json_object_foreach(added, name, list)
    {
        good = join(document, name, list, problem);
        if (!good) break;
    }
    json_decref(added);
    return good;
}

struct sorted {
    char *text;
    json_t *item;
};

static int compare(const void *a, const void *b)
{
    const struct sorted *left = a, *right = b;
    return strcmp(left->text != NULL ? left->text : "", right->text != NULL ? right->text : "");
}

json_t *document_sorted(const json_t *list)
{
    size_t count = json_array_size(list);
    struct sorted *items = calloc(count + 1, sizeof *items);
    json_t *sorted = json_array();
    for (size_t i = 0; items != NULL && i < count; i++) {
        items[i].item = json_array_get(list, i);
        items[i].text = json_dumps(items[i].item, JSON_COMPACT);
    }
    if (items != NULL) qsort(items, count, sizeof *items, compare);
    for (size_t i = 0; items != NULL && i < count; i++) {
        json_array_append(sorted, items[i].item);
        free(items[i].text);
    }
    free(items);
    return sorted;
}
