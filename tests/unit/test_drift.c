/* Protects: known displacements of a random film come back to a hundredth of a pixel with the right sign; a lattice does not
 * make the answer jump unnoticed; what is burnt in does not hold it; blank frames are said to be blank; a resumed run gives the
 * same bytes; what cannot work is refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/drift.h>
#include <lctem/fft.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

/* A film without end: a random periodic picture, larger than the frame, moved exactly in Fourier space. */
struct film {
    int n;
    struct lct_fft *fft;
    float complex *spectrum, *moved;
    float *plane;
};

static unsigned seed;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (seed + 0.5) / 4294967296.0;
}

/* Waves between 3 and 40 px of random phase. */
static struct film film_make(int n, unsigned start)
{
    struct film f = { .n = n };
    cr_assert(eq(int, lct_fft_create(&f.fft, n, n, NULL), LCT_OK));
    f.spectrum = lct_fft_alloc_spectrum(f.fft);
    f.moved = lct_fft_alloc_spectrum(f.fft);
    f.plane = lct_fft_alloc_real(f.fft);
    seed = start;
    for (int y = 0; y < n; y++)
        for (int x = 0; x <= n / 2; x++) {
            const double q = hypot(x, y > n / 2 ? y - n : y) / n;
            const double phase = 2 * M_PI * uniform();
            f.spectrum[y * (n / 2 + 1) + x] =
                q > 1 / 40.0 && q < 1 / 3.0 && x > 0 ? (float complex)(10.0 / n * cexp(I * phase)) : 0;
        }
    return f;
}

static void film_finish(struct film *f)
{
    lct_fft_free(f->spectrum);
    lct_fft_free(f->moved);
    lct_fft_free(f->plane);
    lct_fft_destroy(&f->fft);
}

/* out += the film, moved by (dx, dy) to the right and down, times gain */
static void film_add(struct film *f, struct lct_image *out, double dx, double dy, double gain)
{
    const int n = f->n;
    for (int y = 0; y < n; y++)
        for (int x = 0; x <= n / 2; x++) {
            const size_t i = (size_t)(y * (n / 2 + 1) + x);
            f->moved[i] =
                (float complex)(f->spectrum[i] * cexp(-2 * M_PI * I * (x * dx + (y > n / 2 ? y - n : y) * dy) / n));
        }
    lct_fft_inverse(f->fft, f->moved, f->plane);
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++)
            out->px[y * out->width + x] += (float)gain * f->plane[y * n + x];
}

static void noise_add(struct lct_image *im, double sd)
{
    for (size_t i = 0; i < lct_image_count(im); i++)
        im->px[i] += (float)(sd * sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform()));
}

/* A run over a movie that `paint` draws. */
typedef void paint_fn(struct lct_image *im, int frame, void *context);

struct run {
    int width, height, frames, anchors, restart; /* restart: save and restore before this frame */
    double search_px;
    const unsigned char *ignore;
    paint_fn *paint;
    void *context;
};

static struct lct_drift *plan(const struct run *r)
{
    struct lct_drift_params p = lct_drift_defaults();
    if (r->search_px > 0)
        p.search_px = r->search_px;
    struct lct_drift *d = NULL;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_drift_create(&d, r->width, r->height, r->ignore, &p, &err), LCT_OK), "%s", err.text);
    return d;
}

static struct lct_drift *restart(const struct run *r, struct lct_drift *d)
{
    const size_t bytes = lct_drift_state_bytes(d);
    void *state = malloc(bytes);
    lct_drift_save(d, state);
    lct_drift_destroy(&d);
    d = plan(r);
    cr_assert(eq(int, lct_drift_restore(d, state, bytes, NULL), LCT_OK));
    free(state);
    return d;
}

static void run(const struct run *r, struct lct_drift_result *results)
{
    struct lct_drift *d = plan(r);
    struct lct_drift_work *work = NULL;
    struct lct_image im = { 0 };
    float complex *spectra[MOST];
    cr_assert(eq(int, lct_drift_work_create(&work, d, NULL), LCT_OK));
    cr_assert(eq(int, lct_image_init(&im, r->width, r->height, NULL), LCT_OK));
    for (int i = 0; i < r->frames; i++) {
        spectra[i] = lct_drift_spectrum_alloc(d);
        memset(im.px, 0, lct_image_count(&im) * sizeof *im.px);
        r->paint(&im, i, r->context);
        cr_assert(eq(int, lct_drift_prepare(d, work, &im, spectra[i], NULL), LCT_OK));
    }
    cr_assert(
        eq(int, lct_drift_anchor(d, (const float complex *const *)spectra, (size_t)r->anchors, results, NULL), LCT_OK));
    for (int i = r->anchors; i < r->frames; i++) {
        if (i == r->restart)
            d = restart(r, d);
        cr_assert(eq(int, lct_drift_follow(d, spectra[i], &results[i], NULL), LCT_OK));
    }
    for (int i = 0; i < r->frames; i++)
        lct_drift_spectrum_free(spectra[i]);
    lct_image_finish(&im);
    lct_drift_work_destroy(&work);
    lct_drift_destroy(&d);
}

