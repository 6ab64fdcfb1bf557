/* What is said first, by policy, port and attempt. */
#include "grab/hello_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct hello_bytes own[] = {{80, (const uint8_t *)"mine", 4},
                                         {443, (const uint8_t *)"too", 3}};

static struct hello_plan *plan_of(enum hello_policy policy)
{
    struct hello_plan *plan = hello_plan_new(policy, NULL, 0, NULL);
    assert_non_null(plan);
    return plan;
}

static const char *name_of(const struct hello *hello)
{
    return hello->protocol ? hello->protocol->name : "nobody";
}

static void assert_hello(const struct hello_plan *plan, uint16_t port, unsigned attempt,
                         enum hello_kind kind, const char *name)
{
    struct hello hello = hello_plan_at(plan, port, attempt);
    assert_int_equal(hello.kind, kind);
    assert_string_equal(name_of(&hello), name);
}

static void ports_have_their_usual_hello(void **state)
{
    (void)state;
    struct hello_plan *plan = plan_of(HELLO_BY_PORT);
    assert_hello(plan, 80, 0, HELLO_PROTOCOL, "http");
    assert_hello(plan, 443, 0, HELLO_TLS, "http");
    assert_hello(plan, 993, 0, HELLO_TLS, "imap");
    assert_hello(plan, 2375, 0, HELLO_PROTOCOL, "docker");
    assert_hello(plan, 6443, 0, HELLO_TLS, "kubernetes");
    assert_hello(plan, 502, 0, HELLO_NONE, "nobody");
    assert_hello(plan, 6379, 0, HELLO_PROTOCOL, "redis");
    assert_hello(plan, 22, 0, HELLO_NONE, "ssh");
    assert_hello(plan, 12345, 0, HELLO_NONE, "nobody");
    assert_hello(plan, 80, 1, HELLO_NONE, "nobody");
    assert_hello(plan, 6379, HELLO_ATTEMPT_TLS, HELLO_TLS, "redis");
    assert_hello(plan, 6379, HELLO_ATTEMPT_HTTP, HELLO_PROTOCOL, "http");
    assert_false(hello_plan_goes_on(plan, 80, 0));
    hello_plan_free(plan);
}

static void one_hello_for_all_ports(void **state)
{
    (void)state;
    struct hello_plan *ssl = plan_of(HELLO_SSL), *http = plan_of(HELLO_HTTP),
                      *smb = plan_of(HELLO_SMB);
    assert_hello(ssl, 12345, 0, HELLO_TLS, "nobody");
    assert_hello(ssl, 995, 0, HELLO_TLS, "pop3");
    assert_hello(http, 22, 0, HELLO_PROTOCOL, "http");
    assert_hello(smb, 443, 0, HELLO_PROTOCOL, "smb");
    hello_plan_free(ssl);
    hello_plan_free(http);
    hello_plan_free(smb);
}

static void ones_own_hello_comes_first(void **state)
{
    (void)state;
    static const enum hello_policy policies[] = {HELLO_BY_PORT, HELLO_SSL, HELLO_HTTP, HELLO_SMB,
                                                 HELLO_ANY};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        struct hello_plan *plan = hello_plan_new(policies[i], own, 2, NULL);
        struct hello hello = hello_plan_at(plan, 80, 0);
        assert_int_equal(hello.kind, HELLO_BYTES);
        assert_int_equal(hello.length, 4);
        assert_memory_equal(hello.bytes, "mine", 4);
        assert_int_equal(hello_plan_at(plan, 443, 0).length, 3);
        assert_int_not_equal(hello_plan_at(plan, 81, 0).kind, HELLO_BYTES);
        hello_plan_free(plan);
    }
}

/* Said on their own ports only. */
static bool is_off_the_ladder(const struct banner_ops *protocol)
{
    static const char *const names[] = {"docker", "kubernetes", "irc",   "clamd",
                                        "nut",    "beanstalkd", "stomp", "xmpp",
                                        "git",    "bolt",       "pptp",  "openvpn"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(protocol->name, names[i]) == 0)
            return true;
    return false;
}

/* On every port all that can be said is said, but for what is off the ladder, and nothing twice but
 * the request at the end. */
static void the_ladder_has_every_rung_once(void **state)
{
    (void)state;
    static const uint16_t ports[] = {80, 443, 22, 12345, 5432};
    struct hello_plan *plan = plan_of(HELLO_ANY);
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        unsigned tls = 0, said[64] = {0}, attempt = 0;
        bool goes_on = true;
        for (; goes_on; attempt++) {
            struct hello hello = hello_plan_at(plan, ports[i], attempt);
            assert_true(hello.kind == HELLO_TLS || hello.kind == HELLO_PROTOCOL ||
                        (attempt == 0 && ports[i] == 22));
            tls += hello.kind == HELLO_TLS;
            for (unsigned p = 0; hello.kind == HELLO_PROTOCOL && p < banner_protocol_count; p++)
                said[p] += banner_protocols[p] == hello.protocol;
            goes_on = hello_plan_goes_on(plan, ports[i], attempt);
        }
        assert_hello(plan, ports[i], attempt - 1, HELLO_PROTOCOL, "http");
        assert_hello(plan, ports[i], attempt, HELLO_NONE, "nobody");
        assert_int_equal(tls, 1);
        for (unsigned p = 0; p < banner_protocol_count; p++) {
            bool is_http = strcmp(banner_protocols[p]->name, "http") == 0;
            bool is_said = banner_protocols[p]->hello && !is_off_the_ladder(banner_protocols[p]);
            assert_int_equal(said[p], is_http ? 2 : is_said);
        }
    }
    hello_plan_free(plan);
}

static void the_attempt_of_a_protocol_is_found(void **state)
{
    (void)state;
    struct hello_plan *any = plan_of(HELLO_ANY), *by_port = plan_of(HELLO_BY_PORT);
    const struct banner_ops *redis = banner_by_name("redis"), *ssh = banner_by_name("ssh");
    unsigned attempt = hello_plan_attempt_of(any, 12345, 0, redis);
    assert_in_range(attempt, 1, HELLO_ATTEMPT_HTTP - 1);
    assert_hello(any, 12345, attempt, HELLO_PROTOCOL, "redis");
    assert_int_equal(hello_plan_attempt_of(any, 12345, attempt - 1, redis), attempt);
    assert_int_equal(hello_plan_attempt_of(any, 12345, attempt, redis), 0);
    assert_int_equal(hello_plan_attempt_of(any, 6379, 0, redis), 0); /* it was the first */
    assert_int_equal(hello_plan_attempt_of(any, 12345, 0, ssh), 0);  /* has none */
    assert_int_equal(hello_plan_attempt_of(by_port, 80, 0, redis), 0);
    hello_plan_free(any);
    hello_plan_free(by_port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_have_their_usual_hello),
        cmocka_unit_test(one_hello_for_all_ports),
        cmocka_unit_test(ones_own_hello_comes_first),
        cmocka_unit_test(the_ladder_has_every_rung_once),
        cmocka_unit_test(the_attempt_of_a_protocol_is_found),
    };
    return cmocka_run_group_tests_name("hello_plan", tests, NULL, NULL);
}
