/* Any bytes as a recipe: read, or refused with file and line. */
#include "fuzz.h"

#include <lctem/recipe.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct lct_options options = { 0 };
    struct lct_recipe recipe;
    struct lct_err err = { 0 };
    if (lct_recipe_init(&options, &recipe, LCT_CMD_ANALYZE | LCT_CMD_CONVERT | LCT_CMD_MOIRE, &err) != LCT_OK)
        return 0;
    const enum lct_status status = lct_options_read_recipe(&options, fuzz_file(0, data, n), &err);
    if (status != LCT_OK && status != LCT_E_ARG && status != LCT_E_INPUT)
        abort();
    if (status == LCT_OK && lct_recipe_check(&recipe, &err) == LCT_OK) {
        double *seeds = NULL;
        size_t n_seeds = 0;
        char *text = NULL;
        if (lct_recipe_seeds(&recipe, &seeds, &n_seeds, &err) == LCT_OK)
            free(seeds);
        if (lct_options_write_recipe(&options, "fuzz", &text, &err) == LCT_OK)
            free(text);
    }
    lct_options_finish(&options);
    return 0;
}
