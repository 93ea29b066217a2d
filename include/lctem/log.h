/* log.h -- words about a run, handed to whoever listens */
#ifndef LCTEM_LOG_H
#define LCTEM_LOG_H

#include <lctem/err.h>
#include <stddef.h>

enum lct_log_level { LCT_LOG_DEBUG, LCT_LOG_INFO, LCT_LOG_WARNING, LCT_LOG_ERROR };

/** "debug", "info", "warning", "error". */
const char *lct_log_level_name(enum lct_log_level level);

/** Where words go; caller's. `write` gets one line without newline and may be called from several threads. */
struct lct_log {
    void (*write)(void *context, enum lct_log_level level, const char *text);
    void *context;
};

/** Say something; a NULL log or one without function hears nothing. Text beyond 1023 bytes is cut. */
void lct_log_say(const struct lct_log *log, enum lct_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Seconds since 1970, from whoever owns a clock. */
typedef double lct_clock_fn(void *context);

/** "2022-03-04T05:06:07.089Z". */
enum { LCT_TIME_TEXT = 40 };
const char *lct_time_format(double unix_s, char text[LCT_TIME_TEXT]);

/** A file of JSON lines {"time", "level", "text"}; "time" is left out without a clock. */
struct lct_log_file;

/** Append to `path`. LCT_E_OUTPUT: cannot be opened. */
LCT_MUST_CHECK enum lct_status lct_log_file_create(
    struct lct_log_file **out, const char *path, lct_clock_fn *clock, void *clock_context, struct lct_err *err);

/** A log that writes there; valid until destroy. A line that cannot be written is lost: a log must not stop a run. */
struct lct_log lct_log_file_sink(struct lct_log_file *file);

/** Accepts NULL inside; writes NULL. */
void lct_log_file_destroy(struct lct_log_file **file);

#endif
