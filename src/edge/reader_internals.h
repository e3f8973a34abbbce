/* What the reader shares with the listing of the whole edge. */
#ifndef COUNTERSIGN_EDGE_READER_INTERNALS_H
#define COUNTERSIGN_EDGE_READER_INTERNALS_H

#include "edge/reader.h"

#include <lmdb.h>

/* The running transaction and the database; NULL outside of edge_begin and edge_end. */
MDB_txn *edge_reader_transaction(struct edge_reader *reader, MDB_dbi *records);

#endif
