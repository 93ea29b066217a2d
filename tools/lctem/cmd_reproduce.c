/* lctem reproduce: the paper's numbers beside ours */
#include "cli.h"
#include "mc_picture.h"

#include <lctem/file.h>
#include <lctem/parallel.h>
#include <lctem/reproduce.h>
#include <lctem/table.h>
#include <lctem/number.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct job {
    const char *dir;
    bool quiet;
    char command[600]; /* of the row before */
};

static void print_value(double x, double sd)
{
    char text[LCT_NUMBER_PAIR];
    printf(" %21s", lct_number_pair(text, x, sd, " +- "));
}

/* A line for each row; before it the command, where it is another than that of the row before. */
static void tell(void *context, const struct lct_claim_row *r)
{
    struct job *j = context;
    if (j->quiet)
        return;
    if (r->command[0] && strcmp(j->command, r->command) != 0)
        printf("$ %s\n", r->command);
    if (r->command[0])
        snprintf(j->command, sizeof j->command, "%s", r->command);
    printf("  %-8s %-58.58s %-6s", r->figure, r->quantity, r->unit);
    if (isfinite(r->paper))
        printf(" %9.6g", r->paper);
    else
        printf(" %9.9s", r->said[0] ? "words" : "-");
    print_value(r->ours, r->ours_sd);
    printf("  %s%s%s%s\n", r->verdict == LCT_CLAIM_UNKNOWN ? "cannot be computed" : lct_claim_verdict_text(r->verdict),
        r->note[0] ? " (" : "", r->note, r->note[0] ? ")" : "");
    fflush(stdout);
}

/* figures/5a: the start, each 10 000 steps, and the last state, which comes whenever the core has doubled. */
static enum lct_status picture(void *context, const struct lct_mc_frame *f, struct lct_err *err)
{
    const struct job *j = context;
    const struct lct_mc_params p = lct_mc_defaults();
    const struct mc_columns columns = { p.nx, p.ny, p.nz, f->occupancy, 14 };
    const uint64_t apart = 10000;
    char name[64];
    if (f->step % apart == 0)
        snprintf(name, sizeof name, "figures/5a/%llu.png", (unsigned long long)(f->step / apart));
    else
        snprintf(name, sizeof name, "figures/5a/last.png");
    char *path = lct_file_join(j->dir, name);
    const enum lct_status s = path ? mc_picture_write(&columns, path, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    free(path);
    return s;
}

static void draw(void *context, const char *folder, const char *script)
{
    (void)context;
    (void)cli_gnuplot(folder, script);
}

static enum lct_status check(const struct call *call, const char *dir, struct lct_err *err)
{
    char *path = lct_file_join(dir, "reproduce.csv");
    const bool there = path && access(path, F_OK) == 0;
    free(path);
    return there && !call->recipe.force ? lct_fail(
               err, LCT_E_OUTPUT, "%s: holds a reproduction; --force overwrites it, -o DIR takes another folder", dir)
                                        : LCT_OK;
}

enum lct_status cmd_reproduce(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *r = &call->recipe;
    struct job j = { .dir = r->output ? r->output : "reproduction", .quiet = r->quiet };
    const struct lct_reproduce_params params = { .output = j.dir,
        .quick = r->quick,
        .threads = r->threads == LCT_OPTION_AUTO ? lct_parallel_cores() : (int)r->threads };
    const struct lct_reproduce_hooks hooks = {
        .progress = &call->progress, .row = tell, .picture = picture, .draw = draw, .context = &j
    };
    struct lct_reproduction found;
    enum lct_status s = check(call, j.dir, err);
    if (s == LCT_OK)
        s = lct_reproduce_run(&found, &params, &hooks, err);
    if (s == LCT_OK && !r->quiet) {
        printf("%s: %zu rows:", j.dir, found.n);
        for (int v = 0; v < LCT_CLAIM_VERDICTS; v++)
            printf(" %zu %s%s", found.count[v], lct_claim_verdict_text((enum lct_claim_verdict)v),
                v + 1 < LCT_CLAIM_VERDICTS ? "," : "\n");
    }
    return s;
}
