/* A whole raw HTTP/1.1 request (file, standard input, vectors) into a request view and a body. For the CLI and tests: in the
 * gateway nginx has parsed already. */
#ifndef COUNTERSIGN_HTTP_PARSE_H
#define COUNTERSIGN_HTTP_PARSE_H

#include "base/arena.h"
#include "http/request.h"

#define HTTP_MAX_FIELDS 200

/* CRLF or LF lines; the body is everything behind the empty line (Content-Length, when there, must agree). False with *problem
 * saying what is wrong in words. Borrows from `text` and `arena`. */
bool http_parse(struct arena *arena, struct bytes text, struct http_request *request, struct bytes *body, const char **problem);

#endif
