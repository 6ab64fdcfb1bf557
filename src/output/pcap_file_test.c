/* Capture files: written, continued, torn, of other kinds, and where they cannot be written. */
#include "output/pcap_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pcap/pcap.h>

#include "output/test_support.h"

enum { FILE_MAX = 1 << 20 };

static const uint64_t TIME = 1700000000123456789u;

static struct pcap_file *try_open(const char *path, bool append, bool has_ethernet,
                                  char notice[256], struct error *err)
{
    const struct pcap_file_setup setup = {path, has_ethernet, append};
    *err = (struct error){0};
    return pcap_file_open(&setup, notice, err);
}

/* Adds `count` packets, of which number n is n + 20 bytes of n. */
static void save(const char *path, bool append, unsigned first, unsigned count)
{
    char notice[256];
    struct error err;
    uint8_t bytes[300];
    struct pcap_file *file = try_open(path, append, true, notice, &err);
    if (file == NULL)
        fail_msg("%s", err.text);
    for (unsigned n = first; n < first + count; n++) {
        memset(bytes, (uint8_t)n, sizeof bytes);
        assert_int_equal(pcap_file_add(file, TIME + n * 1000u, bytes, n + 20, &err), 0);
    }
    assert_int_equal(pcap_file_close(file, &err), 0);
}

static void check_packet(const struct pcap_pkthdr *header, const uint8_t *bytes, unsigned n)
{
    assert_int_equal(header->ts.tv_sec, 1700000000);
    assert_int_equal(header->ts.tv_usec, 123456 + n);
    assert_int_equal(header->len, n + 20);
    assert_int_equal(header->caplen, n + 20);
    for (unsigned i = 0; i < header->caplen; i++)
        assert_int_equal(bytes[i], n);
}

/* Reads the file back with libpcap; returns how many packets there are, numbered from 0. */
static unsigned check(const char *path)
{
    char text[PCAP_ERRBUF_SIZE];
    pcap_t *reader = pcap_open_offline(path, text);
    struct pcap_pkthdr *header;
    const u_char *bytes;
    unsigned count = 0;
    int status;
    if (reader == NULL)
        fail_msg("%s", text);
    assert_int_equal(pcap_datalink(reader), DLT_EN10MB);
    while ((status = pcap_next_ex(reader, &header, &bytes)) == 1)
        check_packet(header, bytes, count++);
    assert_int_equal(status, PCAP_ERROR_BREAK);
    pcap_close(reader);
    return count;
}

static void packets_come_back(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    save(scratch_path(path, "plain"), false, 0, 200);
    assert_int_equal(check(path), 200);
    save(scratch_path(path, "none"), false, 0, 0);
    assert_int_equal(check(path), 0);
}

static void the_kind_of_link_is_said(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256], text[PCAP_ERRBUF_SIZE];
    struct error err;
    struct pcap_file *file = try_open(scratch_path(path, "raw"), false, false, notice, &err);
    assert_non_null(file);
    assert_int_equal(pcap_file_close(file, &err), 0);
    pcap_t *reader = pcap_open_offline(path, text);
    assert_non_null(reader);
    assert_int_equal(pcap_datalink(reader), DLT_RAW);
    pcap_close(reader);
}

static void an_earlier_file_is_kept_or_continued(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], kept[SCRATCH_PATH_SIZE];
    scratch_path(path, "again");
    save(path, true, 0, 3); /* nothing there to go on with */
    save(path, true, 3, 4);
    assert_int_equal(check(path), 7);
    save(path, false, 0, 1);
    assert_int_equal(check(path), 1);
    assert_int_equal(check(scratch_path(kept, "again.~1~")), 7);
}

/* A file cut at any byte is continued with its whole packets. */
static void a_torn_packet_is_cut_off(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], torn[SCRATCH_PATH_SIZE];
    struct buffer bytes;
    buffer_init(&bytes, FILE_MAX);
    save(scratch_path(path, "whole"), false, 0, 3);
    read_file(path, &bytes);
    static const size_t ends[] = {24, 24 + 36, 24 + 36 + 37, 24 + 36 + 37 + 38};
    assert_int_equal(bytes.length, ends[3]);
    for (size_t length = 0; length <= bytes.length; length++) {
        unsigned whole = 0;
        while (whole < 3 && ends[whole + 1] <= length)
            whole++;
        scratch_path(torn, "torn");
        unlink(torn);
        write_file(torn, bytes.bytes, length);
        save(torn, true, whole, 2);
        assert_int_equal(check(torn), whole + 2);
    }
    buffer_fini(&bytes);
}

static void assert_refused(const char *name, const void *bytes, size_t length, bool has_ethernet,
                           const char *words)
{
    char path[SCRATCH_PATH_SIZE], notice[256];
    struct error err;
    struct buffer after;
    write_file(scratch_path(path, name), bytes, length);
    assert_null(try_open(path, true, has_ethernet, notice, &err));
    if (strstr(err.text, words) == NULL || strstr(err.text, path) == NULL)
        fail_msg("%s: %s", name, err.text);
    buffer_init(&after, FILE_MAX);
    read_file(path, &after);
    assert_int_equal(after.length, length);
    assert_memory_equal(after.bytes, bytes, length);
    buffer_fini(&after);
}

/* What is no capture, or one of another kind, stays as it is. */
static void other_files_are_not_continued(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    struct buffer bytes;
    buffer_init(&bytes, FILE_MAX);
    save(scratch_path(path, "kind"), false, 0, 3);
    read_file(path, &bytes);
    assert_refused("kind", bytes.bytes, bytes.length, false, "link");
    assert_refused("text", "hello", 5, true, "no capture file");
    assert_refused("longer", "a text that is longer than any header is", 40, true,
                   "no capture file");
    memcpy(bytes.bytes, "\x4d\x3c\xb2\xa1", 4); /* of nanoseconds, little-endian or not */
    assert_refused("nanoseconds", bytes.bytes, bytes.length, true, "cannot append");
    memcpy(bytes.bytes, (const uint32_t[]){0xa1b2c3d4}, 4);
    memset(bytes.bytes + 24 + 8, 0xff, 4); /* the length of the first packet */
    assert_refused("damaged", bytes.bytes, bytes.length, true, "damaged at byte 24");
    buffer_fini(&bytes);
}

static void what_cannot_be_written_is_said(void **state)
{
    (void)state;
    char notice[256];
    struct error err;
    assert_null(try_open("/nonexistent/x", false, true, notice, &err));
    assert_non_null(strstr(err.text, "'/nonexistent/x'"));
    assert_null(try_open("/dev/full", false, true, notice, &err));
    assert_non_null(strstr(err.text, "'/dev/full'"));
    assert_non_null(strstr(err.text, "No space left"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_back),
        cmocka_unit_test(the_kind_of_link_is_said),
        cmocka_unit_test(an_earlier_file_is_kept_or_continued),
        cmocka_unit_test(a_torn_packet_is_cut_off),
        cmocka_unit_test(other_files_are_not_continued),
        cmocka_unit_test(what_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
