#include "option_type.h"

#include <lctem/word.h>
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 64 };

static bool known(const struct lct_options *options, const struct lct_option *row)
{
    return (row->commands & options->commands) != 0;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
            return false;
    return *a == *b;
}

const struct lct_option *lct_options_find(const struct lct_options *options, const char *key)
{
    for (size_t i = 0; i < options->table->n; i++)
        if (known(options, &options->table->rows[i]) && same_name(options->table->rows[i].key, key))
            return &options->table->rows[i];
    return NULL;
}

enum lct_origin lct_options_origin(const struct lct_options *options, const char *key)
{
    const struct lct_option *row = lct_options_find(options, key);
    return row ? (enum lct_origin)options->origin[row - options->table->rows] : LCT_ORIGIN_DEFAULT;
}

char *lct_options_value(const struct lct_options *options, const struct lct_option *row)
{
    const union lct_option_field field = lct_option_load(options, row);
    return lct_option_type(row)->format(row, &field);
}

/* "pixel_size" as "--pixel-size". */
static const char *flag_of(const char *key, char flag[MAX_NAME + 3])
{
    snprintf(flag, MAX_NAME + 3, "--%s", key);
    for (char *c = flag + 2; *c; c++)
        if (*c == '_')
            *c = '-';
    return flag;
}

static enum lct_status bad_value(
    const struct lct_option *row, const char *label, const char *value, struct lct_err *err)
{
    const struct lct_option_type_row *type = lct_option_type(row);
    char limits[96];
    if (row->type == LCT_OPTION_CHOICE) {
        struct lct_word_search search = { .wanted = value };
        char *choices = strdup(row->choices), *save = NULL;
        for (char *word = choices ? strtok_r(choices, "|", &save) : NULL; word; word = strtok_r(NULL, "|", &save))
            lct_word_offer(&search, word);
        lct_fail(err, LCT_E_ARG, "%s: \"%.60s\" is not one of %s%s%s%s", label, value, row->choices,
            search.best ? "; did you mean " : "", search.best ? search.best : "", search.best ? "?" : "");
        free(choices);
        return LCT_E_ARG;
    }
    const bool is_number = row->type == LCT_OPTION_DOUBLE || row->type == LCT_OPTION_LENGTH_NM
        || row->type == LCT_OPTION_LENGTH || row->type == LCT_OPTION_TIME_S;
    return lct_fail(err, LCT_E_ARG, "%s: \"%.60s\" is not %s%s%s%s", label, value, type->expects,
        lct_option_limits(row, limits, sizeof limits), strcmp(lct_option_fallback(row), "auto") == 0 ? ", or auto" : "",
        is_number && strchr(value, ',') ? "; decimals are written with a point" : "");
}

static enum lct_status set_row(struct lct_options *options, const struct lct_option *row, const char *label,
    const char *value, enum lct_origin origin, struct lct_err *err)
{
    const struct lct_option_type_row *type = lct_option_type(row);
    unsigned char *owner = &options->origin[row - options->table->rows];
    char *place = (char *)options->settings + row->offset;
    union lct_option_field field = { 0 };
    if (!type->parse(row, value, &field))
        return bad_value(row, label, value, err);
    if (row->type == LCT_OPTION_TEXT) {
        if (value[0] && !field.text)
            return lct_fail(err, LCT_E_LIMIT, "%s: no memory", label);
        if (origin < *owner) {
            free(field.text);
            return LCT_OK;
        }
        free(lct_option_load(options, row).text);
    }
    if (origin < *owner)
        return LCT_OK;
    memcpy(place, &field, type->size);
    *owner = (unsigned char)origin;
    return LCT_OK;
}

enum lct_status lct_options_init(struct lct_options *out, const struct lct_option_table *table, unsigned commands,
    void *settings, struct lct_err *err)
{
    struct lct_options options = { .table = table, .settings = settings, .commands = commands };
    options.origin = calloc(table->n ? table->n : 1, 1);
    if (!options.origin)
        return lct_fail(err, LCT_E_LIMIT, "options: no memory");
    for (size_t i = 0; i < table->n; i++) {
        const struct lct_option *row = &table->rows[i];
        const enum lct_status status =
            set_row(&options, row, row->key, lct_option_fallback(row), LCT_ORIGIN_DEFAULT, err);
        assert(status != LCT_E_ARG);
        if (status != LCT_OK) {
            lct_options_finish(&options);
            return status;
        }
    }
    *out = options;
    return LCT_OK;
}

void lct_options_finish(struct lct_options *options)
{
    for (size_t i = 0; options->table && i < options->table->n; i++) {
        const struct lct_option *row = &options->table->rows[i];
        if (row->type == LCT_OPTION_TEXT) {
            free(lct_option_load(options, row).text);
            memset((char *)options->settings + row->offset, 0, lct_option_type(row)->size);
        }
    }
    free(options->origin);
    *options = (struct lct_options){ 0 };
}

static const char *nearest(const struct lct_options *options, const char *name)
{
    struct lct_word_search search = { .wanted = name };
    for (size_t i = 0; i < options->table->n; i++)
        if (known(options, &options->table->rows[i]))
            lct_word_offer(&search, options->table->rows[i].key);
    return search.best;
}

enum lct_status lct_options_set(
    struct lct_options *options, const char *key, const char *value, enum lct_origin origin, struct lct_err *err)
{
    const struct lct_option *row = lct_options_find(options, key);
    if (row)
        return set_row(options, row, row->key, value, origin, err);
    const char *near = nearest(options, key);
    return lct_fail(err, LCT_E_ARG, "unknown key \"%.60s\"%s%s%s", key, near ? "; did you mean \"" : "",
        near ? near : "", near ? "\"?" : "; --dump-config shows all of them");
}

