/* The picture that the edge holds, made of what the store says now. One read session and one write transaction at a time. */
#ifndef COUNTERSIGN_CONTROL_PICTURE_H
#define COUNTERSIGN_CONTROL_PICTURE_H

#include "control/compile.h"
#include "control/resolver.h"
#include "edge/writer.h"
#include "store/sealing.h"

/* Credentials that changed and wait to be looked at together: an import names thousands, and each would be several commands. */
#define PICTURE_GATHERED 100
struct gathered_credential {
    struct change change; /* its texts in `texts` */
    char texts[256];
    struct value *row; /* in the arena; NULL: it is gone */
    struct principal principal;
};
struct picture_batch {
    struct gathered_credential items[PICTURE_GATHERED];
    size_t count;
};

struct picture {
    struct session *session;
    struct edge_writer *writer;
    struct seal *store_seal; /* opens the secrets of the store */
    struct resolver *resolver;
    struct arena *arena;
    char *problem; /* room for 256: why a function gave false */
    struct picture_batch *batch;
};

/* Looks at what one change names and puts or removes it. False: the store or the edge failed (*problem); the transaction must be aborted.
 * What is damaged in itself (a secret that does not open, a definition that cannot be served) is removed from the edge and logged: it is
 * nobody's reason to hold back other changes. */
bool picture_apply(struct picture *picture, const struct change *change);
/* Behind the last change: looks at what was gathered. */
bool picture_apply_gathered(struct picture *picture);
/* Clears the edge and puts everything. */
bool picture_rebuild(struct picture *picture);
/* Tells the resolver all names of backends in effect, for an edge that is taken over as it is. */
bool picture_want_names(struct picture *picture);

/* For picture's own files. */
bool picture_store_failed(struct picture *picture);                   /* false, with the store's problem */
bool picture_wrote(struct picture *picture, enum edge_result result); /* EDGE_OK → true; otherwise the edge's problem */
void picture_skipped(const char *what, struct bytes id, const char *why);

bool picture_failed(struct picture *picture, const char *problem); /* false */
/* Every row of an entity. */
bool picture_put_all(struct picture *picture, const struct entity *entity, bool (*put)(struct picture *picture, const struct value *row));

bool picture_look_at_publication(struct picture *picture, const struct change *change);
bool picture_look_at_plans(struct picture *picture, const struct change *change);
bool picture_look_at_routes(struct picture *picture, const struct change *change);
bool picture_put_all_apis(struct picture *picture);

bool picture_look_at_user(struct picture *picture, const struct change *change);
bool picture_look_at_user_token(struct picture *picture, const struct change *change);
bool picture_look_at_instance(struct picture *picture, const struct change *change);
bool picture_put_all_users(struct picture *picture);

bool picture_look_at_throttle(struct picture *picture, const struct change *change);
bool picture_look_at_address_list(struct picture *picture, const struct change *change);
bool picture_add_policies(struct picture *picture, struct publication *publication); /* what is bound to it */
bool picture_put_all_policies(struct picture *picture);

bool picture_look_at_credential(struct picture *picture, const struct change *change);
bool picture_gather_credential(struct picture *picture, const struct change *change); /* as the other, now or with the rest */
enum credential_kind picture_kind_of(const struct change *change);
/* `known`: whose it is, or NULL to look. */
bool picture_put_credential(struct picture *picture, const struct value *row, const struct principal *known);
bool picture_remove_credential(struct picture *picture, const struct change *change);
bool picture_put_all_credentials(struct picture *picture);

#endif
