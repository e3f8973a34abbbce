#include "control/linger.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False: the peer is gone. */
static bool drop(int fd)
{
    char dropped[16 * 1024];
    ssize_t got = recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

void linger(int fd)
{
    int64_t end = now_ms() + LINGER_MS;
    for (int64_t left = LINGER_MS; left > 0; left = end - now_ms()) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        int ready = poll(&waiting, 1, (int)left);
        if (ready == 0 || (ready < 0 && errno != EINTR)) return;
        if (ready > 0 && !drop(fd)) return;
    }
}
