/* err.h -- outcome of every call that can fail */
#ifndef LCTEM_ERR_H
#define LCTEM_ERR_H

/** Outcome of a call. The values are the exit statuses of the command-line tool, so that a fault
 *  keeps its meaning from the place where it is found to the shell that started the program. */
enum lct_status {
    LCT_OK = 0,
    LCT_E_INTERNAL = 1,    /**< a broken promise of ours */
    LCT_E_ARG = 2,         /**< usage, parameter or recipe */
    LCT_E_INPUT = 3,       /**< input missing, unreadable or corrupt */
    LCT_E_FORMAT = 4,      /**< format or layout that is not supported */
    LCT_E_FLAGGED = 5,     /**< done, but some frames were flagged */
    LCT_E_CHECK = 6,       /**< a check against theory failed */
    LCT_E_LIMIT = 7,       /**< memory or disk limit */
    LCT_E_OUTPUT = 8,      /**< output could not be written */
    LCT_E_NODATA = 9,      /**< nothing to measure there; never an exit status */
    LCT_END = 10,          /**< no further frame; not a fault, never an exit status */
    LCT_E_CANCELLED = 130, /**< interrupted by the user; resumable */
};

/** Caller-owned error text; a NULL `struct lct_err *` means "the code is enough". */
struct lct_err {
    enum lct_status code;
    char text[512]; /**< one line: what, where, and what to do about it */
};

#define LCT_MUST_CHECK __attribute__((warn_unused_result))

/** Record `code` and a formatted reason in `err` (may be NULL); returns `code`. */
enum lct_status lct_fail(struct lct_err *err, enum lct_status code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Put "<prefix>: " in front of a reason that was found further down; returns err's code (or `code` without err). */
enum lct_status lct_fail_in(struct lct_err *err, enum lct_status code, const char *prefix);

#endif
