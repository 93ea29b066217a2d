/* Protects: how wide the rim of a bare core edge looks is learnt from the movie: where edges are sharper than their blur has it, as a defocus
 * makes them, a layer that would pass for a bare edge is seen; where there are no bare edges, or few, nothing is learnt. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/bare_edge.h>
#include <math.h>
#include <shapes.h>

enum { W = 200, H = 160, PLANES = 3 };
static const struct lct_levels LEVELS = {
    .shell = 0.86, .core = 0.72, .has_shell = true, .noise_sd = 0.001, .blur_px = 3.0
};
static const struct lct_segment_params PARAMS = { .min_core_px = 75, .hole_px = 75 };
static const double CORE = 50.0;
static struct lct_image planes[PLANES];

/* Cores in rims of one width, with edges of a blur that is not that of LEVELS. */
static void draw(double rim_px, double blur_px)
{
    struct lct_levels l = LEVELS;
    l.blur_px = blur_px;
    for (int k = 0; k < PLANES; k++) {
        planes[k] = shape_plane(W, H);
        if (rim_px > 0.0)
            shape_add_particle(&planes[k], 99.7 + 0.3 * k, 80.2, CORE, CORE + rim_px, &l);
        else
            shape_add(&planes[k], &(struct shape){ 99.7 + 0.3 * k, 80.2, CORE, 0, 0 }, l.core - 1.0, l.blur_px);
    }
}

static void erase(void)
{
    for (int k = 0; k < PLANES; k++)
        lct_image_finish(&planes[k]);
}

static double learnt(double rim_px, double blur_px, int threads)
{
    struct lct_levels l = LEVELS;
    draw(rim_px, blur_px);
    cr_assert(
        eq(int, lct_bare_edges_learn(&l, &(struct lct_planes){ planes, PLANES, threads }, &PARAMS, NULL), LCT_OK));
    erase();
    return l.bare_rims;
}

/* Pixels that are seen as shell around a core, by what was learnt. */
static int shell_px(double rim_px, double blur_px, double bare_rims)
{
    static uint8_t phase[W * H];
    struct lct_levels l = LEVELS;
    struct lct_mask_work work;
    l.bare_rims = bare_rims;
    draw(rim_px, blur_px);
    cr_assert(eq(int, lct_mask_work_init(&work, W, H, NULL), LCT_OK));
    (void)lct_segment_frame(&planes[0], &l, &PARAMS, &work, phase);
    lct_mask_work_finish(&work);
    erase();
    int n = 0;
    for (int i = 0; i < W * H; i++)
        n += phase[i] == LCT_SHELL;
    return n;
}

/* Widths in pixels scatter by a tenth around a disc; what is learnt is a fifth from the lower end of them. */
Test(bare_edge, learns_how_wide_a_bare_edge_looks)
{
    for (double share = 0.85; share < 1.1; share += 0.1) {
        const double rims = learnt(0.0, share * LEVELS.blur_px, 1);
        cr_expect(rims > share - 0.11 && rims < share + 0.03, "%.2f blurs look %.3f rims wide", share, rims);
        cr_expect(eq(dbl, rims, learnt(0.0, share * LEVELS.blur_px, 3)));
    }
}

Test(bare_edge, nothing_is_learnt_where_no_edge_is_bare)
{
    cr_expect(eq(dbl, learnt(12.0, LEVELS.blur_px, 1), 0.0));
    cr_expect(eq(dbl, learnt(4.5, LEVELS.blur_px, 1), 0.0), "a layer all around is no bare edge");
    struct lct_levels l = LEVELS;
    for (int k = 0; k < PLANES; k++)
        planes[k] = shape_plane(W, H);
    shape_add(&planes[0], &(struct shape){ 99.7, 80.2, 8.0, 0, 0 }, l.core - 1.0, l.blur_px);
    cr_assert(eq(int, lct_bare_edges_learn(&l, &(struct lct_planes){ planes, PLANES, 1 }, &PARAMS, NULL), LCT_OK));
    cr_expect(eq(dbl, l.bare_rims, 0.0), "%g from one small core", l.bare_rims);
    erase();
    l.has_shell = false;
    l.bare_rims = 0.9;
    draw(0.0, LEVELS.blur_px);
    cr_assert(eq(int, lct_bare_edges_learn(&l, &(struct lct_planes){ planes, PLANES, 1 }, &PARAMS, NULL), LCT_OK));
    cr_expect(eq(dbl, l.bare_rims, 0.9), "no shell, no rims");
    erase();
}

/* A layer of 1.25 blurs looks 1.22 times as wide as a bare edge: 1.03 rims where those are 0.85 rims wide, which passes for bare as long as
 * that is not known. */
Test(bare_edge, a_thin_layer_on_a_sharp_edge_is_seen)
{
    const double blur_px = 0.85 * LEVELS.blur_px, rim_px = 1.25 * blur_px;
    const double shell = M_PI * (pow(CORE + rim_px, 2.0) - CORE * CORE);
    const int before = shell_px(rim_px, blur_px, 0.0), after = shell_px(rim_px, blur_px, learnt(0.0, blur_px, 1)),
              none = shell_px(0.0, blur_px, learnt(0.0, blur_px, 1));
    cr_expect(before < 0.3 * shell, "%d px of %.0f without knowing", before, shell);
    cr_expect(after > 0.8 * shell, "%d px of %.0f", after, shell);
    cr_expect(none < 0.05 * shell, "%d px on a bare core", none);
}
