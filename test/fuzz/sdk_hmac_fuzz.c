/* Target: sdk_hmac_read, sdk_hmac_canonical, over a raw request, for the five schemes. */
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_scheme(&scheme_sdk_hmac_sha256, data, size);
    fuzz_scheme(&scheme_sdk_hmac_sm3, data, size);
    fuzz_scheme(&scheme_v11_hmac_sha256, data, size);
    fuzz_scheme(&scheme_sdk_ecdsa_p256_sha256, data, size);
    fuzz_scheme(&scheme_sdk_sm2_sm3, data, size);
    return 0;
}
