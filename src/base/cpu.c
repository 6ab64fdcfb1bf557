/* Which instructions the batch passes may use. */
#include "base/cpu.h"

#include <stdbool.h>

#ifndef CPU_HAS_LEVELS

enum cpu_level cpu_level_best(void)
{
    return CPU_BASE;
}

const char *cpu_level_name(enum cpu_level level)
{
    (void)level;
    return "plain";
}

#else

static const char *const names[CPU_LEVELS] = {
    [CPU_BASE] = "x86-64",
    [CPU_V2] = "x86-64-v2",
    [CPU_V3] = "x86-64-v3",
    [CPU_V4] = "x86-64-v4",
};

const char *cpu_level_name(enum cpu_level level)
{
    return names[level];
}

#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>

enum { FEATURES_MAX = 9, LEAF_BITS = 128, REGISTER_BITS = 32 };

/* What each level adds to the one below: the psABI's list, but for SSE3, which has the number 0
 * that ends a row here, and which no processor with SSSE3 lacks. */
static const unsigned added_features[CPU_LEVELS][FEATURES_MAX + 1] = {
    [CPU_V2] = {x86_cpu_CMPXCHG16B, x86_cpu_LAHF64_SAHF64, x86_cpu_POPCNT, x86_cpu_SSE4_1,
                x86_cpu_SSE4_2, x86_cpu_SSSE3},
    [CPU_V3] = {x86_cpu_AVX, x86_cpu_AVX2, x86_cpu_BMI1, x86_cpu_BMI2, x86_cpu_F16C, x86_cpu_FMA,
                x86_cpu_LZCNT, x86_cpu_MOVBE, x86_cpu_OSXSAVE},
    [CPU_V4] = {x86_cpu_AVX512F, x86_cpu_AVX512BW, x86_cpu_AVX512CD, x86_cpu_AVX512DQ,
                x86_cpu_AVX512VL},
};

/* x86_cpu_active of the C library, without its signed shift by 31. */
static bool is_active(unsigned feature)
{
    const struct cpuid_feature *leaf = __x86_get_cpuid_feature_leaf(feature / LEAF_BITS);
    unsigned bits = leaf->active_array[feature % LEAF_BITS / REGISTER_BITS];
    return bits >> feature % REGISTER_BITS & 1;
}

static bool allows(int level)
{
    for (const unsigned *feature = added_features[level]; *feature; feature++)
        if (!is_active(*feature))
            return false;
    return true;
}

#else

/* The compiler's library knows fewer features, but those that tell the levels of all processors
 * apart that were made. */
static bool allows(int level)
{
    const bool allowed[CPU_LEVELS] = {
        [CPU_V2] = __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.2") &&
                   __builtin_cpu_supports("popcnt"),
        [CPU_V3] = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                   __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"),
        [CPU_V4] = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl"),
    };
    return allowed[level];
}

#endif

enum cpu_level cpu_level_best(void)
{
    int level = CPU_BASE;
    while (level + 1 < CPU_LEVELS && allows(level + 1))
        level++;
    return (enum cpu_level)level;
}

#endif
