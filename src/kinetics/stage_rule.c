#include "stage_internal.h"

#include <lctem/area_rate.h>

#include <math.h>
#include <stdio.h>

enum { N_LABELS = 4 };
static const double STILL_FRAC = 0.05;    /* of the fastest core (or shell): slower is "stands still" */
static const double GONE_FRAC = 0.03;     /* of its largest core area: less is "gone" */
static const double CHANGED_FRAC = 0.05;  /* a core that changes by less over the movie is no part in the play */
static const double FAINT_FRAC = 0.5;     /* growth of core G over loss of core L: less is no clear transfer */
static const double EXPLAINED_FRAC = 0.8; /* of the movie, for the names to be used */

bool stage_cast(struct cast *out, const struct lct_curves *c, const struct segment *segments, size_t n)
{
    double most = 0.0, least = 0.0, largest = 0.0;
    struct cast cast = { 0 };
    for (size_t p = 0; p < c->n_particles; p++) {
        const double *core = lct_curves_row(c, c->core_nm2, p);
        const struct lct_curve_particle *q = &c->particles[p];
        if (q->cut || q->has_parent || q->is_parent) /* who splits or merges changes its name, not its size */
            continue;
        const double change = core[c->n_times - 1] - core[0];
        for (size_t t = 0; t < c->n_times; t++)
            largest = fmax(largest, core[t]);
        if (change > most) {
            most = change;
            cast.grower = p;
        }
        if (change < least) {
            least = change;
            cast.loser = p;
        }
    }
    cast.has_grower = most > CHANGED_FRAC * largest;
    cast.has_loser = least < -CHANGED_FRAC * largest;
    *out = cast;
    if (!cast.has_grower || !cast.has_loser)
        return false;
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) {
            const size_t p = k ? cast.loser : cast.grower;
            cast.core_slope = fmax(cast.core_slope, STILL_FRAC * fabs(segments[i].slope[2 * p]));
            cast.shell_slope = fmax(cast.shell_slope, STILL_FRAC * fabs(segments[i].slope[2 * p + 1]));
        }
    const double *core = lct_curves_row(c, c->core_nm2, cast.loser);
    for (size_t t = 0; t < c->n_times; t++)
        cast.loser_max_nm2 = fmax(cast.loser_max_nm2, core[t]);
    *out = cast;
    return true;
}

/* -1 shrinks, 0 stands still, 1 grows. */
static int moves(const struct segment *s, size_t curve, double still)
{
    const double slope = s->slope[curve];
    return slope > still ? 1 : slope < -still ? -1 : 0;
}

/* How well does the segment look like the label? 0 to 1. Where core L shrinks and core G grows much more slowly, that may be stage III
 * as it sets in, or stage I with a wandering level: it counts half for both, and the neighbours decide. */
static double score(const struct cast *cast, const struct segment *s, enum lct_stage_label label)
{
    const int core_g = moves(s, 2 * cast->grower, cast->core_slope),
              core_l = moves(s, 2 * cast->loser, cast->core_slope);
    const int shell_g = moves(s, 2 * cast->grower + 1, cast->shell_slope);
    const int shell_l = moves(s, 2 * cast->loser + 1, cast->shell_slope);
    const bool gone = s->core_at_start <= GONE_FRAC * cast->loser_max_nm2;
    const bool faint = core_g > 0 && s->slope[2 * cast->grower] < -FAINT_FRAC * s->slope[2 * cast->loser];
    switch (label) {
    case LCT_STAGE_I: return gone || core_l >= 0 ? 0.0 : core_g <= 0 ? 1.0 : faint ? 0.5 : 0.0;
    case LCT_STAGE_II: return !gone && core_g <= 0 && core_l >= 0 && (shell_g > 0 || shell_l < 0) ? 1.0 : 0.0;
    case LCT_STAGE_III: return gone || core_g <= 0 || core_l >= 0 ? 0.0 : faint ? 0.5 : 1.0;
    case LCT_STAGE_IV: return gone ? 1.0 : 0.0;
    default: return 0.0;
    }
}

