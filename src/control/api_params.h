/* The parameters of an API: those of its path, of req_params and of backend_params, and how they must agree (huawei.md 4.5). */
#ifndef COUNTERSIGN_CONTROL_API_PARAMS_H
#define COUNTERSIGN_CONTROL_API_PARAMS_H

#include "control/call.h"
#include "control/path_template.h"

/* `front` and `back` are the templates of req_uri and backend_api.req_uri. False: refused (APIG.2026, 2027, 2028, or the field). */
bool api_params_agree(struct call *call, const struct path_template *front, const struct path_template *back);

#endif
