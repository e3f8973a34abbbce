#include "cli/terminal.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/bytes.h"
#include "crypto/secret.h"

/* One line without its end; read byte by byte, so that what follows stays there for the next reader. */
static bool read_line(char line[static TERMINAL_LINE])
{
    size_t length = 0;
    char byte;
    ssize_t got;
    while ((got = read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n') {
        if (length + 1 == TERMINAL_LINE) return false;
        line[length++] = byte;
    }
    line[length] = '\0';
    return got == 1 || length > 0;
}

static bool ask_hidden(const char *question, char line[static TERMINAL_LINE])
{
    struct termios shown, hidden;
    bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) { /* before the question: whoever answers at once is not seen either */
        hidden = shown;
        hidden.c_lflag &= (tcflag_t)~ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    fputs(question, stderr);
    bool read = read_line(line);
    if (terminal) tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    fputc('\n', stderr);
    return read;
}

bool terminal_ask_secret(const char *what, char secret[static TERMINAL_LINE], char problem[static 256])
{
    char question[128], again[TERMINAL_LINE] = "";
    snprintf(problem, 256, "%.100s: nothing was given", what);
    if (!isatty(STDIN_FILENO)) return read_line(secret);
    snprintf(question, sizeof question, "%.100s: ", what);
    if (!ask_hidden(question, secret)) return false;
    snprintf(question, sizeof question, "%.100s again: ", what);
    bool same = ask_hidden(question, again) && secret_equal(bytes_of_text(secret), bytes_of_text(again));
    secret_wipe(again, sizeof again);
    if (!same) snprintf(problem, 256, "%.100s: the two differ", what);
    return same;
}

bool terminal_ask(const char *question, char line[static TERMINAL_LINE])
{
    fputs(question, stderr);
    return read_line(line);
}
