/* Batch passes, compiled once for each level of the processor (cpu.h).
 *
 *     MULTIVERSION(void, add_all, (uint32_t *restrict to, uint32_t value), (to, value))
 *     {
 *         for (unsigned i = 0; i < BATCH_LANES; i++)
 *             to[i] += value;
 *     }
 *
 * defines a table of functions, and `add_all[level](to, value)` calls one of them. The body is
 * written once; each function of the table is the same C, which the compiler turns into the vectors
 * of that level. What the body calls must be inline. Callers keep the level in a struct of theirs,
 * where 0 is CPU_BASE: right everywhere, only slow. So all levels that a machine has can be tested
 * and measured on it, from one binary, whatever the compiler, the C library and the sanitizers. */
#ifndef BASE_MULTIVERSION_H
#define BASE_MULTIVERSION_H

#include "base/cpu.h"

/* Lanes in one batch: every pass computes all of them. */
#define BATCH_LANES 256

#define MULTIVERSION_BODY static inline __attribute__((always_inline))

#ifdef CPU_HAS_LEVELS

/* The same for a function that is written for one level, with its intrinsics. */
#define MULTIVERSION_V2 __attribute__((target("arch=x86-64-v2")))
#define MULTIVERSION_V3 __attribute__((target("arch=x86-64-v3")))
#define MULTIVERSION_V4 __attribute__((target("arch=x86-64-v4")))

#define MULTIVERSION_LEVEL(target, type, name, body, parameters, arguments)                        \
    target static type name parameters                                                             \
    {                                                                                              \
        return body arguments;                                                                     \
    }

#define MULTIVERSION(type, name, parameters, arguments)                                            \
    MULTIVERSION_BODY type name##_body parameters;                                                 \
    MULTIVERSION_LEVEL(, type, name##_base, name##_body, parameters, arguments)                    \
    MULTIVERSION_LEVEL(MULTIVERSION_V2, type, name##_v2, name##_body, parameters, arguments)       \
    MULTIVERSION_LEVEL(MULTIVERSION_V3, type, name##_v3, name##_body, parameters, arguments)       \
    MULTIVERSION_LEVEL(MULTIVERSION_V4, type, name##_v4, name##_body, parameters, arguments)       \
    static type(*const name[CPU_LEVELS]) parameters = {                                            \
        [CPU_BASE] = name##_base,                                                                  \
        [CPU_V2] = name##_v2,                                                                      \
        [CPU_V3] = name##_v3,                                                                      \
        [CPU_V4] = name##_v4,                                                                      \
    };                                                                                             \
    MULTIVERSION_BODY type name##_body parameters

#else

#define MULTIVERSION(type, name, parameters, arguments)                                            \
    static type name##_base parameters;                                                            \
    static type(*const name[CPU_LEVELS]) parameters = {[CPU_BASE] = name##_base};                  \
    static type name##_base parameters

#endif

#endif