static double path_x(int i)
{
    return 0.37 * i + 0.4 * sin(1.7 * i);
}
static double path_y(int i)
{
    return -0.21 * i + 0.4 * sin(2.3 * i);
}

struct scene {
    struct film film;
    double noise, bar;
    int width;
};

static void paint_film(struct lct_image *im, int i, void *context)
{
    struct scene *s = context;
    seed = 1000u + (unsigned)i;
    film_add(&s->film, im, path_x(i), path_y(i), 1);
    if (s->noise > 0)
        noise_add(im, s->noise);
    for (int y = 0; s->bar > 0 && y < im->height; y++)
        for (int x = 0; x < im->width; x++)
            if (y >= 100 && y < 148 && x >= 60 && x < 196
                && ((x / 3) * (x / 3 + 5) * 7 + (y / 3) * (y / 3) * 13) % 31 > 15)
                im->px[y * im->width + x] = (float)s->bar; /* a burnt-in pattern as fine as the film */
}

static double worst(const struct lct_drift_result *r, int n)
{
    double e = 0;
    for (int i = 0; i < n; i++)
        e = fmax(e, fmax(fabs(r[i].dx_px - path_x(i) + path_x(0)), fabs(r[i].dy_px - path_y(i) + path_y(0))));
    return e;
}

static double film_sd(struct scene *s)
{
    struct lct_image im = { 0 };
    cr_assert(eq(int, lct_image_init(&im, 64, 64, NULL), LCT_OK));
    film_add(&s->film, &im, 0, 0, 1);
    double sum = 0;
    for (int i = 0; i < 64 * 64; i++)
        sum += (double)(im.px[i] * im.px[i]);
    lct_image_finish(&im);
    return sqrt(sum / (64 * 64));
}

Test(drift, finds_known_displacements)
{
    struct scene s = { .film = film_make(320, 11) };
    struct lct_drift_result r[MOST];
    const struct run job = {
        .width = 256, .height = 250, .frames = 16, .anchors = 8, .paint = paint_film, .context = &s
    };
    run(&job, r);
    cr_assert(r[0].dx_px == 0 && r[0].dy_px == 0 && r[0].sd_px == 0);
    cr_assert(worst(r, 16) < 0.01, "%g px", worst(r, 16));
    for (int i = 0; i < 16; i++)
        cr_assert(r[i].flags == 0 && r[i].peak_ratio > 3);
    film_finish(&s.film);
}

Test(drift, finds_them_in_noise_within_its_sigma)
{
    struct scene s = { .film = film_make(320, 12) };
    s.noise = 2 * film_sd(&s);
    struct lct_drift_result r[MOST];
    const struct run job = {
        .width = 256, .height = 256, .frames = 40, .anchors = 12, .paint = paint_film, .context = &s
    };
    run(&job, r);
    double z2 = 0;
    for (int i = 1; i < 40; i++) {
        z2 += pow((r[i].dx_px - path_x(i)) / r[i].sd_px, 2) / 39;
        cr_assert(eq(int, (int)r[i].flags, 0));
    }
    cr_assert(worst(r, 40) < 0.15, "%g px", worst(r, 40));
    cr_assert(z2 > 0.1 && z2 < 3, "pull %g", sqrt(z2)); /* the first frame's own error is shared by all rows */
    film_finish(&s.film);
}

Test(drift, follows_a_binned_movie)
{
    struct scene s = { .film = film_make(1152, 13) };
    s.noise = film_sd(&s);
    struct lct_drift_result r[MOST];
    const struct run job = {
        .width = 1100, .height = 1030, .frames = 6, .anchors = 4, .paint = paint_film, .context = &s
    };
    run(&job, r);
    cr_assert(worst(r, 6) < 0.06, "%g px", worst(r, 6));
    film_finish(&s.film);
}

