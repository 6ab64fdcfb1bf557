/* Whole conversations of real and specified servers (tests/vectors/banner): their fields, however
 * the stream is cut or broken off, and whose they are. */
#include "banner/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VECTOR_MAX = 8192, VECTORS_LEAST = 50, FIELDS_MAX = 16384, SPLITS = 200 };

struct vector {
    char name[64];
    const struct banner_ops *ops;
    uint8_t bytes[VECTOR_MAX];
    size_t length;
    char fields[FIELDS_MAX]; /* as they should be */
};

static const struct banner_setup setup = {.html = true, .start_tls = true};

/* "PROTOCOL-NAME.bin" */
static void load(struct vector *vector, const char *file)
{
    size_t stem = strlen(file) - 4;
    assert_in_range(stem, 1, sizeof vector->name - 1);
    memcpy(vector->name, file, stem);
    vector->name[stem] = '\0';
    char protocol[64];
    memcpy(protocol, vector->name, stem + 1);
    char *dash = strrchr(protocol, '-');
    assert_non_null(dash);
    *dash = '\0';
    vector->ops = banner_by_name(protocol);
    assert_non_null(vector->ops);
    vector->length = vector_read(BANNER_VECTORS, vector->name, ".bin", vector->bytes, VECTOR_MAX);
    vector
        ->fields[vector_read(BANNER_VECTORS, vector->name, ".fields", vector->fields, FIELDS_MAX)] =
        '\0';
}

static void (*check_each)(const struct vector *vector);

static void check_file(const char *file)
{
    static struct vector vector;
    load(&vector, file);
    check_each(&vector);
}

static void with_each(void (*check)(const struct vector *vector))
{
    check_each = check;
    vectors_each(BANNER_VECTORS, VECTORS_LEAST, check_file);
}

static void run_whole(struct run *run, const struct vector *vector)
{
    run_start(run, vector->ops, &setup);
    run_feed(run, vector->bytes, vector->length);
    run_end(run);
}

/* A line a field: the number of what it is about, and its text with \xNN for what is not printable;
 * at last what the parser said, and how it ended. */
static void describe(const struct run *run, char *at)
{
    static const char *const steps[] = {"more", "send", "done", "close", "start-tls"};
    for (unsigned i = 0; i < run->field_count; i++) {
        at += sprintf(at, "%u ", run->fields[i].app);
        at = vector_print(at, run->fields[i].text, run->fields[i].length);
        *at++ = '\n';
    }
    at += sprintf(at, "sent ");
    at = vector_print(at, run->sent_bytes, run->sent);
    (void)sprintf(at, "\n%s\n", steps[run->last]);
}

static void check_fields(const struct vector *vector)
{
    static struct run run;
    static char found[4 * FIELDS_MAX];
    run_whole(&run, vector);
    describe(&run, found);
    if (strcmp(found, vector->fields) != 0)
        fail_msg("%s gave\n%sand not\n%s", vector->name, found, vector->fields);
}

static void tells_the_fields(void **state)
{
    (void)state;
    with_each(check_fields);
}

static void check_bytes(const struct vector *vector)
{
    static struct run whole, run;
    run_whole(&whole, vector);
    run_start(&run, vector->ops, &setup);
    for (size_t i = 0; i < vector->length; i++) {
        run_feed(&run, vector->bytes + i, 1);
        run_feed(&run, vector->bytes, 0);
    }
    run_end(&run);
    run_assert_equal(&whole, &run);
}

static void is_the_same_byte_by_byte(void **state)
{
    (void)state;
    with_each(check_bytes);
}

static void check_splits(const struct vector *vector)
{
    static struct run whole, run;
    uint64_t random = 0x9e3779b97f4a7c15;
    run_whole(&whole, vector);
    for (unsigned n = 0; n < SPLITS; n++) {
        run_start(&run, vector->ops, &setup);
        for (size_t at = 0, piece; at < vector->length; at += piece) {
            piece = run_random(&random) % (1 + run_random(&random) % 100);
            piece = piece < vector->length - at ? piece : vector->length - at;
            run_feed(&run, vector->bytes + at, piece);
        }
        run_end(&run);
        run_assert_equal(&whole, &run);
    }
}

static void is_the_same_in_any_pieces(void **state)
{
    (void)state;
    with_each(check_splits);
}

static bool begins_one_of(const struct run_field *field, const struct run *whole)
{
    for (unsigned i = 0; i < whole->field_count; i++)
        if (whole->fields[i].app == field->app && whole->fields[i].length >= field->length &&
            memcmp(whole->fields[i].text, field->text, field->length) == 0)
            return true;
    return false;
}

