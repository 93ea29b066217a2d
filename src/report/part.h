/* part.h -- a file that appears under its own name only when it is whole */
#ifndef LCTEM_REPORT_PART_H
#define LCTEM_REPORT_PART_H

#include <lctem/err.h>

/** "<path>.part", allocated; NULL: no memory. */
char *part_name(const char *path);

/** Give `part` its final name. LCT_E_OUTPUT: the name cannot be given. */
LCT_MUST_CHECK enum lct_status part_keep(const char *part, const char *path, struct lct_err *err);

/** LCT_E_OUTPUT with file, reason of `errno_value` (0: not known) and remedy. */
enum lct_status part_fail(const char *path, int errno_value, struct lct_err *err);

#endif
