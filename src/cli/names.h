/* Names instead of ids: `--group-id orders`, `consumer delete partner`. */
#ifndef COUNTERSIGN_CLI_NAMES_H
#define COUNTERSIGN_CLI_NAMES_H

#include "cli/connection.h"

#define ID_TEXT 65

/* The id of what `member` ("group_id", "env_id") calls `text`: an id stays as it is, a name is looked up. CONNECTION_REFUSED: nothing, or
 * more than one, has this name. What cannot be listed has no names: `text` is the id. */
enum connection_outcome name_resolve(struct connection *connection, const char *member, const char *text, char id[static ID_TEXT]);
/* The name of what has this id; false: it has none, or cannot be listed. */
bool name_of_id(struct connection *connection, const char *member, const char *id, char name[static 256]);
/* That of the gateway which is called itself, shown by GET of `path`. */
bool name_of_instance(struct connection *connection, const char *path, char name[static 256]);
/* Every member of the body that ends with _id or _ids and holds names gets ids; object_id those of the kind that object_type names. */
enum connection_outcome names_resolve_body(struct connection *connection, json_t *body);

#endif
