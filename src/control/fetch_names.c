#include "control/fetch_names.h"

#include "control/name_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <time.h>

#define HOST_SIZE 256
#define ITEM_SIZE (HOST_SIZE + 8 + EDGE_MAX_ADDRESSES * (INET6_ADDRSTRLEN + 3))

static long milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_for(struct name_client *client, const struct name_question *question, long most_ms)
{
    long end = milliseconds_now() + most_ms;
    for (long left = most_ms; !question->done && left > 0; left = end - milliseconds_now()) name_client_wait(client, (unsigned)left);
}

static void add_address(struct buffer *item, const struct edge_address *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    (void)inet_ntop(address->v6 ? AF_INET6 : AF_INET, address->ip, text, sizeof text);
    buffer_add_text(item, address->v6 ? "[" : "");
    buffer_add_text(item, text);
    buffer_add_text(item, address->v6 ? "]" : "");
}

/* "host:port:address,address" */
static bool write_item(const struct name_question *question, struct curl_slist **list)
{
    char memory[ITEM_SIZE];
    struct buffer item = buffer_over(memory, sizeof memory);
    buffer_add_text(&item, question->host);
    buffer_add_byte(&item, ':');
    buffer_add_number(&item, question->port);
    for (size_t i = 0; i < question->addresses.count; i++) {
        buffer_add_byte(&item, i == 0 ? ':' : ',');
        add_address(&item, &question->addresses.items[i]);
    }
    buffer_add_byte(&item, 0);
    if (!item.overflow) *list = curl_slist_append(NULL, memory);
    return !item.overflow && *list != NULL;
}

bool fetch_names_ask(const char *servers, const struct remote_url *url, long most_ms, struct curl_slist **list)
{
    char host[HOST_SIZE];
    if (url->host.length >= sizeof host) return false;
    snprintf(host, sizeof host, "%.*s", (int)url->host.length, (const char *)url->host.data);
    struct name_question question = {.host = host, .port = url->port};
    struct name_client *client = name_client_open(servers);
    if (client == NULL) return false;
    name_client_ask(client, &question);
    wait_for(client, &question, most_ms);
    bool found = question.done && question.good && write_item(&question, list);
    name_client_close(client);
    return found;
}
