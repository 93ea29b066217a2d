#include "events_sort.h"

#include <lctem/file.h>
#include <lctem/number.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 28 };

/* A row of the table, with its end of line. */
struct line {
    const char *text;
    size_t n, number;
    long frame;
    double time_s;
};

/* By time, those of one instant by frame, then as they were. */
static int by_time(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->time_s != y->time_s)
        return x->time_s < y->time_s ? -1 : 1;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Time of a row, its third cell; HUGE_VAL: it has none. */
static double time_in(const char *frame_cell, const char *end)
{
    const char *comma = frame_cell ? memchr(frame_cell, ',', (size_t)(end - frame_cell)) : NULL;
    double time_s;
    return comma && lct_number_parse(comma + 1, &time_s, NULL) ? time_s : HUGE_VAL;
}

/* The lines behind the header; the frame is the second cell. */
static size_t split(const char *text, size_t n, struct line *lines)
{
    size_t count = 0;
    for (const char *at = text, *end; at < text + n; at = end) {
        const char *stop = memchr(at, '\n', (size_t)(text + n - at));
        end = stop ? stop + 1 : text + n;
        const char *comma = memchr(at, ',', (size_t)(end - at));
        lines[count] = (struct line){ .text = at,
            .n = (size_t)(end - at),
            .number = count,
            .frame = comma ? strtol(comma + 1, NULL, 10) : 0,
            .time_s = time_in(comma ? comma + 1 : NULL, end) };
        count++;
    }
    return count;
}

static enum lct_status sort_text(const char *path, const char *text, size_t n, struct lct_err *err)
{
    size_t rows = 0;
    for (size_t i = 0; i < n; i++)
        rows += text[i] == '\n';
    struct line *lines = malloc((rows + 1) * sizeof *lines);
    char *sorted = malloc(n + 1);
    enum lct_status status = lines && sorted ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "%s: no memory to sort it", path);
    if (status == LCT_OK) {
        const char *header = memchr(text, '\n', n);
        const size_t head = header ? (size_t)(header + 1 - text) : n;
        const size_t count = split(text + head, n - head, lines);
        if (count)
            qsort(lines, count, sizeof *lines, by_time);
        memcpy(sorted, text, head);
        size_t at = head;
        for (size_t i = 0; i < count; i++) {
            memcpy(sorted + at, lines[i].text, lines[i].n);
            at += lines[i].n;
        }
        status = lct_file_write(path, sorted, n, err);
    }
    free(lines);
    free(sorted);
    return status;
}

enum lct_status events_sort(const char *dir, struct lct_err *err)
{
    char *path = lct_file_join(dir, "events.csv"), *text = NULL;
    size_t n = 0;
    enum lct_status status =
        path ? lct_file_read(&text, &n, path, MOST_BYTES, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    if (status == LCT_OK)
        status = sort_text(path, text, n, err);
    free(text);
    free(path);
    return status;
}
