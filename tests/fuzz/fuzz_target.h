/* What every fuzz target has: its entry point, and a way to say what must hold. */
#ifndef TESTS_FUZZ_FUZZ_TARGET_H
#define TESTS_FUZZ_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Called by libFuzzer with each input; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What does not hold ends the run, and libFuzzer keeps the input. */
static inline void check(bool truth)
{
    if (!truth)
        abort();
}

/* What is wrong is said, in one line. */
static inline void check_error(const struct error *err)
{
    check(err->text[0] != '\0' && strchr(err->text, '\n') == NULL);
}

#endif
