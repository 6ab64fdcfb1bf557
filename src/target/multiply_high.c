/* The upper halves of the products of all lanes and one factor.
 *
 * x86-64 multiplies the even 32-bit lanes of vectors into 64 bits. Compilers spread out all lanes
 * for that and gather them afterwards. Here the even lanes stay where they are, the odd ones are
 * shifted down for the multiplication, and their upper halves come out where they belong. Measured
 * in six rounds of the permutation, ns a probe: v2 2.1 -> 1.7, v3 1.6 -> 0.7, v4 0.57 -> 0.43. */
#include "target/multiply_high.h"

static void plain(uint32_t *restrict to, const uint32_t *restrict from, uint32_t factor)
{
    for (unsigned i = 0; i < BATCH_LANES; i++)
        to[i] = multiply_high(from[i], factor);
}

#ifdef CPU_HAS_LEVELS

#include <immintrin.h>

MULTIVERSION_V2 static void v2(uint32_t *restrict to, const uint32_t *restrict from,
                               uint32_t factor)
{
    const __m128i factors = _mm_set1_epi32((int)factor);
    for (unsigned i = 0; i < BATCH_LANES; i += 4) {
        __m128i x = _mm_loadu_si128((const __m128i *)&from[i]);
        __m128i even = _mm_mul_epu32(x, factors);
        __m128i odd = _mm_mul_epu32(_mm_srli_epi64(x, 32), factors);
        __m128i high = _mm_blend_epi16(_mm_srli_epi64(even, 32), odd, 0xcc);
        _mm_storeu_si128((__m128i *)&to[i], high);
    }
}

MULTIVERSION_V3 static void v3(uint32_t *restrict to, const uint32_t *restrict from,
                               uint32_t factor)
{
    const __m256i factors = _mm256_set1_epi32((int)factor);
    for (unsigned i = 0; i < BATCH_LANES; i += 8) {
        __m256i x = _mm256_loadu_si256((const __m256i *)&from[i]);
        __m256i even = _mm256_mul_epu32(x, factors);
        __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), factors);
        __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
        _mm256_storeu_si256((__m256i *)&to[i], high);
    }
}

MULTIVERSION_V4 static void v4(uint32_t *restrict to, const uint32_t *restrict from,
                               uint32_t factor)
{
    const __m512i factors = _mm512_set1_epi32((int)factor);
    for (unsigned i = 0; i < BATCH_LANES; i += 16) {
        __m512i x = _mm512_loadu_si512(&from[i]);
        __m512i even = _mm512_mul_epu32(x, factors);
        __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), factors);
        __m512i high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
        _mm512_storeu_si512(&to[i], high);
    }
}

#endif

static void (*const passes[CPU_LEVELS])(uint32_t *restrict to, const uint32_t *restrict from,
                                        uint32_t factor) = {
    [CPU_BASE] = plain,
#ifdef CPU_HAS_LEVELS
    [CPU_V2] = v2,
    [CPU_V3] = v3,
    [CPU_V4] = v4,
#endif
};

void multiply_high_batch(enum cpu_level level, uint32_t to[restrict BATCH_LANES],
                         const uint32_t from[restrict BATCH_LANES], uint32_t factor)
{
    passes[level](to, from, factor);
}
