#include "crypto/totp.h"

#include "crypto/hmac.h"
#include "crypto/secret.h"

void totp_write(struct bytes secret, uint64_t step, struct buffer *out)
{
    uint8_t counter[8];
    for (size_t i = 0; i < sizeof counter; i++) counter[i] = (uint8_t)(step >> (8 * (7 - i)));
    struct digest_value mac = hmac_of(DIGEST_SHA1, secret, bytes_of(counter, sizeof counter));
    size_t at = mac.data[19] & 0x0f;
    uint32_t number = (uint32_t)(mac.data[at] & 0x7f) << 24 | (uint32_t)mac.data[at + 1] << 16 | (uint32_t)mac.data[at + 2] << 8 |
                      (uint32_t)mac.data[at + 3];
    for (uint32_t unit = 100000; unit > 0; unit /= 10) buffer_add_byte(out, (uint8_t)('0' + number / unit % 10));
}

bool totp_accepts(struct bytes secret, struct bytes code, int64_t now, int64_t *last)
{
    int64_t step = now / TOTP_SECONDS;
    for (int64_t tried = step - 1; tried <= step + 1; tried++) {
        char memory[TOTP_DIGITS];
        struct buffer wanted = buffer_over(memory, sizeof memory);
        totp_write(secret, (uint64_t)tried, &wanted);
        if (tried <= *last || !secret_equal(buffer_bytes(&wanted), code)) continue;
        *last = tried;
        return true;
    }
    return false;
}
