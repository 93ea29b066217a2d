#include <lctem/table.h>

#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/number.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLUSH_BYTES = 1 << 16 };

struct lct_table {
    const struct lct_table_spec *spec;
    char *path;
    int fd;
    long long written; /* bytes in the file */
    char *buffer;      /* rows that are not in the file yet; only whole rows but while one is being appended */
    size_t used, room;
};

static void table_free(struct lct_table *table)
{
    if (table->fd >= 0)
        close(table->fd);
    free(table->buffer);
    free(table->path);
    free(table);
}

static bool append(struct lct_table *table, const char *bytes, size_t n)
{
    if (table->used + n > table->room) {
        const size_t room = (table->used + n) * 2;
        char *larger = realloc(table->buffer, room);
        if (!larger)
            return false;
        table->buffer = larger;
        table->room = room;
    }
    memcpy(table->buffer + table->used, bytes, n);
    table->used += n;
    return true;
}

static bool append_text(struct lct_table *table, const char *text)
{
    if (!text)
        return true;
    const bool quote = text[strcspn(text, ",\"\r\n")] != '\0' || text[0] == ' ';
    if (!quote)
        return append(table, text, strlen(text));
    bool ok = append(table, "\"", 1);
    for (const char *c = text; *c; c++)
        ok = ok && append(table, c, 1) && (*c != '"' || append(table, c, 1));
    return ok && append(table, "\"", 1);
}

/* As "%ld"; printf takes five times as long, and outlines alone have a million of them. */
static bool append_integer(struct lct_table *table, long n)
{
    char text[24], *at = text + sizeof text;
    unsigned long size = n < 0 ? 0UL - (unsigned long)n : (unsigned long)n;
    do
        *--at = (char)('0' + size % 10);
    while (size /= 10);
    if (n < 0)
        *--at = '-';
    return append(table, at, (size_t)(text + sizeof text - at));
}

static bool append_cell(struct lct_table *table, const struct lct_cell *cell)
{
    char number[LCT_NUMBER_TEXT];
    switch (cell->kind) {
    case LCT_CELL_NUMBER: lct_number_format(cell->number, number); return append(table, number, strlen(number));
    case LCT_CELL_INTEGER: return append_integer(table, cell->integer);
    case LCT_CELL_TEXT: return append_text(table, cell->text);
    }
    return false;
}

static enum lct_status append_row(struct lct_table *table, const struct lct_cell *cells, struct lct_err *err)
{
    const size_t before = table->used;
    bool ok = true;
    for (size_t i = 0; i < table->spec->n_columns; i++)
        ok = ok && (i == 0 || append(table, ",", 1)) && append_cell(table, &cells[i]);
    if (ok && append(table, "\n", 1))
        return LCT_OK;
    table->used = before;
    return lct_fail(err, LCT_E_LIMIT, "%s: no memory for a row", table->path);
}

static enum lct_status append_header(struct lct_table *table, struct lct_err *err)
{
    const struct lct_table_spec *spec = table->spec;
    struct lct_cell *names = calloc(spec->n_columns, sizeof *names);
    if (!names)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", table->path);
    for (size_t i = 0; i < spec->n_columns; i++)
        names[i] = lct_text(spec->columns[i].name);
    const enum lct_status status = append_row(table, names, err);
    free(names);
    return status;
}

void lct_table_describe(const struct lct_table_spec *spec, struct lct_json *json)
{
    char name[256];
    snprintf(name, sizeof name, "%s.csv", spec->name);
    lct_json_text(json, "file", name);
    lct_json_text(json, "description", spec->description);
    lct_json_integer(json, "schema", spec->schema);
    lct_json_open_array(json, "columns");
    for (size_t i = 0; i < spec->n_columns; i++) {
        lct_json_open_object(json, NULL);
        lct_json_text(json, "name", spec->columns[i].name);
        lct_json_text(json, "unit", spec->columns[i].unit);
        lct_json_text(json, "description", spec->columns[i].description);
        lct_json_close(json);
    }
    lct_json_close(json);
}

