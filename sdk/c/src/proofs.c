/* Reading the proof that a request carries. Nothing is decided here but what is written there. */
#include "internal.h"

#include <string.h>

bool cs_base64_decode(cs_arena *arena, cs_span text, cs_span *data)
{
    unsigned char *bytes = cs_take(arena, text.size + 4, 1);
    if (bytes == NULL || text.size == 0 || text.size % 4 != 0 || text.size > INT32_MAX / 2) return false;
    int size = EVP_DecodeBlock(bytes, (const unsigned char *)text.data, (int)text.size);
    if (size < 0) return false;
    for (size_t i = 1; i <= 2 && text.data[text.size - i] == '='; i++) size--;
    *data = (cs_span){(const char *)bytes, (size_t)size};
    cs_text again = {.arena = arena};
    cs_add_base64(&again, bytes, data->size);
    return cs_equal(cs_done(&again), text);
}

static int64_t days_from_1970(int64_t year, int64_t month, int64_t day)
{
    /* Years that begin in March end with the day that leap years add. */
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + in_year - 719468;
}

static bool is_of_calendar(const int64_t part[6])
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (part[0] < 1 || part[1] < 1 || part[1] > 12 || part[3] > 23 || part[4] > 59 || part[5] > 59) return false;
    bool leap = part[0] % 4 == 0 && (part[0] % 100 != 0 || part[0] % 400 == 0);
    return part[2] >= 1 && part[2] <= days[part[1] - 1] + (leap && part[1] == 2 ? 1 : 0);
}

/* Reads a date of the form in which "0" stands for a digit; Unix milliseconds. */
static bool read_date(cs_span text, const char *form, int64_t *date, countersign_error *error)
{
    static const int size[] = {4, 2, 2, 2, 2, 2};
    int64_t part[6] = {0};
    int place = 0, digits = 0;
    bool fits = text.size == strlen(form);
    for (size_t i = 0; fits && i < text.size; i++) {
        bool digit = form[i] == '0';
        fits = digit ? text.data[i] >= '0' && text.data[i] <= '9' : text.data[i] == form[i];
        if (!digit) continue;
        part[place] = 10 * part[place] + (text.data[i] - '0');
        if (++digits == size[place]) {
            place++;
            digits = 0;
        }
    }
    if (!fits) return cs_malformed(error, "the date is not of the form that the format wants");
    if (!is_of_calendar(part)) return cs_malformed(error, "the date is none of the calendar");
    *date = 1000 * (((days_from_1970(part[0], part[1], part[2]) * 24 + part[3]) * 60 + part[4]) * 60 + part[5]);
    return true;
}

static bool split_names(cs_arena *arena, cs_span listed, char separator, cs_names *names, countersign_error *error)
{
    size_t most = 1;
    for (size_t i = 0; i < listed.size; i++) most += listed.data[i] == separator;
    *names = (cs_names){.items = cs_take(arena, most, sizeof(cs_span))};
    cs_names sorted = {.items = cs_take(arena, most, sizeof(cs_span)), .count = most};
    if (names->items == NULL || sorted.items == NULL) return cs_fault(error);
    cs_span item;
    for (bool more = true; cs_next(&listed, separator, &item, &more);) {
        if (!cs_is_token(item)) return cs_malformed(error, "the list of signed headers holds a name that is none");
        sorted.items[names->count] = cs_lower(arena, item);
        names->items[names->count++] = item;
    }
    cs_names_sort(&sorted);
    for (size_t i = 1; i < sorted.count; i++)
        if (cs_equal(sorted.items[i - 1], sorted.items[i])) return cs_malformed(error, "the list of signed headers holds a name twice");
    return true;
}

static bool split_lower_names(cs_arena *arena, cs_span listed, cs_proof *proof, countersign_error *error)
{
    if (!cs_equal(listed, cs_lower(arena, listed)))
        return cs_malformed(error, "the list of signed headers holds a name that is not in lower case");
    if (!split_names(arena, listed, ';', &proof->names, error)) return false;
    proof->spelled = proof->names;
    return true;
}

static bool read_basic(cs_arena *arena, cs_span token, cs_proof *proof, countersign_error *error)
{
    cs_span pair;
    if (!cs_base64_decode(arena, token, &pair)) return cs_malformed(error, "Basic without base64");
    size_t colon = cs_find(pair, ':');
    if (colon == pair.size) return cs_malformed(error, "Basic without a colon");
    proof->key_id = cs_part(pair, 0, colon);
    proof->signature = cs_part(pair, colon + 1, pair.size);
    return true;
}

/* Cuts "name=value" off the rest: the value has no comma and no blank, and is not empty. */
static bool take_parameter(cs_span *rest, const char *name, cs_span *value)
{
    size_t length = strlen(name);
    if (rest->size < length || memcmp(rest->data, name, length) != 0) return false;
    size_t end = length;
    while (end < rest->size && rest->data[end] > ' ' && rest->data[end] < 0x7f && rest->data[end] != ',') end++;
    *value = cs_part(*rest, length, end);
    *rest = cs_part(*rest, end, rest->size);
    return value->size > 0;
}

static bool take_comma(cs_span *rest)
{
    if (rest->size == 0 || rest->data[0] != ',') return false;
    size_t blank = rest->size > 1 && (rest->data[1] == ' ' || rest->data[1] == '\t');
    *rest = cs_part(*rest, 1 + blank, rest->size);
    return true;
}

