#include "report_tables.h"

#include "embed.h"

#include <lctem/file.h>

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SHOWN_BYTES = 2 << 20, /* of a table that is not embedded whole: enough for curves, and for a hundred outlines */
    MAX_TWIN_BYTES = 1 << 20,
    FIRST_CELL = 32,
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct report_table *)a)->name, ((const struct report_table *)b)->name);
}

static int by_size(const void *a, const void *b)
{
    const struct report_table *const *x = a, *const *y = b;
    return ((*x)->bytes > (*y)->bytes) - ((*x)->bytes < (*y)->bytes);
}

static bool is_table(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".csv") == 0 && name[0] != '.';
}

static enum lct_status add(struct report_tables *t, const char *dir, const char *name, struct lct_err *err)
{
    struct stat st;
    char *path = lct_file_join(dir, name);
    const bool file = path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
    free(path);
    if (!file)
        return LCT_OK;
    struct report_table *rows = realloc(t->rows, (t->n + 1) * sizeof *rows);
    if (rows)
        t->rows = rows;
    char *copy = strdup(name);
    if (!rows || !copy) {
        free(copy);
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    }
    t->rows[t->n++] = (struct report_table){ .name = copy, .bytes = (long long)st.st_size };
    return LCT_OK;
}

static enum lct_status choose(struct report_tables *t, const struct lct_report_params *params, struct lct_err *err)
{
    struct report_table **order = calloc(t->n, sizeof *order);
    if (!order)
        return lct_fail(err, LCT_E_LIMIT, "report: no memory");
    for (size_t i = 0; i < t->n; i++)
        order[i] = &t->rows[i];
    qsort(order, t->n, sizeof *order, by_size);
    long long sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        sum += order[i]->bytes;
        order[i]->outside = sum > (long long)params->tables_bytes || order[i]->bytes > (long long)params->table_bytes;
    }
    free(order);
    return LCT_OK;
}

enum lct_status report_tables_find(
    struct report_tables *out, const char *dir, const struct lct_report_params *params, struct lct_err *err)
{
    struct report_tables t = { 0 };
    char reason[128];
    DIR *folder = opendir(dir);
    if (!folder)
        return lct_fail(err, LCT_E_INPUT, "%s: cannot open: %s; give a folder that lctem analyze has made", dir,
            strerror_r(errno, reason, sizeof reason));
    enum lct_status status = LCT_OK;
    for (struct dirent *entry; status == LCT_OK && (entry = readdir(folder));)
        if (is_table(entry->d_name))
            status = add(&t, dir, entry->d_name, err);
    closedir(folder);
    if (status == LCT_OK && t.n == 0)
        status = lct_fail(err, LCT_E_INPUT, "%s: no table in it; give a folder that lctem analyze has made", dir);
    if (status == LCT_OK) {
        qsort(t.rows, t.n, sizeof *t.rows, by_name);
        status = choose(&t, params, err);
    }
    if (status == LCT_OK)
        *out = t;
    else
        report_tables_finish(&t);
    return status;
}

void report_tables_finish(struct report_tables *tables)
{
    for (size_t i = 0; i < tables->n; i++)
        free(tables->rows[i].name);
    free(tables->rows);
    *tables = (struct report_tables){ 0 };
}

/* Which rows of a table are shown: those of every `every`-th frame. Rows belong together as long as their first cell is the same. */
struct sieve {
    long every, group; /* group: of the row that is being read; -1: the header */
    char first[FIRST_CELL];
};

static void sort_row(struct sieve *s, const char *line)
{
    size_t n = strcspn(line, ",\n");
    if (n > FIRST_CELL - 1)
        n = FIRST_CELL - 1;
    if (s->group < 0 || strncmp(s->first, line, n) != 0 || s->first[n])
        s->group++;
    memcpy(s->first, line, n);
    s->first[n] = '\0';
}

static bool in_quotes(const char *line, bool before)
{
    for (; (line = strchr(line, '"')) != NULL; line++)
        before = !before;
    return before;
}

static enum lct_status put_sieved(FILE *out, FILE *in, long every, struct lct_err *err)
{
    char *line = NULL;
    size_t room = 0;
    struct sieve sieve = { .every = every, .group = -1 };
    struct embed *e = NULL;
    const enum lct_status status = embed_begin(&e, out, true, err);
    bool header = true, quoted = false;
    for (ssize_t n; status == LCT_OK && (n = getline(&line, &room, in)) > 0;) {
        if (!header && !quoted)
            sort_row(&sieve, line);
        if (sieve.group < 0 || sieve.group % sieve.every == 0)
            embed_put(e, line, (size_t)n);
        quoted = in_quotes(line, quoted);
        header = header && quoted;
    }
    if (e)
        embed_end(&e);
    free(line);
    return status;
}

static enum lct_status put_thinned(FILE *out, const char *path, long every, struct lct_err *err)
{
    char reason[128];
    FILE *in = fopen(path, "r");
    if (!in)
        return lct_fail(err, LCT_E_INPUT, "%s: cannot be read: %s; make the results again with lctem analyze", path,
            strerror_r(errno, reason, sizeof reason));
    const enum lct_status status = put_sieved(out, in, every, err);
    fclose(in);
    return status;
}

/* What the columns are, where the table says so. */
static void put_twin(FILE *out, const char *dir, const char *name)
{
    char *twin = NULL, *path = NULL, *text = NULL;
    size_t n = 0;
    if (asprintf(&twin, "%.*s.json", (int)strlen(name) - 4, name) < 0)
        return;
    path = lct_file_join(dir, twin);
    if (path && lct_file_read(&text, &n, path, MAX_TWIN_BYTES, NULL) == LCT_OK) {
        fprintf(out, "<script type=\"application/json\" data-twin=\"");
        embed_text(out, name);
        fputs("\">", out);
        embed_json(out, text, n);
        fputs("</script>\n", out);
    }
    free(text);
    free(path);
    free(twin);
}

static enum lct_status put_table(FILE *out, const struct report_table *t, const char *dir, struct lct_err *err)
{
    char *path = lct_file_join(dir, t->name);
    if (!path)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    const long every = t->outside ? (long)(t->bytes / SHOWN_BYTES) + 1 : 1;
    fputs("<script type=\"application/gzip\" data-table=\"", out);
    embed_text(out, t->name);
    fprintf(out, "\" data-bytes=\"%lld\" data-every=\"%ld\">", t->bytes, every);
    const enum lct_status status = every > 1 ? put_thinned(out, path, every, err) : embed_file(out, path, true, err);
    fputs("</script>\n", out);
    free(path);
    return status;
}

enum lct_status report_tables_put(FILE *out, const struct report_tables *tables, const char *dir, struct lct_err *err)
{
    enum lct_status status = LCT_OK;
    for (size_t i = 0; status == LCT_OK && i < tables->n; i++) {
        status = put_table(out, &tables->rows[i], dir, err);
        put_twin(out, dir, tables->rows[i].name);
    }
    return status;
}