static enum lct_status write_twin(const char *dir, const struct lct_table_spec *spec, struct lct_err *err)
{
    struct lct_json *json = NULL;
    enum lct_status status = lct_json_create(&json, err);
    if (status != LCT_OK)
        return status;
    lct_table_describe(spec, json);
    char name[256];
    snprintf(name, sizeof name, "%s.json", spec->name);
    char *path = lct_file_join(dir, name);
    status = path ? lct_json_write(json, path, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", name);
    free(path);
    lct_json_destroy(&json);
    return status;
}

static struct lct_table *table_new(const char *dir, const struct lct_table_spec *spec)
{
    assert(spec->n_columns > 0);
    char name[256];
    snprintf(name, sizeof name, "%s.csv", spec->name);
    struct lct_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->fd = -1;
    table->spec = spec;
    table->path = lct_file_join(dir, name);
    if (!table->path) {
        table_free(table);
        return NULL;
    }
    return table;
}

enum lct_status lct_table_create(
    struct lct_table **out, const char *dir, const struct lct_table_spec *spec, struct lct_err *err)
{
    struct lct_table *table = table_new(dir, spec);
    if (!table)
        return lct_fail(err, LCT_E_LIMIT, "%s.csv: no memory", spec->name);
    enum lct_status status = LCT_OK;
    table->fd = open(table->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (table->fd < 0)
        status = lct_file_unwritable(table->path, errno, err);
    if (status == LCT_OK)
        status = append_header(table, err);
    if (status == LCT_OK)
        status = lct_table_flush(table, NULL, err);
    if (status == LCT_OK)
        status = write_twin(dir, spec, err);
    if (status != LCT_OK)
        table_free(table);
    else
        *out = table;
    return status;
}

/* The header that this version would write must be the one in the file: rows of two versions do not mix. */
static enum lct_status check_header(struct lct_table *table, long long keep_bytes, struct lct_err *err)
{
    enum lct_status status = append_header(table, err);
    if (status != LCT_OK)
        return status;
    const size_t n = table->used;
    table->used = 0;
    struct stat st;
    if (fstat(table->fd, &st) != 0 || st.st_size < keep_bytes || keep_bytes < (long long)n)
        return lct_fail(
            err, LCT_E_INPUT, "%s: shorter than the checkpoint says; start again with --force", table->path);
    char *found = malloc(n);
    if (!found)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", table->path);
    const bool same = pread(table->fd, found, n, 0) == (ssize_t)n && memcmp(found, table->buffer, n) == 0;
    free(found);
    return same ? LCT_OK : lct_fail(err, LCT_E_INPUT, "%s: has other columns; start again with --force", table->path);
}

enum lct_status lct_table_reopen(struct lct_table **out, const char *dir, const struct lct_table_spec *spec,
    long long keep_bytes, struct lct_err *err)
{
    struct lct_table *table = table_new(dir, spec);
    if (!table)
        return lct_fail(err, LCT_E_LIMIT, "%s.csv: no memory", spec->name);
    enum lct_status status = LCT_OK;
    table->fd = open(table->path, O_RDWR | O_CLOEXEC);
    if (table->fd < 0)
        status = lct_fail(err, LCT_E_INPUT, "%s: cannot open: %s", table->path, strerror(errno));
    if (status == LCT_OK)
        status = check_header(table, keep_bytes, err);
    if (status == LCT_OK && (ftruncate(table->fd, keep_bytes) != 0 || lseek(table->fd, keep_bytes, SEEK_SET) < 0))
        status = lct_fail(err, LCT_E_OUTPUT, "%s: cannot be cut: %s", table->path, strerror(errno));
    table->written = keep_bytes;
    if (status == LCT_OK) /* the run may have ended between the table and its description */
        status = write_twin(dir, spec, err);
    if (status != LCT_OK)
        table_free(table);
    else
        *out = table;
    return status;
}

enum lct_status lct_table_row(struct lct_table *table, const struct lct_cell *cells, struct lct_err *err)
{
    const enum lct_status status = append_row(table, cells, err);
    if (status != LCT_OK || table->used < FLUSH_BYTES)
        return status;
    return lct_table_flush(table, NULL, err);
}

enum lct_status lct_table_flush(struct lct_table *table, long long *bytes, struct lct_err *err)
{
    const enum lct_status status = lct_file_write_all(table->fd, table->buffer, table->used, table->path, err);
    if (status != LCT_OK) {
        /* A disk that ran full may have taken half a row; leave whole ones only. */
        if (ftruncate(table->fd, table->written) == 0)
            (void)lseek(table->fd, table->written, SEEK_SET);
        return status;
    }
    table->written += (long long)table->used;
    table->used = 0;
    if (bytes)
        *bytes = table->written;
    return LCT_OK;
}

enum lct_status lct_table_close(struct lct_table **table, struct lct_err *err)
{
    if (!*table)
        return LCT_OK;
    enum lct_status status = lct_table_flush(*table, NULL, err);
    if (close((*table)->fd) != 0 && status == LCT_OK)
        status = lct_fail(err, LCT_E_OUTPUT, "%s: cannot write: %s", (*table)->path, strerror(errno));
    (*table)->fd = -1;
    table_free(*table);
    *table = NULL;
    return status;
}
