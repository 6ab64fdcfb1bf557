/* What the tests of stores share: the conformance suite that every store passes, and steps to write
 * tests of. */
#ifndef OUTPUT_STORE_CONFORMANCE_H
#define OUTPUT_STORE_CONFORMANCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "output/store.h"

enum { STORE_PLACE_SIZE = 256 };

/* A kind of store, and how to look into one from outside. */
struct store_fixture {
    const struct store_ops *store;
    void (*start)(char place[STORE_PLACE_SIZE]); /* makes a new, empty place */
    unsigned (*count)(const char *place);        /* of the records that are there */
    void (*stop)(const char *place);
    const char *never[8]; /* what no place can be; ended by NULL */
};

/* The suite, as rows of a table of tests. */
#define STORE_CONFORMANCE(fixture)                                                                 \
    cmocka_unit_test_prestate(store_is_found_by_name, (void *)(fixture)),                          \
        cmocka_unit_test_prestate(store_has_records_after_a_flush_and_the_end, (void *)(fixture)), \
        cmocka_unit_test_prestate(store_appends, (void *)(fixture)),                               \
        cmocka_unit_test_prestate(store_takes_many_records_without_a_flush, (void *)(fixture)),    \
        cmocka_unit_test_prestate(store_that_is_abandoned_keeps_what_was_flushed,                  \
                                  (void *)(fixture)),                                              \
        cmocka_unit_test_prestate(store_takes_the_longest_banner, (void *)(fixture)),              \
        cmocka_unit_test_prestate(store_refuses_places_that_cannot_be, (void *)(fixture))

void store_is_found_by_name(void **state);
void store_has_records_after_a_flush_and_the_end(void **state);
void store_appends(void **state);
void store_takes_many_records_without_a_flush(void **state);
void store_that_is_abandoned_keeps_what_was_flushed(void **state);
void store_takes_the_longest_banner(void **state);
void store_refuses_places_that_cannot_be(void **state);

/* Steps; each fails the test if the store does. */
void *store_open_at(const struct store_ops *store, const char *place, bool append);
void *store_open_with(const struct store_ops *store, const struct store_setup *setup,
                      char notice[256]);
void store_give(const struct store_ops *store, void *state, const struct result *results,
                unsigned count);
void store_flush_well(const struct store_ops *store, void *state);
void store_close_well(const struct store_ops *store, void *state);

/* The error of an open that must fail. */
const char *store_open_error(const struct store_ops *store, const struct store_setup *setup);

#endif
