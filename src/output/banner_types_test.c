/* Kinds of banner by their names. */
#include "output/banner_types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "output/result.h"

static uint64_t bit(unsigned app)
{
    return UINT64_C(1) << app;
}

static void assert_apps(const char *text, uint64_t expected)
{
    uint64_t apps;
    struct error err = {""};
    if (banner_types_parse(&apps, text, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(apps, expected);
}

static void names_may_mean_several_kinds(void **state)
{
    (void)state;
    assert_apps("http", bit(APP_HTTP));
    assert_apps("ssh", bit(APP_SSH1) | bit(APP_SSH2));
    assert_apps("ssh2", bit(APP_SSH2));
    assert_apps("heuristic", bit(APP_HEURISTIC));
    assert_apps("unknown", bit(APP_UNKNOWN) | bit(APP_HEURISTIC));
    assert_apps("vnc", bit(APP_VNC) | bit(APP_VNC_OLD));
    assert_apps(" X509CA , x509,HTTP.Server",
                bit(APP_X509_CA) | bit(APP_X509) | bit(APP_HTTP_SERVER));
}

static void every_printed_name_is_known(void **state)
{
    (void)state;
    for (unsigned app = 0; app < APP_COUNT; app++) {
        uint64_t apps;
        assert_int_equal(banner_types_parse(&apps, result_app_name((uint16_t)app)->text, NULL), 0);
        assert_true(apps & bit(app));
    }
}

static void assert_refused(const char *text, const char *words)
{
    uint64_t apps;
    struct error err = {""};
    assert_int_equal(banner_types_parse(&apps, text, &err), -1);
    if (strstr(err.text, words) == NULL)
        fail_msg("%s: %s", text, err.text);
}

static void unknown_names_bring_the_nearest(void **state)
{
    (void)state;
    assert_refused("htpp", "\"htpp\" is not a kind of banner (did you mean http?)");
    assert_refused("http,telnt", "\"telnt\" is not a kind of banner (did you mean telnet?)");
    assert_refused("sh", "\"sh\" is not a kind of banner (want ");
    assert_refused("ssx", "(did you mean ssh or ssl?)");
    assert_refused("", "\"\" is not");
    assert_refused("http,", "\"\" is not");
    assert_refused("a-name-that-is-much-longer-than-any-that-there-is-and-more", "(want ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_may_mean_several_kinds),
        cmocka_unit_test(every_printed_name_is_known),
        cmocka_unit_test(unknown_names_bring_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
