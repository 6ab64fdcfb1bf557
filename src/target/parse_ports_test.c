/* Port text: what is read, and what each error says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/port.h"
#include "target/parse.h"

static void assert_ports(struct range_set *set, const char *expected)
{
    struct buffer text;
    buffer_init(&text, 1 << 16);
    assert_int_equal(range_set_normalise(set, NULL), 0);
    target_format_ports(&text, set);
    assert_string_equal(buffer_string(&text), expected);
    buffer_fini(&text);
}

static void reads_lists(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int initial;
        const char *ports;
    } cases[] = {
        {"80", PORT_TCP, "80"},
        {"0", PORT_TCP, "0"},
        {"65535", PORT_TCP, "65535"},
        {"443,80,20-25", PORT_TCP, "20-25,80,443"},
        {"20-25,80,U:53", PORT_TCP, "20-25,80,U:53"},
        {"U:161,U:1024-1100", PORT_TCP, "U:161,1024-1100"},
        {"U:53,161,T:80,S:2905,7", PORT_TCP, "80,U:53,161,S:7,2905"},
        {"u:53,t:80", PORT_TCP, "80,U:53"},
        {"65000-", PORT_TCP, "65000-65535"},
        {"-5", PORT_TCP, "1-5"},
        {"-", PORT_TCP, "1-65535"},
        {"O:250-", PORT_TCP, "O:250-255"},
        {"O:-3", PORT_TCP, "O:1-3"},
        {"O:-", PORT_TCP, "O:1-255"},
        {"I:0,1", PORT_TCP, "I:0-1"},
        {"I:0-", PORT_TCP, "I:0-1"},
        {"a:0", PORT_TCP, "A:0"},
        {"53", PORT_UDP, "U:53"},
        {"6,17", PORT_IP_PROTO, "O:6,17"},
        {"53,T:80", PORT_UDP, "80,U:53"},
        {" 80 ,\t443 , U: 53 \n", PORT_TCP, "80,443,U:53"},
        {"80,,443,", PORT_TCP, "80,443"},
        {"0-65535,U:0-65535", PORT_TCP, "0-65535,U:0-65535"},
        {"0-65535,U:0-65535,S:0-65535,I:0-1,O:0-255", PORT_TCP,
         "0-65535,U:0-65535,S:0-65535,I:0-1,O:0-255"},
        {"00080", PORT_TCP, "80"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct range_set set = {0};
        struct error err;
        if (target_parse_ports(&set, cases[i].text, cases[i].initial, &err) < 0)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_ports(&set, cases[i].ports);
        range_set_fini(&set);
    }
}

static void codes_carry_the_class(void **state)
{
    (void)state;
    struct range_set set = {0};
    assert_int_equal(target_parse_ports(&set, "80,U:53,I:0,O:6,S:7", PORT_TCP, NULL), 0);
    assert_int_equal(range_set_normalise(&set, NULL), 0);
    static const uint32_t codes[] = {80, 65536 + 53, 2 * 65536 + 7, 3 * 65536, 4 * 65536 + 6};
    assert_int_equal(range_set_size(&set), 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(range_set_contains(&set, codes[i]));
    range_set_fini(&set);
}

static void says_where_and_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"80;443", "bad port list, character 3: \";443\" follows a port (want a comma, as in "
                   "80,20-25,U:53)"},
        {"80 443", "bad port list, character 4: \"443\" follows a port (want a comma, as in "
                   "80,20-25,U:53)"},
        {"80-90-100", "bad port list, character 6: \"-100\" follows a port (want a comma, as in "
                      "80,20-25,U:53)"},
        {"80x", "bad port list, character 3: \"x\" follows a port (want a comma, as in "
                "80,20-25,U:53)"},
        {"443,http", "bad port list, character 5: \"http\" is not a port (want a list such as "
                     "80,20-25,U:53)"},
        {"tcp:80", "bad port list, character 1: \"tcp:80\" is not a port (want a list such as "
                   "80,20-25,U:53)"},
        {"80,X:5",
         "bad port list, character 4: \"X:5\" has an unknown prefix (want T: U: S: I: O: or "
         "A:)"},
        {"U:", "bad port list, character 3: the end is not a port (want a list such as "
               "80,20-25,U:53)"},
        {"U:,80", "bad port list, character 3: \",\" is not a port (want a list such as "
                  "80,20-25,U:53)"},
        {"U:T:80", "bad port list, character 3: \"T:80\" is not a port (want a list such as "
                   "80,20-25,U:53)"},
        {"65536", "bad port list, character 1: \"65536\" is beyond the last TCP port (want 0 to "
                  "65535)"},
        {"80,U:1-99999999999999999999", "bad port list, character 6: \"1-99999999999999999999\" is "
                                        "beyond the last UDP port (want 0 to 65535)"},
        {"O:256", "bad port list, character 3: \"256\" is beyond the last IP protocol (want 0 to "
                  "255)"},
        {"I:8", "bad port list, character 3: \"8\" is beyond the last ICMP request (want 0 to 1)"},
        {"25-20", "bad port list, character 1: \"25-20\" ends before it begins (want the lower "
                  "number first)"},
        {"-0", "bad port list, character 1: \"-0\" ends before it begins (want the lower number "
               "first)"},
        {"--", "bad port list, character 2: \"-\" follows a port (want a comma, as in "
               "80,20-25,U:53)"},
        {"\x1b", "bad port list, character 1: \"\\x1b\" is not a port (want a list such as "
                 "80,20-25,U:53)"},
        {"", "bad port list, character 1: the end came before any port (want a list such as "
             "80,20-25,U:53)"},
        {" , ", "bad port list, character 4: the end came before any port (want a list such as "
                "80,20-25,U:53)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct range_set set = {0};
        struct error err = {{0}};
        assert_int_equal(target_parse_ports(&set, cases[i].text, PORT_TCP, &err), -1);
        assert_string_equal(err.text, cases[i].error);
        range_set_fini(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lists),
        cmocka_unit_test(codes_carry_the_class),
        cmocka_unit_test(says_where_and_what_is_wrong),
    };
    return cmocka_run_group_tests_name("parse_ports", tests, NULL, NULL);
}
