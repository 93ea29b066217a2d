#include "events_sort.h"

#include <lctem/file.h>

#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 28 };

/* A row of the table, with its end of line. */
struct line {
    const char *text;
    size_t n, number;
    long frame;
};

static int by_frame(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The lines behind the header; the frame is the second cell. */
static size_t split(const char *text, size_t n, struct line *lines)
{
    size_t count = 0;
    for (const char *at = text, *end; at < text + n; at = end) {
        const char *stop = memchr(at, '\n', (size_t)(text + n - at));
        end = stop ? stop + 1 : text + n;
        const char *comma = memchr(at, ',', (size_t)(end - at));
        lines[count] = (struct line){ at, (size_t)(end - at), count, comma ? strtol(comma + 1, NULL, 10) : 0 };
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
            qsort(lines, count, sizeof *lines, by_frame);
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
