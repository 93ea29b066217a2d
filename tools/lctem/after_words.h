/* after_words.h -- stages and concentrations for a person */
#ifndef LCTEM_TOOLS_AFTER_WORDS_H
#define LCTEM_TOOLS_AFTER_WORDS_H

#include <lctem/after.h>

/** A line on stdout: when the stages begin; it begins with `from` (may be NULL). */
void after_print_stages(const char *from, const struct lct_after *found);

/** A line on stdout: what is in the liquid. */
void after_print_ions(const struct lct_after *found);

#endif
