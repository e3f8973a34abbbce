/* Alibaba Cloud's backend signature (alibaba.md 4.4): X-Ca-Proxy-Signature and its companions. */
#ifndef COUNTERSIGN_SCHEME_ALIYUN_PROXY_H
#define COUNTERSIGN_SCHEME_ALIYUN_PROXY_H

#include "scheme/scheme.h"

/* Header names (lower case, NULL-terminated) that this signature sets; a caller's own copies must be removed first. */
extern const char *const aliyun_proxy_carriers[];

/* As scheme.sign. X-Ca-Timestamp is set and signed. A body that streams is not covered, nor is one of another method than POST and PUT. */
bool aliyun_proxy_sign(const struct signing *signing, struct arena *arena, struct signed_fields *fields);

/* The backend's half: reads the four headers. claim->signed_names is separated by ','. REFUSAL_NONE, or why they cannot be read
 * (claim->field). */
enum refusal aliyun_proxy_read(const struct http_request *request, struct claim *claim);
/* Is claim->proof what signing->secret gives over signing->request and signing->body? */
enum refusal aliyun_proxy_check(const struct signing *signing, const struct claim *claim, struct arena *arena);

/* What of this request's body it covers (body_need bits). */
unsigned aliyun_proxy_body(const struct http_request *request);

#endif
