#include "policy/mapping.h"

const char *const mapping_system_words[] = {"sourceIp",  "stage",      "apiId",      "apiName",    "appId", "appName",
                                            "requestId", "serverAddr", "serverName", "handleTime", NULL};

static void add_text(struct buffer *out, struct bytes text)
{
    if (text.length > UINT16_MAX) out->overflow = true;
    buffer_add_byte(out, (uint8_t)(text.length >> 8));
    buffer_add_byte(out, (uint8_t)(text.length & 0xff));
    buffer_add(out, text);
}

void mapping_add(struct buffer *out, const struct mapping_item *item)
{
    buffer_add_byte(out, (uint8_t)item->origin);
    buffer_add_byte(out, (uint8_t)item->place);
    add_text(out, item->name);
    add_text(out, item->value);
    add_text(out, item->fallback);
}

static bool read_text(struct bytes *rest, struct bytes *text)
{
    if (rest->length < 2) return false;
    size_t length = (size_t)rest->data[0] << 8 | rest->data[1];
    if (rest->length - 2 < length) return false;
    *text = bytes_slice(*rest, 2, length);
    *rest = bytes_from(*rest, 2 + length);
    return true;
}

bool mapping_next(struct bytes *rest, struct mapping_item *item)
{
    if (rest->length < 2) return false;
    item->origin = (enum mapping_origin)rest->data[0];
    item->place = (enum mapping_place)rest->data[1];
    *rest = bytes_from(*rest, 2);
    return read_text(rest, &item->name) && read_text(rest, &item->value) && read_text(rest, &item->fallback);
}

bool mapping_stays(const struct mapping_item *item)
{
    bool same_place = (item->origin == MAPPED_QUERY && item->place == MAPPED_TO_QUERY) ||
                      (item->origin == MAPPED_HEADER && item->place == MAPPED_TO_HEADER);
    return same_place && bytes_equal(item->name, item->value);
}

static bool is_sound(const struct mapping_item *item)
{
    return item->origin >= MAPPED_PATH && item->origin <= MAPPED_SYSTEM && item->place >= MAPPED_TO_QUERY &&
           item->place <= MAPPED_NOWHERE && item->name.length > 0 && item->name.length <= MAPPING_MAX_NAME;
}

bool mapping_count(struct bytes text, size_t *count)
{
    struct mapping_item item;
    *count = 0;
    while (text.length > 0) {
        if (!mapping_next(&text, &item) || !is_sound(&item) || ++*count > MAPPING_MAX_ITEMS) return false;
    }
    return true;
}
