#include <lctem/log.h>

#include <lctem/file.h>
#include <lctem/json.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct lct_log_file {
    int fd;
    char *path;
    lct_clock_fn *clock;
    void *clock_context;
};

const char *lct_log_level_name(enum lct_log_level level)
{
    static const char *const names[] = { "debug", "info", "warning", "error" };
    return names[level];
}

void lct_log_say(const struct lct_log *log, enum lct_log_level level, const char *fmt, ...)
{
    char text[1024];
    if (!log || !log->write)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    log->write(log->context, level, text);
}

const char *lct_time_format(double unix_s, char text[LCT_TIME_TEXT])
{
    const double whole = floor(unix_s);
    const time_t seconds = (time_t)whole;
    struct tm tm;
    char date[32] = "";
    if (gmtime_r(&seconds, &tm))
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text, LCT_TIME_TEXT, "%s.%03dZ", date, (int)((unix_s - whole) * 1000.0));
    return text;
}

enum lct_status lct_log_file_create(
    struct lct_log_file **out, const char *path, lct_clock_fn *clock, void *clock_context, struct lct_err *err)
{
    struct lct_log_file *file = calloc(1, sizeof *file);
    if (!file || !(file->path = strdup(path))) {
        free(file);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    }
    file->clock = clock;
    file->clock_context = clock_context;
    file->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file->fd < 0) {
        const int why = errno;
        lct_log_file_destroy(&file);
        return lct_file_unwritable(path, why, err);
    }
    *out = file;
    return LCT_OK;
}

/* One write per line on an O_APPEND descriptor: lines of several threads do not mix, so no lock. */
static void write_line(void *context, enum lct_log_level level, const char *text)
{
    const struct lct_log_file *file = context;
    struct lct_json *json = NULL;
    char *line = NULL, stamp[LCT_TIME_TEXT];
    if (lct_json_create(&json, NULL) != LCT_OK)
        return;
    if (file->clock)
        lct_json_text(json, "time", lct_time_format(file->clock(file->clock_context), stamp));
    lct_json_text(json, "level", lct_log_level_name(level));
    lct_json_text(json, "text", text);
    if (lct_json_string(json, 0, &line, NULL) == LCT_OK) {
        const size_t n = strlen(line);
        line[n] = '\n';
        if (lct_file_write_all(file->fd, line, n + 1, file->path, NULL) != LCT_OK)
            line[0] = '\0'; /* a log that cannot be written does not stop a run */
    }
    free(line);
    lct_json_destroy(&json);
}

struct lct_log lct_log_file_sink(struct lct_log_file *file)
{
    return (struct lct_log){ write_line, file };
}

void lct_log_file_destroy(struct lct_log_file **file)
{
    if (!*file)
        return;
    if ((*file)->fd >= 0)
        close((*file)->fd);
    free((*file)->path);
    free(*file);
    *file = NULL;
}
