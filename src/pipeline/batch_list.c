#include <lctem/batch.h>

#include <lctem/file.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LIST_BYTES = 1 << 26, MAX_NAME = 200 };

static void entry_finish(struct lct_batch_entry *e)
{
    for (size_t i = 0; i < e->n_settings; i++)
        free(e->settings[i]);
    free(e->settings);
    free(e->movie);
    free(e->name);
}

void lct_batch_finish(struct lct_batch_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        entry_finish(&list->entries[i]);
    free(list->entries);
    free(list->source);
    *list = (struct lct_batch_list){ 0 };
}

static bool is_taken(const struct lct_batch_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->entries[i].name, name) == 0)
            return true;
    return false;
}

/* The last part of the path without its ending; what a pattern or a glob has in it and a folder should not, becomes _. */
static void plain_name(const char *movie, char out[MAX_NAME])
{
    size_t n = strlen(movie);
    while (n > 1 && movie[n - 1] == '/')
        n--;
    size_t from = n;
    while (from > 0 && movie[from - 1] != '/')
        from--;
    const char *dot = memrchr(movie + from, '.', n - from);
    if (dot && dot > movie + from)
        n = (size_t)(dot - movie);
    n = n - from < MAX_NAME - 16 ? n - from : MAX_NAME - 16;
    snprintf(out, MAX_NAME, "%.*s", (int)n, movie + from);
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < 0x21 || strchr("*?[]%\\:\"'<>|/", *c))
            *c = '_';
    if (!out[0] || strcmp(out, ".") == 0 || strcmp(out, "..") == 0)
        snprintf(out, MAX_NAME, "movie");
}

static enum lct_status append(struct lct_batch_list *list, const struct lct_batch_entry *entry, struct lct_err *err)
{
    if (list->n == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct lct_batch_entry *entries = realloc(list->entries, capacity * sizeof *entries);
        if (!entries)
            return lct_fail(err, LCT_E_LIMIT, "no memory for %zu movies", capacity);
        list->entries = entries;
        list->capacity = capacity;
    }
    list->entries[list->n++] = *entry;
    return LCT_OK;
}

/* Give the entry a folder of its own, and put it into the list, whose it then is. */
static enum lct_status settle(struct lct_batch_list *list, struct lct_batch_entry *entry, struct lct_err *err)
{
    char base[MAX_NAME], name[MAX_NAME + 24];
    plain_name(entry->movie, base);
    snprintf(name, sizeof name, "%s", base);
    for (size_t k = 2; !entry->name && is_taken(list, name); k++)
        snprintf(name, sizeof name, "%s-%zu", base, k);
    if (!entry->name && !(entry->name = strdup(name)))
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    return append(list, entry, err);
}

