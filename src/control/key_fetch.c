#include "control/key_fetch.h"

#include "base/json.h"
#include "base/text.h"
#include "control/authority.h"
#include "control/fetch_names.h"
#include "jwt/jwk.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ANSWER_MAX JWK_SET_MAX_LENGTH
#define ARENA_SIZE (1u << 20)

/* --- where it may be -------------------------------------------------------------------------------------------------------------------
 */

/* RFC 1122 loopback, RFC 1918, RFC 6598, RFC 6890 (192.0.0.0/24), RFC 2544. */
static bool is_private_v4(const uint8_t address[static 4])
{
    static const struct {
        uint8_t first, second, mask;
    } blocks[] = {{10, 0, 0}, {127, 0, 0}, {172, 16, 0xf0}, {192, 168, 0xff}, {100, 64, 0xc0}, {198, 18, 0xfe}};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (address[0] == blocks[i].first && (address[1] & blocks[i].mask) == blocks[i].second) return true;
    return address[0] == 192 && address[1] == 0 && address[2] == 0;
}

/* RFC 4193, the site-local addresses that were before (RFC 3879), and loopback. */
static bool is_private_v6(const uint8_t address[static 16])
{
    static const uint8_t loopback[16] = {[15] = 1};
    bool site_local = address[0] == 0xfe && (address[1] & 0xc0) == 0xc0;
    return site_local || (address[0] & 0xfe) == 0xfc || bytes_equal(bytes_of(address, 16), bytes_of(loopback, 16));
}

bool key_fetch_address_is_allowed(const struct sockaddr *address, bool private_addresses)
{
    if (address->sa_family == AF_INET) {
        const uint8_t *v4 = (const uint8_t *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;
        return !address_v4_is_forbidden(v4) && (private_addresses || !is_private_v4(v4));
    }
    if (address->sa_family != AF_INET6) return false;
    const uint8_t *v6 = (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return !address_v6_is_forbidden(v6) && (private_addresses || !is_private_v6(v6));
}

bool key_fetch_host_is_listed(const char *list, struct bytes host)
{
    struct bytes rest = list == NULL ? BYTES("") : bytes_of_text(list), name;
    while (bytes_next_part(&rest, ',', &name))
        if (name.length > 0 && bytes_equal_folded(name, host)) return true;
    return false;
}

/* --- one exchange ----------------------------------------------------------------------------------------------------------------------
 */

struct exchange {
    const struct key_fetch_options *options;
    struct buffer answer;
    bool private_addresses, forbidden;
    struct timespec end; /* of all that belongs to one fetch */
    struct key_fetched *fetched;
};

static bool say(struct exchange *exchange, const char *problem)
{
    snprintf(exchange->fetched->problem, KEY_FETCH_PROBLEM, "%s", problem);
    return false;
}

/* The address that is really connected to, however the name resolved: who changes it in between (DNS rebinding) gains nothing. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct exchange *exchange = context;
    (void)purpose;
    if (key_fetch_address_is_allowed(&address->addr, exchange->private_addresses))
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    exchange->forbidden = true;
    return CURL_SOCKET_BAD;
}

static size_t take_body(const char *data, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    buffer_add(&exchange->answer, bytes_of(data, size * count));
    return exchange->answer.overflow ? 0 : size * count;
}

/* No encoding is asked for, so that nothing grows while it is unpacked. */
static void set_options(CURL *curl, struct exchange *exchange)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)ANSWER_MAX);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (exchange->options->certificates != NULL) curl_easy_setopt(curl, CURLOPT_CAINFO, exchange->options->certificates);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "countersign");
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
}

int64_t key_fetch_max_age(struct bytes cache_control)
{
    int64_t age = -1, read;
    for (struct bytes item; bytes_next_part(&cache_control, ',', &item);) {
        item = bytes_trim(item);
        if (bytes_equal_folded(item, BYTES("no-store")) || bytes_equal_folded(item, BYTES("no-cache"))) return 0;
        if (bytes_start_with_folded(item, BYTES("max-age=")) && number_parse(bytes_from(item, 8), &read) && read >= 0) age = read;
    }
    return age;
}

static int64_t max_age_of(CURL *curl)
{
    struct curl_header *header;
    if (curl_easy_header(curl, "Cache-Control", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return -1;
    return key_fetch_max_age(bytes_of_text(header->value));
}

static bool judge(CURL *curl, CURLcode result, struct exchange *exchange)
{
    long status = 0;
    if (exchange->forbidden) return say(exchange, "its address is private, loopback or link-local (countersignd --key-set-hosts)");
    if (exchange->answer.overflow || result == CURLE_FILESIZE_EXCEEDED) return say(exchange, "its answer is longer than 64 KiB");
    if (result != CURLE_OK) return say(exchange, curl_easy_strerror(result));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return true;
    const char *words = status / 100 == 3 ? "it redirects, and redirects are not followed: status" : "its status is";
    snprintf(exchange->fetched->problem, KEY_FETCH_PROBLEM, "%s %ld", words, status);
    return false;
}

static long milliseconds_left(const struct exchange *exchange)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(exchange->end.tv_sec - now.tv_sec) * 1000 + (exchange->end.tv_nsec - now.tv_nsec) / 1000000;
}

static bool perform(CURL *curl, struct exchange *exchange, struct bytes url)
{
    char text[REMOTE_URL_MAX + 1];
    long left = milliseconds_left(exchange);
    if (url.length >= sizeof text) return say(exchange, "its URL is too long");
    if (left <= 0) return say(exchange, curl_easy_strerror(CURLE_OPERATION_TIMEDOUT));
    memcpy(text, url.data, url.length);
    text[url.length] = 0;
    curl_easy_setopt(curl, CURLOPT_URL, text);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, left);
    if (!judge(curl, curl_easy_perform(curl), exchange)) return false;
    exchange->fetched->max_age = max_age_of(curl);
    return true;
}

