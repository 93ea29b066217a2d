/* Looking for the peaks of two lattices and of their Moire. */
#include "moire_search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double PROBE_POWER =
    9.0; /* over noise, at a place where a peak is expected: e^-9 for each of a few bins */
static const double FAMILY_POWER = 14.0; /* of all members of the Moire together */
static const double SURE_POWER = 60.0,
                    UNFITTED_VARIANCE = 4.0; /* of a spot that no wave fits; of its place, over that of a start */
static const double NEAR = 1.3;              /* how far from its place a peak may lie, in units of the resolution */
static const double LEAST_PERIODS =
    2.5; /* a Moire with fewer periods across the region cannot be told from background */

/* Turn `l` so that its vector lies nearest in direction to `g`. */
static struct lct_vector towards(const struct lct_lattice *l, const struct lct_vector *g)
{
    const double step = 2 * M_PI / l->fold;
    const double between = atan2(g->y, g->x) - atan2(l->g.y, l->g.x);
    return lct_vector_turn(&l->g, step * round(between / step));
}

/* Neighbouring vectors of the two stars, and how many such pairs there are up to sign. */
static int pair_up(struct moire_search *s)
{
    struct lct_moire *m = s->out;
    m->g1 = s->one.g;
    m->g2 = s->two.g;
    if (s->two.fold >= s->one.fold)
        m->g2 = towards(&s->two, &m->g1);
    else
        m->g1 = towards(&s->one, &m->g2);
    return (s->one.fold < s->two.fold ? s->one.fold : s->two.fold) / 2;
}

static int peak_near(const struct moire_search *s, const struct lct_vector *v, double radius)
{
    int best = -1;
    double least = radius * s->unit_per_nm;
    for (size_t i = 0; i < s->out->n_peaks; i++) {
        const double d = moire_apart(&s->out->peaks[i].g, v);
        if (d < least) {
            least = d;
            best = (int)i;
        }
    }
    return best;
}

/* Look for a peak at `v` where the search over the whole spectrum, which has to be strict, found none. */
static void probe(struct moire_search *s, const struct lct_vector *v)
{
    struct lct_moire *m = s->out;
    struct lct_wave wave;
    double gx, gy;
    if (m->n_peaks == LCT_SPECTRUM_WAVES || peak_near(s, v, NEAR) >= 0)
        return;
    lct_metric_invert(s->metric, v->x, v->y, &gx, &gy);
    if (lct_spectrum_probe(s->spectrum, gx, gy, 1.0, &wave) < PROBE_POWER)
        return;
    struct lct_peak *p = &m->peaks[m->n_peaks];
    *p = (struct lct_peak){ .wave = wave, .g = lct_metric_apply(s->metric, &wave) };
    if (peak_near(s, &p->g, 0.9) < 0) /* not the flank of one that is known */
        m->n_peaks++;
}

static void probe_star(struct moire_search *s, const struct lct_lattice *l)
{
    for (int k = 0; k < l->fold / 2; k++) {
        const struct lct_vector v = lct_lattice_star(l, k);
        probe(s, &v);
    }
}

static bool coarse(const struct moire_search *s, const struct lct_vector *v)
{
    return hypot(v->x, v->y) < LEAST_PERIODS * s->unit_per_nm;
}

/* More peaks where the lattices and their Moire should have them. */
static void complete(struct moire_search *s)
{
    const struct lct_moire *m = s->out;
    if (s->first >= 0)
        probe_star(s, &s->family[s->first]);
    if (s->ten >= 0)
        probe_star(s, &s->family[s->ten]);
    if (s->second >= 0)
        probe_star(s, &s->two);
    if (!m->has_g1 || !m->has_g2)
        return;
    const int pairs = pair_up(s);
    const struct lct_vector v = lct_vector_add(&m->g1, &m->g2, -1.0);
    for (int k = 0; k < pairs && !coarse(s, &v); k++) {
        const struct lct_vector turned = lct_vector_turn(&v, M_PI * k / pairs);
        probe(s, &turned);
    }
}

/* Bent grains make spots that no plane wave fits: a bright one stays where it was found, less exactly placed. */
static bool take_unfitted(const struct lct_wave *found, struct lct_wave *out)
{
    *out = *found;
    out->ok = false;
    out->cov_xx *= UNFITTED_VARIANCE;
    out->cov_yy *= UNFITTED_VARIANCE;
    return found->snr * found->snr > SURE_POWER;
}

