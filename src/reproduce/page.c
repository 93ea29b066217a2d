#include "page.h"

#include "asset.h"

#include <lctem/file.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct page {
    FILE *file;
    char *text, *path, *output;
    size_t n;
    char command[600];
    char summary[4000]; /* one line for each reading, a cell for each of its rows */
};

static void write_asset(FILE *file, const char *name)
{
    for (const struct asset *a = reproduce_assets; a->name; a++)
        if (strcmp(a->name, name) == 0)
            fwrite(a->bytes, 1, a->n, file);
}

enum lct_status page_open(struct page **out, const struct lct_reproduce_params *params, struct lct_err *err)
{
    struct page *p = calloc(1, sizeof *p);
    if (p) {
        p->path = lct_file_join(params->output, "reproduction.md");
        p->output = strdup(params->output);
        p->file = open_memstream(&p->text, &p->n);
    }
    if (!p || !p->path || !p->output || !p->file) {
        page_abandon(&p);
        return lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    }
    write_asset(p->file, "head.md");
    *out = p;
    return LCT_OK;
}

/* The command with DIR for the output folder: a page does not say where it was made. */
static void write_command(struct page *p, const char *command)
{
    const size_t n = strlen(p->output);
    fputs("\n```\n", p->file);
    for (const char *at = command; *at;) {
        if (strncmp(at, p->output, n) == 0 && at[n] == '/' && (at == command || at[-1] == ' ')) {
            fputs("DIR", p->file);
            at += n;
        } else if (strncmp(at, " && ", 4) == 0) {
            fputc('\n', p->file);
            at += 4;
        } else {
            fputc(*at++, p->file);
        }
    }
    fputs("\n```\n", p->file);
}

static void write_paper(FILE *f, const struct lct_claim_row *r)
{
    if (isfinite(r->paper))
        fprintf(f, r->said[0] ? "%.6g (%s)" : "%.6g", r->paper, r->said);
    else
        fputs(r->said[0] ? r->said : "-", f);
}

static void write_ours(FILE *f, const struct lct_claim_row *r)
{
    if (isnan(r->ours))
        fputs("-", f);
    else if (r->ours_sd > 0)
        fprintf(f, "%.*g &plusmn; %.2g", r->ours_sd < 1e-3 * fabs(r->ours) ? 6 : 4, r->ours, r->ours_sd);
    else
        fprintf(f, "%.6g", r->ours);
}

/* A cell of the summary of readings, behind the reading's words if it is its first. */
static void summarise(struct page *p, const struct lct_claim_row *r, bool first)
{
    const size_t used = strlen(p->summary);
    char words[200] = "";
    if (first)
        snprintf(words, sizeof words, "%s| %s |", used ? "\n" : "", r->reading);
    snprintf(
        p->summary + used, sizeof p->summary - used, "%s %s |", words, r->verdict == LCT_CLAIM_AGREES ? "yes" : "no");
}

void page_row(struct page *p, const struct lct_claim_row *r)
{
    const bool first = strcmp(p->command, r->command) != 0 || p->command[0] == '\0';
    if (r->reading[0])
        summarise(p, r, first);
    if (first) {
        if (r->reading[0])
            fprintf(p->file, "\nThe model, %s:\n", r->reading);
        if (r->command[0])
            write_command(p, r->command);
        else if (p->command[0])
            fputs("\nNot measured on anything:\n", p->file);
        if (r->command[0] || p->command[0])
            fputs("\n| figure | quantity | unit | paper | ours | verdict |\n|---|---|---|---|---|---|\n", p->file);
        snprintf(p->command, sizeof p->command, "%s", r->command[0] ? r->command : "");
    }
    fprintf(p->file, "| %s | %s | %s | ", r->figure, r->quantity, r->unit);
    write_paper(p->file, r);
    fputs(" | ", p->file);
    write_ours(p->file, r);
    fprintf(p->file, " | %s%s%s |\n", lct_claim_verdict_text(r->verdict), r->note[0] ? ": " : "", r->note);
}

enum lct_status page_close(struct page **page, const struct lct_reproduction *found, struct lct_err *err)
{
    struct page *p = *page;
    if (!p)
        return LCT_OK;
    fprintf(p->file, "\nIn all %zu rows: ", found->n);
    for (int v = 0; v < LCT_CLAIM_VERDICTS; v++)
        fprintf(p->file, "%zu %s%s", found->count[v], lct_claim_verdict_text((enum lct_claim_verdict)v),
            v + 1 < LCT_CLAIM_VERDICTS ? ", " : ".\n");
    fprintf(p->file,
        "\nWhich reading of the recipe gives which of the printed results:\n\n| reading | ratio | wait | cost | shell "
        "|\n|---|---|---|---|---|\n%s\n",
        p->summary);
    write_asset(p->file, "figures.md");
    const bool whole = fclose(p->file) == 0;
    p->file = NULL;
    const enum lct_status status =
        whole ? lct_file_write(p->path, p->text, p->n, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", p->path);
    page_abandon(page);
    return status;
}

void page_abandon(struct page **page)
{
    struct page *p = *page;
    if (!p)
        return;
    if (p->file)
        fclose(p->file);
    free(p->text);
    free(p->path);
    free(p->output);
    free(p);
    *page = NULL;
}