Test(drift, is_not_held_by_what_is_burnt_in)
{
    struct scene s = { .film = film_make(320, 14) };
    s.noise = 0.5 * film_sd(&s);
    s.bar = 8 * film_sd(&s);
    unsigned char ignore[256 * 256] = { 0 };
    for (int y = 98; y < 150; y++)
        for (int x = 58; x < 198; x++)
            ignore[y * 256 + x] = 1;
    struct lct_drift_result r[MOST];
    struct run job = { .width = 256, .height = 256, .frames = 16, .anchors = 8, .paint = paint_film, .context = &s };
    run(&job, r);
    cr_assert(worst(r, 16) > 1, "without the mask the bar wins (else this test protects nothing): %g px", worst(r, 16));
    job.ignore = ignore;
    run(&job, r);
    cr_assert(worst(r, 16) < 0.06, "%g px", worst(r, 16));
    film_finish(&s.film);
}

/* ---- lattices ----------------------------------------------------------------------------------------------------------- */

struct crystal {
    double film; /* share of film under the lattice */
    struct film under;
};

static double step_x(int i)
{
    return 3.6 * i;
} /* more than half a lattice vector (6 px) from frame to frame */

static void paint_crystal(struct lct_image *im, int i, void *context)
{
    struct crystal *c = context;
    seed = 500u + (unsigned)i;
    if (c->film > 0)
        film_add(&c->under, im, step_x(i), 0, c->film);
    for (int y = 0; y < im->height; y++)
        for (int x = 0; x < im->width; x++)
            im->px[y * im->width + x] += (float)(cos(2 * M_PI * (x - step_x(i)) / 6) + cos(2 * M_PI * y / 6));
    noise_add(im, 0.3);
}

Test(drift, never_jumps_by_a_lattice_vector_unnoticed)
{
    static const double films[] = { 0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3 };
    struct crystal c = { .under = film_make(320, 15) };
    for (size_t k = 0; k < sizeof films / sizeof *films; k++) {
        c.film = films[k];
        struct lct_drift_result r[MOST];
        const struct run job = {
            .width = 256, .height = 256, .frames = 8, .anchors = 4, .paint = paint_crystal, .context = &c
        };
        run(&job, r);
        int ambiguous = 0;
        for (int i = 1; i < 8; i++) {
            ambiguous += (r[i].flags & LCT_DRIFT_AMBIGUOUS) != 0;
            const double e = hypot(r[i].dx_px - step_x(i), r[i].dy_px);
            cr_assert(e < 0.3 || ambiguous > 0, "film %g, frame %d: %g px off without a word", films[k], i, e);
        }
        if (films[k] == 0)
            cr_assert(ambiguous == 7, "a bare lattice must be called ambiguous in each frame, was %d times", ambiguous);
        if (films[k] >= 0.3)
            cr_assert(ambiguous == 0);
    }
    film_finish(&c.under);
}

/* ---- blank frames, jumps, resuming -------------------------------------------------------------------------------------- */

static void paint_with_blanks(struct lct_image *im, int i, void *context)
{
    paint_film(im, i, context);
    if (i < 2 || i == 5 || i == 10)
        for (size_t k = 0; k < lct_image_count(im); k++)
            im->px[k] = i == 10 ? NAN : 42;
}

Test(drift, says_where_there_was_nothing)
{
    struct scene s = { .film = film_make(320, 16) };
    struct lct_drift_result r[MOST];
    const struct run job = {
        .width = 256, .height = 256, .frames = 14, .anchors = 8, .paint = paint_with_blanks, .context = &s
    };
    run(&job, r);
    for (int i = 0; i < 14; i++) {
        const bool blank = i < 2 || i == 5 || i == 10;
        cr_assert(eq(int, (int)r[i].flags, blank ? LCT_DRIFT_NO_SIGNAL : 0), "frame %d", i);
        cr_assert(eq(int, isnan(r[i].sd_px) != 0, blank));
        if (!blank) /* the origin is the first frame that shows something */
            cr_assert(epsilon_eq(dbl, r[i].dx_px, path_x(i) - path_x(2), 0.01));
    }
    cr_assert(eq(dbl, r[10].dx_px, r[9].dx_px));
    film_finish(&s.film);
}

static void paint_jump(struct lct_image *im, int i, void *context)
{
    struct scene *s = context;
    film_add(&s->film, im, i < 6 ? 0 : 41.5, i < 6 ? 0 : -30.25, 1);
}

