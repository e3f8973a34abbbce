#include "edge/record.h"

void address_list_encode(struct buffer *out, const struct address_list *list)
{
    record_start(out);
    buffer_add_byte(out, list->deny);
    record_add_bytes(out, list->v4);
    record_add_bytes(out, list->v6);
}

bool address_list_decode(struct bytes value, struct address_list *list)
{
    struct record record = record_over(value);
    list->deny = record_flag(&record);
    list->v4 = record_bytes(&record);
    list->v6 = record_bytes(&record);
    return record_is_whole(&record) && address_list_is_sound(list);
}
