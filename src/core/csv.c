#include <lctem/table.h>

#include <lctem/file.h>
#include <lctem/number.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t MAX_BYTES = (size_t)4 << 30;
enum { FIRST_BYTES = 1 << 16, MAX_ROW_BYTES = 1 << 26 };

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

/* What spreadsheets write where the comma is the decimal point. */
static enum lct_status check_header(const struct parser *p, size_t n, struct lct_err *err)
{
    const char *name = p->cells[0];
    const char *other = n > 1 ? NULL : strchr(name, ';') ? "semicolons" : strchr(name, '\t') ? "tabs" : NULL;
    if (!other)
        return LCT_OK;
    return lct_fail(err, LCT_E_INPUT,
        "%s:1: its columns are separated by %s; save the table with commas between them, and points in the numbers",
        p->path, other);
}

static enum lct_status check_width(const struct parser *p, size_t n, size_t n_columns, size_t line, struct lct_err *err)
{
    if (n == n_columns)
        return LCT_OK;
    return lct_fail(err, LCT_E_INPUT,
        "%s:%zu: %zu cells, but the header names %zu columns; give each row one cell for each column (empty: not "
        "known)",
        p->path, line, n, n_columns);
}

static enum lct_status take_rows(struct parser *p, size_t *n_columns, struct lct_err *err)
{
    enum lct_status status = take_row(p, n_columns, err);
    if (status == LCT_OK)
        status = check_header(p, *n_columns, err);
    while (status == LCT_OK && p->from < p->end) {
        const size_t line = p->line;
        size_t n = 0;
        size_t *lines = grown(p->lines, &p->lines_room, p->n_lines, sizeof *lines);
        if (!lines)
            return lct_fail(err, LCT_E_LIMIT, "%s:%zu: no memory for the table", p->path, line);
        p->lines = lines;
        status = take_row(p, &n, err);
        if (status == LCT_OK)
            status = check_width(p, n, *n_columns, line, err);
        p->lines[p->n_lines++] = line;
    }
    return status;
}

/* Is this the beginning of a table? Spreadsheets put a byte-order mark before it. */
static enum lct_status skip_mark(struct parser *p, struct lct_err *err)
{
    if (p->end - p->from >= 3 && memcmp(p->from, "\xef\xbb\xbf", 3) == 0)
        p->from += 3;
    if (p->from < p->end)
        return LCT_OK;
    return lct_fail(
        err, LCT_E_INPUT, "%s: empty; a CSV table with a header was expected; give areas.csv or the like", p->path);
}

static enum lct_status refuse_zeros(const struct parser *p, struct lct_err *err)
{
    if (!memchr(p->from, '\0', (size_t)(p->end - p->from)))
        return LCT_OK;
    return lct_fail(
        err, LCT_E_INPUT, "%s: holds zero bytes, so it is no CSV table; give areas.csv or the like", p->path);
}

enum lct_status lct_csv_read(struct lct_csv *out, const char *path, struct lct_err *err)
{
    char *text = NULL;
    size_t n = 0, n_columns = 0;
    enum lct_status status = lct_file_read(&text, &n, path, MAX_BYTES, err);
    if (status != LCT_OK)
        return status;
    struct parser p = { .path = path, .from = text, .end = text + n, .line = 1 };
    status = skip_mark(&p, err);
    if (status == LCT_OK)
        status = refuse_zeros(&p, err);
    if (status == LCT_OK)
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

/* A table of which one row is in memory. */
struct reader {
    struct lct_csv row; /* what the caller sees: its cells are the parser's */
    struct parser parser;
    size_t line;
    char *header; /* what the names point into */
    int fd;
    char *text; /* room and one more: what is read, of which [at, n) is still to be taken */
    size_t at, n, room;
    bool ended;
};

/* Bytes of the row at the beginning of the text, with its end of line; 0: it may go on behind them. */
static size_t row_length(const char *text, size_t n, bool ended)
{
    bool quoted = false, fresh = true; /* fresh: at the beginning of a cell, where a quote means something */
    const size_t mark = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* of the first row */
    for (size_t i = mark; i < n; i++) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < n && text[i + 1] == '"')
            i++;
        else if (quoted)
            quoted = c != '"';
        else if (c == '\n')
            return i + 1;
        else if (c == '"' && fresh)
            quoted = true;
        fresh = !quoted && c == ',';
    }
    return ended ? n : 0;
}

