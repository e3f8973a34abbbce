/* countersign verify --sign-type: a request as it reached a backend, judged as the backend would. */
#ifndef COUNTERSIGN_CLI_VERIFY_COUNTERSIGNED_H
#define COUNTERSIGN_CLI_VERIFY_COUNTERSIGNED_H

#include <stdbool.h>

bool countersigned_is_meant(int argc, char **argv);
int countersigned_verify_main(int argc, char **argv);

#endif
