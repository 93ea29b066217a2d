/* Which of the families of peaks are the two lattices. */
#include "moire_search.h"

#include <math.h>

/* How far from its place a sum may lie, in units of the resolution: closer than other peaks, since there are many sums. */
static const double SUM_NEAR = 0.8;

double moire_spacing_nm(const struct lct_lattice *l)
{
    return lct_vector_spacing_nm(&l->g, NULL);
}

double moire_apart(const struct lct_vector *a, const struct lct_vector *b)
{
    const double x = a->x - b->x, y = a->y - b->y, u = a->x + b->x, v = a->y + b->y, plus = x * x + y * y,
                 minus = u * u + v * v;
    return sqrt(plus < minus ? plus : minus);
}

void moire_group(struct moire_search *s)
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

bool moire_is_near(double d_nm, double wanted_nm, double frac)
{
    return fabs(d_nm / wanted_nm - 1.0) <= frac;
}

/* The strongest pair of families near the two spacings, in their order; else the strongest one for whichever it is nearer to. */
static void choose_guided(struct moire_search *s)
{
    const struct lct_moire_params *p = s->params;
    double best = 0;
    for (int i = 0; i < (int)s->n_families; i++)
        for (int k = 0; k < (int)s->n_families; k++) {
            const double di = moire_spacing_nm(&s->family[i]), dk = moire_spacing_nm(&s->family[k]);
            if (i == k || !moire_is_near(di, p->d1_nm, p->search_frac) || !moire_is_near(dk, p->d2_nm, p->search_frac)
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
        const double d = moire_spacing_nm(&s->family[i]), off1 = fabs(d / p->d1_nm - 1.0),
                     off2 = fabs(d / p->d2_nm - 1.0);
        int *one = off1 < off2 ? &s->first : &s->second;
        if (fmin(off1, off2) <= p->search_frac && *one < 0)
            *one = i;
    }
}

bool moire_is_sum(const struct moire_search *s, const struct lct_vector *v, const struct lct_lattice *a,
    const struct lct_lattice *b, int sign)
{
    for (int i = 0; i < a->fold; i++)
        for (int k = 0; k < b->fold; k++) {
            const struct lct_vector va = lct_lattice_star(a, i), vb = lct_lattice_star(b, k);
            const struct lct_vector sum = lct_vector_add(&va, &vb, sign);
            if (moire_apart(&sum, v) < SUM_NEAR * s->unit_per_nm)
                return true;
        }
    return false;
}

/* Does a vector of the star of c equal a + b or a - b? */
static bool is_sum(
    const struct moire_search *s, const struct lct_lattice *c, const struct lct_lattice *a, const struct lct_lattice *b)
{
    for (int j = 0; j < c->fold; j++) {
        const struct lct_vector v = lct_lattice_star(c, j);
        if (moire_is_sum(s, &v, a, b, 1) || moire_is_sum(s, &v, a, b, -1))
            return true;
    }
    return false;
}

/* A lattice that nobody asked for is one only if a wave fits it. */
static bool is_fitted(const struct moire_search *s, int i)
{
    for (int k = 0; k < s->family[i].n_members; k++)
        if (s->out->peaks[s->family[i].member[k]].wave.ok)
            return true;
    return false;
}

/* The strongest family finer (coarser) than b that is a sum of a and b; -1: none. A Moire is weaker than the lattices that make it;
 * a fifth allows for what the microscope takes from fine spacings. */
static int strongest_sum(const struct moire_search *s, int a, int b, bool finer)
{
    for (int c = 0; c < (int)s->n_families; c++) {
        const bool is_finer = moire_spacing_nm(&s->family[c]) < moire_spacing_nm(&s->family[b]);
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
static bool is_other_lattice(const struct moire_search *s, const struct lct_lattice *b, const struct lct_lattice *a)
{
    if (is_sum(s, b, a, a) || is_sum(s, a, b, b))
        return false;
    if (b->n_members > 1 && a->n_members > 1)
        return true;
    const struct lct_lattice *single = b->n_members == 1 ? b : a, *other = single == b ? a : b;
    const double step = 2 * M_PI / other->fold;
    const double angle = atan2(single->g.y, single->g.x) - atan2(other->g.y, other->g.x);
    return fabs(remainder(angle, step)) < MOIRE_MOST_TWIST_RAD && b->strength > 0.06 * a->strength;
}

/* The two strongest that do not follow from each other. Where b is coarser than a and a third family is their sum, b is the Moire
 * of the two others, unless their difference is the stronger one: then b is a lattice and that is the Moire. */
static void choose_blind(struct moire_search *s)
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
    if (moire_spacing_nm(&s->family[b]) > 1.2 * moire_spacing_nm(&s->family[a])) {
        const int sum = strongest_sum(s, a, b, true), difference = strongest_sum(s, a, b, false);
        if (sum >= 0 && (difference < 0 || s->family[sum].strength > 1.5 * s->family[difference].strength))
            b = sum;
    } else if (moire_spacing_nm(&s->family[a])
        > 1.2 * moire_spacing_nm(&s->family[b])) { /* the Moire is the strongest of all */
        const int sum = strongest_sum(s, b, a, true), difference = strongest_sum(s, b, a, false);
        if (sum >= 0 && (difference < 0 || s->family[sum].strength > 1.5 * s->family[difference].strength))
            a = sum;
    }
    const bool in_order = moire_spacing_nm(&s->family[a]) < moire_spacing_nm(&s->family[b]);
    s->first = in_order ? a : b;
    s->second = in_order ? b : a;
}

/* The strongest star of {10-10}, sqrt(3) times the spacing of {11-20}. */
static int find_ten(const struct moire_search *s, double d11_nm)
{
    for (int i = 0; i < (int)s->n_families; i++)
        if (s->family[i].fold == 6
            && moire_is_near(moire_spacing_nm(&s->family[i]), sqrt(3.0) * d11_nm, s->params->search_frac))
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

void moire_choose(struct moire_search *s)
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
