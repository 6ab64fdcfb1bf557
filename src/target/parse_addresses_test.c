/* Target text and list files: what is read, and what each error says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "target/parse.h"

#define WANT "(want 192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/24)"

#define WANT_IPV6 "(want 2001:db8::1, 2001:db8::1-2001:db8::9 or 2001:db8::/64)"

/* The normal set as text, ranges joined by spaces. */
static void assert_set(struct address_set *set, const char *expected)
{
    struct buffer text;
    buffer_init(&text, 1 << 20);
    assert_int_equal(address_set_normalise(set, NULL), 0);
    for (size_t i = 0; i < address_set_range_count(set); i++) {
        buffer_text(&text, i > 0 ? " " : "");
        target_format_range(&text, address_set_range(set, i));
    }
    assert_string_equal(buffer_string(&text), expected);
    buffer_fini(&text);
}

/* A list file with these bytes; the caller removes it with remove_file. */
static char *file_with(const char *bytes, size_t length)
{
    char *path = strdup("/tmp/target-list-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    close(fd);
    return path;
}

static void remove_file(char *path)
{
    unlink(path);
    free(path);
}

static void reads_items_of_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *set;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"},
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"10.1.2.3/8", "10.0.0.0/8"},
        {"10.1.2.3/32", "10.1.2.3"},
        {"10.1.2.3/31", "10.1.2.2/31"},
        {"1.2.3.4/0", "0.0.0.0/0"},
        {"0.0.0.0-255.255.255.255", "0.0.0.0/0"},
        {"255.255.255.255,0.0.0.0", "0.0.0.0 255.255.255.255"},
        {" 10.0.0.1 ,\t10.0.0.3,, 10.0.0.2\n", "10.0.0.1-10.0.0.3"},
        {"10.0.0.5-10.0.0.5", "10.0.0.5"},
        {"9.9.9.9 1.1.1.1/30,8.8.8.8", "1.1.1.0/30 8.8.8.8 9.9.9.9"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8",
         "0:2:3:4:5:6:7:8 1:2:3:4:5:6:7:0 1:2:3:4:5:6:7:8"},
        {"::", "::"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:192.0.2.33", "1:2:3:4:5:6:c000:221"},
        {"2001:db8::1-2001:db8::9", "2001:db8::1-2001:db8::9"},
        {"2001:db8::ff/64", "2001:db8::/64"},
        {"2001:db8::1/128 2001:db8::5/127", "2001:db8::1 2001:db8::4/127"},
        {"[::1]", "::1"},
        {"[2001:db8::1]-[2001:db8::9]", "2001:db8::1-2001:db8::9"},
        {"[2001:db8::1-2001:db8::9]", "2001:db8::1-2001:db8::9"},
        {"[2001:db8::]/64,[2001:db8:1::/64]", "2001:db8::/64 2001:db8:1::/64"},
        {"fe80::1%eth0 fe80::/120 [fe80::2:1%eth0]", "fe80::/120 fe80::2:1"},
        {"fe80::1%br-lan0-fe80::9%br-lan0", "fe80::1-fe80::9"},
        {"fe80::1%br-lan0-[fe80::9]", "fe80::1-fe80::9"},
        {"fe80::7%eth0/64", "fe80::/64"},
        {"10.0.0.2,2001:db8::2,10.0.0.1,2001:db8::1", "10.0.0.1-10.0.0.2 2001:db8::1-2001:db8::2"},
        {"::fffe:ffff:ffff-::1:0:0:0", "::fffe:ffff:ffff ::1:0:0:0"},
        {"::/0", "::-::fffe:ffff:ffff ::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address_set set = {0};
        struct error err;
        if (target_parse_addresses(&set, cases[i].text, &err) < 0)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_set(&set, cases[i].set);
        address_set_fini(&set);
    }
}