static void fit(struct moire_search *s)
{
    struct lct_moire *m = s->out;
    struct lct_wave waves[LCT_SPECTRUM_WAVES];
    size_t kept = 0;
    for (size_t i = 0; i < m->n_peaks; i++)
        waves[i] = m->peaks[i].wave;
    lct_spectrum_fit(s->spectrum, waves, m->n_peaks);
    for (size_t i = 0; i < m->n_peaks; i++)
        if (waves[i].ok ? waves[i].snr * waves[i].snr > PROBE_POWER
                        : i < s->n_found && take_unfitted(&m->peaks[i].wave, &waves[i]))
            m->peaks[kept++] = (struct lct_peak){ .wave = waves[i] };
    m->n_peaks = kept;
}

static void assign(struct moire_search *s, const struct lct_lattice *l, const char *name)
{
    for (int i = 0; i < l->n_members; i++)
        snprintf(s->out->peaks[l->member[i]].assigned, sizeof s->out->peaks[0].assigned, "%s", name);
}

/* The peaks at g1 - g2, as one vector. */
static bool find_moire(struct moire_search *s, int pairs, struct lct_vector *out)
{
    struct lct_moire *m = s->out;
    const struct lct_vector v = lct_vector_add(&m->g1, &m->g2, -1.0);
    struct lct_lattice l = { .fold = 2 * pairs };
    double power = 0;
    const bool finer =
        isnan(s->params->d1_nm) && hypot(v.x, v.y) > fmin(hypot(m->g1.x, m->g1.y), hypot(m->g2.x, m->g2.y));
    for (int k = 0; k < pairs && !coarse(s, &v) && !finer;
         k++) { /* finer than a lattice: a sum like others, no Moire */
        const struct lct_vector turned = lct_vector_turn(&v, M_PI * k / pairs);
        const int i = peak_near(s, &turned, NEAR);
        if (i < 0 || m->peaks[i].assigned[0])
            continue;
        power += s->snr[i] * s->snr[i];
        l.member[l.n_members++] = i;
    }
    if (power < FAMILY_POWER)
        return false;
    lct_lattice_fit(&l, s->g, s->snr);
    assign(s, &l, "moire");
    *out = towards(&l, &v);
    return true;
}

/* The pixels are too coarse for the second lattice: a family near the expected period is the Moire if it makes g1 - g the second
 * lattice's spacing. The rim's {0003} fringes and other neighbours do not. */
static bool find_moire_alone(struct moire_search *s, struct lct_vector *out)
{
    struct lct_moire *m = s->out;
    const struct lct_moire_params *p = s->params;
    const double expected = lct_moire_parallel_nm(p->d1_nm, p->d2_nm);
    for (size_t i = 0; i < s->n_families; i++) {
        const struct lct_lattice *f = &s->family[i];
        if (f->fold != 6 || !moire_is_near(moire_spacing_nm(f), expected, 0.15) || coarse(s, &f->g))
            continue;
        if (!m->has_g1) {
            assign(s, f, "moire");
            *out = f->g;
            return true;
        }
        const struct lct_vector along = lct_vector_turn(&s->one.g, 0);
        const struct lct_vector g = towards(f, &along),
                                g2 = lct_vector_add(&along, &g, p->d1_nm < p->d2_nm ? -1.0 : 1.0);
        if (!moire_is_near(lct_vector_spacing_nm(&g2, NULL), p->d2_nm, p->search_frac))
            continue;
        assign(s, f, "moire");
        m->g1 = along;
        m->g2 = g2;
        *out = g;
        if (p->d1_nm > p->d2_nm) {
            out->x = -g.x;
            out->y = -g.y;
        }
        m->has_g2 = true;
        m->flags |= LCT_MOIRE_D2_FROM_MOIRE;
        return true;
    }
    return false;
}

