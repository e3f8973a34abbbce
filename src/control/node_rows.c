#include "control/node_rows.h"

#include "base/text.h"
#include "control/effect.h"
#include "control/node.h"
#include "control/publisher.h"
#include "crypto/digest.h"
#include "store/nodes.h"
#include "store/traffic.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void node_row_name(char name[static 256])
{
    memset(name, 0, 256);
    if (gethostname(name, 255) != 0 || !utf8_is_valid(bytes_of_text(name))) name[0] = '\0';
}

void node_row_id(const struct daemon *daemon, char id[static ID_SIZE])
{
    char name[256];
    char *path = realpath(daemon->data, NULL);
    struct digest digest;
    struct buffer out = buffer_over(id, ID_SIZE - 1);
    node_row_name(name);
    digest_start(&digest, DIGEST_SHA256);
    digest_add(&digest, bytes_of(name, strlen(name) + 1));
    digest_add(&digest, bytes_of_text(path));
    struct digest_value value = digest_finish(&digest);
    free(path);
    memset(id, 0, ID_SIZE);
    hex_encode(&out, bytes_slice(digest_bytes(&value), 0, (ID_SIZE - 1) / 2));
}

bool node_row_tell(const struct daemon *daemon, int64_t now)
{
    char id[ID_SIZE], name[256];
    struct publisher_status edge;
    struct node_status node;
    struct session *session = store_write_aside(daemon->store);
    if (session == NULL) return false;
    node_row_id(daemon, id);
    node_row_name(name);
    effect_status(daemon, &edge);
    node_status(daemon, &node);
    bool storable = utf8_is_valid(bytes_of_text(edge.problem));
    const struct value row[NODE_COLUMNS] = {[NODE_ID] = value_text(bytes_of_text(id)),
                                            [NODE_NAME] = value_text(bytes_of_text(name)),
                                            [NODE_SEEN] = value_integer(now),
                                            [NODE_EDGE_REVISION] = value_integer((int64_t)edge.edge_revision),
                                            [NODE_PROBLEM] = value_text(storable ? bytes_of_text(edge.problem) : BYTES("?")),
                                            [NODE_PROBLEM_SINCE] = value_integer(edge.problem_since),
                                            [NODE_NONCES] = value_integer((int64_t)node.nonces),
                                            [NODE_NONCE_CAPACITY] = value_integer((int64_t)node.nonce_capacity)};
    bool told = store_node_tell(session, row, now - NODE_KEPT) == STORE_OK;
    if (told) return store_commit(session) == STORE_OK;
    store_abort(session);
    return false;
}
