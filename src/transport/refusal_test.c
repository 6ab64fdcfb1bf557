/* What becomes of a frame that a socket did not take, by the error that it said. */
#include "transport/refusal.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
    int errnum, verdict; /* -1: the end */
    uint64_t refused, wayless;
} rows[] = {
    {EINTR, REFUSAL_OFFER_AGAIN, 0, 0},
    {EAGAIN, REFUSAL_OFFER_AGAIN, 0, 0},
    {ENOBUFS, REFUSAL_OFFER_AGAIN, 1, 0},
    {ENOMEM, REFUSAL_OFFER_AGAIN, 1, 0},
    {ENETDOWN, REFUSAL_OFFER_AGAIN, 0, 0},
    {ENOKEY, REFUSAL_PASS_OVER, 0, 1},
    {EDESTADDRREQ, REFUSAL_PASS_OVER, 0, 1},
    {ENXIO, -1, 0, 0},
    {ENODEV, -1, 0, 0},
    {EMSGSIZE, -1, 0, 0},
    {EPERM, -1, 0, 0},
};

static int handle(int errnum, struct patience *patience, struct transport_stats *stats,
                  struct error *err)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* has room */
    assert_true(fd >= 0);
    const struct refusal refusal = {
        .socket = fd, .interface_name = "wg0", .length = 44, .errnum = errnum};
    int verdict = refusal_handle(&refusal, patience, stats, err);
    close(fd);
    return verdict;
}

static void each_error_has_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct patience patience;
        struct transport_stats stats = {0};
        struct error err = {0};
        patience_begin(&patience);
        assert_int_equal(handle(rows[i].errnum, &patience, &stats, &err), rows[i].verdict);
        assert_int_equal(stats.tx_refused, rows[i].refused);
        assert_int_equal(stats.tx_wayless, rows[i].wayless);
        assert_int_equal(err.text[0] != '\0', rows[i].verdict < 0);
    }
}

static void patience_ends(void **state)
{
    (void)state;
    struct patience patience;
    struct transport_stats stats = {0};
    struct error err = {0};
    patience_begin(&patience);
    int verdict = REFUSAL_OFFER_AGAIN;
    for (int i = 0; i < 100000 && verdict == REFUSAL_OFFER_AGAIN; i++)
        verdict = handle(ENOBUFS, &patience, &stats, &err);
    assert_int_equal(verdict, REFUSAL_GIVE_UP);
    assert_true(stats.tx_refused > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_has_its_verdict),
        cmocka_unit_test(patience_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
