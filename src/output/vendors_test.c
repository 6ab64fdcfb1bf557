/* Vendors of adapters: both forms of lists, blocks within blocks, and what is no line of a list. */
#include "output/vendors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void read_text(struct vendors *vendors, const char *text)
{
    char path[] = "/tmp/vendors-XXXXXX";
    struct error err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    int result = vendors_read(vendors, path, &err);
    unlink(path);
    assert_int_equal(result, 0);
}

/* `name` NULL: there is none. */
static void is_of(const struct vendors *vendors, const char *address, const char *name)
{
    struct mac_address mac;
    size_t length = 0;
    assert_true(mac_parse(&mac, address));
    const char *found = vendors_find(vendors, &mac, &length);
    if (name == NULL) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_int_equal(length, strlen(name));
    assert_memory_equal(found, name, length);
}

static void reads_both_forms(void **state)
{
    (void)state;
    struct vendors vendors;
    read_text(&vendors, "# a comment\n"
                        "OUI/MA-L                        Organization\n"
                        "00000C Cisco Systems\n"
                        "00-00-0D   (hex)\t\tFIBRONICS LTD.\r\n"
                        "00000D     (base 16)\t\tFIBRONICS LTD.\n"
                        "\t\t\t\tHAIFA    31905\n"
                        "00000C Another\n"
                        "deadbe\n"
                        "00000 Too short\n"
                        "abcdef0123456789 Too long\n"
                        "000010 Last");
    is_of(&vendors, "00:00:0c:01:02:03", "Cisco Systems");
    is_of(&vendors, "00:00:0d:ff:ff:ff", "FIBRONICS LTD.");
    is_of(&vendors, "00-00-10-00-00-00", "Last");
    is_of(&vendors, "00:00:0e:00:00:00", NULL);
    is_of(&vendors, "de:ad:be:00:00:00", NULL);
    is_of(&vendors, "ab:cd:ef:01:23:45", NULL);
    vendors_fini(&vendors);
}

static void the_smallest_block_counts(void **state)
{
    (void)state;
    struct vendors vendors;
    read_text(&vendors, "70B3D5 IEEE Registration Authority\n"
                        "70B3D5001 Small\n"
                        "0055DA IEEE\n"
                        "0055DA1 Medium\n");
    is_of(&vendors, "70:b3:d5:00:1f:ff", "Small");
    is_of(&vendors, "70:b3:d5:00:20:00", "IEEE Registration Authority");
    is_of(&vendors, "00:55:da:1f:00:00", "Medium");
    is_of(&vendors, "00:55:da:20:00:00", "IEEE");
    vendors_fini(&vendors);
}

static void an_empty_list_knows_nobody(void **state)
{
    (void)state;
    struct vendors vendors, none = {0};
    read_text(&vendors, "");
    is_of(&vendors, "00:00:0c:01:02:03", NULL);
    is_of(&none, "00:00:0c:01:02:03", NULL);
    vendors_fini(&vendors);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct vendors vendors;
    struct error err;
    assert_true(vendors_read(&vendors, "/nonexistent/list", &err) < 0);
    assert_non_null(strstr(err.text, "/nonexistent/list"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_forms),
        cmocka_unit_test(the_smallest_block_counts),
        cmocka_unit_test(an_empty_list_knows_nobody),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
