#include <lctem/err.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum lct_status lct_fail(struct lct_err *err, enum lct_status code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
        err->code = code;
    }
    return code;
}

enum lct_status lct_fail_in(struct lct_err *err, enum lct_status code, const char *prefix)
{
    if (err) {
        char reason[sizeof err->text];
        memcpy(reason, err->text, sizeof reason);
        if (snprintf(err->text, sizeof err->text, "%s: %s", prefix, reason) < 0)
            err->text[0] = '\0';
        err->code = code;
    }
    return code;
}
