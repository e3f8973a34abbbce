/* The token endpoint of the feature app_token: an app exchanges its key and secret, or a refresh token, for an access token (huawei.md 1.4;
 * RFC 6749, 4.4 and 6). Pure: the gateway brings form, directory and clock. */
#ifndef COUNTERSIGN_ADMIT_APP_GRANT_H
#define COUNTERSIGN_ADMIT_APP_GRANT_H

#include "admit/admit.h"
#include "admit/answer.h"

#define APP_GRANT_DEFAULT_URI "/v1/apigw/oauth2/token"
#define APP_GRANT_FORM_LIMIT  8192 /* bytes */

/* What the operator set. */
struct app_grant_settings {
    struct bytes uri;          /* the path, exactly */
    int64_t lifetime, refresh; /* seconds: of an access token, of a refresh token */
};

struct app_grant_question {
    const struct app_grant_settings *settings;
    const struct http_request *request; /* its method and content type count */
    struct bytes form;                  /* its body */
    const struct directory *directory;
    struct bytes request_id;
    struct arena *arena;
    int64_t now;
};

/* From the feature's config (JSON text, as the daemon wrote it), borrowed from it or in the arena. False: damaged. */
bool app_grant_settings_read(struct arena *arena, struct bytes config, struct app_grant_settings *settings);

/* Answers. *admission tells who asked, and how it went, for logs and for counting failures: refused is refused there too, and
 * claim.scheme stays NULL where nobody could be asked for. A fault has no answer. */
void app_grant(const struct app_grant_question *question, struct admission *admission, struct answer *answer);

#endif