static const struct {
    const char *text, *error;
} bad_items[] = {
    {"10.0.0.300", "not an address, range or CIDR block: \"10.0.0.300\" " WANT},
    {"10.0.0", "not an address, range or CIDR block: \"10.0.0\" " WANT},
    {"10.0.0.", "not an address, range or CIDR block: \"10.0.0.\" " WANT},
    {"10.0.0.1.2", "not an address, range or CIDR block: \"10.0.0.1.2\" " WANT},
    {"10.0.0.01", "not an address, range or CIDR block: \"10.0.0.01\" " WANT},
    {"10.0.0.0001", "not an address, range or CIDR block: \"10.0.0.0001\" " WANT},
    {"10.0.0.1-", "not an address, range or CIDR block: \"10.0.0.1-\" " WANT},
    {"10.0.0.1-9", "not an address, range or CIDR block: \"10.0.0.1-9\" " WANT},
    {"10.0.0.0/", "not an address, range or CIDR block: \"10.0.0.0/\" " WANT},
    {"10.0.0.0/x", "not an address, range or CIDR block: \"10.0.0.0/x\" " WANT},
    {"10.0.0.0/8-10.0.0.1", "not an address, range or CIDR block: \"10.0.0.0/8-10.0.0.1\" " WANT},
    {"-1.2.3.4", "not an address, range or CIDR block: \"-1.2.3.4\" " WANT},
    {"1.2.3.4$", "not an address, range or CIDR block: \"1.2.3.4$\" " WANT},
    {"4294967296.1.1.1", "not an address, range or CIDR block: \"4294967296.1.1.1\" " WANT},
    {"\x1b[2J\"", "not an address, range or CIDR block: \"\\x1b[2J\\\"\" " WANT},
    {"\xff\xfe"
     "1",
     "not an address, range or CIDR block: \"\\xff\\xfe1\" " WANT},
    {"10.0.0.0/33", "prefix length out of range: \"10.0.0.0/33\" (want /0 to /32)"},
    {"10.0.0.0/4294967296", "prefix length out of range: \"10.0.0.0/4294967296\" (want /0 to /32)"},
    {"10.0.0.9-10.0.0.1",
     "range ends before it begins: \"10.0.0.9-10.0.0.1\" (want the lower address first)"},
    {"2001:db8", "not an IPv6 address, range or CIDR block: \"2001:db8\" " WANT_IPV6},
    {":1:2:3:4:5:6:7", "not an IPv6 address, range or CIDR block: \":1:2:3:4:5:6:7\" " WANT_IPV6},
    {"1:2:3:4:5:6:7:8:9",
     "not an IPv6 address, range or CIDR block: \"1:2:3:4:5:6:7:8:9\" " WANT_IPV6},
    {"1:2:3:4:5:6:7:8::",
     "not an IPv6 address, range or CIDR block: \"1:2:3:4:5:6:7:8::\" " WANT_IPV6},
    {"1::2::3", "not an IPv6 address, range or CIDR block: \"1::2::3\" " WANT_IPV6},
    {"1:::3", "not an IPv6 address, range or CIDR block: \"1:::3\" " WANT_IPV6},
    {"12345::", "not an IPv6 address, range or CIDR block: \"12345::\" " WANT_IPV6},
    {"::1x", "not an IPv6 address, range or CIDR block: \"::1x\" " WANT_IPV6},
    {"[::1", "not an IPv6 address, range or CIDR block: \"[::1\" " WANT_IPV6},
    {"::1]", "not an IPv6 address, range or CIDR block: \"::1]\" " WANT_IPV6},
    {"[::1]-[::2", "not an IPv6 address, range or CIDR block: \"[::1]-[::2\" " WANT_IPV6},
    {"1:2:3:4:5:6:7:1.2.3.4",
     "not an IPv6 address, range or CIDR block: \"1:2:3:4:5:6:7:1.2.3.4\" " WANT_IPV6},
    {"::1.2.3", "not an IPv6 address, range or CIDR block: \"::1.2.3\" " WANT_IPV6},
    {"fe80::1%", "not an IPv6 address, range or CIDR block: \"fe80::1%\" " WANT_IPV6},
    {"fe80::1%a-name-too-long0",
     "not an IPv6 address, range or CIDR block: \"fe80::1%a-name-too-long0\" " WANT_IPV6},
    {"10.0.0.1-2001:db8::1",
     "not an IPv6 address, range or CIDR block: \"10.0.0.1-2001:db8::1\" " WANT_IPV6},
    {"2001:db8::/129", "prefix length out of range: \"2001:db8::/129\" (want /0 to /128)"},
    {"2001:db8::9-2001:db8::1",
     "range ends before it begins: \"2001:db8::9-2001:db8::1\" (want the lower address first)"},
    {"::ffff:192.0.2.1", "IPv4 address in IPv6 form: no IPv6 packet can go there: "
                         "\"::ffff:192.0.2.1\" (want the IPv4 address itself, such as 192.0.2.1)"},
    {"::ffff:0:0/96", "IPv4 address in IPv6 form: no IPv6 packet can go there: "
                      "\"::ffff:0:0/96\" (want the IPv4 address itself, such as 192.0.2.1)"},
    {"2001:db8::1%eth0", "only link-local addresses name an interface: \"2001:db8::1%eth0\" (want "
                         "addresses of fe80::/10 with it, such as fe80::1%eth0)"},
    {"fe80::1%eth0-ff00::%eth0",
     "only link-local addresses name an interface: \"fe80::1%eth0-ff00::%eth0\" (want addresses of "
     "fe80::/10 with it, such as fe80::1%eth0)"},
    {"fe80::1%eth0-fe80::2%eth1",
     "link-local addresses of more than one interface: \"fe80::1%eth0-fe80::2%eth1\" (want one "
     "interface in a scan)"},
    {"www.example.com",
     "host names are not looked up: \"www.example.com\" (want an address such as "
     "192.0.2.1, or --resolve in front of it)"},
};

