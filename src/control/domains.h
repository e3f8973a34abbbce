/* The domains of a group: host names that lead to its APIs besides its own subdomain. */
#ifndef COUNTERSIGN_CONTROL_DOMAINS_H
#define COUNTERSIGN_CONTROL_DOMAINS_H

#include "control/resource.h"

/* Adds url_domains to the JSON of a group, whose "id" is set. */
/* The members of one of its items. */
extern const struct fields domain_of_group_fields;
bool domains_add_to_group(struct call *call, json_t *group);
/* Removes the domains of a group that goes. */
bool domains_remove_of_group(struct call *call, struct bytes group_id);

#endif
