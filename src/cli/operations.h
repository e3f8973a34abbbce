/* The management API as commands: `countersign RESOURCE VERB`, one for each route, named after its action. "create_api_group" is
 * `api-group create`, "list_apps" is `app list`, "list_apis_of_app" is `api list-of-app`. */
#ifndef COUNTERSIGN_CLI_OPERATIONS_H
#define COUNTERSIGN_CLI_OPERATIONS_H

#include <stdio.h>

#include "control/routes.h"

#define OPERATION_WORD   64
#define OPERATION_PARAMS 4

struct operation {
    const struct route *route;
    char resource[OPERATION_WORD];
    char verb[OPERATION_WORD];
    char params[OPERATION_PARAMS][OPERATION_WORD]; /* names of the path's parameters but project and instance: "group_id" */
    size_t param_count;
};

/* Steps through all; false at the end. */
bool operation_at(size_t index, struct operation *operation);
bool operation_find(const char *resource, const char *verb, struct operation *operation);
/* Is there a resource of this name? */
bool operation_resource_exists(const char *resource);

/* The names of all resources, one a line; what one resource can do; how one operation is called. */
void operations_print_resources(FILE *out);
void operations_print_verbs(FILE *out, const char *resource);
void operation_print_usage(FILE *out, const struct operation *operation);
/* All of it as Markdown. */
void operations_print_reference(FILE *out);

/* "group_id" as an option or argument: "group-id". */
void operation_dashed(char text[static OPERATION_WORD]);

#endif
