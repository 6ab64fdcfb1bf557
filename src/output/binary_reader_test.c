/* Reading binary files back: every record type, torn ends, damage. */
#include "output/binary_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "output/binary_format.h"
#include "output/test_support.h"
#include "output/writer.h"

enum { FILE_MAX = 64 << 20, SEEN_MAX = 64 };

/* What came out of a file: the first results with copies of their banners, and a sum over all. */
struct seen {
    struct result results[SEEN_MAX];
    unsigned count;
    uint64_t sum;
    int answer; /* returned to the reader */
};

static void add_bytes(uint64_t *sum, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        *sum = (*sum ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
}

static int see(void *context, const struct result *result, struct error *err)
{
    struct seen *seen = context;
    add_bytes(&seen->sum, &result->ip.bytes, sizeof result->ip.bytes);
    add_bytes(&seen->sum, &result->port, sizeof result->port);
    if (result->banner_length > 0)
        add_bytes(&seen->sum, result->banner, result->banner_length);
    if (seen->count < SEEN_MAX) {
        struct result *copy = &seen->results[seen->count++];
        *copy = *result;
        if (result->banner_length > 0) {
            uint8_t *bytes = malloc(result->banner_length);
            memcpy(bytes, result->banner, result->banner_length);
            copy->banner = bytes;
        }
    }
    return seen->answer < 0 ? error_set(err, "enough"), seen->answer : 0;
}

static void forget(struct seen *seen)
{
    for (unsigned i = 0; i < seen->count; i++)
        if (seen->results[i].banner_length > 0)
            free((void *)(uintptr_t)seen->results[i].banner);
    *seen = (struct seen){0};
}

static void add_frame(struct buffer *out, const char *text)
{
    char frame[BINARY_FRAME_SIZE] = {0};
    memcpy(frame, text, strlen(text));
    buffer_append(out, frame, sizeof frame);
}

static void begin(struct buffer *out)
{
    buffer_init(out, FILE_MAX);
    add_frame(out, "masscan/1.1\ns:1700000000\n");
}

/* A record whose stated length is `stated`. */
static void add_record(struct buffer *out, uint32_t type, const void *body, size_t length,
                       size_t stated)
{
    uint8_t head[BINARY_HEAD_MAX];
    uint8_t *end = binary_varint_put(binary_varint_put(head, type), (uint32_t)stated);
    buffer_append(out, head, (size_t)(end - head));
    buffer_append(out, body, length);
}

#define ADD(out, type, literal)                                                                    \
    add_record(out, type, literal, sizeof literal - 1, sizeof literal - 1)

static struct binary_file_facts read_ok(const struct buffer *file, struct seen *seen)
{
    struct error err;
    struct binary_file_facts facts;
    if (binary_read_memory(file->bytes, file->length, "test", see, seen, &facts, &err) < 0)
        fail_msg("%s", err.text);
    return facts;
}

static const struct writer_ops *binary(void)
{
    return writer_find("binary");
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct buffer file;
    buffer_init(&file, FILE_MAX);
    render(binary(), samples(), SAMPLE_COUNT, true, &file);
    struct binary_file_facts facts = read_ok(&file, &seen);
    assert_int_equal(facts.start_time, 1700000000);
    assert_int_equal(facts.records, SAMPLE_COUNT);
    assert_int_equal(facts.skipped, 0);
    assert_int_equal(facts.torn_bytes, 0);
    for (unsigned i = 0; i < SAMPLE_COUNT; i++)
        assert_true(results_equal(&seen.results[i], &samples()[i]));
    forget(&seen);
    buffer_fini(&file);
}

#define TIME_IP4 "\x65\x53\xf1\x00\xc0\x00\x02\x0a"

static void old_types_are_read(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct buffer file;
    begin(&file);
    ADD(&file, 1, TIME_IP4 "\x00\x50\x12\x39");
    ADD(&file, 2, TIME_IP4 "\x00\x35\x14\x40");
    ADD(&file, 3, TIME_IP4 "\x00\x50\x00\x04three");
    add_record(&file, 4,
               TIME_IP4 "\x11\x00\x35\x00\x06"
                        "four",
               17, 16);
    ADD(&file, 5,
        TIME_IP4 "\x11\x00\x35\x00\x06"
                 "five");
    struct binary_file_facts facts = read_ok(&file, &seen);
    assert_int_equal(facts.records, 5);
    assert_int_equal(facts.skipped + facts.torn_bytes, 0);
    struct result base = {.time = 1700000000, .ip = ip_from_v4(0xc000020a)};
    struct result expected[5] = {base, base, base, base, base};
    expected[0].port = 80, expected[0].reason = 0x12, expected[0].ttl = 57;
    expected[0].protocol = RESULT_TCP;
    expected[1].status = RESULT_CLOSED, expected[1].port = 53, expected[1].reason = 0x14;
    expected[1].ttl = 64, expected[1].protocol = RESULT_UDP;
    static const char *const texts[] = {"three", "four", "five"};
    for (int i = 2; i < 5; i++) {
        expected[i].kind = RESULT_BANNER;
        expected[i].port = i == 2 ? 80 : 53;
        expected[i].protocol = i == 2 ? RESULT_TCP : RESULT_UDP;
        expected[i].app = i == 2 ? APP_HTTP : APP_DNS_VERSION;
        expected[i].banner = (const uint8_t *)texts[i - 2];
        expected[i].banner_length = (uint32_t)strlen(texts[i - 2]);
    }
    for (int i = 0; i < 5; i++)
        assert_true(results_equal(&seen.results[i], &expected[i]));
    forget(&seen);
    buffer_fini(&file);
}

static int check_guess(void *context, const struct result *result, struct error *err)
{
    (void)err;
    unsigned *counts = context;
    uint16_t p = result->port;
    bool udp = p == 53 || p == 123 || p == 137 || p == 161;
    bool sctp = p == 2905 || p == 36412 || p == 36422;
    assert_int_equal(result->protocol, udp ? RESULT_UDP : sctp ? RESULT_SCTP : RESULT_TCP);
    ++*counts;
    return 0;
}

static void old_types_take_the_protocol_from_the_port(void **state)
{
    (void)state;
    struct buffer file;
    struct binary_file_facts facts;
    unsigned count = 0;
    begin(&file);
    for (unsigned port = 0; port < 65536; port++) {
        uint8_t body[12] = {[8] = (uint8_t)(port >> 8), [9] = (uint8_t)port};
        add_record(&file, 1, body, sizeof body, sizeof body);
    }
    assert_int_equal(
        binary_read_memory(file.bytes, file.length, "x", check_guess, &count, &facts, NULL), 0);
    assert_int_equal(count, 65536);
    buffer_fini(&file);
}

static void frames_are_stepped_over_wherever_they_stand(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct buffer file;
    buffer_init(&file, FILE_MAX);
    for (int i = 0; i < 3; i++)
        render(binary(), samples(), 5, true, &file);
    struct binary_file_facts facts = read_ok(&file, &seen);
    assert_int_equal(facts.records, 15);
    assert_int_equal(facts.skipped + facts.torn_bytes, 0);
    forget(&seen);
    buffer_fini(&file);
}

static void what_cannot_be_understood_is_counted(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct buffer file;
    begin(&file);
    ADD(&file, 99, "abc");
    ADD(&file, 0, "");
    ADD(&file, 14, TIME_IP4 "\x06\x00\x50\x12\x39");
    ADD(&file, 70000, "far beyond");
    ADD(&file, 6, TIME_IP4 "\x06\x00\x50\x12");
    ADD(&file, 9, TIME_IP4 "\x06\x00\x50\x00\x04");
    ADD(&file, 10,
        "\x65\x53\xf1\x00\x06\x00\x50\x12\x39\x04"
        "0123456789abcdef");
    ADD(&file, 13,
        "\x65\x53\xf1\x00\x06\x00\x50\x00\x04\x39\x06"
        "0123456789abcde");
    ADD(&file, 6,
        TIME_IP4 "\x06\x00\x50\x12\x39"
                 "a MAC address or so");
    struct binary_file_facts facts = read_ok(&file, &seen);
    assert_int_equal(facts.skipped, 8);
    assert_int_equal(facts.records, 1);
    assert_int_equal(facts.torn_bytes, 0);
    assert_int_equal(seen.results[0].port, 80);
    assert_int_equal(seen.results[0].banner_length, 0);
    forget(&seen);
    buffer_fini(&file);
}

static void a_torn_end_is_counted_to_the_byte(void **state)
{
    (void)state;
    size_t ends[SAMPLE_COUNT + 1];
    struct buffer file;
    buffer_init(&file, FILE_MAX);
    for (unsigned i = 0; i <= SAMPLE_COUNT; i++) {
        buffer_clear(&file);
        render(binary(), samples(), i, false, &file);
        ends[i] = file.length;
    }
    for (size_t cut = 0; cut <= file.length; cut++) {
        struct seen seen = {0};
        struct buffer part = {.bytes = file.bytes, .length = cut};
        unsigned whole = 0;
        while (whole < SAMPLE_COUNT && ends[whole + 1] <= cut)
            whole++;
        struct binary_file_facts facts = read_ok(&part, &seen);
        assert_int_equal(facts.records, whole);
        assert_int_equal(facts.torn_bytes, cut < ends[0] ? cut : cut - ends[whole]);
        assert_int_equal(facts.skipped, 0);
        forget(&seen);
    }
    buffer_fini(&file);
}

static void too_long_records_are_stepped_over(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct buffer file;
    uint8_t *body = calloc(1, 3 << 20);
    begin(&file);
    add_record(&file, 9, body, 3 << 20, 3 << 20);
    add_record(&file, 9, body, BINARY_BODY_MAX, BINARY_BODY_MAX);
    size_t before = file.length;
    add_record(&file, 9, body, 100, 3 << 20);
    struct binary_file_facts facts = read_ok(&file, &seen);
    assert_int_equal(facts.skipped, 1);
    assert_int_equal(facts.records, 1);
    assert_int_equal(facts.torn_bytes, file.length - before);
    free(body);
    forget(&seen);
    buffer_fini(&file);
}

static void impossible_heads_end_the_reading(void **state)
{
    (void)state;
    static const char *const heads[] = {"\x90\x80\x80\x80\x00\x01x",
                                        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
                                        "\x06\x9f\xff\xff\xff\x7fx"};
    static const size_t lengths[] = {7, 12, 7};
    for (int i = 0; i < 3; i++) {
        struct seen seen = {0};
        struct buffer file;
        begin(&file);
        ADD(&file, 6, TIME_IP4 "\x06\x00\x50\x12\x39");
        buffer_append(&file, heads[i], lengths[i]);
        struct binary_file_facts facts = read_ok(&file, &seen);
        assert_int_equal(facts.records, 1);
        assert_int_equal(facts.torn_bytes, lengths[i]);
        forget(&seen);
        buffer_fini(&file);
    }
}

static void varints_are_most_significant_first(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0,        1,         127,      128,        300,
                                       16383,    16384,     1u << 20, (1u << 21), (1u << 28) - 1,
                                       1u << 28, UINT32_MAX};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uint8_t bytes[10];
        uint8_t *end = binary_varint_put(binary_varint_put(bytes, 7), numbers[i]);
        struct binary_head head;
        size_t length = (size_t)(end - bytes);
        assert_int_equal(binary_head_parse(&head, bytes, length), BINARY_HEAD_WHOLE);
        assert_int_equal(head.body_length, numbers[i]);
        assert_int_equal(head.size, length);
        for (size_t cut = 0; cut < length; cut++)
            assert_int_equal(binary_head_parse(&head, bytes, cut), BINARY_HEAD_CUT);
    }
    uint8_t text[5];
    assert_int_equal(binary_varint_put(text, 300) - text, 2);
    assert_memory_equal(text, "\x82\x2c", 2);
}