static void check_cuts(const struct vector *vector)
{
    static struct run whole, run;
    run_whole(&whole, vector);
    for (size_t cut = 0; cut < vector->length; cut++) {
        run_start(&run, vector->ops, &setup);
        run_feed(&run, vector->bytes, cut);
        run_end(&run);
        assert_in_range(run.field_count, 0, whole.field_count);
        for (unsigned i = 0; i < run.field_count; i++)
            if (!begins_one_of(&run.fields[i], &whole))
                fail_msg("%s, broken off after %zu bytes: \"%.*s\"", vector->name, cut,
                         (int)run.fields[i].length, (const char *)run.fields[i].text);
    }
}

static void tells_no_other_field_if_broken_off(void **state)
{
    (void)state;
    with_each(check_cuts);
}

/* Whatever the port, but for those that need the hello, or the port, to be known. */
static void check_detection(const struct vector *vector)
{
    bool needs_help =
        vector->ops->only_if_asked || (vector->ops->takes_rest && vector->bytes[0] < 0x80);
    const struct banner_ops *asked = needs_help ? vector->ops : NULL;
    const struct banner_ops *found = banner_detect(vector->bytes, vector->length, asked, true);
    if (found != vector->ops)
        fail_msg("%s was taken for %s", vector->name, found->name);
    for (size_t length = 0; length < vector->length; length++) {
        found = banner_detect(vector->bytes, length, asked, false);
        if (found && found != vector->ops)
            fail_msg("%zu bytes of %s were taken for %s", length, vector->name, found->name);
    }
}

static void knows_whose_they_are(void **state)
{
    (void)state;
    with_each(check_detection);
}

/* Docker's and Kubernetes' interfaces are web servers, and taken for what was asked for. */
static bool speaks_http(const struct banner_ops *ops)
{
    return ops->match == banner_by_name("http")->match;
}

/* Asked in the words of another, a server is taken for itself or for nobody known. */
static void check_other_words(const struct vector *vector)
{
    for (unsigned i = 0; i < banner_protocol_count; i++) {
        const struct banner_ops *asked = banner_protocols[i];
        bool is_clear = vector->ops->match(vector->bytes, vector->length) == BANNER_YES;
        if (asked == vector->ops || asked->takes_rest || !is_clear)
            continue;
        const struct banner_ops *found = banner_detect(vector->bytes, vector->length, asked, true);
        bool is_right = found == vector->ops || found == banner_by_name("unknown") ||
                        (speaks_http(found) && speaks_http(vector->ops));
        if (!is_right)
            fail_msg("%s, asked in %s, was taken for %s", vector->name, asked->name, found->name);
    }
}

static void is_taken_for_no_other(void **state)
{
    (void)state;
    with_each(check_other_words);
}

static int print_run(const struct run *run)
{
    static char found[4 * FIELDS_MAX];
    describe(run, found);
    return fputs(found, stdout) < 0;
}

/* Prints what a protocol says first. */
static int print_hello(const char *protocol)
{
    static struct run run;
    const struct banner_ops *ops = banner_by_name(protocol);
    if (!ops)
        return 1;
    run_start(&run, ops, &setup);
    if (ops->hello)
        run_hello(&run);
    return print_run(&run);
}

/* Prints what the vector gives, for its .fields file. */
static int print_fields(const char *file)
{
    static struct vector vector;
    static struct run run;
    size_t stem = strlen(file) - 4;
    char protocol[64];
    memcpy(protocol, file, stem + 1);
    protocol[stem] = '\0';
    (void)snprintf(vector.name, sizeof vector.name, "%s", protocol);
    *strrchr(protocol, '-') = '\0';
    vector.ops = banner_by_name(protocol);
    vector.length = vector_read(BANNER_VECTORS, vector.name, ".bin", vector.bytes, VECTOR_MAX);
    run_whole(&run, &vector);
    return print_run(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_fields),
        cmocka_unit_test(is_the_same_byte_by_byte),
        cmocka_unit_test(is_the_same_in_any_pieces),
        cmocka_unit_test(tells_no_other_field_if_broken_off),
        cmocka_unit_test(knows_whose_they_are),
        cmocka_unit_test(is_taken_for_no_other),
    };
    if (argc == 2)
        return print_fields(argv[1]);
    if (argc == 3 && strcmp(argv[1], "--hello") == 0)
        return print_hello(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
