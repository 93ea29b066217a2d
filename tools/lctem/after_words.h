/* after_words.h -- stages and concentrations for a person */
#ifndef LCTEM_TOOLS_AFTER_WORDS_H
#define LCTEM_TOOLS_AFTER_WORDS_H

#include <lctem/after.h>

/** Two lines on stdout: when the stages begin, and what is in the liquid; the first begins with `from` (may be NULL). */
void after_print(const char *from, const struct lct_after *found);

#endif
