/* Certificates as an operator pastes them. */
#ifndef COUNTERSIGN_CONTROL_CERTIFICATES_H
#define COUNTERSIGN_CONTROL_CERTIFICATES_H

#include "base/arena.h"

/* Only certificates in PEM (RFC 7468, 5.1), blanks between them, nothing else: no private key pasted by mistake. Their content is read by
 * who connects. Takes memory of the arena for a while. */
bool certificates_are_pem(struct arena *arena, struct bytes text);

#endif
