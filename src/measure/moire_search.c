#include <lctem/moire.h>

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
static const double SUM_NEAR = 0.8;          /* the same for sums, of which there are many */
static const double MOST_TWIST = 20.0 * M_PI / 180.0; /* of single rows of planes that belong together */
static const double LEAST_PERIODS =
    2.5; /* a Moire with fewer periods across the region cannot be told from background */

/* A search under way. */
struct search {
    struct lct_spectrum *spectrum;
    const struct lct_metric *metric;
    const struct lct_moire_params *params;
    struct lct_moire *out;
    double unit_per_nm; /* the resolution */
    struct lct_vector g[LCT_SPECTRUM_WAVES];
    double snr[LCT_SPECTRUM_WAVES];
    struct lct_lattice family[LCT_SPECTRUM_WAVES];
    size_t n_families;
    size_t n_found;              /* peaks that stand out by themselves; those behind them were looked for */
    int first, second;           /* families of the two lattices, -1: none */
    struct lct_lattice one, two; /* the two lattices: a family, or what stands in for it */
    int ten;                     /* family of the first lattice's {10-10}, -1: none */
};

static double spacing(const struct lct_lattice *l)
{
    return lct_vector_spacing_nm(&l->g, NULL);
}

static double apart(const struct lct_vector *a, const struct lct_vector *b)
{
    const double x = a->x - b->x, y = a->y - b->y, u = a->x + b->x, v = a->y + b->y, plus = x * x + y * y,
                 minus = u * u + v * v;
    return sqrt(plus < minus ? plus : minus);
}

static void group(struct search *s)
{
    struct lct_moire *m = s->out;
    for (size_t i = 0; i < m->n_peaks; i++) {
        m->peaks[i].g = s->g[i] = lct_metric_apply(s->metric, &m->peaks[i].wave);
        s->snr[i] = m->peaks[i].wave.snr;
    }
    /* a scan may distort by some per cent; but the other lattice must not be taken for it */
    const double gap = fabs(s->params->d2_nm / s->params->d1_nm - 1.0);
    const struct lct_lattice_params params = { .distortion_frac = isfinite(gap) ? fmin(0.03, 0.3 * gap) : 0.01,
        .slack_per_nm = 0.5 * s->unit_per_nm };
    s->n_families = lct_lattice_group(s->g, s->snr, m->n_peaks, &params, s->family);
}

static bool close_to(double d_nm, double wanted_nm, double frac)
{
    return fabs(d_nm / wanted_nm - 1.0) <= frac;
}

/* The strongest pair of families near the two spacings, in their order; else the strongest one for whichever it is nearer to. */
static void choose_guided(struct search *s)
{
    const struct lct_moire_params *p = s->params;
    double best = 0;
    for (int i = 0; i < (int)s->n_families; i++)
        for (int k = 0; k < (int)s->n_families; k++) {
            const double di = spacing(&s->family[i]), dk = spacing(&s->family[k]);
            if (i == k || !close_to(di, p->d1_nm, p->search_frac) || !close_to(dk, p->d2_nm, p->search_frac)
                || (di < dk) != (p->d1_nm < p->d2_nm))
                continue;
            /* both must be there: the weaker one decides */
            const double strength = fmin(s->family[i].strength, s->family[k].strength);
            if (strength > best) {
                best = strength;
                s->first = i;
                s->second = k;
            }
        }
    for (int i = 0; best <= 0 && i < (int)s->n_families; i++) {
        const double d = spacing(&s->family[i]), off1 = fabs(d / p->d1_nm - 1.0), off2 = fabs(d / p->d2_nm - 1.0);
        int *one = off1 < off2 ? &s->first : &s->second;
        if (fmin(off1, off2) <= p->search_frac && *one < 0)
            *one = i;
    }
}

/* Does a vector of the star of c equal a + sign b for some of the stars of a and b? */
static bool is_sum(
    const struct search *s, const struct lct_lattice *c, const struct lct_lattice *a, const struct lct_lattice *b)
{
    for (int i = 0; i < a->fold; i++)
        for (int k = 0; k < b->fold; k++) {
            const struct lct_vector va = lct_lattice_star(a, i), vb = lct_lattice_star(b, k);
            for (int sign = -1; sign <= 1; sign += 2) {
                const struct lct_vector sum = lct_vector_add(&va, &vb, sign);
                for (int j = 0; j < c->fold; j++) {
                    const struct lct_vector vc = lct_lattice_star(c, j);
                    if (apart(&sum, &vc) < SUM_NEAR * s->unit_per_nm)
                        return true;
                }
            }
        }
    return false;
}

/* A lattice that nobody asked for is one only if a wave fits it. */
static bool is_fitted(const struct search *s, int i)
{
    for (int k = 0; k < s->family[i].n_members; k++)
        if (s->out->peaks[s->family[i].member[k]].wave.ok)
            return true;
    return false;
}

/* The strongest family finer (coarser) than b that is a sum of a and b; -1: none. A Moire is weaker than the lattices that make it;
 * a fifth allows for what the microscope takes from fine spacings. */
