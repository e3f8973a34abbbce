#include "control/name_client.h"

#include "control/authority.h"

#include <ares.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TIMEOUT_MS 1500 /* of the first try; of the second it is twice as long */
#define TRIES      2

struct name_client {
    ares_channel channel;
    int woken; /* an event descriptor */
};

static bool open_channel(struct name_client *client, const char *servers)
{
    struct ares_options options = {.timeout = TIMEOUT_MS, .tries = TRIES};
    if (ares_init_options(&client->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS) return false;
    if (servers == NULL || ares_set_servers_ports_csv(client->channel, servers) == ARES_SUCCESS) return true;
    ares_destroy(client->channel);
    return false;
}

struct name_client *name_client_open(const char *servers)
{
    struct name_client *client = calloc(1, sizeof *client);
    if (client == NULL) return NULL;
    client->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (client->woken >= 0 && ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS && open_channel(client, servers)) return client;
    if (client->woken >= 0) close(client->woken);
    free(client);
    return NULL;
}

void name_client_close(struct name_client *client)
{
    if (client == NULL) return;
    ares_destroy(client->channel);
    close(client->woken);
    free(client);
}

static bool is_forbidden(const struct edge_address *address)
{
    return address->v6 ? address_v6_is_forbidden(address->ip) : address_v4_is_forbidden(address->ip);
}

void name_client_add_address(struct edge_addresses *addresses, const struct sockaddr *address, uint16_t port)
{
    struct edge_address found = {.v6 = address->sa_family == AF_INET6, .port = port};
    if (addresses->count == EDGE_MAX_ADDRESSES) return;
    if (address->sa_family == AF_INET) {
        memcpy(found.ip, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        memcpy(found.ip, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    } else {
        return;
    }
    if (!is_forbidden(&found)) addresses->items[addresses->count++] = found;
}

/* Servers turn the order with every answer, to spread those who take the first. */
static int by_bytes(const void *a, const void *b)
{
    const struct edge_address *x = a, *y = b;
    if (x->v6 != y->v6) return x->v6 ? 1 : -1;
    return bytes_compare(bytes_of(x->ip, sizeof x->ip), bytes_of(y->ip, sizeof y->ip));
}

static void take_answer(struct name_question *question, const struct ares_addrinfo *answer)
{
    question->ttl_s = UINT16_MAX;
    for (const struct ares_addrinfo_node *node = answer->nodes; node != NULL; node = node->ai_next) {
        name_client_add_address(&question->addresses, node->ai_addr, question->port);
        if (node->ai_ttl >= 0 && (unsigned)node->ai_ttl < question->ttl_s) question->ttl_s = (unsigned)node->ai_ttl;
    }
    question->good = question->addresses.count > 0;
    qsort(question->addresses.items, question->addresses.count, sizeof question->addresses.items[0], by_bytes);
}

static void on_answer(void *context, int status, int timeouts, struct ares_addrinfo *answer)
{
    struct name_question *question = context;
    (void)timeouts;
    if (status == ARES_SUCCESS) take_answer(question, answer);
    question->done = true;
    if (answer != NULL) ares_freeaddrinfo(answer);
}

/* What to wait for at socket `i`: in `bits` a bit for reading and, ARES_GETSOCK_MAXNUM further up, one for writing. The library's own
 * macros shift a signed 1 into the sign. */
static short events_of(unsigned bits, unsigned i)
{
    bool reads = (bits >> i & 1) != 0, writes = (bits >> (i + ARES_GETSOCK_MAXNUM) & 1) != 0;
    return (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}

/* What the library waits for, and the waker in the first place. Returns how many. */
static nfds_t what_to_poll(struct name_client *client, struct pollfd polled[static 1 + ARES_GETSOCK_MAXNUM])
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    nfds_t count = 0;
    unsigned bits = (unsigned)ares_getsock(client->channel, sockets, ARES_GETSOCK_MAXNUM);
    polled[count++] = (struct pollfd){.fd = client->woken, .events = POLLIN};
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events = events_of(bits, i);
        if (events != 0) polled[count++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    return count;
}

void name_client_wait(struct name_client *client, unsigned most_ms)
{
    struct pollfd polled[1 + ARES_GETSOCK_MAXNUM];
    struct timeval most = {.tv_sec = most_ms / 1000, .tv_usec = most_ms % 1000 * 1000}, wait;
    nfds_t count = what_to_poll(client, polled);
    const struct timeval *left = ares_timeout(client->channel, &most, &wait);
    int left_ms = (int)(left->tv_sec * 1000 + left->tv_usec / 1000);
    (void)poll(polled, count, left_ms < (int)most_ms ? left_ms + 1 : (int)most_ms);
    ares_process_fd(client->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what is late */
    for (nfds_t i = 1; i < count; i++) {
        bool readable = (polled[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0, writable = (polled[i].revents & POLLOUT) != 0;
        if (readable || writable)
            ares_process_fd(client->channel, readable ? polled[i].fd : ARES_SOCKET_BAD, writable ? polled[i].fd : ARES_SOCKET_BAD);
    }
    eventfd_t times;
    (void)eventfd_read(client->woken, &times);
}

void name_client_wake(struct name_client *client)
{
    (void)eventfd_write(client->woken, 1);
}

void name_client_ask(struct name_client *client, struct name_question *question)
{
    const struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT, .ai_family = AF_UNSPEC};
    question->done = question->good = false;
    question->addresses.count = 0;
    ares_getaddrinfo(client->channel, question->host, NULL, &hints, on_answer, question);
}
