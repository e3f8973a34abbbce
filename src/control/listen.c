#include "control/listen.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PROBLEM_SIZE 256

static int give_up(int socket_fd, char *problem, const char *what, const char *path)
{
    snprintf(problem, PROBLEM_SIZE, "%s %s: %s", what, path, strerror(errno));
    if (socket_fd >= 0) close(socket_fd);
    return -1;
}

static bool address_of(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address->sun_path) return false;
    memcpy(address->sun_path, path, length);
    return true;
}

static bool somebody_listens(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return false;
    bool listens = connect(probe, (const struct sockaddr *)address, sizeof *address) == 0;
    close(probe);
    return listens;
}

/* Removes a socket, and nothing but a socket. */
static void remove_stale(const char *path)
{
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISSOCK(info.st_mode)) unlink(path);
}

static bool share_with(const char *path, const char *group)
{
    if (group != NULL) {
        struct group *entry = getgrnam(group);
        if (entry == NULL || chown(path, (uid_t)-1, entry->gr_gid) != 0) return false;
    }
    return chmod(path, 0660) == 0;
}

int listen_at(const char *path, const char *group, char problem[static 256])
{
    struct sockaddr_un address;
    if (!address_of(path, &address)) {
        snprintf(problem, PROBLEM_SIZE, "the socket path must have 1 to %zu bytes: %s", sizeof address.sun_path - 1, path);
        return -1;
    }
    if (somebody_listens(&address)) {
        snprintf(problem, PROBLEM_SIZE, "somebody listens at %s already", path);
        return -1;
    }
    remove_stale(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return give_up(fd, problem, "cannot make a socket for", path);
    /* Under the daemon's umask nobody else can connect before the mode is set. */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return give_up(fd, problem, "cannot bind", path);
    if (!share_with(path, group)) return give_up(fd, problem, "cannot set group and mode of", path);
    if (listen(fd, SOMAXCONN) != 0) return give_up(fd, problem, "cannot listen at", path);
    return fd;
}
