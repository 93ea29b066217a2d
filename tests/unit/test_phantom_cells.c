/* Protects: a lattice's crystal is filmed as what it is: areas of cells in closed form, labels of the same geometry, darkness by the
 * layers that a column holds. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/image.h>
#include <lctem/phantom.h>
#include <math.h>
#include <stdlib.h>

enum { NX = 9, NY = 7, N = NX * NY, NZ = 4, SIZE = 200 };
static const double SITE_NM = 1.1, PX_NM = 0.05;

/* State 0: a full core of three columns in a rim of shell; state 1: one of them half empty, the shell gone. */
static uint8_t core[2 * N], shell[2 * N];
static const long shown[3] = { 0, 0, 1 };

static struct lct_phantom_lattice crystal(void)
{
    const int at = 3 * NX + 4;
    for (int k = 0; k < 2; k++) {
        core[k * N + at] = core[k * N + at + 1] = NZ;
        core[k * N + at + NX] = k ? NZ / 2 : NZ;
    }
    static const int rim[] = { -1, 2, NX - 1, NX + 1, -NX, 1 - NX, 2 - NX, 2 * NX - 1, 2 * NX };
    for (size_t i = 0; i < sizeof rim / sizeof *rim; i++)
        shell[at + rim[i]] = NZ;
    return (struct lct_phantom_lattice){ .nx = NX,
        .ny = NY,
        .nz = NZ,
        .nm_per_site = SITE_NM,
        .core = core,
        .shell = shell,
        .n_states = 2,
        .shown = shown,
        .frames = 3,
        .fps = 2 };
}

static struct lct_phantom *phantom_of(const struct lct_phantom_lattice *lattice, struct lct_phantom_scratch **scratch)
{
    struct lct_phantom *p = NULL;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_phantom_create(&p, NULL, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_phantom_expose(p, PX_NM, 0, SIZE, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_phantom_show_lattice(p, lattice, &err), LCT_OK), "%s", err.text);
    cr_assert(eq(int, lct_phantom_scratch_create(scratch, p, &err), LCT_OK));
    return p;
}

Test(phantom_cells, areas_are_columns_and_labels_agree)
{
    const struct lct_phantom_lattice lattice = crystal();
    const double cell = SITE_NM * SITE_NM * sqrt(0.75);
    static const int columns[3][2] = { { 3, 9 }, { 3, 9 }, { 3, 0 } };
    struct lct_phantom_scratch *scratch = NULL;
    struct lct_phantom *p = phantom_of(&lattice, &scratch);
    uint16_t *labels = malloc(SIZE * SIZE * sizeof *labels);
    cr_assert(eq(long, lct_phantom_info(p).frames, 3));
    for (long f = 0; f < 3; f++) {
        struct lct_phantom_truth t;
        cr_assert(eq(int, lct_phantom_truth_at(p, f, 0, scratch, &t, NULL), LCT_OK));
        cr_assert(lt(dbl, fabs(t.core_area_nm2 - columns[f][0] * cell), 1e-9));
        cr_assert(lt(dbl, fabs(t.shell_area_nm2 - columns[f][1] * cell), 1e-9));
        cr_assert(lt(
            dbl, hypot(t.x_px - (SIZE - 1) / 2.0, t.y_px - (SIZE - 1) / 2.0), 1e-6)); /* in the middle of the field */
        cr_assert(eq(int, lct_phantom_labels(p, f, scratch, labels, NULL), LCT_OK));
        double area[3] = { 0 };
        for (int i = 0; i < SIZE * SIZE; i++)
            area[labels[i]] += PX_NM * PX_NM;
        /* a pixel on an edge falls to one side at random: edges of 20 and 60 half px each, 4 sigma */
        cr_assert(lt(dbl, fabs(area[1] - t.core_area_nm2), 0.08), "frame %ld: %g, %g", f, area[1], t.core_area_nm2);
        cr_assert(lt(dbl, fabs(area[2] - t.shell_area_nm2), 0.12), "frame %ld: %g, %g", f, area[2], t.shell_area_nm2);
    }
    free(labels);
    lct_phantom_scratch_destroy(&scratch);
    lct_phantom_destroy(&p);
}

/* Without noise, in the middle of a column: full core darker than shell, half a core between liquid and full. */
Test(phantom_cells, darkness_follows_the_layers)
{
    const struct lct_phantom_lattice lattice = crystal();
    struct lct_phantom_scratch *scratch = NULL;
    struct lct_phantom *p = phantom_of(&lattice, &scratch);
    struct lct_image plane;
    cr_assert(eq(int, lct_image_init(&plane, SIZE, SIZE, NULL), LCT_OK));
    /* the third core column lies below the middle of the two others, one row down; the centroid a third of that below them */
    const int x = SIZE / 2, y = (int)lrint((SIZE - 1) / 2.0 + 2.0 / 3 * SITE_NM * sqrt(0.75) / PX_NM);
    const int rim = (int)lrint((SIZE - 1) / 2.0 + 5.0 / 3 * SITE_NM * sqrt(0.75) / PX_NM);
    float full = 0, half = 0, cover = 0, liquid = 0;
    for (long f = 0; f < 3; f += 2) {
        cr_assert(eq(int, lct_phantom_render(p, f, false, scratch, &plane, NULL), LCT_OK));
        float sum = 0;
        for (int k = 0; k < 25; k++)
            sum += plane.px[(y - 2 + k / 5) * SIZE + x - 2 + k % 5] / 25;
        *(f ? &half : &full) = sum;
        if (f == 0)
            cover = plane.px[rim * SIZE + x - (int)(SITE_NM / 2 / PX_NM)];
        liquid = plane.px[5 * SIZE + 5];
    }
    cr_assert(lt(flt, full + 8, cover), "core %g, shell %g", (double)full, (double)cover);
    cr_assert(lt(flt, full + 8, half), "full %g, half %g", (double)full, (double)half);
    cr_assert(lt(flt, half + 8, liquid), "half %g, liquid %g", (double)half, (double)liquid);
    lct_image_finish(&plane);
    lct_phantom_scratch_destroy(&scratch);
    lct_phantom_destroy(&p);
}

Test(phantom_cells, refuses_what_cannot_be_shown)
{
    struct lct_phantom *p = NULL;
    cr_assert(eq(int, lct_phantom_create(&p, NULL, NULL), LCT_OK));
    struct lct_phantom_lattice bad = crystal();
    static const long beyond[3] = { 0, 1, 2 };
    bad.shown = beyond;
    cr_assert(eq(int, lct_phantom_show_lattice(p, &bad, NULL), LCT_E_ARG));
    bad = crystal();
    bad.nm_per_site = (double)NAN;
    cr_assert(eq(int, lct_phantom_show_lattice(p, &bad, NULL), LCT_E_ARG));
    bad = crystal();
    bad.frames = 0;
    cr_assert(eq(int, lct_phantom_show_lattice(p, &bad, NULL), LCT_E_ARG));
    cr_assert(eq(int, lct_phantom_expose(p, -1, 0, 0, NULL), LCT_E_ARG));
    lct_phantom_destroy(&p);
}
