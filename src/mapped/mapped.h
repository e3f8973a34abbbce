/* Files that all processes of a node map and write into at once: what must survive a reload, a restart and a change of binaries. A file is
 * one page of head, which says what it is, and then memory of a fixed size. The daemon makes it; nobody ever truncates or removes it while
 * workers run (a worker would die at the next touch). */
#ifndef COUNTERSIGN_MAPPED_MAPPED_H
#define COUNTERSIGN_MAPPED_MAPPED_H

#include "base/bytes.h"

#define MAPPED_KEY_SIZE 16

struct mapped_form {
    const char *name;   /* of the file */
    uint64_t kind;      /* a number of its own; with the format below it says how to read the memory */
    uint64_t format;    /* another one makes the daemon put a new file in its place */
    size_t least, most; /* bytes of memory that make sense */
};

struct mapped {
    uint8_t *memory; /* page-aligned; zero when it was new */
    size_t size;
    uint8_t key[MAPPED_KEY_SIZE]; /* random, drawn with the file: for keyed hashes over it */
};

struct mapped_place {
    const char *directory;
    const char *group; /* that may read and write, when root makes the file; NULL: leave it */
};

/* Makes the file unless one of this form is there; that one keeps its size and its content. `size` bytes, all of them taken from the disk
 * now. False with *problem in words. */
bool mapped_provide(const struct mapped_place *place, const struct mapped_form *form, size_t size, char problem[static 256]);
/* False with *problem in words: there is none of this form. */
bool mapped_open(struct mapped *mapped, const char *directory, const struct mapped_form *form, char problem[static 256]);
/* Fine for one that is not open. */
void mapped_close(struct mapped *mapped);

#endif
