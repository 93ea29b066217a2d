/* number.h -- numbers as text, the same in every locale */
#ifndef LCTEM_NUMBER_H
#define LCTEM_NUMBER_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

enum { LCT_NUMBER_TEXT = 32 }; /**< room that is enough for any number below */

/** `x` as `%.9g` with a '.'; "" for NaN and infinity; no "-0". Returns `text`. */
const char *lct_number_format(double x, char text[LCT_NUMBER_TEXT]);

/** The shortest of %.15g, %.16g and %.17g that reads back as `x`; "nan", "inf" and "-inf" otherwise. Returns `text`. */
const char *lct_number_format_exact(double x, char text[LCT_NUMBER_TEXT]);

enum { LCT_NUMBER_PAIR = 80 }; /**< room that is enough for a pair */

/** A value and its sigma for people, "84.2 +- 2.3": sigma with two significant digits, the value with as many places; `between` stands
 *  between them. A sigma that is not a number above 0 is left out, and the value has five digits. "-" for a value that is not finite.
 *  Returns `text`. */
const char *lct_number_pair(char text[LCT_NUMBER_PAIR], double value, double sd, const char *between);

/** Read a decimal number at the start of `text`; `*rest` (may be NULL) points behind it. False: there is none. Words (nan, inf)
 *  and hexadecimal numbers are no numbers here. */
bool lct_number_parse(const char *text, double *out, const char **rest);

/** The same for whole numbers that fit into a long. */
bool lct_number_parse_long(const char *text, long *out, const char **rest);

#endif
