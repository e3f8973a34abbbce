/* The commands of the CLI. A command is a file src/cli/<name>.c with one <name>_main, and one row in the table of main.c; usage text,
 * --help and the documentation come from that row. */
#ifndef COUNTERSIGN_CLI_COMMAND_H
#define COUNTERSIGN_CLI_COMMAND_H

/* Exit codes of every command. */
enum command_exit {
    COMMAND_OK = 0,
    COMMAND_REFUSED = 1, /* it ran, and the answer is no: a request is refused, a vector fails, texts differ */
    COMMAND_USAGE = 2,   /* it was called wrongly */
    COMMAND_FAULT = 3    /* a file, the daemon, the edge or the system failed */
};

struct command {
    const char *name;
    /* argv[0] is the command's name. --help never arrives here. Returns an enum command_exit. */
    int (*run)(int argc, char **argv);
    const char *summary; /* one line */
    const char *usage;   /* what stands behind "countersign NAME ", then a line per option */
};

int admin_main(int argc, char **argv);
int apply_main(int argc, char **argv);
int audit_main(int argc, char **argv);
int backend_main(int argc, char **argv);
int backup_main(int argc, char **argv);
int check_vectors_main(int argc, char **argv);
int edge_main(int argc, char **argv);
int explain_main(int argc, char **argv);
int export_main(int argc, char **argv);
int import_main(int argc, char **argv);
int restore_main(int argc, char **argv);
int sign_main(int argc, char **argv);
int up_main(int argc, char **argv);
int verify_main(int argc, char **argv);

/* For a command that was called wrongly: says what is wrong and how to call it, on standard error. Returns COMMAND_USAGE. */
int command_misused(const char *name, const char *problem);
/* For a fault: "countersign NAME: problem" on standard error. Returns COMMAND_FAULT. */
int command_failed(const char *name, const char *problem);

#endif
