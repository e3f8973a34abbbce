/* What the writer shares with a reader beside it. */
#ifndef COUNTERSIGN_EDGE_WRITER_INTERNALS_H
#define COUNTERSIGN_EDGE_WRITER_INTERNALS_H

#include "edge/environment.h"
#include "edge/writer.h"

const struct environment *edge_writer_environment(const struct edge_writer *writer);
const struct edge_keys *edge_writer_keys(const struct edge_writer *writer);

#endif
