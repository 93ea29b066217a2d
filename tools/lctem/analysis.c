#include "after_words.h"
#include "analysis.h"

#include <lctem/analyze.h>
#include <lctem/number.h>

#include <math.h>
#include <stdio.h>

/* A number with its error, or a dash. */
static void print_pair(double x, double sd, int width)
{
    char text[LCT_NUMBER_PAIR];
    if (isfinite(x) && !isfinite(sd))
        snprintf(text, sizeof text, "%.3g", x);
    else
        lct_number_pair(text, x, sd, " +- ");
    printf(" %*s", width, text);
}

static void print_crack_row(const struct lct_crack_summary *s)
{
    if (s->particle)
        printf("  %-8d", s->particle);
    else
        printf("  %-8s", "all");
    printf(" %6ld %6ld", s->n, s->healed);
    print_pair(s->width_nm, (double)NAN, 8);
    print_pair(s->lifetime_s, s->lifetime_sd_s, 14);
    printf(" %6ld %7ld %6ld", s->middle, s->between, s->corner);
    print_pair(s->p_uniform, (double)NAN, 8);
    print_pair(s->p_facets, (double)NAN, 8);
    print_pair(s->delay_s, s->delay_sd_s, 14);
    print_pair(s->with_gap.nm_per_s, s->with_gap.sd_nm_per_s, 18);
    print_pair(s->without_gap.nm_per_s, s->without_gap.sd_nm_per_s, 18);
    printf("\n");
}

/* What cracks.json says, for a person. */
static void print_cracks(const struct lct_analysis *found)
{
    if (found->n_crack_rows == 0 || found->cracks[0].n == 0)
        return;
    printf("cracks in the rims (width: median over cracks of each one's median; where: along the facet; p: chance of "
           "being so uneven; growth: nm/s of the core's edge):\n");
    printf("  %-8s %6s %6s %8s %14s %6s %7s %6s %8s %8s %14s %18s %18s\n", "particle", "cracks", "healed", "width/nm",
        "lifetime/s", "middle", "between", "corner", "p(where)", "p(facet)", "until growth/s", "growth with gap",
        "without");
    for (int i = found->n_crack_rows > 2 ? 1 : 0; i < found->n_crack_rows; i++)
        if (found->cracks[i].n > 0)
            print_crack_row(&found->cracks[i]);
    if (found->n_crack_rows > 2)
        print_crack_row(&found->cracks[0]);
}

enum lct_status analysis_run(struct call *call, const char *movie, struct lct_err *err)
{
    const struct lct_recipe *recipe = &call->recipe;
    if (!recipe->output)
        return lct_fail(err, LCT_E_ARG, "%s: where to? give a folder with -o DIR", call->command->name);
    const struct lct_analyze_hooks hooks = { .progress = &call->progress,
        .log = &call->log,
        .command = call->command_line,
        .options = &call->options,
        .version = LCT_VERSION,
        .clock = cli_clock,
        .comm = call->comm };
    struct lct_analysis found = { 0 };
    const enum lct_status status = lct_analyze(&found, movie, recipe, &hooks, err);
    if (status != LCT_OK || lct_comm_rank(call->comm) > 0)
        return status;
    if (recipe->json)
        printf("{\"frames\": %ld, \"particles\": %d, \"events\": %ld, \"flagged\": %ld}\n", found.n_frames,
            found.n_particles, found.n_events, found.n_flagged);
    else if (!recipe->quiet) {
        printf("%s: %ld frame%s, %d particle%s, %ld event%s, %ld frame%s flagged\n", recipe->output, found.n_frames,
            found.n_frames == 1 ? "" : "s", found.n_particles, found.n_particles == 1 ? "" : "s", found.n_events,
            found.n_events == 1 ? "" : "s", found.n_flagged, found.n_flagged == 1 ? "" : "s");
        if (found.has_after)
            after_print_stages(NULL, &found.after);
        print_cracks(&found);
        printf("all of it, with pictures: %s/report.html\n", recipe->output);
    }
    if (recipe->strict && found.n_flagged > 0)
        return lct_fail(err, LCT_E_FLAGGED,
            "%s: %ld frames were flagged; see frames.csv, areas.csv and drift.csv there", recipe->output,
            found.n_flagged);
    return LCT_OK;
}
