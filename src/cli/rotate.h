/* countersign admin rotate-store-key, rotate-node-key: another key while everything runs. */
#ifndef COUNTERSIGN_CLI_ROTATE_H
#define COUNTERSIGN_CLI_ROTATE_H

int rotate_store_key_main(int argc, char **argv);
int rotate_node_key_main(int argc, char **argv);

#endif
