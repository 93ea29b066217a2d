#include "shapes.h"

#include <lctem/crystal.h>
#include <lctem/file.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEN, ELEVEN, FAMILIES };     /* {10-10} and {11-20} of a hexagonal crystal */
static const double NEAR_DEG = 4.0; /* a facet this close to a lattice direction runs along it */
static const double TURNING = 0.98; /* mean resultant: a crystal that turns by more than 2 degrees is not followed */

/* Directions of a family over the movie, folded onto one sector of 60 degrees, weighted by their power. */
struct star {
    double cos6, sin6, weight, spacing;
};

/* What lattice.csv says of each particle. */
struct index {
    struct star (*stars)[FAMILIES]; /* n_particles */
    int n_particles;
    const char *core, *path; /* material; the table; borrowed */
    long columns[5];
};

/* Counter-clockwise from the first one; {11-20} number m lies 30 degrees on from {10-10} number m. */
static const char *const names[FAMILIES][6] = { { "10-10", "01-10", "-1100", "-1010", "0-110", "1-100" },
    { "11-20", "-12-10", "-2110", "-1-120", "1-210", "2-1-10" } };

/* The family that a label such as "Cd 10-10" names; -1: none, or of another material. */
static int family_of(const char *label, const char *core)
{
    const size_t n = strcspn(core, " ");
    if (n == 0 || strncmp(label, core, n) != 0 || label[n] != ' ' || strchr(label, '+'))
        return -1;
    int hkl[3];
    if (lct_crystal_indices(label + n + 1, hkl, NULL) != LCT_OK || hkl[2] != 0)
        return -1;
    const int h = abs(hkl[0]), k = abs(hkl[1]), i = abs(hkl[0] + hkl[1]);
    const int sum = h + k + i, largest = h > k ? (h > i ? h : i) : (k > i ? k : i);
    return sum == 2 && largest == 1 ? TEN : sum == 4 && largest == 2 ? ELEVEN : -1;
}

static enum lct_status find_columns(void *context, const struct lct_csv *table, struct lct_err *err)
{
    static const char *const wanted[] = { "particle", "spacing_nm", "angle_deg", "snr", "assigned" };
    struct index *x = context;
    for (int k = 0; k < 5; k++)
        if ((x->columns[k] = lct_csv_column(table, wanted[k])) < 0)
            return lct_fail(err, LCT_E_INPUT, "%s:1: no column %s", x->path, wanted[k]);
    return LCT_OK;
}

static enum lct_status take_row(void *context, const struct lct_csv *table, struct lct_err *err)
{
    struct index *x = context;
    double v[4]; /* particle, spacing, angle, snr */
    const int family = family_of(table->cells[x->columns[4]], x->core);
    if (family < 0)
        return LCT_OK;
    for (int k = 0; k < 4; k++) {
        const enum lct_status status = lct_csv_number(table, 0, (size_t)x->columns[k], &v[k], err);
        if (status != LCT_OK)
            return status;
    }
    const int p = (int)v[0];
    if (p < 1 || p > x->n_particles || !isfinite(v[1]) || !isfinite(v[2]) || !(v[3] > 0.0))
        return LCT_OK;
    struct star *s = &x->stars[p - 1][family];
    const double weight = v[3] * v[3], a = 6.0 * v[2] * M_PI / 180.0;
    s->weight += weight;
    s->cos6 += weight * cos(a);
    s->sin6 += weight * sin(a);
    s->spacing += weight * v[1];
    return LCT_OK;
}

static double folded(double deg, double period)
{
    return deg - period * floor(deg / period);
}

/* Angle of {10-10} in [0, 60) and its spacing; false: not known, or turning. */
static bool orientation(const struct star *stars, double *angle_deg, double *spacing_nm)
{
    const int family = stars[TEN].weight >= stars[ELEVEN].weight ? TEN : ELEVEN;
    const struct star *s = &stars[family];
    if (!(s->weight > 0.0) || hypot(s->cos6, s->sin6) < TURNING * s->weight)
        return false;
    const double angle = atan2(s->sin6, s->cos6) * 180.0 / M_PI / 6.0;
    *angle_deg = folded(family == TEN ? angle : angle - 30.0, 60.0);
    *spacing_nm = s->spacing / s->weight * (family == TEN ? 1.0 : sqrt(3.0));
    return true;
}

static void index_particle(struct shapes_particle *p, double angle_deg, double spacing_nm)
{
    for (int i = 0; i < p->set.n; i++)
        for (int family = 0; family < FAMILIES; family++) {
            struct lct_facet *f = &p->set.facet[i];
            const double zero = angle_deg + (family == ELEVEN ? 30.0 : 0.0);
            const double steps = (f->angle_deg - zero) / 60.0;
            if (fabs(steps - round(steps)) * 60.0 > NEAR_DEG)
                continue;
            lct_facet_turn_to(f, zero + 60.0 * round(steps));
            snprintf(p->hkil[i], sizeof p->hkil[i], "%s", names[family][(int)folded(round(steps), 6.0)]);
            p->spacing_nm[i] = family == TEN ? spacing_nm : spacing_nm / sqrt(3.0);
            break;
        }
}

enum lct_status shapes_index(struct shapes *shapes, const char *core, struct lct_err *err)
{
    char *path = lct_file_join(shapes->dir, "lattice.csv");
    struct index x = { .n_particles = shapes->n_particles,
        .core = core,
        .path = path,
        .stars = calloc((size_t)shapes->n_particles + 1, sizeof *x.stars) };
    enum lct_status status = path && x.stars ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "%s: no memory", shapes->dir);
    if (status == LCT_OK && access(path, R_OK) == 0)
        status = lct_csv_each(path, find_columns, take_row, &x, err);
    for (int i = 0; status == LCT_OK && i < shapes->n_particles; i++) {
        double angle_deg, spacing_nm;
        if (shapes->particles[i] && orientation(x.stars[i], &angle_deg, &spacing_nm))
            index_particle(shapes->particles[i], angle_deg, spacing_nm);
    }
    free(x.stars);
    free(path);
    return status;
}
