/* Base64: the vectors of RFC 4648, every length there and back, and what is none. */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void the_vectors_of_the_rfc(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff", "+/8="},
    };
    for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct buffer out;
        buffer_init(&out, 64);
        base64_encode(&out, vectors[i][0], strlen(vectors[i][0]));
        assert_string_equal(buffer_string(&out), vectors[i][1]);
        buffer_clear(&out);
        assert_true(base64_decode(&out, vectors[i][1], strlen(vectors[i][1])));
        assert_string_equal(buffer_string(&out), vectors[i][0]);
        buffer_fini(&out);
    }
}

/* Also without the padding. */
static void every_length_comes_back(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 151 + 7);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        struct buffer text, back;
        buffer_init(&text, 1024);
        buffer_init(&back, 1024);
        base64_encode(&text, bytes, length);
        assert_int_equal(text.length, (length + 2) / 3 * 4);
        size_t bare = (length * 8 + 5) / 6;
        assert_true(base64_decode(&back, (char *)text.bytes, text.length));
        assert_true(base64_decode(&back, (char *)text.bytes, bare));
        assert_int_equal(back.length, 2 * length);
        assert_memory_equal(length ? back.bytes : bytes, bytes, length);
        assert_memory_equal(length ? back.bytes + length : bytes, bytes, length);
        buffer_fini(&text);
        buffer_fini(&back);
    }
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "Z",    "=",     "==",   "====", "Zg=",   "Zg===", "Zm9vY",    "Zm 9v",
        "Zm9-", "Zm=9v", "Zh==", "Zm9=", "Zm9v=", "\n",    "Zg==Zg==", "Z\x80=="};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buffer out;
        buffer_init(&out, 64);
        buffer_text(&out, "before");
        if (base64_decode(&out, wrong[i], strlen(wrong[i])))
            fail_msg("%s was taken", wrong[i]);
        assert_string_equal(buffer_string(&out), "before");
        buffer_fini(&out);
    }
    struct buffer out;
    buffer_init(&out, 64);
    assert_false(base64_decode(&out, "Zm\0v", 4));
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc),
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
