#include <lctem/moire.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double NOT_MEASURED = (double)NAN;
static const double DEG = M_PI / 180.0;
static const double CONFLICT_CHI2 = 13.8; /* two degrees of freedom: one in a thousand by chance */

double lct_moire_parallel_nm(double d1_nm, double d2_nm)
{
    return d1_nm * d2_nm / fabs(d2_nm - d1_nm);
}

double lct_moire_twisted_nm(double d1_nm, double d2_nm, double twist_deg)
{
    /* written so that nothing cancels for equal spacings and small twists */
    const double half = sin(0.5 * twist_deg * DEG), apart = d2_nm - d1_nm;
    return d1_nm * d2_nm / sqrt(apart * apart + 4.0 * d1_nm * d2_nm * half * half);
}

struct lct_moire_params lct_moire_defaults(void)
{
    return (struct lct_moire_params){ .d1_nm = NOT_MEASURED,
        .d2_nm = NOT_MEASURED,
        .search_frac = 0.03,
        .name1 = "D1",
        .name2 = "D2",
        .name1_10 = "",
        .tolerance_sigma = 2.0,
        .tolerance_frac = 0.01,
        .peaks = lct_spectrum_defaults() };
}

const char *lct_moire_method_name(enum lct_moire_method method)
{
    static const char *const names[] = { "", "peak", "fringes", "peak+fringes" };
    return names[method];
}

void lct_moire_flag_words(unsigned flags, char *out, size_t size)
{
    static const char *const words[] = { "no_d1", "no_d2", "nyquist_d1", "nyquist_d2", "d1_from_10-10", "d2_from_moire",
        "nominal", "conflict", "distorted", "apart", "twisted" };
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((flags & 1U << i) && used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ";" : "", words[i]);
}

/* The independent vectors behind a result: g1, g2 and the peak; and how a quantity changes with each. */
struct sources {
    struct lct_vector v[3];
    bool g2_from_peak; /* then g2 = g1 - peak, and v[1] does not vary */
};
struct gradient {
    double d[3][2];
};

static double quadratic(const struct lct_vector *c, const double d[2])
{
    return d[0] * d[0] * c->xx + 2 * d[0] * d[1] * c->xy + d[1] * d[1] * c->yy;
}

/* The gradient is given as if g1, g2 and peak were free. */
static double variance(const struct sources *s, struct gradient g)
{
    if (s->g2_from_peak)
        for (int i = 0; i < 2; i++) {
            g.d[0][i] += g.d[1][i];
            g.d[2][i] -= g.d[1][i];
            g.d[1][i] = 0;
        }
    double sum = 0;
    for (int k = 0; k < 3; k++)
        sum += quadratic(&s->v[k], g.d[k]);
    return sum;
}

/* Unit vector along v, and across it (counter-clockwise). */
static double directions(const struct lct_vector *v, double along[2], double across[2])
{
    const double length = hypot(v->x, v->y);
    along[0] = v->x / length;
    along[1] = v->y / length;
    across[0] = -along[1];
    across[1] = along[0];
    return length;
}

/* Weights that average the peak and g1 - g2 by their covariances: W = C_v (C_p + C_v)^-1 for the peak, 1 - W for the other. */
static void weigh(const struct lct_vector *p, const struct lct_vector *v, double w[4])
{
    const double a = p->xx + v->xx, b = p->xy + v->xy, c = p->yy + v->yy, det = a * c - b * b;
    const double i[3] = { c / det, -b / det, a / det };
    w[0] = v->xx * i[0] + v->xy * i[1];
    w[1] = v->xx * i[1] + v->xy * i[2];
    w[2] = v->xy * i[0] + v->yy * i[1];
    w[3] = v->xy * i[1] + v->yy * i[2];
}

static bool conflict(const struct lct_vector *p, const struct lct_vector *v)
{
    const double a = p->xx + v->xx, b = p->xy + v->xy, c = p->yy + v->yy, x = p->x - v->x, y = p->y - v->y;
    return (c * x * x - 2 * b * x * y + a * y * y) / (a * c - b * b) > CONFLICT_CHI2;
}

