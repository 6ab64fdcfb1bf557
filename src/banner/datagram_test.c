/* Replies over UDP, of real and of specified servers (tests/vectors/datagram): the field that each
 * gives, also if it is cut; and what every protocol must stand. */
#include "banner/datagrams.h"
#include "banner/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { REPLY_MAX = 2048, VECTORS_LEAST = 50, LINE_MAX_BYTES = 4 * BANNER_TEXT_MAX + 64 };

/* What was told of a reply. */
struct told {
    unsigned count;
    uint16_t app;
    size_t length;
    uint8_t text[BANNER_TEXT_MAX];
};

struct vector {
    char name[64];
    const struct datagram_ops *ops;
    uint8_t bytes[REPLY_MAX];
    size_t length;
    char fields[LINE_MAX_BYTES];
};

static void take_field(void *context, uint16_t app, const uint8_t *text, size_t length)
{
    struct told *told = context;
    assert_in_range(length, 1, BANNER_TEXT_MAX);
    assert_true(app < APP_COUNT);
    told->count++;
    told->app = app;
    told->length = length;
    memcpy(told->text, text, length);
}

/* The reply lies in memory of its own, so that a read past its end is seen. `ops` NULL: whoever
 * claims it at `port`. */
static bool read_reply(const struct datagram_ops *ops, uint16_t port, const uint8_t *bytes,
                       size_t length, struct told *told)
{
    struct banner_talk talk = {.field = take_field, .context = told};
    uint8_t *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy + 1, bytes, length);
    *told = (struct told){0};
    struct reader reader = reader_over(copy + 1, length);
    bool claimed = true;
    if (ops)
        claimed = ops->understand(&reader, &talk);
    else
        datagram_read(port, copy + 1, length, &talk);
    free(copy);
    assert_in_range(told->count, 0, 1);
    if (ops)
        assert_true(claimed == (told->count == 1));
    return claimed;
}

static const struct datagram_ops *by_name(const char *name, size_t length)
{
    for (unsigned i = 0; i < datagram_protocol_count; i++)
        if (strlen(datagram_protocols[i]->name) == length &&
            memcmp(datagram_protocols[i]->name, name, length) == 0)
            return datagram_protocols[i];
    return NULL;
}

/* "PROTOCOL-NAME.bin" */
static void load(struct vector *vector, const char *file)
{
    (void)snprintf(vector->name, sizeof vector->name, "%.*s", (int)strlen(file) - 4, file);
    const char *dash = strrchr(vector->name, '-');
    assert_non_null(dash);
    vector->ops = by_name(vector->name, (size_t)(dash - vector->name));
    if (!vector->ops)
        fail_msg("%s is of no protocol", vector->name);
    vector->length =
        vector_read(DATAGRAM_VECTORS, vector->name, ".bin", vector->bytes, sizeof vector->bytes);
}

static void (*check_each)(struct vector *vector);

static void check_file(const char *file)
{
    static struct vector vector;
    load(&vector, file);
    check_each(&vector);
}

static void with_each(void (*check)(struct vector *vector))
{
    check_each = check;
    vectors_each(DATAGRAM_VECTORS, VECTORS_LEAST, check_file);
}

/* The number of what it is about, and the text with \xNN for what is not printable. */
static void describe(const struct told *told, char *at)
{
    at += sprintf(at, "%u ", told->app);
    (void)sprintf(vector_print(at, told->text, told->length), "\n");
}

static void check_field(struct vector *vector)
{
    static struct told told;
    static char found[LINE_MAX_BYTES];
    vector->fields[vector_read(DATAGRAM_VECTORS, vector->name, ".fields", vector->fields,
                               sizeof vector->fields)] = '\0';
    assert_true(read_reply(vector->ops, 0, vector->bytes, vector->length, &told));
    assert_int_equal(told.app, vector->ops->app);
    describe(&told, found);
    if (strcmp(found, vector->fields) != 0)
        fail_msg("%s gave\n%sand not\n%s", vector->name, found, vector->fields);
}

static void tells_the_field(void **state)
{
    (void)state;
    with_each(check_field);
}

