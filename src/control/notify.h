/* Tells whoever started the daemon how far it is (sd_notify(3)): a datagram to the socket that $NOTIFY_SOCKET names. */
#ifndef COUNTERSIGN_CONTROL_NOTIFY_H
#define COUNTERSIGN_CONTROL_NOTIFY_H

/* "READY=1", "STOPPING=1". Without $NOTIFY_SOCKET nothing happens; nor does a failure, which only the supervisor could mend. */
void notify_supervisor(const char *state);

#endif