static struct binary_file_facts read_path(const char *path, struct seen *seen)
{
    struct error err;
    struct binary_file_facts facts;
    if (binary_read_file(path, see, seen, &facts, &err) < 0)
        fail_msg("%s", err.text);
    return facts;
}

/* Records of many lengths, so that they cross every kind of window edge. */
static void a_file_reads_as_its_image_in_memory(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0, 1, 1000, 262144, 5, 1000000, RESULT_BANNER_MAX, 77777};
    struct seen in_memory = {0}, in_file = {0};
    struct buffer file;
    uint8_t *bytes = malloc(RESULT_BANNER_MAX);
    for (size_t i = 0; i < RESULT_BANNER_MAX; i++)
        bytes[i] = (uint8_t)(i * i >> 3);
    begin(&file);
    for (unsigned i = 0; i < 64; i++) {
        struct result result = make_banner(bytes, lengths[i * 5 / 3 % 8]);
        result.port = (uint16_t)i;
        binary()->record(NULL, &file, &result);
    }
    add_frame(&file, "masscan/1.1");
    char path[SCRATCH_PATH_SIZE];
    for (size_t cut = 0; cut < 3; cut++) {
        write_file(scratch_path(path, "long.bin"), file.bytes, file.length - cut * 99);
        struct buffer part = {.bytes = file.bytes, .length = file.length - cut * 99};
        struct binary_file_facts a = read_ok(&part, &in_memory), b = read_path(path, &in_file);
        assert_int_equal(a.records, b.records);
        assert_int_equal(a.torn_bytes, b.torn_bytes);
        assert_true(a.records > 60 && in_memory.sum == in_file.sum);
        forget(&in_memory);
        forget(&in_file);
    }
    free(bytes);
    buffer_fini(&file);
}

