#include "cli/visible.h"

#include <stdio.h>

void print_visible(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) {
            printf("\\x%02x", text.data[i]);
        } else {
            putchar(text.data[i]);
        }
    }
}
