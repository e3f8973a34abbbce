/* Target: bce_auth_read, bce_auth_canonical, over a raw request. */
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_scheme(&scheme_bce_auth_v1, data, size);
    return 0;
}