/* The Moire vector out of what there is; `w` gets the weight of the peak. */
static void choose_moire(struct lct_moire *m, const struct lct_vector *peak, double w[4])
{
    const struct lct_vector v = lct_vector_add(&m->g1, &m->g2, -1.0);
    const bool both = m->has_g1 && m->has_g2 && !(m->flags & (LCT_MOIRE_D2_FROM_MOIRE | LCT_MOIRE_APART));
    memset(w, 0, 4 * sizeof *w);
    m->has_moire = peak || both;
    m->method = peak ? LCT_MOIRE_PEAK : both ? LCT_MOIRE_FRINGES : LCT_MOIRE_NONE;
    if (peak && both && conflict(peak, &v))
        m->flags |= LCT_MOIRE_CONFLICT;
    else if (peak && both) {
        m->method = LCT_MOIRE_PEAK_FRINGES;
        weigh(peak, &v, w);
        m->moire.x = v.x + w[0] * (peak->x - v.x) + w[1] * (peak->y - v.y);
        m->moire.y = v.y + w[2] * (peak->x - v.x) + w[3] * (peak->y - v.y);
        m->moire.xx = w[0] * peak->xx + w[1] * peak->xy;
        m->moire.xy = w[0] * peak->xy + w[1] * peak->yy;
        m->moire.yy = w[2] * peak->xy + w[3] * peak->yy;
        return;
    }
    w[0] = w[3] = peak ? 1.0 : 0.0;
    if (m->has_moire)
        m->moire = peak ? *peak : v;
}

/* D1, D2, twist, and the periods that follow from them. */
static void describe_lattices(struct lct_moire *m, const struct sources *s)
{
    double along[2][2], across[2][2], length[2];
    m->d1_nm = lct_vector_spacing_nm(&m->g1, &m->d1_sd_nm);
    m->d2_nm = lct_vector_spacing_nm(&m->g2, &m->d2_sd_nm);
    length[0] = directions(&m->g1, along[0], across[0]);
    length[1] = directions(&m->g2, along[1], across[1]);
    const double turn = atan2(m->g2.y, m->g2.x) - atan2(m->g1.y, m->g1.x);
    m->twist_deg = remainder(turn, 2 * M_PI) / DEG;
    const double sign = length[0] > length[1] ? 1.0 : -1.0, k4 = fabs(length[0] - length[1]);
    struct gradient twist = { 0 }, eq4 = { 0 }, d2 = { 0 };
    for (int i = 0; i < 2; i++) {
        twist.d[0][i] = -across[0][i] / length[0];
        twist.d[1][i] = across[1][i] / length[1];
        eq4.d[0][i] = sign * along[0][i];
        eq4.d[1][i] = -sign * along[1][i];
        d2.d[1][i] = along[1][i];
    }
    m->twist_sd_deg = sqrt(variance(s, twist)) / DEG;
    m->moire_eq4_nm = lct_moire_parallel_nm(m->d1_nm, m->d2_nm);
    m->moire_eq4_sd_nm = sqrt(variance(s, eq4)) / (k4 * k4);
    m->d2_sd_nm = sqrt(variance(s, d2)) / (length[1] * length[1]);
    m->moire_twist_nm = lct_moire_twisted_nm(m->d1_nm, m->d2_nm, m->twist_deg);
}

/* Error of |moire| - | |g1| - |g2| |, whose parts share g1, g2 and the peak. */
static double difference_sd(const struct lct_moire *m, const struct sources *s, const double w[4])
{
    double u[2], t[2], a1[2], a2[2], unused[2];
    const double k = directions(&m->moire, u, t);
    const double sign = directions(&m->g1, a1, unused) > directions(&m->g2, a2, unused) ? 1.0 : -1.0;
    const double wu[2] = { w[0] * u[0] + w[2] * u[1], w[1] * u[0] + w[3] * u[1] };
    struct gradient d;
    for (int i = 0; i < 2; i++) {
        d.d[0][i] = u[i] - wu[i] - sign * a1[i];
        d.d[1][i] = -(u[i] - wu[i]) + sign * a2[i];
        d.d[2][i] = wu[i];
    }
    /* of parallel lattices the first order vanishes where no peak counts: what is left is the square of the error across */
    const double across = quadratic(&m->moire, t) / k;
    return sqrt(variance(s, d) + 0.5 * across * across);
}

