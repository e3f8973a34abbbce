#include "cli/up_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

const char *path_in(struct arena *arena, const char *folder, const char *name)
{
    struct buffer path = buffer_in(arena, strlen(folder) + strlen(name) + 2);
    buffer_add_text(&path, folder);
    buffer_add_byte(&path, '/');
    buffer_add_text(&path, name);
    buffer_add_byte(&path, 0);
    return path.overflow ? NULL : (const char *)path.data;
}

const char *path_of_program(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    while (length > 0 && path[length - 1] != '/') length--;
    return length > 1 ? arena_copy_text(arena, bytes_of(path, (size_t)length - 1)) : NULL;
}

const char *path_first(const char *const *candidates)
{
    for (; *candidates != NULL; candidates++)
        if (access(*candidates, R_OK) == 0) return *candidates;
    return NULL;
}

static bool say(char problem[static 256], const char *path, const char *what)
{
    snprintf(problem, 256, "%.180s: %.70s", path, what);
    return false;
}

bool folder_make(const char *path, mode_t mode, char problem[static 256])
{
    struct stat found;
    if (mkdir(path, mode) != 0 && errno != EEXIST) return say(problem, path, strerror(errno));
    if (lstat(path, &found) != 0) return say(problem, path, strerror(errno));
    if (!S_ISDIR(found.st_mode)) return say(problem, path, "is no folder");
    if (found.st_uid != geteuid()) return say(problem, path, "belongs to another user");
    if ((found.st_mode & 0022) != 0) return say(problem, path, "can be written by others");
    return true;
}

bool folder_is_open(struct arena *arena, const char *path, const char **blocking)
{
    char *above = arena_copy_text(arena, bytes_of_text(path));
    struct stat found;
    *blocking = above;
    while (above != NULL && above[0] != 0) {
        if (stat(above, &found) != 0 || (found.st_mode & S_IXOTH) == 0) return false;
        *strrchr(above, '/') = 0;
    }
    return above != NULL;
}

bool file_read(struct arena *arena, const char *path, struct bytes *content, char problem[static 256])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return say(problem, path, strerror(errno));
    uint8_t *data = arena_take(arena, FILE_LIMIT + 1);
    size_t length = 0;
    ssize_t got = data != NULL ? 1 : -1;
    while (got > 0 && length <= FILE_LIMIT) {
        got = read(file, data + length, FILE_LIMIT + 1 - length);
        if (got > 0) length += (size_t)got;
    }
    close(file);
    *content = bytes_of(data, length);
    if (got < 0) return say(problem, path, "cannot be read");
    return length <= FILE_LIMIT || say(problem, path, "is too large");
}