static int strongest_sum(const struct search *s, int a, int b, bool finer)
{
    for (int c = 0; c < (int)s->n_families; c++) {
        const bool is_finer = spacing(&s->family[c]) < spacing(&s->family[b]);
        if (finer && s->family[c].strength < 0.2 * s->family[b].strength)
            continue;
        if (c != a && c != b && is_finer == finer && is_fitted(s, c)
            && is_sum(s, &s->family[c], &s->family[a], &s->family[b]))
            return c;
    }
    return -1;
}

/* Could b be a lattice of its own beside a? Neither may be a sum of vectors of the other's star; single rows of planes must be about
 * as strong and nearly parallel, since one crystal shows many of them. */
static bool is_other_lattice(const struct search *s, const struct lct_lattice *b, const struct lct_lattice *a)
{
    if (is_sum(s, b, a, a) || is_sum(s, a, b, b))
        return false;
    if (b->n_members > 1 && a->n_members > 1)
        return true;
    const struct lct_lattice *single = b->n_members == 1 ? b : a, *other = single == b ? a : b;
    const double step = 2 * M_PI / other->fold;
    const double angle = atan2(single->g.y, single->g.x) - atan2(other->g.y, other->g.x);
    return fabs(remainder(angle, step)) < MOST_TWIST && b->strength > 0.06 * a->strength;
}

/* The two strongest that do not follow from each other. Where b is coarser than a and a third family is their sum, b is the Moire
 * of the two others, unless their difference is the stronger one: then b is a lattice and that is the Moire. */
static void choose_blind(struct search *s)
{
    for (int i = 0; i < (int)s->n_families && s->second < 0; i++) {
        if (!is_fitted(s, i))
            continue;
        if (s->first < 0)
            s->first = i;
        else if (is_other_lattice(s, &s->family[i], &s->family[s->first]))
            s->second = i;
    }
    if (s->second < 0)
        return;
    int a = s->first, b = s->second;
    if (spacing(&s->family[b]) > 1.2 * spacing(&s->family[a])) {
        const int sum = strongest_sum(s, a, b, true), difference = strongest_sum(s, a, b, false);
        if (sum >= 0 && (difference < 0 || s->family[sum].strength > 1.5 * s->family[difference].strength))
            b = sum;
    } else if (spacing(&s->family[a]) > 1.2 * spacing(&s->family[b])) { /* the Moire is the strongest of all */
        const int sum = strongest_sum(s, b, a, true), difference = strongest_sum(s, b, a, false);
        if (sum >= 0 && (difference < 0 || s->family[sum].strength > 1.5 * s->family[difference].strength))
            a = sum;
    }
    const bool in_order = spacing(&s->family[a]) < spacing(&s->family[b]);
    s->first = in_order ? a : b;
    s->second = in_order ? b : a;
}

/* The strongest star of {10-10}, sqrt(3) times the spacing of {11-20}. */
static int find_ten(const struct search *s, double d11_nm)
{
    for (int i = 0; i < (int)s->n_families; i++)
        if (s->family[i].fold == 6 && close_to(spacing(&s->family[i]), sqrt(3.0) * d11_nm, s->params->search_frac))
            return i;
    return -1;
}

/* {10-10} turned by 30 degrees and sqrt(3) longer, in place of a {11-20} that is not seen, or not all around. */
static void stand_in(const struct lct_lattice *ten, struct lct_lattice *out)
{
    const struct lct_vector g = lct_vector_turn(&ten->g, M_PI / 6);
    *out = *ten;
    out->g = (struct lct_vector){ sqrt(3.0) * g.x, sqrt(3.0) * g.y, 3 * g.xx, 3 * g.xy, 3 * g.yy };
}

static void choose(struct search *s)
{
    const struct lct_moire_params *p = s->params;
    struct lct_moire *m = s->out;
    s->first = s->second = -1;
    m->flags = 0;
    const bool blind = isnan(p->d1_nm) || isnan(p->d2_nm);
    if (blind)
        choose_blind(s);
    else
        choose_guided(s);
    if (s->first >= 0)
        s->one = s->family[s->first];
    if (s->second >= 0)
        s->two = s->family[s->second];
    m->has_g1 = s->first >= 0;
    m->has_g2 = s->second >= 0;
    s->ten = !blind && p->hexagonal_11 ? find_ten(s, p->d1_nm) : -1;
    if (s->ten >= 0 && (!m->has_g1 || s->one.n_members < s->family[s->ten].n_members)) {
        stand_in(&s->family[s->ten], &s->one);
        m->flags |= LCT_MOIRE_D1_FROM_10;
        m->has_g1 = true;
    }
    if (!blind && p->hexagonal_11) /* even where the border of the spectrum hides all peaks but one */
        s->one.fold = s->two.fold = 6;
}

/* Turn `l` so that its vector lies nearest in direction to `g`. */
static struct lct_vector towards(const struct lct_lattice *l, const struct lct_vector *g)
{
    const double step = 2 * M_PI / l->fold;
    const double between = atan2(g->y, g->x) - atan2(l->g.y, l->g.x);
    return lct_vector_turn(&l->g, step * round(between / step));
}

