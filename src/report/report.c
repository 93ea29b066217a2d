#include <lctem/report.h>

#include "asset.h"
#include "embed.h"
#include "part.h"
#include "report_tables.h"

#include <lctem/file.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TEXT_BYTES = 64 << 20, MAX_PICTURE_BYTES = 2 << 20 };

/* One report that is being written. */
struct page {
    FILE *file;
    const char *dir;
    const struct lct_report_params *params;
    const char *dygraphs;
    struct report_tables tables;
    struct lct_report made;
};

struct lct_report_params lct_report_defaults(void)
{
    return (struct lct_report_params){ .film_bytes = 64u << 20, .table_bytes = 8u << 20, .tables_bytes = 16u << 20 };
}

/* Length of `<dir>/<name>`; -1: there is no such file. */
static long long length_of(const char *dir, const char *name)
{
    struct stat st;
    char *path = lct_file_join(dir, name);
    const bool there = path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
    free(path);
    return there ? (long long)st.st_size : -1;
}

static const struct asset *find_asset(const char *name)
{
    const struct asset *a = report_assets;
    while (a->name && strcmp(a->name, name) != 0)
        a++;
    return a;
}

static void put_asset(struct page *p, const char *name)
{
    const struct asset *a = find_asset(name);
    fwrite(a->bytes, 1, a->n, p->file);
}

static bool ends_with(const char *name, const char *ending)
{
    const size_t n = strlen(name), m = strlen(ending);
    return n >= m && strcmp(name + n - m, ending) == 0;
}

static enum lct_status put_style(struct page *p, struct lct_err *err)
{
    (void)err;
    put_asset(p, "report.css");
    return LCT_OK;
}

/* Our own scripts, in the order of the build. */
static enum lct_status put_scripts(struct page *p, struct lct_err *err)
{
    (void)err;
    for (const struct asset *a = report_assets; a->name; a++)
        if (ends_with(a->name, ".js"))
            put_asset(p, a->name);
    return LCT_OK;
}

/* A file of dygraphs as it is; no script of it may hold the end of a script element. */
static enum lct_status put_plain(struct page *p, const char *folder, const char *name, struct lct_err *err)
{
    char *path = lct_file_join(folder, name), *text = NULL;
    size_t n = 0;
    enum lct_status status =
        path ? lct_file_read(&text, &n, path, MAX_TEXT_BYTES, err) : lct_fail(err, LCT_E_LIMIT, "report: no memory");
    if (status == LCT_OK && (strstr(text, "</script") || strstr(text, "</style")))
        status = lct_fail(err, LCT_E_INPUT,
            "%s: cannot stand in a page; install libjs-dygraphs 2 or name its folder with --dygraphs", path);
    if (status == LCT_OK)
        fwrite(text, 1, n, p->file);
    free(text);
    free(path);
    return status;
}

static enum lct_status put_dygraphs(struct page *p, struct lct_err *err)
{
    if (p->made.no_dygraphs)
        return LCT_OK;
    fputs("<style>", p->file);
    enum lct_status status = put_plain(p, p->dygraphs, "dygraph.min.css", err);
    fputs("</style>\n<script>", p->file);
    if (status == LCT_OK)
        status = put_plain(p, p->dygraphs, "dygraph.min.js", err);
    fputs("</script>\n", p->file);
    return status;
}

static enum lct_status put_film(struct page *p, struct lct_err *err)
{
    if (p->made.no_film)
        return LCT_OK;
    if (p->made.film_outside) {
        fputs("<script type=\"text/plain\" id=\"film-data\" data-href=\"overlay.mp4\"></script>\n", p->file);
        return LCT_OK;
    }
    char *path = lct_file_join(p->dir, "overlay.mp4");
    fputs("<script type=\"text/plain\" id=\"film-data\">", p->file);
    const enum lct_status status =
        path ? embed_file(p->file, path, false, err) : lct_fail(err, LCT_E_LIMIT, "report: no memory");
    fputs("</script>\n", p->file);
    free(path);
    return status;
}

static enum lct_status put_tables(struct page *p, struct lct_err *err)
{
    return report_tables_put(p->file, &p->tables, p->dir, err);
}

/* A document of words that lies beside the tables; nothing where it is missing. */
static enum lct_status put_document(struct page *p, const char *name, struct lct_err *err)
{
    char *path = lct_file_join(p->dir, name), *text = NULL;
    size_t n = 0;
    enum lct_status status = LCT_OK;
    if (length_of(p->dir, name) >= 0)
        status = path ? lct_file_read(&text, &n, path, MAX_TEXT_BYTES, err)
                      : lct_fail(err, LCT_E_LIMIT, "report: no memory");
    if (status == LCT_OK && text && ends_with(name, ".json")) {
        fputs("<script type=\"application/json\" data-document=\"", p->file);
        embed_text(p->file, name);
        fputs("\">", p->file);
        embed_json(p->file, text, n);
        fputs("</script>\n", p->file);
    } else if (status == LCT_OK && text) {
        fprintf(p->file, "<template data-document=\"%s\">", name);
        embed_text(p->file, text);
        fputs("</template>\n", p->file);
    }
    free(text);
    free(path);
    return status;
}

/* The names in a folder that `wanted` likes, in order; caller frees with free_names. -1: no such folder, no memory. */
static int list_names(struct dirent ***out, const char *dir, const char *folder, int (*wanted)(const struct dirent *))
{
    char *path = lct_file_join(dir, folder);
    const int n = path ? scandir(path, out, wanted, alphasort) : -1;
    free(path);
    return n;
}

static void free_names(struct dirent **names, int n)
{
    for (int i = 0; i < n; i++)
        free(names[i]);
    if (n >= 0)
        free(names);
}