/* Each fetch asks anew: whoever moves his server, moves it by the next one. */
static bool find_host(struct exchange *exchange, const struct remote_url *url, struct curl_slist **names)
{
    const char *servers = exchange->options->name_servers;
    return servers == NULL || fetch_names_ask(servers, url, milliseconds_left(exchange), names) ||
           say(exchange, "its name has no address where a key set may be fetched from (countersignd --name-servers)");
}

static bool get(const struct remote_url *url, struct exchange *exchange)
{
    struct curl_slist *fields = curl_slist_append(NULL, "Accept: application/json"), *names = NULL;
    CURL *curl = fields != NULL ? curl_easy_init() : NULL;
    bool done = false;
    buffer_clear(&exchange->answer);
    exchange->private_addresses = key_fetch_host_is_listed(exchange->options->private_hosts, url->host);
    if (curl == NULL) {
        say(exchange, "no memory");
    } else if (find_host(exchange, url, &names)) {
        set_options(curl, exchange);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
        curl_easy_setopt(curl, CURLOPT_RESOLVE, names);
        done = perform(curl, exchange, url->request);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(names);
    curl_slist_free_all(fields);
    return done;
}

/* --- what it says ----------------------------------------------------------------------------------------------------------------------
 */

/* OpenID Connect Discovery 1.0, 4.2: `jwks_uri` follows the rules of any other URL. */
static bool follow_discovery(struct exchange *exchange, struct arena *arena, struct remote_url *found)
{
    struct json_value document, named;
    bool good = json_read(arena, buffer_bytes(&exchange->answer), &document) && json_member(arena, &document, BYTES("jwks_uri"), &named) &&
                named.type == JSON_TYPE_STRING && remote_url_read(arena_copy(arena, named.text), found) == NULL && !arena->exhausted;
    return good || say(exchange, "the OpenID configuration has no jwks_uri that is an https URL with a domain name");
}

static bool is_useful(const struct jwk *jwk)
{
    if (verify_family_of(jwk->algorithm) == VERIFY_HMAC || jwk->is_private) return false;
    struct verify_key *key = verify_key_prepare(jwk->algorithm, &jwk->material);
    bool good = key != NULL;
    verify_key_destroy(key);
    return good;
}

static void write_set(const struct jwk_set *set, struct key_fetched *fetched)
{
    buffer_add_text(&fetched->set, "{\"keys\":[");
    for (size_t i = 0; i < set->count; i++) {
        if (!is_useful(&set->keys[i])) continue;
        if (fetched->keys++ > 0) buffer_add_byte(&fetched->set, ',');
        jwk_write(&fetched->set, &set->keys[i]);
    }
    buffer_add_text(&fetched->set, "]}");
}

static bool read_set(struct exchange *exchange, struct arena *arena)
{
    struct key_fetched *fetched = exchange->fetched;
    struct jwk *keys = arena_take_array(arena, JWK_SET_MAX_KEYS, sizeof *keys);
    struct jwk_set set = {.keys = keys};
    const char *problem = keys == NULL ? "no memory" : jwk_set_read(arena, buffer_bytes(&exchange->answer), true, &set);
    if (problem != NULL) return say(exchange, problem);
    write_set(&set, fetched);
    bool some = fetched->keys > 0 && !fetched->set.overflow;
    return some || say(exchange, "it holds no public key that tokens can be checked with");
}

static bool run(const struct remote_url *url, struct exchange *exchange, struct arena *arena)
{
    struct remote_url found = *url;
    if (url->discovery && (!get(url, exchange) || !follow_discovery(exchange, arena, &found))) return false;
    return get(&found, exchange) && read_set(exchange, arena);
}

bool key_fetch(const struct remote_url *url, const struct key_fetch_options *options, struct key_fetched *fetched)
{
    uint8_t *answer = malloc(ANSWER_MAX), *memory = malloc(ARENA_SIZE);
    struct exchange exchange = {.options = options, .answer = buffer_over(answer, answer == NULL ? 0 : ANSWER_MAX), .fetched = fetched};
    struct arena arena = arena_over(memory, memory == NULL ? 0 : ARENA_SIZE);
    fetched->keys = 0;
    fetched->max_age = -1;
    fetched->problem[0] = 0;
    buffer_clear(&fetched->set);
    clock_gettime(CLOCK_MONOTONIC, &exchange.end);
    exchange.end.tv_sec += url->timeout_ms / 1000;
    exchange.end.tv_nsec += (long)(url->timeout_ms % 1000) * 1000000;
    bool done = answer != NULL && memory != NULL ? run(url, &exchange, &arena) : say(&exchange, "no memory");
    free(answer);
    free(memory);
    return done;
}
