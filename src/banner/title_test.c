/* Titles: charsets, references, what is left out, and what was cut. */
#include "banner/title.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *raw, enum title_charset charset, bool is_cut, const char *wanted)
{
    char text[TITLE_MAX + 1];
    size_t length =
        title_decode((uint8_t *)text, (const uint8_t *)raw, strlen(raw), charset, is_cut);
    text[length] = '\0';
    assert_string_equal(text, wanted);
}

static void decodes_charsets(void **state)
{
    (void)state;
    check("Gr\xc3\xb6\xc3\x9f"
          "e",
          TITLE_UTF8, false, "Größe");
    check("Gr\xf6\xdf"
          "e",
          TITLE_WINDOWS_1252, false, "Größe");
    check("\x80 \x96 \x9f", TITLE_WINDOWS_1252, false, "€ – Ÿ");
    check("\xc3\xb6 and \xf6", TITLE_UNDECLARED, false, "ö and ö");
    check("\xf6\xdf"
          "e",
          TITLE_UTF8, false, "\ufffd\ufffde");
    check("a\x8f\x40", TITLE_OTHER, false, "a\ufffd@");
    check("\xe4\xb8\x96\xf0\x9f\x98\x80", TITLE_UNDECLARED, false, "世😀");
}

/* Overlong forms, surrogates, and numbers above U+10FFFF are no characters (RFC 3629, 3). */
static void refuses_what_is_no_utf8(void **state)
{
    (void)state;
    check("\xc0\xaf", TITLE_UTF8, false, "\ufffd\ufffd");
    check("\xe0\x80\xaf", TITLE_UTF8, false, "\ufffd\ufffd\ufffd");
    check("\xed\xa0\x80", TITLE_UTF8, false, "\ufffd\ufffd\ufffd");
    check("\xf4\x90\x80\x80", TITLE_UTF8, false, "\ufffd\ufffd\ufffd\ufffd");
    check("&#xd800;&#x110000;&#99999999999;", TITLE_UTF8, false, "\ufffd\ufffd&#99999999999;");
}

static void resolves_references(void **state)
{
    (void)state;
    check("a &amp; b &lt;c&gt; &quot;&apos;", TITLE_UTF8, false, "a & b <c> \"'");
    check("&#228;&#xe4;&#XE4;&auml;&#150;", TITLE_UTF8, false, "ääää–");
    check("&bogus; &#; &#x; &#g; &amp", TITLE_UTF8, false, "&bogus; &#; &#x; &#g; &amp");
    check("&amp;lt;", TITLE_UTF8, false, "&lt;");
}

static void leaves_out_controls(void **state)
{
    (void)state;
    check("a\x1b[31mb\x07\x7f", TITLE_UTF8, false, "a[31mb");
    check("a&#27;&#0;b&#x202e;c\xe2\x80\xae", TITLE_UTF8, false, "a&#0;bc");
    check("\x81\x8d"
          "a",
          TITLE_WINDOWS_1252, false, "a");
    check(" \n a \t\r\n b&nbsp;\xc2\xa0 ", TITLE_UTF8, false, "a b");
}

static void leaves_out_what_was_cut(void **state)
{
    (void)state;
    check("caf\xc3", TITLE_UNDECLARED, true, "caf");
    check("caf\xc3", TITLE_UNDECLARED, false, "cafÃ");
    check("a &am", TITLE_UTF8, true, "a");
    check("a &am", TITLE_UTF8, false, "a &am");
}

/* The longest there can be: every byte becomes three. */
static void stays_within_its_maximum(void **state)
{
    (void)state;
    uint8_t raw[TITLE_RAW_MAX + 10], text[TITLE_MAX];
    memset(raw, 0x80, sizeof raw);
    assert_int_equal(title_decode(text, raw, sizeof raw, TITLE_WINDOWS_1252, false), TITLE_MAX);
    assert_int_equal(title_decode(text, raw, 0, TITLE_WINDOWS_1252, false), 0);
}

static void check_charset(const char *text, enum title_charset wanted)
{
    size_t length = strlen(text);
    assert_int_equal(title_charset_of((const uint8_t *)text, length, TITLE_UNDECLARED), wanted);
}

static void reads_the_name_of_a_charset(void **state)
{
    (void)state;
    check_charset("text/html; charset=UTF-8", TITLE_UTF8);
    check_charset("text/html;charset=\"iso-8859-1\"; x=y", TITLE_WINDOWS_1252);
    check_charset("meta charset='windows-1252'/", TITLE_WINDOWS_1252);
    check_charset("text/html; charset=shift_jis", TITLE_OTHER);
    check_charset("text/html; charset=", TITLE_OTHER);
    check_charset("text/html", TITLE_UNDECLARED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_charsets),
        cmocka_unit_test(refuses_what_is_no_utf8),
        cmocka_unit_test(resolves_references),
        cmocka_unit_test(leaves_out_controls),
        cmocka_unit_test(leaves_out_what_was_cut),
        cmocka_unit_test(stays_within_its_maximum),
        cmocka_unit_test(reads_the_name_of_a_charset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
