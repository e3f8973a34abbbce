/* The value of every byte as a hex digit; 0x80 when it is none. */
#ifndef COUNTERSIGN_BASE_DIGITS_H
#define COUNTERSIGN_BASE_DIGITS_H

#include <stdint.h>

extern const uint8_t hex_digit_values[256];

#endif