static void says_what_is_wrong_in_an_argument(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_items / sizeof bad_items[0]; i++) {
        struct address_set set = {0};
        struct error err = {{0}};
        char text[256];
        snprintf(text, sizeof text, "1.1.1.1, %s", bad_items[i].text);
        assert_int_equal(target_parse_addresses(&set, text, &err), -1);
        assert_string_equal(err.text, bad_items[i].error);
        address_set_fini(&set);
    }
}

static void an_interface_holds_for_the_whole_set(void **state)
{
    (void)state;
    struct error err;
    struct address_set set = {0};
    assert_int_equal(target_parse_addresses(&set, "fe80::1%eth0,fe80::2", &err), 0);
    assert_string_equal(set.zone, "eth0");
    assert_int_equal(target_parse_addresses(&set, "fe80::3%eth", &err), -1);
    assert_int_equal(target_parse_addresses(&set, "fe80::3%eth01", &err), -1);
    assert_string_equal(err.text, "link-local addresses of more than one interface: "
                                  "\"fe80::3%eth01\" (want one interface in a scan)");
    address_set_fini(&set);
    assert_string_equal(set.zone, "");
}

static void an_argument_without_an_item_is_an_error(void **state)
{
    (void)state;
    static const char *const texts[] = {"", " ", ",,", "\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct address_set set = {0};
        struct error err;
        assert_int_equal(target_parse_addresses(&set, texts[i], &err), -1);
        assert_string_equal(err.text, "no address given " WANT);
    }
}

static void an_argument_has_no_comments(void **state)
{
    (void)state;
    static const char *const texts[] = {"1.1.1.1 # x", "#", "1.1.1.1;2.2.2.2", "/", "1.1.1.1 -"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct address_set set = {0};
        assert_int_equal(target_parse_addresses(&set, texts[i], NULL), -1);
        address_set_fini(&set);
    }
}

static void cuts_a_long_token(void **state)
{
    (void)state;
    char text[1001];
    memset(text, '\x01', 1000);
    text[1000] = '\0';
    struct address_set set = {0};
    struct error err;
    assert_int_equal(target_parse_addresses(&set, text, &err), -1);
    assert_non_null(strstr(err.text, "\\x01...\" (want"));
    assert_non_null(strstr(err.text, "192.0.2.0/24)"));
    address_set_fini(&set);
}

/* Files */

static void assert_loads(const char *bytes, size_t length, const char *expected)
{
    char *path = file_with(bytes, length);
    struct address_set set = {0};
    struct error err;
    if (target_load_addresses(&set, path, &err) < 0)
        fail_msg("%s", err.text);
    assert_set(&set, expected);
    address_set_fini(&set);
    remove_file(path);
}

static void assert_refused(const char *bytes, size_t length, const char *place, const char *message)
{
    char *path = file_with(bytes, length);
    struct address_set set = {0};
    struct error err = {{0}};
    char expected[1024];
    snprintf(expected, sizeof expected, "%s:%s: %s", path, place, message);
    assert_int_equal(target_load_addresses(&set, path, &err), -1);
    assert_string_equal(err.text, expected);
    address_set_fini(&set);
    remove_file(path);
}

