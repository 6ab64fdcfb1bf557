/* The conformance suite that every store passes. */
#include "output/store_conformance.h"

#include <stdlib.h>
#include <string.h>

#include "output/test_support.h"

enum { MANY = 120000 };

void *store_open_with(const struct store_ops *store, const struct store_setup *setup,
                      char notice[256])
{
    struct error err;
    void *state = calloc(1, store->state_size);
    notice[0] = '\0';
    if (store->open(state, setup, notice, &err) < 0)
        fail_msg("%s: %s", store->name, err.text);
    return state;
}

void *store_open_at(const struct store_ops *store, const char *place, bool append)
{
    char notice[256];
    const struct store_setup setup = {.place = place, .append = append, .facts = &sample_facts};
    return store_open_with(store, &setup, notice);
}

void store_give(const struct store_ops *store, void *state, const struct result *results,
                unsigned count)
{
    struct error err;
    for (unsigned i = 0; i < count; i++)
        if (store->record(state, &results[i], &err) < 0)
            fail_msg("%s: %s", store->name, err.text);
}

void store_flush_well(const struct store_ops *store, void *state)
{
    struct error err;
    if (store->flush(state, &err) < 0)
        fail_msg("%s: %s", store->name, err.text);
}

void store_close_well(const struct store_ops *store, void *state)
{
    struct error err;
    if (store->close(state, 1700000100, &err) < 0)
        fail_msg("%s: %s", store->name, err.text);
    free(state);
}

/* The error of an open that must fail. */
const char *store_open_error(const struct store_ops *store, const struct store_setup *setup)
{
    static struct error err;
    char notice[256] = "";
    void *state = calloc(1, store->state_size);
    err.text[0] = '\0';
    assert_true(store->open(state, setup, notice, &err) < 0);
    assert_true(strlen(err.text) > 0 && strchr(err.text, '\n') == NULL);
    free(state);
    return err.text;
}

void store_is_found_by_name(void **state)
{
    const struct store_fixture *fixture = *state;
    const struct store_ops *store = fixture->store;
    unsigned found = 0;
    assert_ptr_equal(store_find(store->name), store);
    assert_null(store_find(""));
    assert_null(writer_find(store->name));
    assert_true(strlen(store->help) > 0);
    for (unsigned i = 0; store_table[i] != NULL; i++)
        found += store_table[i] == store;
    assert_int_equal(found, 1);
}

void store_has_records_after_a_flush_and_the_end(void **state)
{
    const struct store_fixture *fixture = *state;
    char place[STORE_PLACE_SIZE];
    fixture->start(place);
    void *store = store_open_at(fixture->store, place, false);
    assert_int_equal(fixture->count(place), 0);
    store_give(fixture->store, store, samples(), 5);
    store_flush_well(fixture->store, store);
    assert_int_equal(fixture->count(place), 5);
    store_flush_well(fixture->store, store);
    store_give(fixture->store, store, samples() + 5, SAMPLE_COUNT - 5);
    store_close_well(fixture->store, store);
    assert_int_equal(fixture->count(place), SAMPLE_COUNT);
    fixture->stop(place);
}

void store_appends(void **state)
{
    const struct store_fixture *fixture = *state;
    char place[STORE_PLACE_SIZE];
    fixture->start(place);
    for (unsigned part = 0; part < 3; part++) {
        void *store = store_open_at(fixture->store, place, true);
        store_give(fixture->store, store, samples() + 5 * part, part < 2 ? 5 : 0);
        store_close_well(fixture->store, store);
    }
    assert_int_equal(fixture->count(place), 10);
    fixture->stop(place);
}

void store_takes_many_records_without_a_flush(void **state)
{
    const struct store_fixture *fixture = *state;
    char place[STORE_PLACE_SIZE];
    fixture->start(place);
    void *store = store_open_at(fixture->store, place, false);
    struct result result = samples()[0];
    for (unsigned i = 0; i < MANY; i++) {
        result.ip = ip_from_v4(0x0a000000 + i);
        store_give(fixture->store, store, &result, 1);
    }
    assert_in_range(fixture->count(place), 50000, MANY);
    store_close_well(fixture->store, store);
    assert_int_equal(fixture->count(place), MANY);
    fixture->stop(place);
}

void store_that_is_abandoned_keeps_what_was_flushed(void **state)
{
    const struct store_fixture *fixture = *state;
    char place[STORE_PLACE_SIZE];
    fixture->start(place);
    void *store = store_open_at(fixture->store, place, false);
    store_give(fixture->store, store, samples(), 5);
    store_flush_well(fixture->store, store);
    store_give(fixture->store, store, samples() + 5, 5);
    fixture->store->abandon(store);
    free(store);
    assert_int_equal(fixture->count(place), 5);
    fixture->stop(place);
}

void store_takes_the_longest_banner(void **state)
{
    const struct store_fixture *fixture = *state;
    uint8_t *bytes = malloc(RESULT_BANNER_MAX);
    for (unsigned i = 0; i < RESULT_BANNER_MAX; i++)
        bytes[i] = (uint8_t)(i * 7);
    const struct result longest = make_banner(bytes, RESULT_BANNER_MAX);
    char place[STORE_PLACE_SIZE];
    fixture->start(place);
    void *store = store_open_at(fixture->store, place, false);
    store_give(fixture->store, store, samples(), 1);
    store_give(fixture->store, store, &longest, 1);
    store_close_well(fixture->store, store);
    assert_int_equal(fixture->count(place), 2);
    fixture->stop(place);
    free(bytes);
}

void store_refuses_places_that_cannot_be(void **state)
{
    const struct store_fixture *fixture = *state;
    for (unsigned i = 0; fixture->never[i] != NULL; i++) {
        struct error err;
        const struct store_setup setup = {.place = fixture->never[i], .facts = &sample_facts};
        assert_true(fixture->store->check(setup.place, &err) < 0);
        store_open_error(fixture->store, &setup);
    }
}
