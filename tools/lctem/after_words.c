#include "after_words.h"

#include <lctem/number.h>

#include <math.h>
#include <stdio.h>

static void print_stages(const struct lct_after *found)
{
    for (size_t i = 0; i < found->n_stages && i < LCT_AFTER_STAGES; i++) {
        if (found->label[i][0])
            printf("%s %s from ", i ? "," : "", found->label[i]);
        else
            printf("%s %zu from ", i ? "," : "", i + 1);
        char text[LCT_NUMBER_PAIR];
        printf("%s s", lct_number_pair(text, found->begin_s[i], found->begin_sd_s[i], " +- "));
    }
    if (found->n_stages > LCT_AFTER_STAGES)
        printf(", ...");
}

void after_print_stages(const char *from, const struct lct_after *found)
{
    if (from)
        printf("%s: ", from);
    printf("%zu stage%s:", found->n_stages, found->n_stages == 1 ? "" : "s");
    print_stages(found);
    printf("\n");
}

void after_print_ions(const struct lct_after *found)
{
    printf("ions in the liquid: ");
    if (isfinite(found->reference_s))
        printf("at %.4g s ", found->reference_s);
    if (isfinite(found->saturation_mol_per_l))
        printf("%.4g mol/L of cations by saturation, ", found->saturation_mol_per_l);
    if (isfinite(found->from_feed_mol_per_l))
        printf("%.4g mol/L counted from the feed, ", found->from_feed_mol_per_l);
    printf("with a charge residual of %.4g mol/L at the end; errors: concentration.csv\n", found->residual_mol_per_l);
}
