#include "cli/up_nginx.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/up_files.h"
#include "control/files.h"

#define CONFIGURATION_LIMIT (64u * 1024)

/* The name between two '@', or empty: a lone '@' is text. */
static struct bytes name_at(struct bytes text)
{
    size_t length = 1;
    while (length < text.length && text.data[length] >= 'A' && text.data[length] <= 'Z') length++;
    return length > 1 && length < text.length && text.data[length] == '@' ? bytes_slice(text, 1, length - 1) : bytes_of(NULL, 0);
}

static const char *value_of(struct bytes name, const struct placeholder *placeholders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(name, bytes_of_text(placeholders[i].name))) return placeholders[i].value;
    return NULL;
}

bool template_fill(struct bytes text, const struct placeholder *placeholders, size_t count, struct buffer *out, char problem[static 256])
{
    bool comment = false;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        comment = byte == '#' || (comment && byte != '\n');
        struct bytes name = byte == '@' && !comment ? name_at(bytes_from(text, i)) : bytes_of(NULL, 0);
        if (name.length == 0) {
            buffer_add_byte(out, byte);
            continue;
        }
        const char *value = value_of(name, placeholders, count);
        if (value == NULL) {
            snprintf(problem, 256, "nothing to put in for @%.*s@", (int)name.length, (const char *)name.data);
            return false;
        }
        buffer_add_text(out, value);
        i += name.length + 1;
    }
    if (out->overflow) snprintf(problem, 256, "the configuration is too long");
    return !out->overflow;
}

/* In the source tree, or where the packages put it. */
static const char *find(struct arena *arena, const char *folder, const char *in_tree, const char *installed, char problem[static 256])
{
    const char *candidates[] = {path_in(arena, folder, in_tree), installed, NULL};
    const char *found = candidates[0] != NULL ? path_first(candidates) : NULL;
    if (found == NULL)
        snprintf(problem, 256, "neither %.110s nor %.110s is there", candidates[0] != NULL ? candidates[0] : in_tree, installed);
    return found;
}

/* The folder in which the console's stands: beside the data when the workers cannot reach the tree, in the tree, or where the packages put
 * it. Without a console the gateway runs as well. */
static const char *console_of(struct arena *arena, const struct nginx_settings *settings)
{
    const char *const folders[] = {settings->data, path_in(arena, settings->program_folder, ".."), "/usr/share/countersign"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *const page[] = {folders[i] != NULL ? path_in(arena, folders[i], "console/index.html") : NULL, NULL};
        if (path_first(page) != NULL) return folders[i];
    }
    return settings->data;
}

static const char *address_of(struct arena *arena, unsigned port)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    return arena_copy_text(arena, bytes_of_text(address));
}

bool nginx_configure(struct arena *arena, const struct nginx_settings *settings, const char **path, char problem[static 256])
{
    const char *template =
        find(arena, settings->program_folder, "../../packaging/nginx/nginx.conf.in", "/usr/share/countersign/nginx.conf.in", problem);
    if (template == NULL) return false;
    const char *module = find(arena, settings->program_folder, "../modules/ngx_http_countersign_module.so",
                              "/usr/lib/nginx/modules/ngx_http_countersign_module.so", problem);
    if (module == NULL) return false;
    const char *folder = path_in(arena, settings->data, "nginx");
    const struct placeholder placeholders[] = {
        {"MODULE", module},
        {"USER", geteuid() == 0 ? "user nobody nogroup;" : ""},
        {"WORKERS", "2"},
        {"LOGS", settings->logs},
        {"TEMP", folder},
        {"DATA", settings->data},
        {"SOCKET", path_in(arena, settings->data, "countersignd.sock")},
        {"INSTANCE", settings->instance},
        {"GATEWAY", address_of(arena, settings->port)},
        {"MANAGEMENT", address_of(arena, settings->management_port)},
        {"CONSOLE", console_of(arena, settings)},
        {"MAIN", "daemon off;"},
        {"HTTP", ""},
        {"SERVER", ""},
        {"LOCATION", ""},
    };
    struct bytes text;
    struct buffer filled = buffer_in(arena, CONFIGURATION_LIMIT);
    if (!file_read(arena, template, &text, problem)) return false;
    if (!template_fill(text, placeholders, sizeof placeholders / sizeof *placeholders, &filled, problem)) return false;
    *path = path_in(arena, folder, "nginx.conf");
    return *path != NULL && folder_make(folder, 0755, problem) && file_replace(*path, 0600, buffer_bytes(&filled), problem);
}
