/* progress.h -- how a long run tells the caller where it is, and learns that it should stop */
#ifndef LCTEM_PROGRESS_H
#define LCTEM_PROGRESS_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/** Caller's; a NULL pointer or a NULL function: nobody listens, nobody stops the run. Called from one thread at a time. */
struct lct_progress {
    /** `done` of `total` steps (total < 0: not known) of `stage`, a word such as "drift". False: stop as soon as possible. */
    bool (*report)(void *context, const char *stage, long done, long total);
    void *context;
};

/** Report; LCT_E_CANCELLED once the caller wants to stop. */
LCT_MUST_CHECK static inline enum lct_status lct_progress_step(
    const struct lct_progress *progress, const char *stage, long done, long total, struct lct_err *err)
{
    if (!progress || !progress->report || progress->report(progress->context, stage, done, total))
        return LCT_OK;
    return lct_fail(err, LCT_E_CANCELLED, "interrupted; --resume goes on from here");
}

#endif
