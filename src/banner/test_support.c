/* A connection that keeps what it was told. */
#include "banner/test_support.h"

#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool may_tell(const struct banner_ops *ops, uint16_t app)
{
    for (unsigned i = 0; i < BANNER_APPS_MAX && (i == 0 || ops->apps[i] != 0); i++)
        if (ops->apps[i] == app)
            return true;
    return false;
}

static void take_field(void *context, uint16_t app, const uint8_t *text, size_t length)
{
    struct run *run = context;
    assert_in_range(run->field_count, 0, RUN_FIELDS_MAX - 1);
    assert_in_range(length, 1, BANNER_TEXT_MAX);
    assert_true(may_tell(run->banner.ops, app));
    struct run_field *field = &run->fields[run->field_count++];
    field->app = app;
    field->length = length;
    memcpy(field->text, text, length);
}

void run_start(struct run *run, const struct banner_ops *ops, const struct banner_setup *setup)
{
    run->setup = *setup;
    run->last = BANNER_MORE;
    run->field_count = 0;
    run->sent = 0;
    memset(&run->banner, 0xa5, sizeof run->banner);
    banner_start(&run->banner, ops);
}

/* How much is sent while nothing fits is lost; so there is always room for what the contract says.
 */
static struct banner_talk talk_of(struct run *run, uint8_t send[BANNER_SEND_MAX])
{
    return (struct banner_talk){.setup = &run->setup,
                                .field = take_field,
                                .context = run,
                                .send = send,
                                .send_room = BANNER_SEND_MAX};
}

static void take_sent(struct run *run, const struct banner_talk *talk)
{
    assert_in_range(talk->sent, 0, BANNER_SEND_MAX);
    assert_in_range(run->sent + talk->sent, 0, RUN_SENT_MAX);
    memcpy(run->sent_bytes + run->sent, talk->send, talk->sent);
    run->sent += talk->sent;
}

void run_feed(struct run *run, const uint8_t *bytes, size_t length)
{
    uint8_t send[BANNER_SEND_MAX];
    struct banner_talk talk = talk_of(run, send);
    static uint8_t room[RUN_PIECE_MAX];
    assert_in_range(length, 0, sizeof room);
    uint8_t *copy =
        room + sizeof room - length; /* its end is the array's, which sanitizers guard */
    memcpy(copy, bytes, length);
    bool was_over = run->banner.over;
    unsigned before = run->field_count;
    enum banner_step step = banner_feed(&run->banner, copy, length, &talk);
    if (was_over) {
        assert_int_equal(step, BANNER_DONE);
        assert_int_equal(run->field_count, before);
        assert_int_equal(talk.sent, 0);
        return;
    }
    assert_true(run->banner.over == (step >= BANNER_DONE));
    assert_true(step >= BANNER_DONE || (step == BANNER_SEND) == (talk.sent > 0));
    run->last = step;
    take_sent(run, &talk);
}

void run_end(struct run *run)
{
    uint8_t send[BANNER_SEND_MAX];
    struct banner_talk talk = talk_of(run, send);
    banner_end(&run->banner, &talk);
    assert_true(run->banner.over);
    assert_int_equal(talk.sent, 0);
    const uint8_t *memory = (const uint8_t *)&run->banner;
    for (size_t i = banner_size(run->banner.ops); i < sizeof run->banner; i++)
        assert_int_equal(memory[i], 0xa5);
}

void run_hello(struct run *run)
{
    uint8_t send[BANNER_SEND_MAX];
    struct banner_talk talk = talk_of(run, send);
    assert_true(run->banner.ops->hello(&talk));
    take_sent(run, &talk);
}

void run_assert_equal(const struct run *a, const struct run *b)
{
    assert_int_equal(a->field_count, b->field_count);
    for (unsigned i = 0; i < a->field_count; i++) {
        assert_int_equal(a->fields[i].app, b->fields[i].app);
        assert_int_equal(a->fields[i].length, b->fields[i].length);
        assert_memory_equal(a->fields[i].text, b->fields[i].text, a->fields[i].length);
    }
    assert_int_equal(a->sent, b->sent);
    assert_memory_equal(a->sent_bytes, b->sent_bytes, a->sent);
    assert_int_equal(a->banner.over, b->banner.over);
}

/* xorshift64* (S. Vigna, 2016). */
uint32_t run_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * 0x2545f4914f6cdd1d >> 32);
}

size_t vector_read(const char *folder, const char *name, const char *suffix, void *bytes,
                   size_t room)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is not there", path);
    size_t length = fread(bytes, 1, room, file);
    (void)fclose(file);
    assert_in_range(length, 0, room - 1);
    return length;
}

static int is_vector(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".bin") == 0;
}

void vectors_each(const char *folder, int least, void (*check)(const char *file))
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_vector, alphasort);
    assert_in_range(count, least, 1000);
    for (int i = 0; i < count; i++) {
        check(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

char *vector_print(char *at, const uint8_t *bytes, size_t length)
{
    *at = '\0';
    for (size_t i = 0; i < length; i++) {
        bool is_plain = isprint(bytes[i]) && bytes[i] != '\\';
        at += sprintf(at, is_plain ? "%c" : "\\x%02x", bytes[i]);
    }
    return at;
}
