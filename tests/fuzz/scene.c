/* Any bytes as a scene: refused with file and line, or its truth can be asked for. */
#include "fuzz.h"

#include <lctem/phantom.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct lct_phantom *phantom = NULL;
    struct lct_err err = { 0 };
    const enum lct_status status = lct_phantom_create(&phantom, fuzz_file(0, data, n), &err);
    if (status != LCT_OK && status != LCT_E_ARG && status != LCT_E_INPUT)
        abort();
    lct_phantom_destroy(&phantom);
    return 0;
}
