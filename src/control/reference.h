/* The reference of the management API, written from the same tables that serve it. */
#ifndef COUNTERSIGN_CONTROL_REFERENCE_H
#define COUNTERSIGN_CONTROL_REFERENCE_H

#include <stdio.h>

/* Method, path and right of every route, one a line. */
void reference_print_routes(FILE *out);
/* Markdown: every route, the fields it takes with their rules, and every error code. */
void reference_print(FILE *out);

#endif
