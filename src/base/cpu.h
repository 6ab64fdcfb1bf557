/* Which instructions the batch passes may use.
 *
 * On x86-64 there are four levels of them, by the System V psABI: the baseline that every processor
 * has, v2 (SSE4.2, about 2009), v3 (AVX2, about 2013) and v4 (AVX-512). Code for a level runs on
 * all above it. On other processors, and in a build for one processor (-march=native), there is one
 * level: what the compiler takes for granted. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#if defined(__x86_64__) && !defined(__SSE3__)
#define CPU_HAS_LEVELS
#endif

enum cpu_level {
    CPU_BASE,
#ifdef CPU_HAS_LEVELS
    CPU_V2,
    CPU_V3,
    CPU_V4,
#endif
    CPU_LEVELS,
};

/* The highest level that this processor and its operating system allow. With glibc the user can
 * lower it: GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F makes it v3 at most, -AVX2 v2, -SSE4_2 the
 * baseline. Callers keep the answer in structs of theirs. */
enum cpu_level cpu_level_best(void);

/* As compilers call it, "x86-64-v3"; "plain" where there is only one. */
const char *cpu_level_name(enum cpu_level level);

#endif
