#include "measure.h"

#include <lctem/stats.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double sd_of(struct lct_mc_estimate e)
{
    return (e.high - e.low) / (2 * 1.96);
}

/* Where few doubled, why. */
static void explain(struct measured *out, const struct lct_mc_waiting *w, const char *which)
{
    if (w->doubled < w->n)
        snprintf(out->note, sizeof out->note, "%s: %zu of %zu doubled, %zu dissolved, %zu given up%s", which,
            w->doubled, w->n, w->dissolved, w->n - w->doubled - w->dissolved, w->doubled ? "; a bound" : "");
}

enum lct_status measure_ratio(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    const struct ensemble *e;
    const enum lct_status status = station_reading(s, c->reading, &e, err);
    if (status != LCT_OK)
        return status;
    explain(out, &e->bare, "bare");
    explain(out, &e->shell, "with shell");
    if (e->bare.doubled && e->shell.doubled) {
        out->value = e->ratio.value;
        out->sd = sd_of(e->ratio);
    }
    return LCT_OK;
}

enum lct_status measure_wait(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    const struct ensemble *e;
    const enum lct_status status = station_reading(s, c->reading, &e, err);
    if (status == LCT_OK) {
        explain(out, &e->shell, "with shell");
        out->value = e->shell.onset.value;
        out->sd = sd_of(e->shell.onset);
    }
    return status;
}

enum lct_status measure_cost(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    const struct ensemble *e;
    const enum lct_status status = station_reading(s, c->reading, &e, err);
    if (status != LCT_OK)
        return status;
    out->value = e->shell.exposure_cost_kt.value;
    out->sd = sd_of(e->shell.exposure_cost_kt);
    if (!isfinite(out->value)) {
        out->value = (double)NAN;
        snprintf(out->note, sizeof out->note, "no exposure healed before growth");
    }
    return LCT_OK;
}

enum lct_status measure_shell(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    const struct ensemble *e;
    const enum lct_status status = station_reading(s, c->reading, &e, err);
    if (status != LCT_OK)
        return status;
    double *change = malloc(e->n * sizeof *change);
    if (!change)
        return lct_fail(err, LCT_E_LIMIT, "reproduce: no memory");
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++)
        if (e->passages[i].shell && e->passages[i].end == LCT_MC_END_TARGET)
            change[n++] =
                (double)e->passages[i].finish.shell_area_sites / (double)e->passages[i].start.shell_area_sites;
    const struct lct_moments m = lct_stats_moments(change, n);
    free(change);
    explain(out, &e->shell, "with shell");
    out->value = m.mean;
    out->sd = sqrt(m.variance / (double)n);
    return LCT_OK;
}

enum lct_status measure_coexistence(
    struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    (void)c, (void)err;
    out->value = s->coexistence_kt.value;
    out->sd = s->coexistence_kt.sd;
    return LCT_OK;
}

enum lct_status measure_opening(struct measured *out, struct stations *s, const struct claim *c, struct lct_err *err)
{
    (void)err;
    const struct lct_mc_mean *m = &s->opening_kt[c->station == STATION_OPENING_ONE];
    out->value = m->value;
    out->sd = m->sd;
    return LCT_OK;
}
