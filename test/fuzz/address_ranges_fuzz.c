/* Lists of addresses as people write them: what is checked compiles, into ranges that a look-up can trust. */
#include "control/address_ranges.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[65536];
    struct arena arena = arena_over(memory, sizeof memory);
    struct bytes items[ADDRESS_RANGES_MOST], rest = {data, size}, item;
    struct address_list list = {0};
    size_t count = 0;
    bool good = true;
    while (count < ADDRESS_RANGES_MOST && bytes_next_part(&rest, ',', &item)) {
        good = good && address_range_check(item) == NULL;
        items[count++] = item;
    }
    if (address_ranges_compile(&arena, items, count, &list) != good) abort();
    if (good && !address_list_is_sound(&list)) abort();
    return 0;
}