/* Neighbouring vectors of the two stars, and how many such pairs there are up to sign. */
static int pair_up(struct search *s)
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

static int peak_near(const struct search *s, const struct lct_vector *v, double radius)
{
    int best = -1;
    double least = radius * s->unit_per_nm;
    for (size_t i = 0; i < s->out->n_peaks; i++) {
        const double d = apart(&s->out->peaks[i].g, v);
        if (d < least) {
            least = d;
            best = (int)i;
        }
    }
    return best;
}

/* Look for a peak at `v` where the search over the whole spectrum, which has to be strict, found none. */
static void probe(struct search *s, const struct lct_vector *v)
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

static void probe_star(struct search *s, const struct lct_lattice *l)
{
    for (int k = 0; k < l->fold / 2; k++) {
        const struct lct_vector v = lct_lattice_star(l, k);
        probe(s, &v);
    }
}

static bool coarse(const struct search *s, const struct lct_vector *v)
{
    return hypot(v->x, v->y) < LEAST_PERIODS * s->unit_per_nm;
}

/* More peaks where the lattices and their Moire should have them. */
static void complete(struct search *s)
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

static void fit(struct search *s)
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

static void assign(struct search *s, const struct lct_lattice *l, const char *name)
{
    for (int i = 0; i < l->n_members; i++)
        snprintf(s->out->peaks[l->member[i]].assigned, sizeof s->out->peaks[0].assigned, "%s", name);
}

/* The peaks at g1 - g2, as one vector. */
static bool find_moire(struct search *s, int pairs, struct lct_vector *out)
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
static bool find_moire_alone(struct search *s, struct lct_vector *out)
{
    struct lct_moire *m = s->out;
    const struct lct_moire_params *p = s->params;
    const double expected = lct_moire_parallel_nm(p->d1_nm, p->d2_nm);
    for (size_t i = 0; i < s->n_families; i++) {
        const struct lct_lattice *f = &s->family[i];
        if (f->fold != 6 || !close_to(spacing(f), expected, 0.15) || coarse(s, &f->g))
            continue;
        if (!m->has_g1) {
            assign(s, f, "moire");
            *out = f->g;
            return true;
        }
        const struct lct_vector along = lct_vector_turn(&s->one.g, 0);
        const struct lct_vector g = towards(f, &along),
                                g2 = lct_vector_add(&along, &g, p->d1_nm < p->d2_nm ? -1.0 : 1.0);
        if (!close_to(lct_vector_spacing_nm(&g2, NULL), p->d2_nm, p->search_frac))
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

static bool fits(const struct search *s, const struct lct_lattice *a, const struct lct_lattice *b, int sign,
    const struct lct_vector *g)
{
    for (int i = 0; i < a->fold; i++)
        for (int k = 0; k < b->fold; k++) {
            const struct lct_vector va = lct_lattice_star(a, i), vb = lct_lattice_star(b, k);
            const struct lct_vector sum = lct_vector_add(&va, &vb, sign);
            if (apart(&sum, g) < SUM_NEAR * s->unit_per_nm)
                return true;
        }
    return false;
}

/* Name what follows from the two lattices, so that nobody takes it for another one. */
static void name_sums(struct search *s)
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
                if (parts[a].lattice && parts[b].lattice && fits(s, parts[a].lattice, parts[b].lattice, 1, &p->g))
                    snprintf(p->assigned, sizeof p->assigned, "%.18s+%.18s", parts[a].name, parts[b].name);
    }
}

static bool beyond_nyquist(const struct search *s, double d_nm)
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

static void finish(struct search *s)
{
    struct lct_moire *m = s->out;
    const struct lct_moire_params *p = s->params;
    struct lct_vector peak;
    bool has_peak = false;
    group(s);
    choose(s);
    if (s->first >= 0)
        assign(s, &s->family[s->first], p->name1);
    if (s->second >= 0)
        assign(s, &s->two, p->name2);
    if (s->ten >= 0)
        assign(s, &s->family[s->ten], p->name1_10);
    const bool guided = isfinite(p->d1_nm) && isfinite(p->d2_nm);
    if (m->has_g1 && m->has_g2) {
        const int pairs = pair_up(s);
        if (pairs == 1 && angle_between(&m->g1, &m->g2) > MOST_TWIST)
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
    struct search s = { .spectrum = spectrum, .metric = metric, .params = params, .out = out };
    struct lct_wave waves[LCT_SPECTRUM_WAVES];
    double x, y;
    memset(out, 0, sizeof *out);
    lct_spectrum_resolution(spectrum, &x, &y);
    s.unit_per_nm = fmax(hypot(metric->m[0] * x, metric->m[2] * x), hypot(metric->m[1] * y, metric->m[3] * y));
    out->n_peaks = s.n_found = lct_spectrum_find(spectrum, &params->peaks, waves);
    for (size_t i = 0; i < out->n_peaks; i++)
        out->peaks[i].wave = waves[i];
    group(&s);
    choose(&s);
    complete(&s);
    fit(&s);
    finish(&s);
}
