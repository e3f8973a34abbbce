/* Where a secret of a document is to be had: "env:NAME" or "file:PATH". */
#ifndef COUNTERSIGN_CLI_REFERENCE_H
#define COUNTERSIGN_CLI_REFERENCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

bool reference_is_written_well(const char *text);
/* The secret as a JSON text, without the end of a file's last line. NULL with *problem in words. */
json_t *reference_read(const char *text, char *problem, size_t size);

#endif