bool stage_name_segments(
    const struct cast *cast, const struct segment *segments, size_t n, enum lct_stage_label *labels)
{
    enum { MAX_SEGMENTS = 64 };
    double best[MAX_SEGMENTS][N_LABELS], whole = 0.0;
    int before[MAX_SEGMENTS][N_LABELS];
    if (n == 0 || n > MAX_SEGMENTS)
        return false;
    for (size_t i = 0; i < n; i++) {
        const double length = segments[i].end_s - segments[i].start_s;
        whole += length;
        int from = 0; /* best label so far of the segment before: labels do not go back */
        for (int k = 0; k < N_LABELS; k++) {
            if (i && best[i - 1][k] > best[i - 1][from])
                from = k;
            best[i][k] =
                (i ? best[i - 1][from] : 0.0) + length * score(cast, &segments[i], (enum lct_stage_label)(k + 1));
            before[i][k] = from;
        }
    }
    int at = 0;
    for (int k = 1; k < N_LABELS; k++)
        if (best[n - 1][k] > best[n - 1][at])
            at = k;
    const bool explained = best[n - 1][at] >= EXPLAINED_FRAC * whole;
    bool third = false;
    for (size_t i = n; i-- > 0; at = before[i][at]) {
        labels[i] = (enum lct_stage_label)(at + 1);
        third |= labels[i] == LCT_STAGE_III && score(cast, &segments[i], LCT_STAGE_III) > 0.0;
    }
    return explained && third;
}

/* Decimals with which a sigma has two digits, or one from 3 on. */
static int decimals_of(double sd)
{
    enum { MOST = 6, USUAL = 2 };
    if (!(sd > 0.0))
        return USUAL;
    const double digits = ceil(-log10(sd / 2.95));
    return digits > MOST ? MOST : digits > 0.0 ? (int)digits : 0;
}

/* "core 2 shrinks (-9.79 +- 0.05 nm2/s, to 39.6 s)": the last where the particle is not there until the end. */
static size_t tell(
    char text[96], const struct lct_curves *c, size_t curve, const struct lct_rate *rate, const double stage_s[2])
{
    const struct lct_curve_particle *p = &c->particles[curve / 2];
    const bool late = c->times_s[p->first] > stage_s[0], early = c->times_s[p->last] < stage_s[1];
    const int digits = decimals_of(rate->rate_sd);
    char when[40] = "";
    if (late || early)
        snprintf(when, sizeof when, ", %s %.4g s", late ? "from" : "to", late ? rate->x_first : rate->x_last);
    const int n = snprintf(text, 96, "%s %d %s (%.*f +- %.*f %s/s%s)", curve % 2 ? "shell" : "core", p->id,
        rate->rate > 0 ? "grows" : "shrinks", digits, rate->rate, digits, rate->rate_sd, c->in_px ? "px2" : "nm2",
        when);
    return n > 0 ? (size_t)n : 0;
}

void stage_describe(char *text, size_t size, const struct lct_curves *c, double start_s, double end_s)
{
    static const double SURE = 4.0; /* sigmas */
    const double stage_s[2] = { start_s, end_s };
    size_t used = 0, measured = 0;
    text[0] = '\0';
    for (size_t k = 0; k < 2 * c->n_particles; k++) {
        const struct lct_area_stretch stretch = { k / 2, k % 2 ? LCT_QUANTITY_SHELL : LCT_QUANTITY_CORE, start_s,
            end_s };
        struct lct_rate rate;
        if (c->particles[k / 2].cut || lct_area_rate(c, &stretch, &rate, NULL) != LCT_OK)
            continue;
        measured++;
        const double moved = fabs(rate.rate) * (rate.x_last - rate.x_first);
        if (fabs(rate.rate) < SURE * rate.rate_sd || moved < 0.005 * c->particles[k / 2].max_total_nm2)
            continue;
        char part[96];
        const size_t n = tell(part, c, k, &rate, stage_s);
        if (used + n + 7 > size) {
            snprintf(text + used, size - used, " ...");
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "; " : "", part);
    }
    if (!used)
        snprintf(text, size, "%s", measured ? "nothing changes" : "too few frames to say");
}
