/* What an API may ask for that this gateway does not do yet. */
#ifndef COUNTERSIGN_CONTROL_API_DEMANDS_H
#define COUNTERSIGN_CONTROL_API_DEMANDS_H

#include "control/call.h"

/* False: the body asks for something that is not served; refused, naming the field and what is served. */
bool api_demands_are_served(struct call *call);

#endif
