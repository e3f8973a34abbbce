/* What a programming language calls the parts of an example. */
#ifndef COUNTERSIGN_EXPLAIN_EXAMPLE_WORDS_H
#define COUNTERSIGN_EXPLAIN_EXAMPLE_WORDS_H

#include "explain/examples.h"

struct around {
    const char *before, *after;
};

/* A field, with its name and value in place of the gaps. */
struct item {
    const char *before, *between, *after;
};

/* In the programs "@name@" stands for what example_code.c fills in. */
struct example_words {
    struct {
        const char *aliyun, *sdk, *bce;
    } signers;
    struct item listed;  /* one more in the list of a signed program */
    struct item set;     /* a statement of its own */
    struct around names; /* further names to sign */
    struct around carrier;
    struct around body;
    const char *body_of_file, *file_reader;
    struct around secret; /* of a variable of the environment */
    struct around base64, escaped;
    const char *base64_import, *escaped_import;
    bool get_has_no_body; /* its library refuses to send one with GET and HEAD */
    const char *signed_program, *sent_program;
};

/* Of a language with programs: all but curl. */
extern const struct example_words example_words[EXAMPLE_LANGUAGES];

#endif
