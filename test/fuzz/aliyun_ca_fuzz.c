/* Target: aliyun_ca_read, aliyun_ca_canonical, over a raw request. */
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_scheme(&scheme_aliyun_ca, data, size);
    return 0;
}