static void what_is_no_scan_file_is_an_error(void **state)
{
    (void)state;
    struct error err;
    struct seen seen = {0};
    struct binary_file_facts facts;
    assert_true(binary_read_memory("<?xml", 5, "scan.xml", see, &seen, &facts, &err) < 0);
    assert_non_null(strstr(err.text, "'scan.xml' is not a binary scan file"));
    assert_true(binary_read_memory("mass", 4, "x", see, &seen, &facts, &err) == 0);
    assert_int_equal(facts.torn_bytes, 4);
    assert_true(binary_read_memory("", 0, "x", see, &seen, &facts, &err) == 0);
    assert_true(binary_read_file("/nonexistent/x", see, &seen, &facts, &err) < 0);
    assert_string_equal(err.text, "cannot open '/nonexistent/x': No such file or directory");
    assert_true(binary_read_file("/", see, &seen, &facts, &err) < 0);
    assert_string_equal(err.text, "cannot read '/': Is a directory");
}

static void the_callback_can_end_it(void **state)
{
    (void)state;
    struct error err;
    struct seen seen = {.answer = -7};
    struct binary_file_facts facts;
    struct buffer file;
    buffer_init(&file, FILE_MAX);
    render(binary(), samples(), 5, true, &file);
    assert_int_equal(binary_read_memory(file.bytes, file.length, "x", see, &seen, &facts, &err),
                     -7);
    assert_string_equal(err.text, "enough");
    assert_int_equal(facts.records, 1);
    forget(&seen);
    buffer_fini(&file);
}

