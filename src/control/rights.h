/* Who may do what where: roles of users, and the one table of role and right. */
#ifndef COUNTERSIGN_CONTROL_RIGHTS_H
#define COUNTERSIGN_CONTROL_RIGHTS_H

#include "base/bytes.h"

/* What a caller must be allowed to do; which role may is said in rights.c, once. A role counts within its project and instance. */
enum right {
    RIGHT_READ,       /* see the gateway, without secrets */
    RIGHT_WRITE,      /* run the gateway: environments, features, parameters; all that is nobody else's */
    RIGHT_WRITE_APIS, /* groups, domains, APIs, publications, signature keys */
    RIGHT_WRITE_APPS, /* apps, consumers, their credentials and authorisations */
    RIGHT_READ_AUDIT,
    RIGHT_READ_USERS,
    RIGHT_WRITE_USERS, /* users, their roles and keys, projects, security settings: of the whole domain */
    RIGHT_CALL,        /* call APIs of type IAM at the gateway, and try one (try_api.c) */
    RIGHT_READ_SELF,   /* whoever proved who he is, about himself */
    RIGHT_WRITE_SELF,
    RIGHT_ANYONE, /* without proof: the handler asks for its own (a password). It opens its session itself: call_begin */
    RIGHT_COUNT
};
/* "write_apis": in the description and the list of routes. */
const char *right_name(enum right right);
/* Does a call with this right change something? Then its session is a write one. */
bool right_writes(enum right right);

enum role { ROLE_ADMINISTRATOR, ROLE_OPERATOR, ROLE_AUDITOR, ROLE_API_OWNER, ROLE_APP_OWNER, ROLE_API_CALLER, ROLE_COUNT };
/* "api_owner": in store and JSON. */
extern const char *const role_names[ROLE_COUNT + 1]; /* NULL at the end */
/* False: no role has this name. */
bool role_of_name(struct bytes name, enum role *role);
/* Does it give RIGHT_CALL? */
bool role_may_call(enum role role);

/* A role within a project (empty: every project of the user's domain) and an instance (empty: every instance of the project). */
struct grant {
    enum role role;
    struct bytes project_id;
    struct bytes instance_id;
};
#define GRANTS_MAX 64 /* of a user */

/* By what a caller proved who he is. */
enum caller_proof { CALLER_UNKNOWN, CALLER_KEY, CALLER_TEMPORARY_KEY, CALLER_TOKEN, CALLER_SESSION };

struct caller {
    enum caller_proof proof;
    struct bytes proof_id;         /* of the credential, token or session */
    struct bytes domain_id;        /* of the user */
    struct bytes home_project_id;  /* of the user: where the audit of what is of no project is found */
    struct bytes token_project_id; /* a token of project scope: for this one only; empty: wherever he has roles */
    bool token_of_domain;          /* a token of domain scope: for no project */
    const struct grant *grants;
    size_t grant_count;
};

/* Where something is to be done; an empty project means the whole domain, an empty instance the whole project. */
struct scope {
    struct bytes project_id;
    struct bytes instance_id;
};
/* Does any role of the caller reach this place at all? Reading a list of instances needs no more than one of them. */
bool caller_reaches(const struct caller *caller, struct scope scope);
/* May the caller do this there? Rights on users need the role in the whole domain: whoever gives roles could give himself any. */
bool caller_may(const struct caller *caller, enum right right, struct scope scope);

#endif
