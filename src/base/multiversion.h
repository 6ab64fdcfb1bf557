/* Function multiversioning for the batch passes.
 *
 * A function marked MULTIVERSION is compiled once per x86-64 level and the dynamic linker picks the
 * one for this machine (ifunc). Elsewhere (other processors, clang, sanitizers, which cannot run
 * before the resolvers) it is one plain function: the same C, one version. */
#ifndef BASE_MULTIVERSION_H
#define BASE_MULTIVERSION_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__gnu_linux__) &&   \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define MULTIVERSION                                                                               \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "arch=x86-64-v2", "default")))
#else
#define MULTIVERSION
#endif

/* Lanes in one batch: every pass computes all of them. */
#define BATCH_LANES 256

#endif
