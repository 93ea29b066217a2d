/* spool.h -- the sketches of the finished frames on the disk, in order, until the run is complete */
#ifndef LCTEM_PIPELINE_SPOOL_H
#define LCTEM_PIPELINE_SPOOL_H

#include "sketch.h"

struct spool; /* one thread at a time */

/* Begin `path` anew (keep_bytes 0), or go on behind its first keep_bytes bytes; what follows is cut off.
 * LCT_E_OUTPUT: cannot be written. LCT_E_INPUT: missing or shorter than that. */
LCT_MUST_CHECK enum lct_status spool_open(
    struct spool **out, const char *path, long long keep_bytes, struct lct_err *err);

LCT_MUST_CHECK enum lct_status spool_add(struct spool *spool, const struct sketch *sketch, struct lct_err *err);

/* Next sketch from the beginning; adding and reading do not disturb each other. LCT_E_INPUT: damaged or at its end. */
LCT_MUST_CHECK enum lct_status spool_next(struct spool *spool, struct sketch *out, struct lct_err *err);

/* Read from the beginning again. */
void spool_rewind(struct spool *spool);

/* Push everything to the file; `bytes` is its length then. */
LCT_MUST_CHECK enum lct_status spool_flush(struct spool *spool, long long *bytes, struct lct_err *err);

/* Accepts NULL inside; writes NULL. */
void spool_close(struct spool **spool);

#endif
