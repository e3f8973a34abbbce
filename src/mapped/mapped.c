#include "mapped/mapped.h"

#include "crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_SIZE 4096
#define MARK      0x7069766f74c0de51u

struct head {
    uint64_t mark;
    uint64_t kind;
    uint64_t format;
    uint64_t size;
    uint8_t key[MAPPED_KEY_SIZE];
};

static bool fail(char *problem, const char *what, const char *name)
{
    snprintf(problem, 256, "%.160s: %.40s: %.50s", name, what, strerror(errno));
    return false;
}

static bool path_in(char path[static 4096], const char *directory, const char *name)
{
    int length = snprintf(path, 4096, "%s/%s", directory, name);
    return length > 0 && length < 4096;
}

static bool is_of_form(const struct head *head, const struct mapped_form *form, off_t file_size)
{
    return head->mark == MARK && head->kind == form->kind && head->format == form->format && head->size >= form->least &&
           head->size <= form->most && (uint64_t)file_size == HEAD_SIZE + head->size;
}

/* -1: there is none of this form; errno says why. */
static int open_existing(const char *path, const struct mapped_form *form, struct head *head)
{
    struct stat status;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return -1;
    if (fstat(fd, &status) == 0 && pread(fd, head, sizeof *head, 0) == (ssize_t)sizeof *head && is_of_form(head, form, status.st_size))
        return fd;
    close(fd);
    errno = EILSEQ;
    return -1;
}

/* As root: the group of the workers. Others cannot give files away, and need not. */
static bool set_access(int fd, const char *group)
{
    if (group != NULL && geteuid() == 0) {
        const struct group *entry = getgrnam(group);
        if (entry == NULL || fchown(fd, (uid_t)-1, entry->gr_gid) != 0) return false;
    }
    return fchmod(fd, 0660) == 0;
}

/* A hole would be a bus error in a worker once the disk is full. */
static bool fill(int fd, const struct mapped_form *form, size_t size)
{
    struct head head = {MARK, form->kind, form->format, size, {0}};
    if (!random_bytes(head.key, sizeof head.key)) return false;
    errno = posix_fallocate(fd, 0, (off_t)(HEAD_SIZE + size));
    return errno == 0 && pwrite(fd, &head, sizeof head, 0) == (ssize_t)sizeof head && fsync(fd) == 0;
}

static bool make(const struct mapped_place *place, const struct mapped_form *form, size_t size, const char *path)
{
    char next[4096 + 8];
    snprintf(next, sizeof next, "%s.new", path);
    unlink(next);
    int fd = open(next, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    bool made = set_access(fd, place->group) && fill(fd, form, size) && rename(next, path) == 0;
    int reason = errno;
    close(fd);
    if (!made) unlink(next);
    errno = reason;
    return made;
}

bool mapped_provide(const struct mapped_place *place, const struct mapped_form *form, size_t size, char problem[static 256])
{
    char path[4096];
    struct head head;
    if (!path_in(path, place->directory, form->name)) return fail(problem, "its name is too long", form->name);
    int fd = open_existing(path, form, &head);
    bool good = fd >= 0 ? set_access(fd, place->group) : make(place, form, size, path);
    if (!good) fail(problem, "cannot be provided", path);
    if (fd >= 0) close(fd);
    return good;
}

bool mapped_open(struct mapped *mapped, const char *directory, const struct mapped_form *form, char problem[static 256])
{
    char path[4096];
    struct head head;
    *mapped = (struct mapped){0};
    if (!path_in(path, directory, form->name)) return fail(problem, "its name is too long", form->name);
    int fd = open_existing(path, form, &head);
    if (fd < 0) return fail(problem, "cannot be opened", path);
    uint8_t *map = mmap(NULL, HEAD_SIZE + head.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED) return fail(problem, "cannot be mapped", path);
    mapped->memory = map + HEAD_SIZE;
    mapped->size = head.size;
    memcpy(mapped->key, head.key, sizeof mapped->key);
    return true;
}

void mapped_close(struct mapped *mapped)
{
    if (mapped->memory != NULL) munmap(mapped->memory - HEAD_SIZE, HEAD_SIZE + mapped->size);
    *mapped = (struct mapped){0};
}