Test(drift, finds_a_jump_of_the_stage)
{
    struct scene s = { .film = film_make(320, 17) };
    struct lct_drift_result r[MOST];
    const struct run job = {
        .width = 256, .height = 256, .frames = 9, .anchors = 4, .paint = paint_jump, .context = &s
    };
    run(&job, r);
    cr_assert(eq(int, (int)r[6].flags, LCT_DRIFT_WIDE));
    cr_assert(epsilon_eq(dbl, r[6].dx_px, 41.5, 0.1));
    cr_assert(epsilon_eq(dbl, r[8].dy_px, -30.25, 0.1));
    cr_assert(eq(int, (int)r[8].flags, 0));
    film_finish(&s.film);
}

Test(drift, goes_on_with_the_same_bytes)
{
    struct scene s = { .film = film_make(320, 18), .noise = 1 };
    struct lct_drift_result a[MOST], b[MOST];
    memset(a, 0, sizeof a);
    memset(b, 0, sizeof b);
    struct run job = { .width = 128, .height = 128, .frames = 20, .anchors = 8, .paint = paint_film, .context = &s };
    run(&job, a);
    job.restart = 13;
    run(&job, b);
    cr_assert(eq(int, memcmp(a, b, 20 * sizeof *a), 0));
    film_finish(&s.film);
}

Test(drift, one_frame_is_its_own_origin)
{
    struct scene s = { .film = film_make(128, 19) };
    struct lct_drift_result r[MOST];
    const struct run job = {
        .width = 100, .height = 90, .frames = 1, .anchors = 1, .paint = paint_film, .context = &s
    };
    run(&job, r);
    cr_assert(r[0].dx_px == 0 && r[0].dy_px == 0 && r[0].sd_px == 0 && r[0].flags == 0);
    film_finish(&s.film);
}

/* ---- refusals ----------------------------------------------------------------------------------------------------------- */

Test(drift, refuses_bad_parameters)
{
    struct lct_drift *d = NULL;
    struct lct_drift_params rows[7];
    for (int i = 0; i < 7; i++)
        rows[i] = lct_drift_defaults();
    rows[0].pixel_size_nm = 0;
    rows[1].pixel_size_nm = INFINITY;
    rows[2].finest_nm = 2;
    rows[3].search_px = NAN;
    rows[4].anchor_frames = 0;
    rows[5].reference_frames = 3;
    rows[6].least_ratio = 0.9;
    for (int i = 0; i < 7; i++) {
        struct lct_err err = { 0 };
        cr_assert(eq(int, lct_drift_create(&d, 128, 128, NULL, &rows[i], &err), LCT_E_ARG), "row %d", i);
        cr_assert(strncmp(err.text, "drift: ", 7) == 0);
        cr_assert(d == NULL);
    }
}

Test(drift, refuses_tiny_pictures_other_sizes_and_disorder)
{
    struct lct_drift *d = NULL;
    struct lct_drift_work *work = NULL;
    const struct lct_drift_params p = lct_drift_defaults();
    cr_assert(eq(int, lct_drift_create(&d, 1, 1, NULL, &p, NULL), LCT_E_NODATA));
    unsigned char *all = malloc(128 * 128);
    memset(all, 1, 128 * 128);
    cr_assert(eq(int, lct_drift_create(&d, 128, 128, all, &p, NULL), LCT_E_NODATA));
    free(all);
    cr_assert(d == NULL);
    cr_assert(eq(int, lct_drift_create(&d, 128, 128, NULL, &p, NULL), LCT_OK));
    cr_assert(eq(int, lct_drift_work_create(&work, d, NULL), LCT_OK));
    float complex *spectrum = lct_drift_spectrum_alloc(d);
    struct lct_image other = { 0 };
    cr_assert(eq(int, lct_image_init(&other, 64, 128, NULL), LCT_OK));
    cr_assert(eq(int, lct_drift_prepare(d, work, &other, spectrum, NULL), LCT_E_ARG));
    struct lct_drift_result r = { .dx_px = 42 };
    cr_assert(eq(int, lct_drift_follow(d, spectrum, &r, NULL), LCT_E_ARG));
    cr_assert(eq(int, lct_drift_anchor(d, (const float complex *const *)&spectrum, 0, &r, NULL), LCT_E_ARG));
    cr_assert(eq(dbl, r.dx_px, 42));
    cr_assert(eq(int, lct_drift_restore(d, "short", 5, NULL), LCT_E_INPUT));
    lct_image_finish(&other);
    lct_drift_spectrum_free(spectrum);
    lct_drift_work_destroy(&work);
    lct_drift_destroy(&d);
}
