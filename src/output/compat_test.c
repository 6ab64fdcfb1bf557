/* Against the existing tool, where it is installed: it reads our binary file as we do and prints
 * the same, and we read the file it writes.
 *
 * It is run with --readscan only, in a network namespace of its own. Left out of the comparison:
 * types 8 and 12, at which its reader aborts; protocols whose names differ; application ids from 16
 * on, which its packaged version numbers otherwise; id 6, whose reason is "syn-ack" in its XML.
 * IPv6 addresses are "ipv4" in its XML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/binary_reader.h"
#include "output/output.h"
#include "output/test_support.h"

enum { RESULTS_MAX = 256, SKIP_EXIT = 77, FILE_MAX = 1 << 20 };

static const char *const namespaces[] = {"unshare -n", "unshare -rn"};

struct results {
    struct result list[RESULTS_MAX];
    unsigned count;
};

static void add_statuses(struct results *to)
{
    static const uint8_t protocols[] = {RESULT_TCP, RESULT_UDP, RESULT_SCTP, RESULT_ICMP};
    static const char *const addresses[] = {"192.0.2.10", "255.255.255.255", "2001:db8::10",
                                            "2001:db8:1:2:3:4:5:6"};
    for (unsigned i = 0; i < 64; i++) {
        struct result *result = &to->list[to->count++];
        const char *text = addresses[i % 4];
        *result = (struct result){.status = i & 4 ? RESULT_CLOSED : RESULT_OPEN,
                                  .time = 1700000000 + i,
                                  .protocol = protocols[i / 8 % 4],
                                  .port = (uint16_t)(i * 1031),
                                  .reason = (uint8_t)(i * 37),
                                  .ttl = (uint8_t)(i * 4)};
        assert_true(ip_parse(&result->ip, text, strlen(text)));
    }
}

static void add_banners(struct results *to)
{
    static uint8_t bytes[256];
    for (unsigned i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    for (uint16_t app = 0; app < 16; app++) {
        struct result *result = &to->list[to->count++];
        *result = make_banner(bytes + app, (uint32_t)(256 - 17 * app));
        result->app = app == APP_DNS_VERSION ? APP_SNMP : app;
        if (app & 1)
            result->ip = samples()[4].ip;
    }
}

static const struct results *all_results(void)
{
    static struct results made;
    if (made.count == 0) {
        add_statuses(&made);
        add_banners(&made);
    }
    return &made;
}

static void run(const char *command)
{
    int status = system(command);
    if (status != 0)
        fail_msg("failed: %s", command);
}

/* How to run a program without a network; NULL if it cannot be, or the tool is not there. */
static const char *find_namespace(void)
{
    char command[128];
    for (unsigned i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        snprintf(command, sizeof command, "%s masscan --version >/dev/null 2>&1", namespaces[i]);
        int status = system(command);
        if (status == 0 || status == 1 << 8) /* it prints its version and returns 1 */
            return namespaces[i];
    }
    return NULL;
}

static void write_ours(const char *format, const char *name)
{
    struct error err;
    char path[SCRATCH_PATH_SIZE], notice[256];
    struct output_set set = {.filter = {true, true, true}};
    if (output_set_add(&set, writer_find(format), scratch_path(path, name), OUTPUT_REPLACE,
                       &sample_facts, notice, &err) < 0)
        fail_msg("%s", err.text);
    for (unsigned i = 0; i < all_results()->count; i++)
        assert_int_equal(output_set_record(&set, &all_results()->list[i], &err), 1);
    assert_int_equal(output_set_close(&set, 1700000100, &err), 0);
}

/* A sed script that takes from our XML what the existing tool has not, or has wrong. */
static const char what_it_lacks[] = "s/addrtype=\"ipv6\"/addrtype=\"ipv4\"/;"
                                    "s/<status state=\"up\"[^>]*>//;"
                                    "s/ method=\"probed\" conf=\"10\"//;"
                                    "s/ numservices=\"[^\"]*\" services=\"[^\"]*\"//;"
                                    "s/<verbose [^>]*><debugging [^>]*>//";

static void the_existing_tool_prints_our_file_as_we_do(void **state)
{
    static const struct {
        const char *format, *letter;
    } formats[] = {{"xml", "X"},    {"json", "J"},     {"list", "L"},
                   {"ndjson", "D"}, {"grepable", "G"}, {"hostonly", "H"}};
    char command[1024];
    write_ours("binary", "ours.bin");
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) {
        char name[64];
        snprintf(name, sizeof name, "ours.%s", formats[i].letter);
        write_ours(formats[i].format, name);
        snprintf(command, sizeof command,
                 "cd %s && %s masscan --readscan ours.bin --show closed -o%s theirs.%s "
                 ">/dev/null 2>&1 && sed -i '%s' ours.%s && "
                 "diff -I '^<nmaprun ' -I '^<finished ' -I '^# Masscan ' -I '^# Ports ' ours.%s "
                 "theirs.%s >&2",
                 scratch_directory(), (const char *)*state, formats[i].letter, formats[i].letter,
                 what_it_lacks, formats[i].letter, formats[i].letter, formats[i].letter);
        run(command);
    }
}

static int compare(void *context, const struct result *result, struct error *err)
{
    unsigned *count = context;
    (void)err;
    assert_true(*count < all_results()->count);
    assert_true(results_equal(result, &all_results()->list[*count]));
    ++*count;
    return 0;
}

static void we_read_the_file_it_writes(void **state)
{
    char command[512], path[SCRATCH_PATH_SIZE];
    struct error err;
    struct binary_file_facts facts;
    unsigned count = 0;
    write_ours("binary", "ours.bin");
    snprintf(command, sizeof command,
             "cd %s && %s masscan --readscan ours.bin --show closed -oB theirs.bin >/dev/null 2>&1",
             scratch_directory(), (const char *)*state);
    run(command);
    assert_int_equal(
        binary_read_file(scratch_path(path, "theirs.bin"), compare, &count, &facts, &err), 0);
    assert_int_equal(count, all_results()->count);
    assert_int_equal(facts.skipped + facts.torn_bytes, 0);
}

/* Its own converted file: going on with it gives one file that it reads to the end. */
static void it_reads_its_file_after_we_went_on(void **state)
{
    char command[512], path[SCRATCH_PATH_SIZE], notice[256];
    struct error err;
    struct output_set set = {.filter = {true, true, true}};
    we_read_the_file_it_writes(state);
    scratch_path(path, "theirs.bin");
    assert_int_equal(output_set_add(&set, writer_find("binary"), path, OUTPUT_APPEND, &sample_facts,
                                    notice, &err),
                     0);
    assert_int_equal(output_set_record(&set, &samples()[0], &err), 1);
    assert_int_equal(output_set_close(&set, 1700000100, &err), 0);
    snprintf(command, sizeof command,
             "cd %s && %s masscan --readscan theirs.bin --show closed -oH hosts >/dev/null 2>&1 && "
             "test $(wc -l < hosts) = %u",
             scratch_directory(), (const char *)*state, all_results()->count + 1);
    run(command);
}

int main(void)
{
    const char *namespace = find_namespace();
    if (namespace == NULL) {
        fprintf(stderr, "skipped: no masscan to compare with, or no network namespaces\n");
        return SKIP_EXIT;
    }
    void *state = (void *)(uintptr_t) namespace;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(the_existing_tool_prints_our_file_as_we_do, state),
        cmocka_unit_test_prestate(we_read_the_file_it_writes, state),
        cmocka_unit_test_prestate(it_reads_its_file_after_we_went_on, state),
    };
    return cmocka_run_group_tests_name("compat", tests, NULL, NULL);
}