enum lct_status lct_options_assign(struct lct_options *options, const char *assignment, struct lct_err *err)
{
    char key[MAX_NAME];
    const char *equals = strchr(assignment, '=');
    const size_t n = equals ? (size_t)(equals - assignment) : 0;
    if (n == 0 || n >= sizeof key)
        return lct_fail(err, LCT_E_ARG, "--set: \"%.60s\" is not KEY=VALUE; --dump-config prints the keys", assignment);
    memcpy(key, assignment, n);
    key[n] = '\0';
    return lct_options_set(options, key, equals + 1, LCT_ORIGIN_USER, err);
}

/* What is left of the command line. */
struct words {
    int argc, next;
    char **argv;
};

static enum lct_status set_flag(
    struct lct_options *options, const struct lct_option *row, const char *value, struct lct_err *err)
{
    char flag[MAX_NAME + 3];
    if (strcmp(row->key, "set") == 0)
        return lct_options_assign(options, value, err);
    return set_row(options, row, flag_of(row->key, flag), value, LCT_ORIGIN_USER, err);
}

static enum lct_status set_from_next(
    struct lct_options *options, const struct lct_option *row, struct words *words, struct lct_err *err)
{
    char flag[MAX_NAME + 3];
    const char *value = words->next < words->argc ? words->argv[words->next] : NULL;
    if (!value || (strncmp(value, "--", 2) == 0 && value[2] != '\0'))
        return lct_fail(err, LCT_E_ARG, "%s: needs a value: %s", flag_of(row->key, flag),
            row->type == LCT_OPTION_TEXT && row->choices ? row->choices : lct_option_type(row)->expects);
    words->next++;
    return set_flag(options, row, value, err);
}

static enum lct_status unknown_flag(const struct lct_options *options, const char *name, struct lct_err *err)
{
    char flag[MAX_NAME + 3];
    const struct lct_options all = { .table = options->table, .commands = ~0u };
    const char *near = nearest(options, name);
    if (!near && lct_options_find(&all, name))
        return lct_fail(err, LCT_E_ARG, "--%.60s: this command does not take it; --help shows what it takes", name);
    return lct_fail(err, LCT_E_ARG, "unknown option --%.60s%s%s%s", name, near ? "; did you mean " : "",
        near ? flag_of(near, flag) : "", near ? "?" : "; --help shows all of them");
}

/* `name`: what follows "--". */
static enum lct_status take_long(
    struct lct_options *options, const char *text, struct words *words, struct lct_err *err)
{
    char name[MAX_NAME];
    const char *equals = strchr(text, '=');
    const size_t n = equals ? (size_t)(equals - text) : strlen(text);
    if (n >= sizeof name)
        return lct_fail(err, LCT_E_ARG, "unknown option --%.60s; --help shows all of them", text);
    memcpy(name, text, n);
    name[n] = '\0';
    const struct lct_option *row = lct_options_find(options, name);
    if (!row && !equals && strncmp(name, "no-", 3) == 0) {
        row = lct_options_find(options, name + 3);
        if (row && row->type == LCT_OPTION_BOOL)
            return set_flag(options, row, "no", err);
        row = NULL;
    }
    if (!row)
        return unknown_flag(options, name, err);
    if (equals)
        return set_flag(options, row, equals + 1, err);
    if (row->type == LCT_OPTION_BOOL)
        return set_flag(options, row, "yes", err);
    return set_from_next(options, row, words, err);
}

static const struct lct_option *find_letter(const struct lct_options *options, char letter)
{
    for (size_t i = 0; i < options->table->n; i++)
        if (known(options, &options->table->rows[i]) && options->table->rows[i].letter == letter)
            return &options->table->rows[i];
    return NULL;
}

/* `letters`: what follows "-". */
static enum lct_status take_short(
    struct lct_options *options, const char *letters, struct words *words, struct lct_err *err)
{
    for (; *letters; letters++) {
        const struct lct_option *row = find_letter(options, *letters);
        if (!row)
            return lct_fail(err, LCT_E_ARG, "unknown option -%c; --help shows all of them", *letters);
        if (row->type != LCT_OPTION_BOOL)
            return letters[1] ? set_flag(options, row, letters + 1, err) : set_from_next(options, row, words, err);
        const enum lct_status status = set_flag(options, row, "yes", err);
        if (status != LCT_OK)
            return status;
    }
    return LCT_OK;
}

static bool is_word(const char *text)
{
    return text[0] != '-' || text[1] == '\0' || text[1] == '.' || isdigit((unsigned char)text[1]);
}

enum lct_status lct_options_parse(struct lct_options *options, int argc, char **argv, int *n_words, struct lct_err *err)
{
    struct words words = { .argc = argc, .argv = argv };
    int n = 0;
    bool flags = true;
    enum lct_status status = LCT_OK;
    while (status == LCT_OK && words.next < argc) {
        char *text = argv[words.next++];
        if (!flags || is_word(text))
            argv[n++] = text;
        else if (strcmp(text, "--") == 0)
            flags = false;
        else if (text[1] == '-')
            status = take_long(options, text + 2, &words, err);
        else
            status = take_short(options, text + 1, &words, err);
    }
    if (status == LCT_OK)
        *n_words = n;
    return status;
}