/* At every byte: it may be understood or not, but nothing is read beyond. */
static void check_cuts(struct vector *vector)
{
    static struct told told;
    for (size_t length = 0; length < vector->length; length++) {
        (void)read_reply(vector->ops, 0, vector->bytes, length, &told);
        (void)read_reply(NULL, vector->ops->ports[0], vector->bytes, length, &told);
        assert_int_equal(told.count, length > 0);
    }
}

static void stands_replies_that_are_cut(void **state)
{
    (void)state;
    with_each(check_cuts);
}

/* Every bit of the first bytes turned over, by the protocol and by all of them. */
static void check_damage(struct vector *vector)
{
    static struct told told;
    size_t reach = vector->length < 160 ? vector->length : 160;
    for (size_t bit = 0; bit < 8 * reach; bit++) {
        vector->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        (void)read_reply(vector->ops, 0, vector->bytes, vector->length, &told);
        (void)read_reply(NULL, 1, vector->bytes, vector->length, &told);
        assert_int_equal(told.count, 1);
        vector->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void stands_replies_that_are_damaged(void **state)
{
    (void)state;
    with_each(check_damage);
}

/* On the usual port, and where it can be told by itself on any. */
static void check_owner(struct vector *vector)
{
    static struct told told;
    (void)read_reply(NULL, vector->ops->ports[0], vector->bytes, vector->length, &told);
    assert_int_equal(told.app, vector->ops->app);
    (void)read_reply(NULL, 9, vector->bytes, vector->length, &told);
    if (!vector->ops->only_if_asked && told.app != vector->ops->app)
        fail_msg("%s was taken for number %u", vector->name, told.app);
}

static void knows_whose_they_are(void **state)
{
    (void)state;
    with_each(check_owner);
}

static void tells_the_begin_of_what_is_unknown(void **state)
{
    (void)state;
    static struct told told;
    uint8_t bytes[3000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + 3);
    (void)read_reply(NULL, 9, bytes, 20, &told);
    assert_int_equal(told.app, APP_UNKNOWN);
    assert_int_equal(told.length, 20);
    (void)read_reply(NULL, 9, bytes, sizeof bytes, &told);
    assert_int_equal(told.length, DATAGRAM_UNKNOWN_MAX);
    assert_memory_equal(told.text, bytes, DATAGRAM_UNKNOWN_MAX);
    (void)read_reply(NULL, 53, bytes, 0, &told);
    assert_int_equal(told.count, 0);
}

static void tells_raw_bytes(void **state)
{
    (void)state;
    static struct told told;
    uint8_t bytes[3000] = {1, 2, 3};
    struct banner_talk talk = {.field = take_field, .context = &told};
    datagram_read_raw(bytes, 100, &talk);
    assert_int_equal(told.length, 100);
    assert_int_equal(told.app, APP_UNKNOWN);
    datagram_read_raw(bytes, sizeof bytes, &talk);
    assert_int_equal(told.length, BANNER_TEXT_MAX);
}

static void has_a_whole_row_each(void **state)
{
    (void)state;
    static bool taken[65536];
    for (unsigned i = 0; i < datagram_protocol_count; i++) {
        const struct datagram_ops *ops = datagram_protocols[i];
        assert_true(ops->name[0] != '\0' && ops->source[0] != '\0' && ops->app < APP_COUNT);
        assert_int_not_equal(ops->ports[0], 0);
        for (unsigned k = 0; k < DATAGRAM_PORTS_MAX && ops->ports[k] != 0; k++) {
            assert_false(taken[ops->ports[k]]);
            taken[ops->ports[k]] = true;
        }
    }
}

/* Prints what the vector gives, for its .fields file. */
static int print_field(const char *file)
{
    static struct vector vector;
    static struct told told;
    static char found[LINE_MAX_BYTES];
    load(&vector, file);
    (void)read_reply(vector.ops, 0, vector.bytes, vector.length, &told);
    describe(&told, found);
    return fputs(found, stdout) < 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_field),
        cmocka_unit_test(stands_replies_that_are_cut),
        cmocka_unit_test(stands_replies_that_are_damaged),
        cmocka_unit_test(knows_whose_they_are),
        cmocka_unit_test(tells_the_begin_of_what_is_unknown),
        cmocka_unit_test(tells_raw_bytes),
        cmocka_unit_test(has_a_whole_row_each),
    };
    if (argc == 2)
        return print_field(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