enum lct_status lct_batch_add(struct lct_batch_list *list, const char *movie, struct lct_err *err)
{
    struct lct_batch_entry entry = { .movie = strdup(movie) };
    const enum lct_status status = entry.movie ? settle(list, &entry, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (status != LCT_OK)
        entry_finish(&entry);
    return status;
}

/* ---- the list ---- */

/* The next word of a line, quotes taken off; NULL: no more. LCT_E_ARG: a quote is not closed. Caller frees. */
static enum lct_status next_word(const char **at, char **word, struct lct_err *err)
{
    const char *c = *at + strspn(*at, " \t\r");
    *word = NULL;
    *at = c;
    if (*c == '\0' || *c == '#')
        return LCT_OK;
    char *out = malloc(strlen(c) + 1), quote = '\0';
    size_t n = 0;
    if (!out)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    for (; *c && (quote || !strchr(" \t\r", *c)); c++) {
        if (quote ? *c == quote : *c == '\'' || *c == '"')
            quote = quote ? '\0' : *c;
        else
            out[n++] = *c;
    }
    out[n] = '\0';
    *at = c;
    if (quote) {
        free(out);
        return lct_fail(err, LCT_E_ARG, "a quote (%c) is not closed; close it on the same line", quote);
    }
    *word = out;
    return LCT_OK;
}

/* `path` as seen from the folder of the list; caller frees. */
static char *beside(const char *list, const char *path)
{
    const char *slash = strrchr(list, '/');
    char *out = NULL;
    if (path[0] == '/' || !slash)
        return strdup(path);
    return asprintf(&out, "%.*s/%s", (int)(slash - list), list, path) < 0 ? NULL : out;
}

static enum lct_status set_name(
    const struct lct_batch_list *list, struct lct_batch_entry *e, const char *name, struct lct_err *err)
{
    if (!name[0] || name[0] == '.' || strchr(name, '/') || strlen(name) >= MAX_NAME)
        return lct_fail(
            err, LCT_E_ARG, "name: \"%.60s\" is no name for a folder; take one without / that is not . or ..", name);
    if (is_taken(list, name))
        return lct_fail(err, LCT_E_ARG, "name: \"%.60s\" is that of another movie; give each its own", name);
    free(e->name);
    e->name = strdup(name);
    return e->name ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory");
}

static enum lct_status add_setting(const struct lct_batch_list *list, struct lct_batch_entry *e, const char *word,
    const char *path, struct lct_err *err)
{
    const char *equals = strchr(word, '=');
    if (!equals || equals == word)
        return lct_fail(err, LCT_E_ARG, "\"%.60s\" is not KEY=VALUE; a name with blanks needs quotes", word);
    if (strncmp(word, "name=", 5) == 0)
        return set_name(list, e, equals + 1, err);
    char **settings = realloc(e->settings, (e->n_settings + 1) * sizeof *settings);
    if (!settings)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    e->settings = settings;
    char *text = NULL;
    if (strncmp(word, "config=", 7) == 0 || strncmp(word, "drift=", 6) == 0) {
        char *file = beside(path, equals + 1);
        if (file && asprintf(&text, "%.*s%s", (int)(equals + 1 - word), word, file) < 0)
            text = NULL;
        free(file);
    } else {
        text = strdup(word);
    }
    if (!text)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    e->settings[e->n_settings++] = text;
    return LCT_OK;
}

static enum lct_status read_line(
    struct lct_batch_list *list, const char *line, size_t number, const char *path, struct lct_err *err)
{
    struct lct_batch_entry e = { .line = number };
    char *word = NULL;
    enum lct_status status = next_word(&line, &word, err);
    if (status != LCT_OK || !word)
        return status;
    e.movie = beside(path, word);
    free(word);
    if (!e.movie)
        status = lct_fail(err, LCT_E_LIMIT, "no memory");
    while (status == LCT_OK && (status = next_word(&line, &word, err)) == LCT_OK && word) {
        status = add_setting(list, &e, word, path, err);
        free(word);
    }
    if (status == LCT_OK)
        status = settle(list, &e, err);
    if (status != LCT_OK)
        entry_finish(&e);
    return status;
}

enum lct_status lct_batch_read(struct lct_batch_list *list, const char *path, struct lct_err *err)
{
    char *text = NULL;
    size_t n;
    enum lct_status status = lct_file_read(&text, &n, path, MAX_LIST_BYTES, err);
    if (status != LCT_OK)
        return status;
    const size_t before = list->n;
    if (memchr(text, '\0', n))
        status = lct_fail(err, LCT_E_ARG, "%s: is no text; a list of movies is, one a line", path);
    char *line = text;
    for (size_t number = 1; status == LCT_OK && line; number++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        status = read_line(list, line, number, path, err);
        if (status != LCT_OK) {
            char place[300];
            snprintf(place, sizeof place, "%.250s:%zu", path, number);
            status = lct_fail_in(err, status, place);
        }
        line = end ? end + 1 : NULL;
    }
    free(text);
    if (status == LCT_OK && list->n == before)
        status = lct_fail(err, LCT_E_ARG, "%s: holds no movie; write one a line", path);
    free(list->source);
    list->source = strdup(path);
    return status == LCT_OK && !list->source ? lct_fail(err, LCT_E_LIMIT, "no memory") : status;
}
