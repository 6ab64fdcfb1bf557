/* Levels of the processor: which is the best, that the user can lower it, and that a multiversion
 * table has the same function at each. */
#include "base/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/multiversion.h"

static void levels_have_names_of_their_own(void **state)
{
    (void)state;
    for (int level = 0; level < CPU_LEVELS; level++)
        for (int other = 0; other < level; other++)
            assert_string_not_equal(cpu_level_name((enum cpu_level)level),
                                    cpu_level_name((enum cpu_level)other));
    assert_in_range(cpu_level_best(), CPU_BASE, CPU_LEVELS - 1);
}

MULTIVERSION(uint32_t, mix_all, (uint32_t *restrict to, const uint32_t *restrict from), (to, from))
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < BATCH_LANES; i++) {
        to[i] += (from[i] ^ from[i] >> 15) * 0x7feb352du;
        sum += to[i];
    }
    return sum;
}

static void every_level_computes_the_same(void **state)
{
    (void)state;
    uint32_t from[BATCH_LANES];
    for (uint32_t i = 0; i < BATCH_LANES; i++)
        from[i] = i * 2654435761u;
    uint32_t expected[BATCH_LANES] = {0};
    uint32_t expected_sum = mix_all[CPU_BASE](expected, from);
    for (int level = 0; level <= (int)cpu_level_best(); level++) {
        uint32_t to[BATCH_LANES] = {0};
        assert_int_equal(mix_all[level](to, from), expected_sum);
        assert_memory_equal(to, expected, sizeof to);
    }
}

static const char report_argument[] = "report-level";
static const char *program;

/* The best level of this program run anew without some instructions. */
static int best_without(const char *tunables)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setenv("GLIBC_TUNABLES", tunables, 1);
        execl(program, program, report_argument, (char *)NULL);
        _exit(CPU_LEVELS);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_user_can_lower_the_level(void **state)
{
    (void)state;
#if defined(CPU_HAS_LEVELS) && defined(__GLIBC__)
    const int best = (int)cpu_level_best();
    const int v2_at_most = best < CPU_V2 ? best : CPU_V2;
    const int v3_at_most = best < CPU_V3 ? best : CPU_V3;
    assert_int_equal(best_without("glibc.cpu.hwcaps=-AVX512F"), v3_at_most);
    assert_int_equal(best_without("glibc.cpu.hwcaps=-AVX512VL"), v3_at_most);
    assert_int_equal(best_without("glibc.cpu.hwcaps=-AVX2"), v2_at_most);
    assert_int_equal(best_without("glibc.cpu.hwcaps=-SSE4_2"), CPU_BASE);
    assert_int_equal(best_without("glibc.cpu.hwcaps=-AVX2,-SSSE3"), CPU_BASE);
#else
    assert_int_equal(best_without(""), cpu_level_best());
#endif
}

int main(int argc, char **argv)
{
    program = argv[0]; /* /proc/self/exe is memcheck, under it */
    if (argc == 2 && strcmp(argv[1], report_argument) == 0)
        return (int)cpu_level_best();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_have_names_of_their_own),
        cmocka_unit_test(every_level_computes_the_same),
        cmocka_unit_test(the_user_can_lower_the_level),
    };
    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