/* Name what follows from the two lattices, so that nobody takes it for another one. */
static void name_sums(struct moire_search *s)
{
    struct lct_moire *m = s->out;
    for (size_t i = 0; i < m->n_peaks; i++) {
        struct lct_peak *p = &m->peaks[i];
        if (p->assigned[0])
            continue;
        const int n = s->out->has_g2 && s->second >= 0 ? 3 : 2;
        const struct {
            const struct lct_lattice *lattice;
            const char *name;
        } parts[3] = { { m->has_g1 ? &s->one : NULL, s->params->name1 },
            { s->ten >= 0 ? &s->family[s->ten] : NULL, s->params->name1_10 }, { &s->two, s->params->name2 } };
        for (int a = 0; a < n && !p->assigned[0]; a++)
            for (int b = a; b < n && !p->assigned[0]; b++)
                if (parts[a].lattice && parts[b].lattice
                    && moire_is_sum(s, &p->g, parts[a].lattice, parts[b].lattice, 1))
                    snprintf(p->assigned, sizeof p->assigned, "%.18s+%.18s", parts[a].name, parts[b].name);
    }
}

static bool beyond_nyquist(const struct moire_search *s, double d_nm)
{
    double gx, gy;
    lct_metric_invert(s->metric, 1.0 / d_nm, 0.0, &gx, &gy);
    return hypot(gx, gy) >= 0.5;
}

static double angle_between(const struct lct_vector *a, const struct lct_vector *b)
{
    return fabs(atan2(a->x * b->y - a->y * b->x, a->x * b->x + a->y * b->y));
}

static bool distorted(const struct lct_lattice *l)
{
    return l->n_members > 1 && l->chi2 > 4.0 * 2.0 * (l->n_members - 1);
}

static void finish(struct moire_search *s)
{
    struct lct_moire *m = s->out;
    const struct lct_moire_params *p = s->params;
    struct lct_vector peak;
    bool has_peak = false;
    moire_group(s);
    moire_choose(s);
    if (s->first >= 0)
        assign(s, &s->family[s->first], p->name1);
    if (s->second >= 0)
        assign(s, &s->two, p->name2);
    if (s->ten >= 0)
        assign(s, &s->family[s->ten], p->name1_10);
    const bool guided = isfinite(p->d1_nm) && isfinite(p->d2_nm);
    if (m->has_g1 && m->has_g2) {
        const int pairs = pair_up(s);
        if (pairs == 1 && angle_between(&m->g1, &m->g2) > MOIRE_MOST_TWIST_RAD)
            m->flags |= LCT_MOIRE_APART; /* two rows out of two stars, but not the same ones */
        else
            has_peak = find_moire(s, pairs, &peak);
    } else if (m->has_g1)
        m->g1 = s->one.g;
    else if (m->has_g2)
        m->g2 = s->two.g;
    if (guided && !m->has_g2)
        has_peak = find_moire_alone(s, &peak);
    name_sums(s);
    m->flags |= m->has_g1 ? 0U : LCT_MOIRE_NO_D1;
    m->flags |= m->has_g2 ? 0U : LCT_MOIRE_NO_D2;
    if (guided && s->first < 0 && beyond_nyquist(s, p->d1_nm))
        m->flags |= LCT_MOIRE_NYQUIST_D1;
    if (guided && s->second < 0 && beyond_nyquist(s, p->d2_nm))
        m->flags |= LCT_MOIRE_NYQUIST_D2;
    if ((m->has_g1 && distorted(&s->one)) || (s->second >= 0 && distorted(&s->two)))
        m->flags |= LCT_MOIRE_DISTORTED;
    lct_moire_conclude(m, has_peak ? &peak : NULL, p);
}

void lct_moire_measure(struct lct_spectrum *spectrum, const struct lct_metric *metric,
    const struct lct_moire_params *params, struct lct_moire *out)
{
    struct moire_search s = { .spectrum = spectrum, .metric = metric, .params = params, .out = out };
    struct lct_wave waves[LCT_SPECTRUM_WAVES];
    double x, y;
    memset(out, 0, sizeof *out);
    lct_spectrum_resolution(spectrum, &x, &y);
    s.unit_per_nm = fmax(hypot(metric->m[0] * x, metric->m[2] * x), hypot(metric->m[1] * y, metric->m[3] * y));
    out->n_peaks = s.n_found = lct_spectrum_find(spectrum, &params->peaks, waves);
    for (size_t i = 0; i < out->n_peaks; i++)
        out->peaks[i].wave = waves[i];
    moire_group(&s);
    moire_choose(&s);
    complete(&s);
    fit(&s);
    finish(&s);
}