static void reads_files_of_every_habit(void **state)
{
    (void)state;
    static const struct {
        const char *text, *set;
    } cases[] = {
        {"", ""},
        {"\n\n", ""},
        {"1.1.1.1", "1.1.1.1"},
        {"1.1.1.1\r\n2.2.2.2\r\n", "1.1.1.1 2.2.2.2"},
        {"1.1.1.1\r2.2.2.2\r", "1.1.1.1 2.2.2.2"},
        {"\xef\xbb\xbf"
         "1.1.1.1\n",
         "1.1.1.1"},
        {"\xef\xbb\xbf", ""},
        {"# a\n; b\n// c\n- d 3.3.3.3\n  # e\n1.1.1.1 # 9.9.9.9\n2.2.2.2;9.9.9.9\n3.3.3.3#\n",
         "1.1.1.1 2.2.2.2 3.3.3.3"},
        {"1.1.1.1 - the router\n2.2.2.2 // the switch\n3.3.3.3,- 4x\n", "1.1.1.1 2.2.2.2 3.3.3.3"},
        {"1.1.1.1\n-2.2.2.2\n- 3.3.3.3\n/ 8\n", "1.1.1.1"},
        {"1.1.1.1,2.2.2.2 3.3.3.3-3.3.3.4\t4.4.4.0/24,\n", "1.1.1.1 2.2.2.2 3.3.3.3-3.3.3.4 "
                                                           "4.4.4.0/24"},
        {"# no newline", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_loads(cases[i].text, strlen(cases[i].text), cases[i].set);
}

/* Where a set has a list for them; what is neither an address nor a name is refused as ever. */
static void host_names_go_where_they_are_wanted(void **state)
{
    (void)state;
    static const char text[] = "www.example.org, 10.0.0.1 X-1_2.test\t2001:db8::1 a";
    static const char *const wanted[] = {"www.example.org", "X-1_2.test", "a"};
    struct name_list names = {0};
    struct address_set set = {.names = &names};
    struct error err;
    assert_int_equal(target_parse_addresses(&set, text, &err), 0);
    assert_int_equal(names.count, 3);
    for (size_t i = 0; i < names.count; i++)
        assert_string_equal(names.names[i], wanted[i]);
    assert_int_equal(set.v4.count + set.v6.count, 2);
    assert_true(target_parse_addresses(&set, "10.0.0.1x/8", &err) < 0);
    assert_true(target_parse_addresses(&set, "a!b", &err) < 0);
    assert_true(target_parse_addresses(&set, "10.0.0", &err) < 0);
    assert_true(target_parse_addresses(&set, "[fe80::x]", &err) < 0);
    assert_int_equal(names.count, 3);
    address_set_fini(&set);
    name_list_fini(&names);
}

static void names_file_line_and_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_items / sizeof bad_items[0]; i++) {
        if (bad_items[i].text[0] == '-')
            continue; /* a comment */
        char text[256];
        snprintf(text, sizeof text, "# x\r\n1.1.1.1\r\n 2.2.2.2, %s\n", bad_items[i].text);
        assert_refused(text, strlen(text), "3:11", bad_items[i].error);
    }
    assert_refused("\xef\xbb\xbf"
                   "x y",
                   6, "1:1",
                   "host names are not looked up: \"x\" (want an address such as 192.0.2.1, or "
                   "--resolve in front of it)");
    assert_refused("1.1.1.1\n1.1.1.1\0002.2.2.2\n", 24, "2:8",
                   "not an address, range or CIDR block: \"\\x002.2.2.2\" " WANT);
    assert_refused("\0", 1, "1:1", "not an address, range or CIDR block: \"\\x00\" " WANT);
}

static void refuses_a_torn_item(void **state)
{
    (void)state;
    static const char *const torn[] = {"- 10.0.0.9", "-10.0.0.9", "/8", "/ 8", "-\t10.0.0.9 x"};
    for (size_t i = 0; i < sizeof torn / sizeof torn[0]; i++) {
        char text[256], message[256];
        snprintf(text, sizeof text, "10.0.0.1 %s\n2.2.2.2\n", torn[i]);
        snprintf(message, sizeof message,
                 "range or CIDR block torn by a space: \"%s\" (want no space before or behind "
                 "\"%c\")",
                 i == 4 ? "-\\x0910.0.0.9 x" : torn[i], torn[i][0]);
        assert_refused(text, strlen(text), "1:10", message);
    }
}

