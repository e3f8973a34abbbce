#include "base/date.h"

#define SECONDS_PER_DAY 86400

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekdays[] = "MonTueWedThuFriSatSun";

/* The parts of a date in the order of their letters in a pattern. */
enum part { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };
static const char part_letters[] = "YMDhms";

struct calendar {
    int values[PARTS];
};

/* Days from 0001-01-01 to the first of January of `year` in the Gregorian calendar. */
static int64_t days_before_year(int64_t year)
{
    int64_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* In a year that is no leap year. */
static const uint16_t days_before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

static bool is_real(const int values[PARTS])
{
    if (values[YEAR] < 1970 || values[MONTH] < 1 || values[MONTH] > 12) return false;
    if (values[DAY] < 1 || values[DAY] > days_in_month(values[YEAR], values[MONTH])) return false;
    return values[HOUR] < 24 && values[MINUTE] < 60 && values[SECOND] < 60;
}

static bool to_seconds(const struct calendar *date, int64_t *seconds)
{
    const int *values = date->values;
    if (!is_real(values)) return false;
    int64_t days = days_before_year(values[YEAR]) - days_before_year(1970) + values[DAY] - 1;
    days += days_before_month[values[MONTH] - 1] + (values[MONTH] > 2 && is_leap(values[YEAR]));
    *seconds = days * SECONDS_PER_DAY + values[HOUR] * 3600 + values[MINUTE] * 60 + values[SECOND];
    return true;
}

/* False outside the years 1970-9999, which four digits cannot say. */
static bool from_seconds(int64_t seconds, struct calendar *date)
{
    static const int64_t end = 253402300800; /* 10000-01-01 */
    if (seconds < 0 || seconds >= end) return false;
    int64_t days = seconds / SECONDS_PER_DAY + days_before_year(1970);
    int rest = (int)(seconds % SECONDS_PER_DAY);
    int year = 1 + (int)(days * 400 / 146097); /* by the mean length of a year: right, or one off near its ends */
    if (days >= days_before_year(year + 1)) year++;
    if (days < days_before_year(year)) year--;
    int day = (int)(days - days_before_year(year));
    int month = 1;
    for (; day >= days_in_month(year, month); month++) day -= days_in_month(year, month);
    *date = (struct calendar){{year, month, day + 1, rest / 3600, rest / 60 % 60, rest % 60}};
    return true;
}

static bool read_name(struct bytes *text, const char *names, int *number)
{
    for (int i = 0; names[3 * i] != '\0'; i++) {
        if (!bytes_start_with(*text, bytes_of(names + 3 * (size_t)i, 3))) continue;
        *text = bytes_from(*text, 3);
        *number = i + 1;
        return true;
    }
    return false;
}

static bool read_digit(struct bytes *text, int *value)
{
    if (text->length == 0 || text->data[0] < '0' || text->data[0] > '9') return false;
    *value = *value * 10 + text->data[0] - '0';
    *text = bytes_from(*text, 1);
    return true;
}

/* One letter of a pattern: Y M D h m s is a digit of that part, d a digit of the day or a space, B a month's name, W a weekday's name;
 * any other stands for itself. */
static bool read_letter(struct bytes *text, char letter, struct calendar *date)
{
    int weekday;
    const char *part = strchr(part_letters, letter);
    if (part != NULL) return read_digit(text, &date->values[part - part_letters]);
    if (letter == 'B') return read_name(text, months, &date->values[MONTH]);
    if (letter == 'W') return read_name(text, weekdays, &weekday);
    bool space = text->length > 0 && text->data[0] == ' ';
    if (letter == 'd' && !space) return read_digit(text, &date->values[DAY]);
    if (letter == 'd') letter = ' ';
    if (text->length == 0 || text->data[0] != (uint8_t)letter) return false;
    *text = bytes_from(*text, 1);
    return true;
}

static bool read_pattern(struct bytes text, const char *pattern, struct calendar *date)
{
    *date = (struct calendar){0};
    for (; *pattern != '\0'; pattern++) {
        if (!read_letter(&text, *pattern, date)) return false;
    }
    return text.length == 0;
}

static void write_pattern(struct buffer *out, const char *pattern, int64_t seconds)
{
    struct calendar date;
    if (!from_seconds(seconds, &date)) {
        out->overflow = true;
        return;
    }
    size_t length = strlen(pattern);
    uint8_t *to = buffer_reserve(out, length);
    if (to == NULL) return;
    /* From the end, so that each part gives its last digit first. */
    for (size_t i = length; i > 0; i--) {
        const char *part = strchr(part_letters, pattern[i - 1]);
        to[i - 1] = (uint8_t)pattern[i - 1];
        if (part == NULL) continue;
        int *value = &date.values[part - part_letters];
        to[i - 1] = (uint8_t)('0' + *value % 10);
        *value /= 10;
    }
}

#define BASIC   "YYYYMMDDThhmmssZ"
#define RFC3339 "YYYY-MM-DDThh:mm:ssZ"

/* Two or four digits at a place; the sign bit of the result says that one was none. */
static int digits_at(const uint8_t *at, size_t count)
{
    int value = 0, bad = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = at[i] - '0';
        bad |= digit | (9 - digit);
        value = value * 10 + digit;
    }
    return bad < 0 ? -1 : value;
}

