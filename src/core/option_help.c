#include "option_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 28, MIN_WIDTH = 50 };

static void print_flag(FILE *f, const struct lct_option *row)
{
    const char *value = row->choices ? row->choices : lct_option_type(row)->value;
    char flag[128];
    int n =
        row->letter ? snprintf(flag, sizeof flag, "  -%c, --", row->letter) : snprintf(flag, sizeof flag, "      --");
    for (const char *c = row->key; *c && n < 100; c++)
        flag[n++] = *c == '_' ? '-' : *c;
    flag[n] = '\0';
    const bool wanted = row->type != LCT_OPTION_BOOL;
    n = fprintf(f, "%s%s%s", flag, wanted ? " " : "", wanted ? value : "");
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
    char limits[96], facts[256];
    print_flag(f, row);
    const int at = print_wrapped(f, row->help, HELP_COLUMN, width);
    lct_option_limits(row, limits, sizeof limits);
    if (row->type != LCT_OPTION_BOOL && lct_option_fallback(row)[0]) {
        snprintf(facts, sizeof facts, "[%s%s]", lct_option_fallback(row), limits);
        print_wrapped(f, facts, at, width);
    } else if (limits[0]) {
        snprintf(facts, sizeof facts, "[%s]", limits + 2);
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
