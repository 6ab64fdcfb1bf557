/* Kinds of banner by their names. */
#include "output/banner_types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "output/result.h"

/* Exactly `count` kinds are named. */
static void assert_apps(const char *text, unsigned count, const enum banner_app expected[])
{
    struct banner_app_set apps, wanted = {0};
    struct error err = {""};
    if (banner_types_parse(&apps, text, &err) < 0)
        fail_msg("%s", err.text);
    for (unsigned i = 0; i < count; i++)
        banner_app_set_add(&wanted, expected[i]);
    assert_memory_equal(&apps, &wanted, sizeof apps);
}

#define ASSERT_APPS(text, ...)                                                                     \
    assert_apps(text, sizeof((enum banner_app[]){__VA_ARGS__}) / sizeof(enum banner_app),          \
                (const enum banner_app[]){__VA_ARGS__})

static void names_may_mean_several_kinds(void **state)
{
    (void)state;
    ASSERT_APPS("http", APP_HTTP);
    ASSERT_APPS("ssh", APP_SSH1, APP_SSH2);
    ASSERT_APPS("ssh2", APP_SSH2);
    ASSERT_APPS("heuristic", APP_HEURISTIC);
    ASSERT_APPS("unknown", APP_UNKNOWN, APP_HEURISTIC);
    ASSERT_APPS("vnc", APP_VNC, APP_VNC_OLD);
    ASSERT_APPS(" X509CA , x509,HTTP.Server", APP_X509_CA, APP_X509, APP_HTTP_SERVER);
}

static void every_printed_name_is_known(void **state)
{
    (void)state;
    for (unsigned app = 0; app < APP_COUNT; app++) {
        struct banner_app_set apps;
        assert_int_equal(banner_types_parse(&apps, result_app_name((uint16_t)app)->text, NULL), 0);
        assert_true(banner_app_set_has(&apps, app));
    }
}

static void assert_refused(const char *text, const char *words)
{
    struct banner_app_set apps;
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