/* On the way of every signed request, hence not by its pattern. */
bool date_parse_basic(struct bytes text, int64_t *seconds)
{
    const uint8_t *at = text.data;
    if (text.length != sizeof BASIC - 1 || at[8] != 'T' || at[15] != 'Z') return false;
    struct calendar date = {
        {digits_at(at, 4), digits_at(at + 4, 2), digits_at(at + 6, 2), digits_at(at + 9, 2), digits_at(at + 11, 2), digits_at(at + 13, 2)}};
    for (size_t i = 0; i < PARTS; i++)
        if (date.values[i] < 0) return false;
    return to_seconds(&date, seconds);
}

static void put_digits(uint8_t *to, int value, size_t count)
{
    for (size_t i = count; i > 0; i--, value /= 10) to[i - 1] = (uint8_t)('0' + value % 10);
}

/* On the way of every countersigned request, hence not by its pattern either. */
void date_format_basic(struct buffer *out, int64_t seconds)
{
    struct calendar date;
    if (!from_seconds(seconds, &date)) {
        out->overflow = true;
        return;
    }
    uint8_t *to = buffer_reserve(out, sizeof BASIC - 1);
    if (to == NULL) return;
    put_digits(to, date.values[YEAR], 4);
    put_digits(to + 4, date.values[MONTH], 2);
    put_digits(to + 6, date.values[DAY], 2);
    to[8] = 'T';
    put_digits(to + 9, date.values[HOUR], 2);
    put_digits(to + 11, date.values[MINUTE], 2);
    put_digits(to + 13, date.values[SECOND], 2);
    to[15] = 'Z';
}

/* ".123Z" with one to nine digits, or "Z". */
static bool is_fraction_and_zone(struct bytes text)
{
    size_t zone = bytes_find(text, 'Z');
    if (zone + 1 != text.length) return false;
    if (zone == 0) return true;
    if (zone < 2 || zone > 10 || text.data[0] != '.') return false;
    for (size_t i = 1; i < zone; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    }
    return true;
}

bool date_parse_rfc3339(struct bytes text, int64_t *seconds)
{
    struct calendar date;
    const size_t length = sizeof RFC3339 - 2; /* without the zone and the NUL */
    if (!is_fraction_and_zone(bytes_from(text, length))) return false;
    return read_pattern(bytes_slice(text, 0, length), "YYYY-MM-DDThh:mm:ss", &date) && to_seconds(&date, seconds);
}

void date_format_rfc3339(struct buffer *out, int64_t seconds)
{
    write_pattern(out, RFC3339, seconds);
}

/* RFC 850 writes the weekday in full and two digits of the year. */
static bool read_rfc850(struct bytes text, struct calendar *date)
{
    static const char *const names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    struct bytes weekday;
    if (!bytes_next_part(&text, ',', &weekday)) return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!bytes_equal(weekday, bytes_of_text(names[i]))) continue;
        if (!read_pattern(text, " DD-B-YY hh:mm:ss", date)) return false;
        date->values[YEAR] += date->values[YEAR] < 70 ? 2000 : 1900;
        return true;
    }
    return false;
}

/* Some Java and Android signers write "GMT+00:00" for the zone. */
static bool cut_zone(struct bytes *text)
{
    static const char *const zones[] = {" GMT", " GMT+00:00"};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        struct bytes zone = bytes_of_text(zones[i]);
        if (text->length < zone.length || !bytes_equal(bytes_from(*text, text->length - zone.length), zone)) continue;
        text->length -= zone.length;
        return true;
    }
    return false;
}

bool date_parse_http(struct bytes text, int64_t *seconds)
{
    struct calendar date;
    bool read = cut_zone(&text) ? read_pattern(text, "W, DD B YYYY hh:mm:ss", &date) || read_rfc850(text, &date)
                                : read_pattern(text, "W B dD hh:mm:ss YYYY", &date);
    return read && to_seconds(&date, seconds);
}
