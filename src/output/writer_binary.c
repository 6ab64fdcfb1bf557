/* The binary format, record types 6 to 13 (binary_format.h). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/binary_format.h"
#include "output/writers.h"

static void append_frame(struct buffer *out, const char *text)
{
    char frame[BINARY_FRAME_SIZE] = {0};
    memcpy(frame, text, strnlen(text, sizeof frame));
    buffer_append(out, frame, sizeof frame);
}

static void open_document(void *state, struct buffer *out, const struct scan_facts *facts)
{
    (void)state;
    char text[BINARY_FRAME_SIZE];
    snprintf(text, sizeof text, "masscan/1.1\ns:%" PRIu64 "\n", facts->start_time);
    append_frame(out, text);
}

/* A walk over a file's records, heads only, through a small window. */
struct walk {
    const struct earlier_file *file;
    uint64_t at;    /* of the record now */
    uint64_t end;   /* behind the last record that is to stay */
    uint64_t zeros; /* where those begin that the file ends with */
    uint64_t solid; /* as `end`, but before the zeros */
    uint64_t window_offset;
    size_t window_length;
    uint8_t window[1 << 16];
};

/* Brings the head at walk->at into the window. */
static int see_head(struct walk *walk, struct error *err)
{
    uint64_t window_end = walk->window_offset + walk->window_length;
    bool inside = walk->at >= walk->window_offset && walk->at < window_end;
    if (inside && (window_end - walk->at >= BINARY_HEAD_MAX || window_end == walk->file->size))
        return 0;
    uint64_t left = walk->file->size - walk->at;
    walk->window_offset = walk->at;
    walk->window_length = left < sizeof walk->window ? (size_t)left : sizeof walk->window;
    return walk->file->read(walk->file->context, walk->window_offset, walk->window,
                            walk->window_length, err);
}

static int damaged(const struct walk *walk, struct error *err)
{
    return error_set(err,
                     "it is damaged at byte %" PRIu64
                     "; read what it holds with --readscan, or name another file",
                     walk->at);
}

/* Zeros up to the end of the file are what never reached the disk, and so may those in the record
 * before them be. No record is of type 0. */
static bool is_unwritten(const struct walk *walk, const struct binary_head *head)
{
    return walk->at >= walk->zeros && head->type == 0 && head->body_length == 0;
}

/* Steps over whole records until the file ends or one is cut as a killed writer leaves it. */
static int walk_records(struct walk *walk, struct error *err)
{
    while (walk->at < walk->file->size) {
        int result = see_head(walk, err);
        if (result < 0)
            return result;
        size_t skip = (size_t)(walk->at - walk->window_offset);
        struct binary_head head;
        enum binary_head_outcome outcome =
            binary_head_parse(&head, walk->window + skip, walk->window_length - skip);
        if (outcome == BINARY_HEAD_CUT)
            return 0;
        if (outcome == BINARY_HEAD_BROKEN)
            return damaged(walk, err);
        if (is_unwritten(walk, &head)) {
            walk->end = walk->solid;
            return 0;
        }
        if (head.body_length > walk->file->size - walk->at - head.size)
            return head.body_length > BINARY_BODY_MAX ? damaged(walk, err) : 0;
        walk->at += head.size + head.body_length;
        if (head.type != BINARY_FRAME)
            walk->end = walk->at;
        if (walk->at <= walk->zeros)
            walk->solid = walk->end;
    }
    return 0;
}

/* Enough of the header to know the file, or as much of it as a killed writer left: `length`. */
static int check_magic(const struct earlier_file *file, uint64_t length, struct error *err)
{
    char magic[BINARY_MAGIC_SIZE];
    size_t known = length < sizeof magic ? (size_t)length : sizeof magic;
    int result = file->read(file->context, 0, magic, known, err);
    if (result < 0)
        return result;
    if (memcmp(magic, BINARY_MAGIC, known) != 0)
        return error_set(err,
                         "it does not begin with \"%s\" as a file of the format binary does; "
                         "append in the format the file has, or name another file",
                         BINARY_MAGIC);
    return 0;
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    (void)state;
    (void)facts;
    uint64_t zeros = 0;
    int result = earlier_zeros(file, &zeros, err);
    if (result == 0)
        result = check_magic(file, zeros, err);
    if (result < 0)
        return result;
    if (zeros <= BINARY_FRAME_SIZE) /* those of the header, or in the place of more of it */
        return RESUME_FRESH;
    struct walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL)
        return error_set(err, "no memory to read it");
    walk->file = file;
    walk->zeros = zeros;
    walk->at = walk->end = walk->solid = BINARY_FRAME_SIZE;
    result = walk_records(walk, err);
    *end = walk->end;
    free(walk);
    return result < 0 ? result : RESUME_BEHIND;
}

static uint8_t *put16(uint8_t *at, uint16_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t number)
{
    return put16(put16(at, (uint16_t)(number >> 16)), (uint16_t)number);
}

static uint8_t *put_bytes(uint8_t *at, const uint8_t *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

/* The fields of every type differ only in where the address stands and what is between port and
 * TTL: a reason, or the application. */
static uint8_t *put_fields(uint8_t *at, const struct result *result)
{
    bool v6 = result->ip.version == 6;
    at = put32(at, result->time > UINT32_MAX ? UINT32_MAX : (uint32_t)result->time);
    if (!v6)
        at = put_bytes(at, result->ip.bytes, 4);
    *at++ = result->protocol;
    at = put16(at, result->port);
    if (result->kind == RESULT_BANNER)
        at = put16(at, result->app);
    else
        *at++ = result->reason;
    *at++ = result->ttl;
    if (v6) {
        *at++ = 6;
        at = put_bytes(at, result->ip.bytes, 16);
    }
    return at;
}

static enum binary_type type_of(const struct result *result)
{
    static const enum binary_type statuses[] = {
        [RESULT_OPEN] = BINARY_OPEN, [RESULT_CLOSED] = BINARY_CLOSED, [RESULT_UP] = BINARY_UP};
    enum binary_type type =
        result->kind == RESULT_BANNER ? BINARY_BANNER : statuses[result->status];
    return result->ip.version == 6 ? type + (BINARY_OPEN6 - BINARY_OPEN) : type;
}

static size_t fields_length(const struct result *result)
{
    size_t address = result->ip.version == 6 ? 1 + 16 : 4;
    return (result->kind == RESULT_BANNER ? 10 : 9) + address;
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    (void)state;
    size_t fields = fields_length(result);
    uint32_t text = result->kind == RESULT_BANNER ? result->banner_length : 0;
    uint8_t *at = buffer_reserve(out, BINARY_HEAD_MAX + fields + text);
    if (at == NULL)
        return;
    at = binary_varint_put(at, type_of(result));
    at = binary_varint_put(at, (uint32_t)fields + text);
    at = put_fields(at, result);
    if (text > 0)
        memcpy(at, result->banner, text);
    out->length = (size_t)(at + text - out->bytes);
}

static void close_document(void *state, struct buffer *out, uint64_t now)
{
    (void)state;
    (void)now;
    append_frame(out, "masscan/1.1");
}

const struct writer_ops writer_binary = {
    .name = "binary",
    .aliases = "",
    .help = "compact records, read back with --readscan",
    .open = open_document,
    .resume = resume,
    .record = record,
    .close = close_document,
};
