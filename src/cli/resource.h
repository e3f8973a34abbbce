/* countersign RESOURCE VERB [ARGUMENT...] [OPTION...] for everything that the management API serves. */
#ifndef COUNTERSIGN_CLI_RESOURCE_H
#define COUNTERSIGN_CLI_RESOURCE_H

/* argv[0] is the resource. Returns an enum command_exit. */
int resource_main(int argc, char **argv);

#endif