static bool read_parameters(cs_arena *arena, cs_span rest, cs_proof *proof, countersign_error *error)
{
    cs_span listed;
    if (!take_parameter(&rest, "Access=", &proof->key_id) || !take_comma(&rest) || !take_parameter(&rest, "SignedHeaders=", &listed) ||
        !take_comma(&rest) || !take_parameter(&rest, "Signature=", &proof->signature) || rest.size > 0)
        return cs_malformed(error, "not Access, SignedHeaders and Signature in this order");
    return split_lower_names(arena, listed, proof, error);
}

bool cs_read_authorization(cs_arena *arena, cs_span value, unsigned types, cs_proof *proof, countersign_error *error)
{
    static const cs_type type_of[] = {CS_BASIC, CS_HMAC, CS_AES, CS_AES, CS_PUBLIC_KEY, CS_PUBLIC_KEY};
    size_t blank = cs_find(value, ' ');
    cs_span word = cs_part(value, 0, blank), rest = blank < value.size ? cs_part(value, blank + 1, value.size) : (cs_span){"", 0};
    unsigned algorithm = cs_is_folded(word, "basic") ? CS_NONE : CS_SDK_HMAC;
    while (algorithm != CS_NONE && algorithm <= CS_SDK_ECDSA && !cs_is(word, cs_algorithm_name((cs_algorithm)algorithm))) algorithm++;
    if (algorithm > CS_SDK_ECDSA || !(types & 1U << type_of[algorithm]))
        return cs_refuse(error, COUNTERSIGN_ALGORITHM_NOT_ALLOWED, "a proof for which there is no key here");
    *proof = (cs_proof){.type = type_of[algorithm], .algorithm = (cs_algorithm)algorithm};
    if (proof->type == CS_BASIC) return read_basic(arena, cs_trim(rest), proof, error);
    return read_parameters(arena, cs_trim(rest), proof, error);
}

static bool read_expiration(cs_span text, int64_t *lifetime)
{
    if (text.size > 10 || !cs_is_digits(text) || text.data[0] == '0') return false;
    *lifetime = cs_number(text);
    return *lifetime <= INT32_MAX;
}

bool cs_read_bce(cs_arena *arena, cs_span value, cs_proof *proof, countersign_error *error)
{
    cs_span part[6], item, rest = value;
    size_t count = 0;
    for (bool more = true; cs_next(&rest, '/', &item, &more); count++)
        if (count < 6) part[count] = item;
    if (!cs_is(part[0], "bce-auth-v1")) return cs_refuse(error, COUNTERSIGN_ALGORITHM_NOT_ALLOWED, "not bce-auth-v1");
    if (count != 6 || part[1].size == 0) return cs_malformed(error, "not the six parts of bce-auth-v1");
    *proof = (cs_proof){.type = CS_BCE, .key_id = part[1], .signature = part[5], .dated = true};
    if (!read_expiration(part[3], &proof->lifetime)) return cs_malformed(error, "the expiration is no number of seconds");
    if (part[5].size != 64 || !cs_is_hex(part[5])) return cs_malformed(error, "the signature is not 64 lower-case hex digits");
    if (!read_date(part[2], "0000-00-00T00:00:00Z", &proof->date, error)) return false;
    proof->prefix = cs_part(value, 0, (size_t)(part[3].data - value.data) + part[3].size);
    return part[4].size == 0 || split_lower_names(arena, part[4], proof, error);
}

bool cs_read_aliyun(const cs_request *request, cs_span value, cs_proof *proof, countersign_error *error)
{
    cs_span id = cs_header(request, "X-Ca-Proxy-Signature-Secret-Key"), listed = cs_header(request, "X-Ca-Proxy-Signature-Headers");
    if (cs_header_count(request, "X-Ca-Proxy-Signature-Secret-Key") != 1 || id.size == 0 ||
        cs_header_count(request, "X-Ca-Proxy-Signature-Headers") > 1)
        return cs_malformed(error, "X-Ca-Proxy-Signature-Secret-Key and -Headers must stand there once");
    *proof = (cs_proof){.type = CS_ALIYUN, .key_id = id, .signature = value};
    if (listed.size == 0) return true;
    if (!split_names(request->arena, listed, ',', &proof->spelled, error)) return false;
    proof->names = (cs_names){cs_take(request->arena, proof->spelled.count, sizeof(cs_span)), proof->spelled.count};
    if (proof->names.items == NULL) return cs_fault(error);
    for (size_t i = 0; i < proof->names.count; i++) proof->names.items[i] = cs_lower(request->arena, proof->spelled.items[i]);
    return true;
}

bool cs_read_signed(const cs_request *request, cs_proof *proof, countersign_error *error)
{
    if (proof->algorithm != CS_NONE) {
        cs_span word = cs_header(request, CS_PAYLOAD);
        proof->dated = true;
        if (!read_date(cs_header(request, "x-sdk-date"), "00000000T000000Z", &proof->date, error)) return false;
        if (!cs_has(request, CS_PAYLOAD) || cs_is(word, CS_UNSIGNED) || (word.size == 64 && cs_is_hex(word))) return true;
        return cs_malformed(error, "X-Sdk-Content-Sha256 is neither UNSIGNED-PAYLOAD nor 64 lower-case hex digits");
    }
    if (proof->type != CS_ALIYUN || !cs_names_hold(&proof->names, "x-ca-timestamp")) return true;
    cs_span stamp = cs_header(request, "x-ca-timestamp");
    if (stamp.size != 13 || !cs_is_digits(stamp)) return cs_malformed(error, "X-Ca-Timestamp is no number of milliseconds");
    proof->date = cs_number(stamp);
    proof->dated = true;
    return true;
}