static int is_json(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && ends_with(entry->d_name, ".json");
}

static int is_picture(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && ends_with(entry->d_name, ".svg");
}

static bool is_twin(const char *dir, const char *name)
{
    char *table = NULL;
    const bool twin = asprintf(&table, "%.*s.csv", (int)strlen(name) - 5, name) >= 0 && length_of(dir, table) >= 0;
    free(table);
    return twin;
}

static enum lct_status put_documents(struct page *p, struct lct_err *err)
{
    struct dirent **names = NULL;
    const int n = list_names(&names, p->dir, ".", is_json);
    enum lct_status status = LCT_OK;
    for (int i = 0; status == LCT_OK && i < n; i++)
        if (!is_twin(p->dir, names[i]->d_name))
            status = put_document(p, names[i]->d_name, err);
    free_names(names, n);
    if (status == LCT_OK)
        status = put_document(p, "recipe.yaml", err);
    return status == LCT_OK ? put_document(p, "log.jsonl", err) : status;
}

static enum lct_status put_picture(struct page *p, const char *name, struct lct_err *err)
{
    const long long bytes = length_of(p->dir, name);
    if (bytes < 0 || bytes > MAX_PICTURE_BYTES)
        return LCT_OK;
    char *path = lct_file_join(p->dir, name);
    fputs("<script type=\"text/plain\" data-picture=\"", p->file);
    embed_text(p->file, name);
    fputs("\">", p->file);
    const enum lct_status status =
        path ? embed_file(p->file, path, true, err) : lct_fail(err, LCT_E_LIMIT, "report: no memory");
    fputs("</script>\n", p->file);
    free(path);
    return status;
}

/* Pictures that are there already: the plots, and the spectrum of lctem moire. */
static enum lct_status put_pictures(struct page *p, struct lct_err *err)
{
    struct dirent **names = NULL;
    const int n = list_names(&names, p->dir, "plots", is_picture);
    enum lct_status status = put_picture(p, "spectrum.png", err);
    for (int i = 0; status == LCT_OK && i < n; i++) {
        char *name = lct_file_join("plots", names[i]->d_name);
        status = name ? put_picture(p, name, err) : lct_fail(err, LCT_E_LIMIT, "report: no memory");
        free(name);
    }
    free_names(names, n);
    return status;
}

static enum lct_status put_version(struct page *p, struct lct_err *err)
{
    (void)err;
    embed_text(p->file, p->params->version ? p->params->version : "");
    return LCT_OK;
}

/* What stands at the marks {{name}} of the page. */
static const struct {
    const char *name;
    enum lct_status (*put)(struct page *p, struct lct_err *err);
} marks[] = {
    { "style", put_style },
    { "dygraphs", put_dygraphs },
    { "documents", put_documents },
    { "tables", put_tables },
    { "pictures", put_pictures },
    { "film", put_film },
    { "scripts", put_scripts },
    { "version", put_version },
};

static enum lct_status put_mark(struct page *p, const char *name, size_t n, struct lct_err *err)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i].name) == n && memcmp(marks[i].name, name, n) == 0)
            return marks[i].put(p, err);
    return lct_fail(err, LCT_E_INTERNAL, "report: the page has a mark that is not known: %.*s", (int)n, name);
}

static enum lct_status put_page(struct page *p, struct lct_err *err)
{
    const struct asset *a = find_asset("report.html");
    const char *at = (const char *)a->bytes, *mark;
    enum lct_status status = LCT_OK;
    while (status == LCT_OK && (mark = strstr(at, "{{"))) {
        const char *end = strstr(mark, "}}");
        if (!end)
            break;
        fwrite(at, 1, (size_t)(mark - at), p->file);
        status = put_mark(p, mark + 2, (size_t)(end - mark - 2), err);
        at = end + 2;
    }
    fputs(at, p->file);
    return status;
}

static enum lct_status write_page(struct page *p, const char *path, struct lct_err *err)
{
    char *part = part_name(path);
    if (!part)
        return lct_fail(err, LCT_E_LIMIT, "report: no memory");
    p->file = fopen(part, "wb");
    enum lct_status status = p->file ? put_page(p, err) : part_fail(path, errno, err);
    if (p->file) {
        p->made.bytes = (long long)ftell(p->file);
        errno = 0;
        const int failed = ferror(p->file);
        if ((fclose(p->file) != 0 || failed) && status == LCT_OK)
            status = part_fail(path, errno, err);
        if (status == LCT_OK)
            status = part_keep(part, path, err);
        else
            unlink(part);
    }
    free(part);
    return status;
}

enum lct_status lct_report_make(
    struct lct_report *out, const char *dir, const struct lct_report_params *params, struct lct_err *err)
{
    struct page p = { .dir = dir, .params = params, .dygraphs = params->dygraphs ? params->dygraphs : LCT_DYGRAPHS };
    enum lct_status status = report_tables_find(&p.tables, dir, params, err);
    if (status != LCT_OK)
        return status;
    const long long film = length_of(dir, "overlay.mp4");
    p.made = (struct lct_report){ .n_tables = p.tables.n,
        .no_film = film<0, .film_outside = film>(long long) params->film_bytes,
        .no_dygraphs = length_of(p.dygraphs, "dygraph.min.js") < 0 || length_of(p.dygraphs, "dygraph.min.css") < 0 };
    for (size_t i = 0; i < p.tables.n; i++)
        p.made.n_outside += p.tables.rows[i].outside;
    char *path = params->output ? strdup(params->output) : lct_file_join(dir, "report.html");
    status = path ? write_page(&p, path, err) : lct_fail(err, LCT_E_LIMIT, "report: no memory");
    free(path);
    report_tables_finish(&p.tables);
    if (status == LCT_OK)
        *out = p.made;
    return status;
}
