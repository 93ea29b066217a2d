#include <lctem/mc_scan.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_VALUES = 10000 };

static bool add_value(struct lct_mc_axis *a, const char *text, size_t length)
{
    char **values = realloc(a->values, (a->n + 1) * sizeof *values);
    if (!values)
        return false;
    a->values = values;
    values[a->n] = strndup(text, length);
    return values[a->n] && ++a->n;
}

static bool add_list(struct lct_mc_axis *a, const char *text)
{
    for (;;) {
        const size_t length = strcspn(text, ",");
        if (length == 0 || a->n == MAX_VALUES || !add_value(a, text, length))
            return false;
        if (!text[length])
            return true;
        text += length + 1;
    }
}

static bool add_range(struct lct_mc_axis *a, const char *text)
{
    double from, to, step;
    int used = 0;
    const bool times = sscanf(text, "%lf:%lf:*%lf%n", &from, &to, &step, &used) == 3 && text[used] == '\0';
    if (!times && (sscanf(text, "%lf:%lf:%lf%n", &from, &to, &step, &used) != 3 || text[used]))
        return false;
    if (times ? !(from > 0 && to >= from && step > 1) : !(step != 0 && (to - from) / step >= 0))
        return false;
    const double n = floor((times ? log(to / from) / log(step) : (to - from) / step) + 1e-9);
    for (int k = 0; k <= n; k++) {
        char value[40];
        /* twelve digits: -30 + 3 x 0.1 is meant to be -29.7 */
        const int length = snprintf(value, sizeof value, "%.12g", times ? from * pow(step, k) : from + k * step);
        if (a->n == MAX_VALUES || !add_value(a, value, (size_t)length))
            return false;
    }
    return n >= 0;
}

enum lct_status lct_mc_axis_init(struct lct_mc_axis *out, const char *text, struct lct_err *err)
{
    struct lct_mc_axis a = { 0 };
    const char *equals = strchr(text, '=');
    if (equals && equals > text)
        a.key = strndup(text, (size_t)(equals - text));
    if (!a.key || !(strchr(equals, ':') ? add_range(&a, equals + 1) : add_list(&a, equals + 1))) {
        lct_mc_axis_finish(&a);
        return lct_fail(err, LCT_E_ARG,
            "grid: '%.60s' is not KEY=A:B:STEP, KEY=A:B:*FACTOR or KEY=a,b,c with at most %d values", text, MAX_VALUES);
    }
    *out = a;
    return LCT_OK;
}

void lct_mc_axis_finish(struct lct_mc_axis *a)
{
    for (size_t i = 0; i < a->n; i++)
        free(a->values[i]);
    free(a->values);
    free(a->key);
    *a = (struct lct_mc_axis){ 0 };
}

void lct_mc_scan_summarise(
    struct lct_mc_scan_point *out, const struct lct_mc_passage *passages, size_t n, uint64_t seed)
{
    struct lct_mc_scan_point o = { 0 };
    struct lct_mc_estimate medians;
    o.bare = lct_mc_waiting_of(passages, n, false, seed);
    o.shell = lct_mc_waiting_of(passages, n, true, seed);
    lct_mc_ratio_of(passages, n, seed, &o.ratio, &medians);
    for (size_t i = 0; i < n; i++) {
        o.attempts += (double)passages[i].attempts;
        o.events += (double)passages[i].events;
    }
    const bool most = 2 * o.shell.doubled > o.shell.n && 2 * o.bare.doubled > o.bare.n;
    o.persists = most && o.shell.onset.value >= 3e3 && o.shell.onset.value <= 3e4;
    o.ratio_twenty = most && o.ratio.value >= 12 && o.ratio.value <= 33;
    o.cost_three = most && o.shell.exposure_cost_kt.value >= 2 && o.shell.exposure_cost_kt.value <= 4;
    o.shell_unchanged = most && o.shell.shell_area_change >= 0.75 && o.shell.shell_area_change <= 1.25;
    *out = o;
}

const struct lct_column lct_mc_scan_columns[] = {
    { "replicas", "", "of each kind" },
    { "bare_doubled", "", "replicas without shell that doubled" },
    { "bare_mean_steps", "steps", "mean doubling time without shell; censored: total time / doubled" },
    { "bare_mean_low_steps", "steps", "lower end of its 95 % interval" },
    { "bare_mean_high_steps", "steps", "upper end" },
    { "shell_doubled", "", "replicas with shell that doubled" },
    { "shell_mean_steps", "steps", "mean doubling time with shell" },
    { "shell_mean_low_steps", "steps", "lower end of its 95 % interval" },
    { "shell_mean_high_steps", "steps", "upper end" },
    { "ratio", "", "with shell over without" },
    { "ratio_low", "", "lower end of its 95 % interval" },
    { "ratio_high", "", "upper end" },
    { "onset_steps", "steps", "persistence: mean time of the last rise of the core 5 % above its start" },
    { "onset_low_steps", "steps", "lower end of its 95 % interval" },
    { "onset_high_steps", "steps", "upper end" },
    { "onset_share_frac", "frac", "onset over doubling time" },
    { "exposure_cost_kt", "kT",
        "-ln(time exposed / time covered) before the productive crack opened; empty: no crack ever healed" },
    { "exposed_frac", "frac", "share of that time with exposed core" },
    { "shell_area_change", "", "shell area at the end over that at the start" },
    { "core_area_change", "", "core area at the end over that at the start" },
    { "dissolved", "", "replicas with shell whose core dissolved" },
    { "gamma_shape", "", "of the doubling times with shell; 1: exponential" },
    { "events", "", "accepted moves, all replicas" },
    { "matches", "",
        "which of the paper's results hold: P persistence 3e3..3e4, R ratio 12..33, C cost 2..4 kT, S shell area +-25 "
        "%" },
};

void lct_mc_scan_cells(const struct lct_mc_scan_point *p, struct lct_cell cells[LCT_MC_SCAN_COLUMNS])
{
    static const char *const letters[16] = { "none", "P", "R", "PR", "C", "PC", "RC", "PRC", "S", "PS", "RS", "PRS",
        "CS", "PCS", "RCS", "PRCS" };
    const int which = p->persists + 2 * p->ratio_twenty + 4 * p->cost_three + 8 * p->shell_unchanged;
    const struct lct_cell row[LCT_MC_SCAN_COLUMNS] = { lct_int((long)p->shell.n), lct_int((long)p->bare.doubled),
        lct_num(p->bare.mean.value), lct_num(p->bare.mean.low), lct_num(p->bare.mean.high),
        lct_int((long)p->shell.doubled), lct_num(p->shell.mean.value), lct_num(p->shell.mean.low),
        lct_num(p->shell.mean.high), lct_num(p->ratio.value), lct_num(p->ratio.low), lct_num(p->ratio.high),
        lct_num(p->shell.onset.value), lct_num(p->shell.onset.low), lct_num(p->shell.onset.high),
        lct_num(p->shell.onset.value / p->shell.mean.value), lct_num(p->shell.exposure_cost_kt.value),
        lct_num(p->shell.exposed_frac), lct_num(p->shell.shell_area_change), lct_num(p->shell.core_area_change),
        lct_int((long)p->shell.dissolved), lct_num(p->shell.gamma_shape), lct_num(p->events),
        lct_text(letters[which]) };
    memcpy(cells, row, sizeof row);
}