static enum lct_status make_room(struct reader *r, struct lct_err *err)
{
    memmove(r->text, r->text + r->at, r->n - r->at);
    r->n -= r->at;
    r->at = 0;
    if (r->n < r->room)
        return LCT_OK;
    if (r->room >= MAX_ROW_BYTES)
        return lct_fail(err, LCT_E_INPUT, "%s:%zu: a row of more than %d MB; is a quote closed?", r->parser.path,
            r->parser.line, MAX_ROW_BYTES >> 20);
    char *larger = realloc(r->text, 2 * r->room + 1);
    if (!larger)
        return lct_fail(err, LCT_E_LIMIT, "%s:%zu: no memory for a row", r->parser.path, r->parser.line);
    r->text = larger;
    r->room *= 2;
    return LCT_OK;
}

/* Let the parser stand before a whole row; LCT_END: there is none. */
static enum lct_status fetch_row(struct reader *r, struct lct_err *err)
{
    size_t length = row_length(r->text + r->at, r->n - r->at, r->ended);
    while (length == 0 && !r->ended) {
        size_t got = 0;
        enum lct_status status = make_room(r, err);
        if (status == LCT_OK)
            status = lct_file_read_some(&got, r->fd, r->text + r->n, r->room - r->n, r->parser.path, err);
        if (status != LCT_OK)
            return status;
        r->n += got;
        r->ended = got == 0;
        length = row_length(r->text, r->n, r->ended);
    }
    if (length == 0)
        return LCT_END;
    r->parser.from = r->text + r->at;
    r->parser.end = r->parser.from + length;
    r->at += length;
    return refuse_zeros(&r->parser, err);
}

/* The names stay when the row that holds them is gone. */
static enum lct_status take_header(struct reader *r, struct lct_err *err)
{
    struct parser *p = &r->parser;
    enum lct_status status = fetch_row(r, err);
    if (status == LCT_OK || status == LCT_END)
        status = skip_mark(p, err);
    if (status == LCT_OK)
        status = take_row(p, &r->row.n_columns, err);
    if (status == LCT_OK)
        status = check_header(p, r->row.n_columns, err);
    if (status != LCT_OK)
        return status;
    const size_t bytes = (size_t)(p->end - r->text) + 1;
    r->header = malloc(bytes);
    r->row.names = malloc(p->n_cells * sizeof *r->row.names);
    if (!r->header || !r->row.names)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for its header", r->parser.path);
    memcpy(r->header, r->text, bytes);
    for (size_t i = 0; i < p->n_cells; i++)
        r->row.names[i] = r->header + (p->cells[i] - r->text);
    return LCT_OK;
}

static enum lct_status next_row(struct reader *r, struct lct_err *err)
{
    struct parser *p = &r->parser;
    size_t n = 0;
    enum lct_status status = fetch_row(r, err);
    r->line = p->line;
    p->n_cells = 0;
    if (status == LCT_OK)
        status = take_row(p, &n, err);
    if (status == LCT_OK)
        status = check_width(p, n, r->row.n_columns, r->line, err);
    r->row.n_rows = 1;
    r->row.cells = p->cells;
    r->row.lines = &r->line;
    return status;
}

static enum lct_status read_rows(
    struct reader *r, lct_csv_row_fn *begin, lct_csv_row_fn *row, void *context, struct lct_err *err)
{
    enum lct_status status = take_header(r, err);
    if (status == LCT_OK && begin)
        status = begin(context, &r->row, err);
    while (status == LCT_OK) {
        status = next_row(r, err);
        if (status == LCT_END)
            return LCT_OK;
        if (status == LCT_OK)
            status = row(context, &r->row, err);
    }
    return status;
}

enum lct_status lct_csv_each(
    const char *path, lct_csv_row_fn *begin, lct_csv_row_fn *row, void *context, struct lct_err *err)
{
    struct reader r = { .text = malloc(FIRST_BYTES + 1), .room = FIRST_BYTES };
    r.parser = (struct parser){ .path = path, .from = r.text, .end = r.text, .line = 1 };
    enum lct_status status =
        r.text ? lct_file_open(&r.fd, path, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory to read it", path);
    if (status == LCT_OK) {
        status = read_rows(&r, begin, row, context, err);
        close(r.fd);
    }
    free(r.row.names);
    free(r.parser.cells);
    free(r.header);
    free(r.text);
    return status;
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
