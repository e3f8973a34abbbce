/* The end of a connection whose peer may still be sending. */
#ifndef COUNTERSIGN_CONTROL_LINGER_H
#define COUNTERSIGN_CONTROL_LINGER_H

#define LINGER_MS 2000

/* Reads and drops what comes until the peer closes, LINGER_MS at most. An answer that went out before the body had come would be lost
 * otherwise: the peer's next write fails, and nginx then answers 502 without having looked at it (RFC 9112, 9.6). */
void linger(int fd);

#endif
