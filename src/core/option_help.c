#include "option_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 28, MIN_WIDTH = 50 };

void lct_option_say(const struct lct_option *row, struct lct_option_words *out)
{
    size_t n = (size_t)snprintf(out->flag, sizeof out->flag, "--");
    for (const char *c = row->key; *c && n + 1 < sizeof out->flag; c++)
        out->flag[n++] = *c == '_' ? '-' : *c;
    out->flag[n] = '\0';
    out->value = row->type == LCT_OPTION_BOOL ? NULL : row->choices ? row->choices : lct_option_type(row)->value;
    out->fallback = row->type == LCT_OPTION_BOOL ? "" : lct_option_fallback(row);
    char limits[sizeof out->limits];
    lct_option_limits(row, limits, sizeof limits);
    const char *bare = limits + strspn(limits, ", ");
    memcpy(out->limits, bare, strlen(bare) + 1);
}

static void print_flag(FILE *f, const struct lct_option_words *words, char letter)
{
    int n = letter ? fprintf(f, "  -%c, %s", letter, words->flag) : fprintf(f, "      %s", words->flag);
    if (words->value)
        n += fprintf(f, " %s", words->value);
    if (n > HELP_COLUMN - 2)
        fprintf(f, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(f, "%*s", HELP_COLUMN - n, "");
}

/* Words of `text` from column `at` on, wrapped; returns the column reached. */
static int print_wrapped(FILE *f, const char *text, int at, int width)
{
    while (*text) {
        const int n = (int)strcspn(text, " ");
        if (at > HELP_COLUMN && at + 1 + n > width) {
            fprintf(f, "\n%*s", HELP_COLUMN, "");
            at = HELP_COLUMN;
        }
        at += fprintf(f, "%s%.*s", at > HELP_COLUMN ? " " : "", n, text);
        text += n;
        text += strspn(text, " ");
    }
    return at;
}

static void print_row(FILE *f, const struct lct_option *row, int width)
{
    struct lct_option_words words;
    char facts[256];
    lct_option_say(row, &words);
    print_flag(f, &words, row->letter);
    const int at = print_wrapped(f, row->help, HELP_COLUMN, width);
    if (words.fallback[0] || words.limits[0]) {
        snprintf(facts, sizeof facts, "[%s%s%s]", words.fallback, words.fallback[0] && words.limits[0] ? ", " : "",
            words.limits);
        print_wrapped(f, facts, at, width);
    }
    fputc('\n', f);
}

enum lct_status lct_options_help(const struct lct_options *options, int width, char **out, struct lct_err *err)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (!f)
        return lct_fail(err, LCT_E_LIMIT, "help: no memory");
    for (size_t i = 0; i < options->table->n; i++)
        if (options->table->rows[i].commands & options->commands)
            print_row(f, &options->table->rows[i], width < MIN_WIDTH ? MIN_WIDTH : width);
    if (fclose(f) != 0) {
        free(text);
        return lct_fail(err, LCT_E_LIMIT, "help: no memory");
    }
    *out = text;
    return LCT_OK;
}