static void judge(struct lct_moire *m, const struct sources *s, const double w[4], const struct lct_moire_params *p)
{
    const double k = 1.0 / m->moire_nm, sd = difference_sd(m, s, w), difference = 1.0 / m->moire_eq4_nm - k;
    m->difference_percent = 100.0 * (m->moire_nm / m->moire_eq4_nm - 1.0);
    m->z = difference / sd;
    /* of a single row of planes the twist is all there is, and would explain anything */
    if (fabs(m->z) > 2.0 && fabs(m->twist_deg) > 3.0 * m->twist_sd_deg
        && !(m->flags & (LCT_MOIRE_CONFLICT | LCT_MOIRE_APART))
        && fabs(m->moire_twist_nm - m->moire_nm) < 0.3 * fabs(m->moire_eq4_nm - m->moire_nm))
        m->flags |= LCT_MOIRE_TWISTED;
    const bool agrees = fabs(difference) <= fmax(p->tolerance_sigma * sd, p->tolerance_frac * k);
    m->agrees = agrees && !(m->flags & LCT_MOIRE_CONFLICT) ? LCT_VERDICT_YES : LCT_VERDICT_NO;
    /* a peak somewhere else is a contradiction only if the periods differ noticeably */
    if (agrees && (m->flags & LCT_MOIRE_CONFLICT))
        m->agrees = fabs(m->difference_percent) <= 100.0 * p->tolerance_frac ? LCT_VERDICT_YES : LCT_VERDICT_NO;
}

static void clear(struct lct_moire *m)
{
    double *const all[] = { &m->d1_nm, &m->d1_sd_nm, &m->d2_nm, &m->d2_sd_nm, &m->twist_deg, &m->twist_sd_deg,
        &m->moire_nm, &m->moire_sd_nm, &m->moire_eq4_nm, &m->moire_eq4_sd_nm, &m->moire_twist_nm, &m->peak_nm,
        &m->peak_sd_nm, &m->difference_percent, &m->z };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] = NOT_MEASURED;
    m->agrees = LCT_VERDICT_NONE;
}

void lct_moire_conclude(struct lct_moire *out, const struct lct_vector *peak, const struct lct_moire_params *params)
{
    struct lct_moire *m = out;
    struct sources s = { .g2_from_peak = (m->flags & LCT_MOIRE_D2_FROM_MOIRE) != 0 };
    double w[4];
    clear(m);
    if (m->has_g1)
        s.v[0] = m->g1;
    if (m->has_g2)
        s.v[1] = m->g2;
    if (peak) {
        s.v[2] = *peak;
        m->peak_nm = lct_vector_spacing_nm(peak, &m->peak_sd_nm);
    }
    choose_moire(m, peak, w);
    if (m->has_moire)
        m->moire_nm = lct_vector_spacing_nm(&m->moire, &m->moire_sd_nm);
    if (m->has_g1 && m->has_g2)
        describe_lattices(m, &s);
    else if (m->has_g1)
        m->d1_nm = lct_vector_spacing_nm(&m->g1, &m->d1_sd_nm);
    else if (m->has_g2)
        m->d2_nm = lct_vector_spacing_nm(&m->g2, &m->d2_sd_nm);
    if (m->flags & LCT_MOIRE_APART)
        m->twist_deg = m->twist_sd_deg = m->moire_twist_nm = NOT_MEASURED;
    if (m->has_moire && m->has_g1 && m->has_g2)
        judge(m, &s, w, params);
    else if (m->has_moire && isfinite(params->d1_nm) && isfinite(params->d2_nm)) {
        m->flags |= LCT_MOIRE_NOMINAL;
        m->moire_eq4_nm = lct_moire_parallel_nm(params->d1_nm, params->d2_nm);
        m->difference_percent = 100.0 * (m->moire_nm / m->moire_eq4_nm - 1.0);
    }
}