/* Items, comments and blanks longer than the window, cut by it at every place. */
static void reads_across_the_window(void **state)
{
    (void)state;
    enum { WINDOW = 256 * 1024 };
    static const char items[] = "10.11.12.13-10.11.12.14 10.20.30.40/32,1.2.3.4\n5.6.7.8 # x\n";
    static const char *const fillers[] = {" ", "\n", "#"};
    char *text = malloc(3 * WINDOW);
    assert_non_null(text);
    for (unsigned filler = 0; filler < 3; filler++) {
        for (size_t before = 0; before < sizeof items + 2; before++) {
            size_t length = WINDOW - before;
            memset(text, fillers[filler][0], length);
            text[length - 1] = '\n';
            memcpy(text + length, items, sizeof items - 1);
            length += sizeof items - 1;
            assert_loads(text, length, "1.2.3.4 5.6.7.8 10.11.12.13-10.11.12.14 10.20.30.40");
            memset(text + length, fillers[filler][0], WINDOW);
            length += WINDOW;
            memcpy(text + length, "\n9.9.9.9", 8);
            assert_loads(text, length + 8,
                         "1.2.3.4 5.6.7.8 9.9.9.9 10.11.12.13-10.11.12.14 10.20.30.40");
        }
    }
    free(text);
}

static void counts_lines_and_columns_across_windows(void **state)
{
    (void)state;
    enum { LINES = 100000 };
    struct buffer text;
    buffer_init(&text, 8 << 20);
    for (int i = 0; i < LINES; i++)
        buffer_text(&text, "10.0.0.1 10.0.0.2,10.0.0.3\n"); /* windows begin amid lines */
    buffer_text(&text, " 10.0.0.999");
    assert_refused((const char *)text.bytes, text.length, "100001:2",
                   "not an address, range or CIDR block: \"10.0.0.999\" " WANT);
    buffer_fini(&text);
}

static void a_single_line_may_be_long(void **state)
{
    (void)state;
    enum { ITEMS = 100000 };
    struct buffer text;
    buffer_init(&text, 8 << 20);
    for (int i = 0; i < ITEMS; i++)
        buffer_printf(&text, "10.%d.%d.%d,", i >> 16, i >> 8 & 255, i & 255);
    assert_loads((const char *)text.bytes, text.length, "10.0.0.0-10.1.134.159");
    size_t column = text.length + 1;
    buffer_text(&text, "?");
    char place[32];
    snprintf(place, sizeof place, "1:%zu", column);
    assert_refused((const char *)text.bytes, text.length, place,
                   "not an address, range or CIDR block: \"?\" " WANT);
    buffer_fini(&text);
}

static void reads_standard_input(void **state)
{
    (void)state;
    int ends[2], kept = dup(STDIN_FILENO);
    struct address_set set = {0};
    struct error err;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "1.1.1.1\nx!", 10), 10);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    assert_int_equal(target_load_addresses(&set, "-", &err), -1);
    assert_string_equal(err.text,
                        "standard input:2:1: not an address, range or CIDR block: \"x!\" " WANT);
    assert_set(&set, "1.1.1.1");
    address_set_fini(&set);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(ends[0]);
}

static void says_which_file_cannot_be_read(void **state)
{
    (void)state;
    struct address_set set = {0};
    struct error err;
    assert_int_equal(target_load_addresses(&set, "/nonexistent/list", &err), -1);
    assert_string_equal(err.text, "cannot open the address list /nonexistent/list: No such file or "
                                  "directory");
    assert_int_equal(target_load_addresses(&set, "/tmp", &err), -1);
    assert_string_equal(err.text, "cannot read the address list /tmp: Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_items_of_every_form),
        cmocka_unit_test(says_what_is_wrong_in_an_argument),
        cmocka_unit_test(an_interface_holds_for_the_whole_set),
        cmocka_unit_test(an_argument_without_an_item_is_an_error),
        cmocka_unit_test(an_argument_has_no_comments),
        cmocka_unit_test(cuts_a_long_token),
        cmocka_unit_test(reads_files_of_every_habit),
        cmocka_unit_test(names_file_line_and_column),
        cmocka_unit_test(host_names_go_where_they_are_wanted),
        cmocka_unit_test(refuses_a_torn_item),
        cmocka_unit_test(reads_across_the_window),
        cmocka_unit_test(counts_lines_and_columns_across_windows),
        cmocka_unit_test(a_single_line_may_be_long),
        cmocka_unit_test(reads_standard_input),
        cmocka_unit_test(says_which_file_cannot_be_read),
    };
    return cmocka_run_group_tests_name("parse_addresses", tests, NULL, NULL);
}
