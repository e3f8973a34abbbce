#include "edge/record.h"

struct record record_over(struct bytes value)
{
    const uint8_t *start = value.length ? value.data : (const uint8_t *)"";
    struct record record = {.at = start, .end = start + value.length};
    if (record_u8(&record) != RECORD_VERSION) record.bad = true;
    return record;
}

static uint64_t take_number(struct record *record, size_t size)
{
    uint64_t number = 0;
    if (record->bad || (size_t)(record->end - record->at) < size) {
        record->bad = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++) number = number << 8 | *record->at++;
    return number;
}

uint8_t record_u8(struct record *record)
{
    return (uint8_t)take_number(record, 1);
}

uint16_t record_u16(struct record *record)
{
    return (uint16_t)take_number(record, 2);
}

uint32_t record_u32(struct record *record)
{
    return (uint32_t)take_number(record, 4);
}

uint64_t record_u64(struct record *record)
{
    return take_number(record, 8);
}

int64_t record_i64(struct record *record)
{
    return (int64_t)take_number(record, 8);
}

bool record_flag(struct record *record)
{
    return record_choice(record, 0, 1) == 1;
}

int record_choice(struct record *record, int lowest, int highest)
{
    int choice = record_u8(record);
    if (choice >= lowest && choice <= highest) return choice;
    record->bad = true;
    return lowest;
}

static struct bytes take_bytes(struct record *record, size_t length)
{
    if (record->bad || (size_t)(record->end - record->at) < length) {
        record->bad = true;
        return (struct bytes){0};
    }
    struct bytes taken = {record->at, length};
    record->at += length;
    return taken;
}

struct bytes record_bytes(struct record *record)
{
    size_t length = record_u16(record);
    return take_bytes(record, length);
}

struct bytes record_long_bytes(struct record *record)
{
    size_t length = record_u32(record);
    return take_bytes(record, length);
}

bool record_is_whole(const struct record *record)
{
    return !record->bad && record->at == record->end;
}

void record_start(struct buffer *out)
{
    buffer_add_byte(out, RECORD_VERSION);
}

void record_add_bytes(struct buffer *out, struct bytes bytes)
{
    if (bytes.length > UINT16_MAX) {
        out->overflow = true;
        return;
    }
    buffer_add_u16(out, (uint16_t)bytes.length);
    buffer_add(out, bytes);
}

void record_add_long_bytes(struct buffer *out, struct bytes bytes)
{
    if (bytes.length > UINT32_MAX) {
        out->overflow = true;
        return;
    }
    buffer_add_u32(out, (uint32_t)bytes.length);
    buffer_add(out, bytes);
}
