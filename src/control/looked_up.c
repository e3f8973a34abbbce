#include "control/looked_up.h"

#include "credential/credential.h"
#include "crypto/random.h"
#include "store/sealing.h"

#define SHOWN_FROM 16 /* a shorter secret would be half given away by its first and last four characters */
#define SHOWN      4

static struct bytes display(struct call *call, struct bytes secret)
{
    struct buffer out = buffer_in(&call->arena, 2 * SHOWN + 3);
    bool shown = secret.length >= SHOWN_FROM;
    if (shown) buffer_add(&out, bytes_slice(secret, 0, SHOWN));
    buffer_add_text(&out, "...");
    if (shown) buffer_add(&out, bytes_from(secret, secret.length - SHOWN));
    return buffer_bytes(&out);
}

bool looked_up_lay(struct call *call, struct bytes secret, struct value *row)
{
    struct buffer lookup = buffer_in(&call->arena, STORE_LOOKUP_SIZE);
    store_api_key_lookup(call->daemon->keys, secret, &lookup);
    if (lookup.overflow) return call_fault(call, "no memory for a key");
    row_clear(&entity_credential, row);
    row[CREDENTIAL_ROW_ID] = value_text(call_new_id(call));
    row[CREDENTIAL_INSTANCE_ID] = value_text(call->instance_id);
    row[CREDENTIAL_KIND] = value_integer(CREDENTIAL_API_KEY);
    row[CREDENTIAL_LOOKUP] = value_text(buffer_bytes(&lookup));
    row[CREDENTIAL_DISPLAY] = value_text(display(call, secret));
    row[CREDENTIAL_ENABLED] = value_integer(1);
    row[CREDENTIAL_REVISION] = value_integer((int64_t)store_revision(call->session));
    row[CREDENTIAL_CREATE_TIME] = value_integer(call->now);
    return row[CREDENTIAL_ROW_ID].bytes.length > 0;
}

struct bytes looked_up_draw(struct call *call, size_t length)
{
    struct buffer drawn = buffer_in(&call->arena, length);
    if (!random_text(&drawn, length)) call_fault(call, "no randomness for a key");
    return buffer_bytes(&drawn);
}
