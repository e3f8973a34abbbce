#include "cli/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MAX 65536

bool reference_is_written_well(const char *text)
{
    return (strncmp(text, "env:", 4) == 0 && text[4] != '\0') || (strncmp(text, "file:", 5) == 0 && text[5] != '\0');
}

static json_t *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *memory = malloc(SECRET_MAX);
    size_t length = file != NULL && memory != NULL ? fread(memory, 1, SECRET_MAX, file) : 0;
    if (file != NULL) fclose(file);
    if (length == SECRET_MAX) length = 0;
    while (length > 0 && (memory[length - 1] == '\n' || memory[length - 1] == '\r')) length--;
    json_t *text = length > 0 ? json_stringn(memory, length) : NULL;
    if (memory != NULL) explicit_bzero(memory, SECRET_MAX);
    free(memory);
    return text;
}

json_t *reference_read(const char *text, char *problem, size_t size)
{
    bool from_file = strncmp(text, "file:", 5) == 0;
    const char *place = strchr(text, ':') + 1;
    const char *value = from_file ? NULL : getenv(place);
    json_t *secret = from_file ? read_file(place) : json_string(value);
    if (secret == NULL) {
        snprintf(problem, size, from_file ? "no secret can be read from %.200s" : "the environment has no variable %.200s", place);
    }
    return secret;
}
