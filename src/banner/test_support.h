/* What the tests of all protocols share: a connection that keeps what it was told. */
#ifndef BANNER_TEST_SUPPORT_H
#define BANNER_TEST_SUPPORT_H

#include "banner/banner.h"

enum { RUN_FIELDS_MAX = 64, RUN_SENT_MAX = 64 << 10, RUN_PIECE_MAX = 80 << 10 };

struct run_field {
    uint16_t app;
    size_t length;
    uint8_t text[BANNER_TEXT_MAX];
};

struct run {
    struct banner_setup setup;
    struct banner banner;
    enum banner_step last;
    unsigned field_count;
    struct run_field fields[RUN_FIELDS_MAX];
    size_t sent;
    uint8_t sent_bytes[RUN_SENT_MAX];
};

/* Begins a connection, with nothing asked for but what `setup` says. Its memory behind
 * banner_size(ops) is filled with a pattern, which run_end looks for. */
void run_start(struct run *run, const struct banner_ops *ops, const struct banner_setup *setup);

/* Feeds bytes, from a place of their own so that a read past their end is seen; fails the test
 * where the contract of banner.h is broken. */
void run_feed(struct run *run, const uint8_t *bytes, size_t length);
void run_end(struct run *run);

/* The hello of a protocol that has one, into sent_bytes. */
void run_hello(struct run *run);

/* Fails the test unless both runs told and sent the same. */
void run_assert_equal(const struct run *a, const struct run *b);

/* A number that looks random; `state` is not 0. */
uint32_t run_random(uint64_t *state);

/* Vectors are files NAME.bin, with what comes of them in NAME.fields, in a folder. Reads one, which
 * must be shorter than `room`; returns its length. */
size_t vector_read(const char *folder, const char *name, const char *suffix, void *bytes,
                   size_t room);

/* Calls for the name of each NAME.bin, with its suffix; there must be `least` of them. */
void vectors_each(const char *folder, int least, void (*check)(const char *file));

/* Writes bytes at `at`, with \xNN for what is not printable, and a NUL; returns its place. */
char *vector_print(char *at, const uint8_t *bytes, size_t length);

#endif
