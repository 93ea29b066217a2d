#include <lctem/table.h>

#include <lctem/file.h>
#include <lctem/number.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const size_t MAX_BYTES = (size_t)4 << 30;

struct parser {
    const char *path;
    char *from, *end; /* what is still to be read */
    char *to;         /* where the cell's text goes: cells are unquoted in place, never growing */
    char separator;   /* what ended the last cell: ',' '\n', 0 at the end of the file */
    size_t line;
    char **cells; /* the header too */
    size_t n_cells, room;
    size_t *lines;
    size_t n_lines, lines_room;
};

/* The array with room for one element more than n; NULL: no memory, and the array is as it was. */
static void *grown(void *array, size_t *room, size_t n, size_t size)
{
    if (n < *room)
        return array;
    const size_t wanted = *room ? *room * 2 : 256;
    void *larger = wanted > SIZE_MAX / size ? NULL : realloc(array, wanted * size);
    if (larger)
        *room = wanted;
    return larger;
}

static enum lct_status take_quoted(struct parser *p, struct lct_err *err)
{
    const size_t began = p->line;
    for (p->from++; p->from < p->end; p->from++) {
        if (*p->from == '"') {
            if (p->from + 1 < p->end && p->from[1] == '"')
                p->from++;
            else
                break;
        }
        if (*p->from == '\n')
            p->line++;
        *p->to++ = *p->from;
    }
    if (p->from == p->end)
        return lct_fail(
            err, LCT_E_INPUT, "%s:%zu: a quote is not closed; close it, or write the table again", p->path, began);
    p->from++;
    return LCT_OK;
}

static enum lct_status take_cell(struct parser *p, char **cell, struct lct_err *err)
{
    *cell = p->to = p->from;
    if (p->from < p->end && *p->from == '"') {
        const enum lct_status status = take_quoted(p, err);
        if (status != LCT_OK)
            return status;
    } else {
        while (p->from < p->end && *p->from != ',' && *p->from != '\n')
            *p->to++ = *p->from++;
        if (p->to > *cell && p->to[-1] == '\r' && (p->from == p->end || *p->from == '\n'))
            p->to--;
    }
    if (p->from < p->end && *p->from == '\r')
        p->from++;
    if (p->from < p->end && *p->from != ',' && *p->from != '\n')
        return lct_fail(err, LCT_E_INPUT,
            "%s:%zu: text behind a closing quote; put a comma between, or double the quote within", p->path, p->line);
    p->separator = p->from < p->end ? *p->from++ : '\0';
    *p->to = '\0'; /* at most the separator's place, which is remembered */
    return LCT_OK;
}

static enum lct_status take_row(struct parser *p, size_t *n, struct lct_err *err)
{
    *n = 0;
    do {
        char *cell = NULL;
        char **cells = grown(p->cells, &p->room, p->n_cells, sizeof *cells);
        if (!cells)
            return lct_fail(err, LCT_E_LIMIT, "%s:%zu: no memory for the table", p->path, p->line);
        p->cells = cells;
        const enum lct_status status = take_cell(p, &cell, err);
        if (status != LCT_OK)
            return status;
        p->cells[p->n_cells++] = cell;
        (*n)++;
    } while (p->separator == ',');
    p->line++;
    return LCT_OK;
}

static enum lct_status take_rows(struct parser *p, size_t *n_columns, struct lct_err *err)
{
    enum lct_status status = take_row(p, n_columns, err);
    while (status == LCT_OK && p->from < p->end) {
        const size_t line = p->line;
        size_t n = 0;
        size_t *lines = grown(p->lines, &p->lines_room, p->n_lines, sizeof *lines);
        if (!lines)
            return lct_fail(err, LCT_E_LIMIT, "%s:%zu: no memory for the table", p->path, line);
        p->lines = lines;
        status = take_row(p, &n, err);
        if (status == LCT_OK && n != *n_columns)
            status = lct_fail(
                err, LCT_E_INPUT, "%s:%zu: %zu cells, but the header names %zu columns", p->path, line, n, *n_columns);
        p->lines[p->n_lines++] = line;
    }
    return status;
}

enum lct_status lct_csv_read(struct lct_csv *out, const char *path, struct lct_err *err)
{
    char *text = NULL;
    size_t n = 0, n_columns = 0;
    enum lct_status status = lct_file_read(&text, &n, path, MAX_BYTES, err);
    if (status != LCT_OK)
        return status;
    struct parser p = { .path = path, .from = text, .end = text + n, .line = 1 };
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        p.from += 3; /* spreadsheets put a byte-order mark there */
    if (p.from == p.end)
        status = lct_fail(
            err, LCT_E_INPUT, "%s: empty; a CSV table with a header was expected; give areas.csv or the like", path);
    else if (memchr(text, '\0', n))
        status =
            lct_fail(err, LCT_E_INPUT, "%s: holds zero bytes, so it is no CSV table; give areas.csv or the like", path);
    else
        status = take_rows(&p, &n_columns, err);
    char **names = status == LCT_OK ? malloc(n_columns * sizeof *names) : NULL;
    if (status == LCT_OK && !names)
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory for the table", path);
    if (status != LCT_OK) {
        free(p.cells);
        free(p.lines);
        free(text);
        return status;
    }
    memcpy(names, p.cells, n_columns * sizeof *names);
    p.n_cells -= n_columns;
    memmove(p.cells, p.cells + n_columns, p.n_cells * sizeof *p.cells);
    *out = (struct lct_csv){
        .n_columns = n_columns, .n_rows = p.n_lines, .names = names, .cells = p.cells, .lines = p.lines, .text = text
    };
    return LCT_OK;
}

void lct_csv_finish(struct lct_csv *csv)
{
    free(csv->names);
    free(csv->cells);
    free(csv->lines);
    free(csv->text);
    *csv = (struct lct_csv){ 0 };
}

long lct_csv_column(const struct lct_csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->n_columns; i++)
        if (strcmp(csv->names[i], name) == 0)
            return (long)i;
    return -1;
}

enum lct_status lct_csv_number(const struct lct_csv *csv, size_t row, size_t column, double *out, struct lct_err *err)
{
    const char *cell = csv->cells[row * csv->n_columns + column], *rest = cell;
    if (cell[0] == '\0') {
        *out = (double)NAN;
        return LCT_OK;
    }
    double x;
    if (!lct_number_parse(cell, &x, &rest) || *rest != '\0')
        return lct_fail(
            err, LCT_E_INPUT, "line %zu, column %s: \"%.60s\" is no number", csv->lines[row], csv->names[column], cell);
    *out = x;
    return LCT_OK;
}