/* Damage anywhere: no crash, and every byte of the file is accounted for in some way. */
static void damaged_files_are_survived(void **state)
{
    (void)state;
    struct buffer file;
    uint64_t random = 88172645463325252;
    buffer_init(&file, FILE_MAX);
    render(binary(), samples(), 5, true, &file);
    for (int round = 0; round < 20000; round++) {
        struct seen seen = {0};
        uint8_t kept[4];
        size_t places[4];
        for (int i = 0; i < 4; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            places[i] = 99 + random % (file.length - 99);
            kept[i] = file.bytes[places[i]];
            file.bytes[places[i]] = (uint8_t)(random >> 32);
        }
        struct binary_file_facts facts = read_ok(&file, &seen);
        assert_int_equal(facts.records, seen.count);
        assert_true(facts.torn_bytes <= file.length - 99);
        for (int i = 3; i >= 0; i--)
            file.bytes[places[i]] = kept[i];
        forget(&seen);
    }
    buffer_fini(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(old_types_are_read),
        cmocka_unit_test(old_types_take_the_protocol_from_the_port),
        cmocka_unit_test(frames_are_stepped_over_wherever_they_stand),
        cmocka_unit_test(what_cannot_be_understood_is_counted),
        cmocka_unit_test(a_torn_end_is_counted_to_the_byte),
        cmocka_unit_test(too_long_records_are_stepped_over),
        cmocka_unit_test(impossible_heads_end_the_reading),
        cmocka_unit_test(varints_are_most_significant_first),
        cmocka_unit_test(a_file_reads_as_its_image_in_memory),
        cmocka_unit_test(what_is_no_scan_file_is_an_error),
        cmocka_unit_test(the_callback_can_end_it),
        cmocka_unit_test(damaged_files_are_survived),
    };
    return cmocka_run_group_tests_name("binary_reader", tests, NULL, NULL);
}
