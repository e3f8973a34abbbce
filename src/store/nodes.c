#include "store/nodes.h"

#include "store/session.h"

static const struct column columns[NODE_COLUMNS] = {{"id", VALUE_TEXT},        {"name", VALUE_TEXT},
                                                    {"seen", VALUE_INTEGER},   {"edge_revision", VALUE_INTEGER},
                                                    {"problem", VALUE_TEXT},   {"problem_since", VALUE_INTEGER},
                                                    {"nonces", VALUE_INTEGER}, {"nonce_capacity", VALUE_INTEGER}};
const struct entity entity_node = {"node", columns, NODE_COLUMNS};

enum store_result store_node_tell(struct session *session, const struct value row[static NODE_COLUMNS], int64_t forgotten)
{
    const struct value before = value_integer(forgotten);
    struct command tell = {"INSERT INTO node (id, name, seen, edge_revision, problem, problem_since, nonces, nonce_capacity)"
                           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
                           " seen = excluded.seen, edge_revision = excluded.edge_revision, problem = excluded.problem,"
                           " problem_since = excluded.problem_since, nonces = excluded.nonces, nonce_capacity = excluded.nonce_capacity",
                           row, NODE_COLUMNS};
    struct command forget = {"DELETE FROM node WHERE seen < $1", &before, 1};
    enum store_result result = session_run(session, &tell, NULL);
    return result == STORE_OK ? session_run(session, &forget, NULL) : result;
}
