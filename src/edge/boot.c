#include "edge/boot.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

/* The first line of a small file. */
static bool read_line(const char *path, char line[static EDGE_BOOT_ID_SIZE])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t length = read(file, line, EDGE_BOOT_ID_SIZE - 1);
    close(file);
    if (length <= 0) return false;
    line[length] = 0;
    line[strcspn(line, "\n")] = 0;
    return line[0] != 0;
}

bool edge_boot_id(char id[static EDGE_BOOT_ID_SIZE])
{
    return read_line(BOOT_ID_PATH, id);
}

static bool mark_path(char path[static 4096], const char *directory, const char *name)
{
    int length = snprintf(path, 4096, "%s/%s", directory, name);
    return length > 0 && length < 4096;
}

bool boot_mark_is_trusted(const char *directory)
{
    char path[4096], mark[EDGE_BOOT_ID_SIZE], now[EDGE_BOOT_ID_SIZE];
    if (!mark_path(path, directory, BOOT_FILE) || !read_line(path, mark)) return false;
    return !strcmp(mark, BOOT_CLEAN) || (edge_boot_id(now) && !strcmp(mark, now));
}

static bool write_synced(const char *path, const char *mark)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return false;
    size_t length = strlen(mark);
    /* Readable by the workers whatever the umask; it holds no secret, and the directory keeps strangers out. */
    bool good = !fchmod(file, 0644) && write(file, mark, length) == (ssize_t)length && !fsync(file);
    return !close(file) && good;
}

static bool sync_directory(const char *directory)
{
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return false;
    bool good = !fsync(file);
    close(file);
    return good;
}

bool boot_mark_write(const char *directory, const char *mark)
{
    char path[4096], fresh[4096];
    if (!mark_path(path, directory, BOOT_FILE) || !mark_path(fresh, directory, BOOT_FILE ".new")) return false;
    return write_synced(fresh, mark) && !rename(fresh, path) && sync_directory(directory);
}
