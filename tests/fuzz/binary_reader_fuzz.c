/* Fuzzes the binary reader, and every writer with what it reads.
 *
 * Inputs get a header in front unless they have one. What is read, written as binary and read again
 * must be the same; text must be printable; a document that is the input must be continued or
 * refused, never crash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_target.h"
#include "output/binary_format.h"
#include "output/binary_reader.h"
#include "output/writer.h"

enum {
    TEXT_MAX = 64 << 20,
    FORMATS_MAX = 16,
    LARGE_STATE = 4096, /* clearing it would take most of the time */
};

static const struct scan_facts facts = {.start_time = 1,
                                        .version = "0",
                                        .tcp_text = "",
                                        .udp_text = "",
                                        .sctp_text = "",
                                        .ip_protocol_text = ""};

struct writers {
    struct buffer binary;
    struct buffer text;
    uint64_t count;
};

/* Of a document that is being written all the time; costly to make. */
static void *state_of(unsigned number)
{
    static void *states[FORMATS_MAX];
    check(number < FORMATS_MAX);
    if (states[number] == NULL)
        states[number] = calloc(1, writer_table[number]->state_size + 1);
    return states[number];
}

/* What a record has beside one line of printable text. */
struct form {
    const char *name, *start; /* the latter may stand before the line */
    const char *blanks;       /* may stand in it */
    bool may_be_empty;
};

static const struct form *form_of(const struct writer_ops *writer)
{
    static const struct form forms[] = {
        {"json", .start = ",\n"},
        {"grepable", .blanks = "\t"},
        {"unicornscan", .blanks = "\t", .may_be_empty = true},
        {"csv", .blanks = "\r"},
        {"xml", .blanks = "\r"},
        {"certs", .blanks = "\n", .may_be_empty = true},
        {"none", .may_be_empty = true},
    };
    static const struct form line = {0};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].name, writer->name) == 0)
            return &forms[i];
    return &line;
}

/* Nothing that a server said breaks a line, or is more than text. */
static void check_text(const struct form *form, const char *text)
{
    if (form->start != NULL && strncmp(text, form->start, strlen(form->start)) == 0)
        text += strlen(form->start);
    size_t length = strlen(text);
    check(length > 0 ? text[length - 1] == '\n' : form->may_be_empty);
    for (size_t i = 0; i + 1 < length; i++)
        check((text[i] >= 0x20 && text[i] < 0x7f) ||
              (form->blanks != NULL && strchr(form->blanks, text[i]) != NULL));
}

static void write_text(struct buffer *text, const struct result *result)
{
    for (unsigned i = 0; writer_table[i] != NULL; i++) {
        if (strcmp(writer_table[i]->name, "binary") == 0)
            continue;
        buffer_clear(text);
        writer_table[i]->record(state_of(i), text, result);
        const char *string = buffer_string(text);
        check(!text->failed && strlen(string) == text->length);
        check_text(form_of(writer_table[i]), string);
    }
}

static int give(void *context, const struct result *result, struct error *err)
{
    struct writers *writers = context;
    (void)err;
    writers->count++;
    writer_find("binary")->record(NULL, &writers->binary, result);
    write_text(&writers->text, result);
    return 0;
}

static int count(void *context, const struct result *result, struct error *err)
{
    (void)result;
    (void)err;
    ++*(uint64_t *)context;
    return 0;
}

static void read_back(const struct writers *writers)
{
    uint64_t seen = 0;
    struct binary_file_facts file;
    struct error err;
    check(binary_read_memory(writers->binary.bytes, writers->binary.length, "", count, &seen, &file,
                             &err) == 0);
    check(seen == writers->count && file.skipped == 0 && file.torn_bytes == 0);
}

static void fuzz_reader(const uint8_t *data, size_t size)
{
    struct writers writers = {.count = 0};
    struct binary_file_facts file;
    struct error err;
    buffer_init(&writers.binary, TEXT_MAX);
    buffer_init(&writers.text, TEXT_MAX);
    writer_find("binary")->open(NULL, &writers.binary, &facts);
    if (binary_read_memory(data, size, "", give, &writers, &file, &err) == 0) {
        check(file.records == writers.count && file.torn_bytes <= size);
        read_back(&writers);
    }
    buffer_fini(&writers.binary);
    buffer_fini(&writers.text);
}

struct image {
    const uint8_t *bytes;
    size_t length;
};

static int read_image(void *context, uint64_t offset, void *bytes, size_t length, struct error *err)
{
    const struct image *image = context;
    (void)err;
    check(offset <= image->length && length <= image->length - offset);
    memcpy(bytes, image->bytes + offset, length);
    return 0;
}

static void fuzz_resume(const uint8_t *data, size_t size)
{
    struct image image = {data, size};
    struct earlier_file file = {size, &image, read_image};
    for (unsigned i = 0; size > 0 && writer_table[i] != NULL; i++) {
        if (writer_table[i]->state_size > LARGE_STATE)
            continue;
        void *state = calloc(1, writer_table[i]->state_size + 1);
        uint64_t end = 0;
        struct error err;
        if (writer_table[i]->resume(state, &facts, &file, &end, &err) == RESUME_BEHIND)
            check(end <= size);
        free(state);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_resume(data, size);
    fuzz_reader(data, size);
    uint8_t *file = calloc(1, BINARY_FRAME_SIZE + size);
    memcpy(file, BINARY_MAGIC, BINARY_MAGIC_SIZE);
    memcpy(file + BINARY_FRAME_SIZE, data, size);
    fuzz_reader(file, BINARY_FRAME_SIZE + size);
    fuzz_resume(file, BINARY_FRAME_SIZE + size);
    free(file);
    return 0;
}
