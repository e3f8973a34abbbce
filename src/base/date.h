/* Dates as the schemes write them, to and from Unix seconds. No clock is read here: now comes in as an argument. A second 60 is
 * refused. Formatting seconds outside the years 1970-9999 overflows. */
#ifndef COUNTERSIGN_BASE_DATE_H
#define COUNTERSIGN_BASE_DATE_H

#include "base/buffer.h"

/* 20191115T033655Z (X-Sdk-Date). Exactly this form, a real calendar date, years 1970-9999. */
bool date_parse_basic(struct bytes text, int64_t *seconds);
void date_format_basic(struct buffer *out, int64_t seconds);

/* 2019-11-15T03:36:55Z (RFC 3339, UTC, seconds; parsing takes up to 9 digits of fraction and drops them). */
bool date_parse_rfc3339(struct bytes text, int64_t *seconds);
void date_format_rfc3339(struct buffer *out, int64_t seconds);

/* RFC 9110, 5.6.7: IMF-fixdate ("GMT" or "GMT+00:00"), RFC 850 (years 70-99 are 19xx, the others 20xx) and asctime forms. The name of the
 * weekday must be one, but need not be that of the date. */
bool date_parse_http(struct bytes text, int64_t *seconds);

#endif
