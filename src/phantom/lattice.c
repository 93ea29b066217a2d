#include "lattice.h"

#include <complex.h>
#include <math.h>

static const double DROP = 5e-4; /* a wave below this share of the intensity cannot be seen at any dose in use */

static double sinc(double x)
{
    return fabs(x) < 1e-9 ? 1 : sin(M_PI * x) / (M_PI * x);
}

static double transfer(const struct lattice *l, double g)
{
    const double r = g / l->limit_per_nm;
    return exp(-r * r * r * r);
}

static void add_wave(struct waves *w, const struct lattice *l, double complex g, double amplitude, double nm_per_px)
{
    const double x = creal(g) * nm_per_px, y = cimag(g) * nm_per_px;
    if (fabs(x) >= 0.5 || fabs(y) >= 0.5 || w->n == WAVES_MAX)
        return;
    const double seen = amplitude * transfer(l, cabs(g)) * sinc(x) * sinc(y);
    if (fabs(seen) < DROP)
        return;
    w->gx[w->n] = creal(g);
    w->gy[w->n] = cimag(g);
    w->amplitude[w->n++] = seen;
}

static double complex star(double spacing_nm, double direction_rad, int k)
{
    const double a = direction_rad + k * M_PI / 3;
    return (cos(a) - I * sin(a)) / spacing_nm; /* y down */
}

void lattice_waves(
    const struct lattice *l, double direction_rad, double nm_per_px, struct waves *core, struct waves *rim)
{
    const double side = direction_rad + M_PI / 6, turned = side + l->twist_deg * M_PI / 180;
    core->n = rim->n = 0;
    for (int i = 0; i < 3; i++) {
        const double complex g10 = star(l->d_core_10_nm, direction_rad, i), g11 = star(l->d_core_11_nm, side, i);
        add_wave(core, l, g10, l->core_10, nm_per_px);
        add_wave(core, l, g11, l->core_11, nm_per_px);
        add_wave(core, l, star(l->d_shell_11_nm, turned, i), l->shell_11, nm_per_px);
        add_wave(rim, l, star(l->d_shell_11_nm, turned, i), l->shell_11, nm_per_px);
        for (int j = 0; j < 3; j++) {
            const double complex gs = star(l->d_shell_11_nm, turned, j);
            add_wave(core, l, g10 - gs, l->core_10 * l->shell_11 / 2, nm_per_px);
            add_wave(core, l, g10 + gs, l->core_10 * l->shell_11 / 2, nm_per_px);
            add_wave(core, l, g11 - gs, l->core_11 * l->shell_11 / 2, nm_per_px);
            add_wave(core, l, g11 + gs, l->core_11 * l->shell_11 / 2, nm_per_px);
        }
    }
}

double lattice_rim_amplitude(const struct lattice *l, double nm_per_px)
{
    const double g = 1 / l->d_rim_03_nm;
    return g * nm_per_px >= 0.5 ? 0 : l->rim_03 * transfer(l, g) * sinc(g * nm_per_px);
}

void lattice_add_row(const struct waves *w, double x_nm, double y_nm, double nm_per_px, int n, float *line)
{
    for (int k = 0; k < w->n; k++) {
        const double phase = 2 * M_PI * (w->gx[k] * x_nm + w->gy[k] * y_nm), step = 2 * M_PI * w->gx[k] * nm_per_px;
        const double c = cos(step), s = sin(step);
        double re = w->amplitude[k] * cos(phase), im = w->amplitude[k] * sin(phase);
        for (int i = 0; i < n; i++) {
            line[i] += (float)re;
            const double next = re * c - im * s;
            im = re * s + im * c;
            re = next;
        }
    }
}

double lattice_moire_nm(const struct lattice *l)
{
    const double complex difference =
        star(l->d_core_11_nm, 0, 0) - star(l->d_shell_11_nm, l->twist_deg * M_PI / 180, 0);
    const double g = cabs(difference);
    return g > 0 ? 1 / g : NAN;
}
