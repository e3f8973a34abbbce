#include "control/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool give_up(char *problem, const char *what, const char *path)
{
    snprintf(problem, 256, "%s %.180s: %s", what, path, strerror(errno));
    return false;
}

bool path_join(char *path, size_t size, const char *directory, const char *name)
{
    int length = snprintf(path, size, "%s/%s", directory, name);
    return length >= 0 && (size_t)length < size;
}

bool directory_provide(const char *path, mode_t mode, const char *group, char problem[static 256])
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return give_up(problem, "cannot make", path);
    if (group != NULL) {
        struct group *entry = getgrnam(group);
        if (entry == NULL) {
            snprintf(problem, 256, "no such group: %s", group);
            return false;
        }
        if (chown(path, (uid_t)-1, entry->gr_gid) != 0) return give_up(problem, "cannot set the group of", path);
    }
    return chmod(path, mode) == 0 || give_up(problem, "cannot set the mode of", path);
}

static bool write_all(int fd, struct bytes content)
{
    while (content.length > 0) {
        ssize_t written = write(fd, content.data, content.length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        content = bytes_from(content, (size_t)written);
    }
    return fsync(fd) == 0;
}

/* The folder in which `path` is. */
static bool folder_status(const char *path, struct stat *status)
{
    char folder[4096];
    const char *end = strrchr(path, '/');
    if (end == NULL) return stat(".", status) == 0;
    int length = snprintf(folder, sizeof folder, "%.*s", (int)(end - path + 1), path);
    return length > 0 && (size_t)length < sizeof folder && stat(folder, status) == 0;
}

bool file_belongs_to_folder(int fd, const char *path)
{
    struct stat status;
    if (geteuid() != 0) return true;
    return folder_status(path, &status) && fchown(fd, status.st_uid, status.st_gid) == 0;
}

bool file_create(const char *path, mode_t mode, struct bytes content, char problem[static 256])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) return give_up(problem, "cannot make", path);
    bool written = fchmod(fd, mode) == 0 && file_belongs_to_folder(fd, path) && write_all(fd, content);
    if (!written) give_up(problem, "cannot write", path);
    close(fd);
    if (!written) unlink(path);
    return written;
}

bool file_replace(const char *path, mode_t mode, struct bytes content, char problem[static 256])
{
    char next[4096];
    int length = snprintf(next, sizeof next, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof next) {
        snprintf(problem, 256, "the file's name is too long");
        return false;
    }
    unlink(next);
    if (!file_create(next, mode, content, problem)) return false;
    return rename(next, path) == 0 || give_up(problem, "cannot replace", path);
}
