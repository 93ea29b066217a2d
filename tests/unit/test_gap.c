/* Protects: a gap in a rim is found where it is and as wide as it is, a whole rim has none, a void is told from a gap,
 * and the rim over a facet has its thickness. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/gap.h>
#include <lctem/outline.h>
#include <lctem/rim_facet.h>
#include <math.h>
#include <shapes.h>
#include <stdlib.h>

enum { W = 200, H = 200 };
static const double CORE = 42.0, TOTAL = 65.0, X = 100.4, Y = 99.7;
static const struct lct_levels levels = {
    .shell = 0.86, .core = 0.73, .has_shell = true, .noise_sd = 0.004, .blur_px = 2.5
};

/* A hexagon with facets to the right and left, and a channel `gap_px` wide through its rim `place_px` below the middle
 * of the right-hand facet; with a void of depth void_px under that facet. */
static struct lct_image draw(double gap_px, double place_px, double void_px)
{
    struct lct_image plane = shape_plane(W, H);
    const struct shape core = { X, Y, CORE, 6, 0.0 }, total = { X, Y, TOTAL, 6, 0.0 };
    shape_add(&plane, &total, levels.shell - 1.0, levels.blur_px);
    shape_add(&plane, &core, levels.core - levels.shell, levels.blur_px);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double right = x - X - CORE, along = y - Y - place_px, b = levels.blur_px;
            const double channel =
                shape_edge(fabs(along) - 0.5 * gap_px, b) * shape_edge(-right, b) * shape_edge(right - TOTAL + CORE, b);
            const double hollow = void_px > 0.0
                ? shape_edge(fabs(y - Y) - 18.0, b) * shape_edge(-right, b) * shape_edge(right - void_px, b)
                : 0.0;
            plane.px[y * W + x] += (float)((1.0 - levels.shell) * (gap_px > 0.0 ? fmax(channel, hollow) : hollow));
        }
    return plane;
}

static struct lct_rim trace_with(const struct lct_image *plane, double shell_px2)
{
    static uint16_t labels[W * H];
    const struct shape core = { X, Y, CORE, 6, 0.0 }, total = { X, Y, TOTAL, 6, 0.0 };
    for (int i = 0; i < W * H; i++)
        labels[i] = shape_distance(&core, i % W, i / W) < 0.0 ? 1 : shape_distance(&total, i % W, i / W) < 0.0 ? 2 : 0;
    struct lct_outline outline;
    struct lct_rim rim;
    cr_assert(lct_outline_trace(
                  &outline, labels, plane, &levels, 1, LCT_CORE, (struct lct_extent){ 0, 0, W - 1, H - 1 }, NULL)
        == LCT_OK);
    cr_assert(lct_rim_trace(&rim, &outline, shell_px2, plane, &levels, NULL) == LCT_OK);
    lct_outline_finish(&outline);
    return rim;
}

static struct lct_rim trace(const struct lct_image *plane)
{
    const struct shape core = { X, Y, CORE, 6, 0.0 }, total = { X, Y, TOTAL, 6, 0.0 };
    return trace_with(plane, shape_area(&total) - shape_area(&core));
}

Test(gap, a_channel_is_found_where_it_is_and_as_wide_as_it_is)
{
    static const struct {
        double gap_px, place_px;
    } rows[] = { { 7.0, 0.0 }, { 12.0, -11.0 }, { 16.0, 9.0 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_image plane = draw(rows[i].gap_px, rows[i].place_px, 0.0);
        shape_add_noise(&plane, levels.noise_sd, 40 + i);
        struct lct_rim rim = trace(&plane);
        const struct lct_gap_params params = lct_gap_defaults();
        struct lct_gap *gaps;
        size_t n;
        cr_assert(lct_gaps_find(&gaps, &n, &rim, levels.blur_px, &params, NULL) == LCT_OK);
        cr_assert(eq(sz, n, 1));
        /* half way through the rim, to the right of the core; the width to a quarter of the blur, and within 3 sigma */
        cr_assert(epsilon_eq(dbl, gaps[0].x_px, X + 0.5 * (CORE + TOTAL), 1.0));
        cr_assert(epsilon_eq(dbl, gaps[0].y_px, Y + rows[i].place_px, 0.5));
        cr_assert(epsilon_eq(dbl, gaps[0].width_px, rows[i].gap_px, 0.7), "%g", rows[i].gap_px);
        cr_assert(lt(dbl, fabs(gaps[0].width_px - rows[i].gap_px), 3.0 * gaps[0].width_sd_px));
        free(gaps);
        lct_rim_finish(&rim);
        lct_image_finish(&plane);
    }
}

Test(gap, a_whole_rim_has_none)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct lct_image plane = draw(0.0, 0.0, 0.0);
        shape_add_noise(&plane, 4.0 * levels.noise_sd, seed);
        struct lct_rim rim = trace(&plane);
        const struct lct_gap_params params = lct_gap_defaults();
        struct lct_gap *gaps;
        struct lct_void *voids;
        size_t n, n_voids;
        cr_assert(lct_gaps_find(&gaps, &n, &rim, levels.blur_px, &params, NULL) == LCT_OK);
        cr_assert(lct_voids_find(&voids, &n_voids, &rim, levels.blur_px, NULL) == LCT_OK);
        cr_assert(eq(sz, n, 0));
        cr_assert(eq(sz, n_voids, 0));
        cr_assert(eq(ptr, gaps, NULL));
        lct_rim_finish(&rim);
        lct_image_finish(&plane);
    }
}

/* The hollow is 36 px long and 9 px deep; its ends are blurred, and rays there see no rim behind it. */
Test(gap, a_void_is_no_gap)
{
    struct lct_image plane = draw(0.0, 0.0, 9.0);
    struct lct_rim rim = trace(&plane);
    const struct lct_gap_params params = lct_gap_defaults();
    struct lct_gap *gaps;
    struct lct_void *voids;
    size_t n, n_voids;
    cr_assert(lct_gaps_find(&gaps, &n, &rim, levels.blur_px, &params, NULL) == LCT_OK);
    cr_assert(lct_voids_find(&voids, &n_voids, &rim, levels.blur_px, NULL) == LCT_OK);
    cr_assert(eq(sz, n, 0));
    cr_assert(eq(sz, n_voids, 1));
    cr_assert(epsilon_eq(dbl, voids[0].y_px, Y, 1.0));
    cr_assert(epsilon_eq(dbl, voids[0].area_px2, 36.0 * 9.0, 40.0));
    free(voids);
    lct_rim_finish(&rim);
    lct_image_finish(&plane);
}

Test(gap, the_rim_over_a_facet_has_its_thickness_and_its_share_of_gap)
{
    struct lct_image plane = draw(9.0, 0.0, 0.0);
    struct lct_rim rim = trace(&plane);
    const struct lct_gap_params params = lct_gap_defaults();
    struct lct_gap *gaps;
    size_t n;
    cr_assert(lct_gaps_find(&gaps, &n, &rim, levels.blur_px, &params, NULL) == LCT_OK && n == 1);
    unsigned char *open = calloc(rim.n, 1);
    for (size_t k = 0; k < gaps[0].n_rays; k++)
        open[(gaps[0].first + k) % rim.n] = 1;
    struct lct_facet_set set = { .particle = 1, .x_px = X, .y_px = Y, .n = 2 };
    lct_facet_turn_to(&set.facet[0], 0.0);
    lct_facet_turn_to(&set.facet[1], 60.0);
    const double half = CORE / sqrt(3.0);
    const struct lct_facet_edge edge = { .present = true, .height_px = CORE, .start_px = -half, .end_px = half };
    const struct lct_facet_edge edges[2] = { edge, edge };
    const struct lct_edge_error error = { .noise_px = 0.1, .noise_length_px = 5.0, .common_px = 0.1 };
    for (int f = 0; f < 2; f++) {
        const struct lct_rim_facet r = lct_rim_facet_measure(&rim, open, &set, f, &edge, &error, &error);
        cr_assert(epsilon_eq(dbl, r.thickness_px, TOTAL - CORE, 0.3));
        cr_assert(gt(dbl, r.thickness_sd_px, 0.1));
        cr_assert(epsilon_eq(dbl, r.exposed_frac, f == 0 ? 9.0 / (2.0 * half) : 0.0, 0.03));
    }
    const struct lct_rim_place place = lct_rim_place_find(&set, edges, X + 53.0, Y + 0.5 * half);
    cr_assert(eq(int, place.facet, 0));
    cr_assert(epsilon_eq(dbl, place.position_px, 0.5 * half, 1e-9));
    cr_assert(epsilon_eq(dbl, place.position_frac, 0.5, 1e-9));
    cr_assert(eq(int, lct_rim_place_find(&set, edges, X - 53.0, Y).facet, -1));
    free(gaps);
    free(open);
    lct_rim_finish(&rim);
    lct_image_finish(&plane);
}

/* What is left of a neighbour stands on three quarters of the middle of the right-hand facet's rim: rays through it end
 * behind it. Where all of the middle lies below it, nothing is known of the rim. */
Test(gap, what_is_attached_to_the_rim_is_no_rim)
{
    struct lct_image plane = draw(0.0, 0.0, 0.0);
    struct lct_rim rim = trace(&plane);
    unsigned char *open = calloc(rim.n, 1);
    struct lct_facet_set set = { .particle = 1, .x_px = X, .y_px = Y, .n = 1 };
    lct_facet_turn_to(&set.facet[0], 0.0);
    const double half = CORE / sqrt(3.0);
    const struct lct_facet_edge edge = { .present = true, .height_px = CORE, .start_px = -half, .end_px = half };
    const struct lct_edge_error error = { .noise_px = 0.1, .noise_length_px = 5.0, .common_px = 0.1 };
    for (size_t k = 0; k < rim.n; k++)
        if (rim.points[k].x_px > X + CORE && fabs(rim.points[k].y_px - Y) < 0.75 * 0.5 * half)
            rim.points[k].thickness_px += 16.0 + 4.0 * sin(0.7 * (double)k);
    struct lct_rim_facet r = lct_rim_facet_measure(&rim, open, &set, 0, &edge, &error, &error);
    cr_assert(epsilon_eq(dbl, r.thickness_px, TOTAL - CORE, 0.4), "%g", r.thickness_px);
    for (size_t k = 0; k < rim.n; k++)
        if (rim.points[k].x_px > X + CORE && fabs(rim.points[k].y_px - Y) < 0.4 * half
            && rim.points[k].thickness_px < 30.0)
            rim.points[k].thickness_px = (double)NAN;
    r = lct_rim_facet_measure(&rim, open, &set, 0, &edge, &error, &error);
    cr_assert(isnan(r.thickness_px) || fabs(r.thickness_px - TOTAL + CORE) < 1.0, "%g", r.thickness_px);
    free(open);
    lct_rim_finish(&rim);
    lct_image_finish(&plane);
}

/* Layers 6 px apart in the rim over the right-hand facet only; white noise of one and a half times their height. */
Test(gap, layers_are_seen_where_they_are)
{
    const double layer = 23.0 / 4.0;
    struct lct_image plane = draw(0.0, 0.0, 0.0), frame = draw(0.0, 0.0, 0.0);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double right = x - X - CORE;
            if (right > 0.0 && right < TOTAL - CORE && fabs(y - Y) < 20.0)
                frame.px[y * W + x] += (float)(0.02 * cos(2.0 * M_PI * right / layer));
        }
    shape_add_noise(&frame, 0.03, 12);
    struct lct_rim rim = trace(&plane);
    lct_rim_find_fringes(&rim, &frame, 0.0, 0.0, layer);
    unsigned char *open = calloc(rim.n, 1);
    struct lct_facet_set set = { .particle = 1, .x_px = X, .y_px = Y, .n = 2 };
    lct_facet_turn_to(&set.facet[0], 0.0);
    lct_facet_turn_to(&set.facet[1], 180.0);
    const double half = CORE / sqrt(3.0);
    const struct lct_facet_edge edge = { .present = true, .height_px = CORE, .start_px = -half, .end_px = half };
    const struct lct_edge_error error = { .noise_px = 0.1, .noise_length_px = 5.0 };
    for (int f = 0; f < 2; f++) {
        struct lct_rim_facet r = lct_rim_facet_measure(&rim, open, &set, f, &edge, &error, &error);
        lct_rim_facet_count_layers(&r, layer);
        if (f == 0)
            cr_assert(eq(dbl, r.layers, 4.0), "snr %g", r.fringe_snr);
        else
            cr_assert(isnan(r.layers), "snr %g", r.fringe_snr);
    }
    free(open);
    lct_rim_finish(&rim);
    lct_image_finish(&plane);
    lct_image_finish(&frame);
}

/* How much of the rim over the facets to the right, to the left and at 60 degrees is in order, in a frame drifted by (3, -2) px. */
static void find_order(const struct lct_image *frame, bool gap, struct lct_rim_order out[3])
{
    const double layer = 23.0 / 4.0, half = CORE / sqrt(3.0);
    struct lct_image plane = draw(0.0, 0.0, 0.0);
    struct lct_rim rim = trace(&plane);
    lct_rim_find_fringes(&rim, frame, 3.0, -2.0, layer);
    unsigned char *open = calloc(rim.n, 1);
    for (size_t i = 0; gap && i < rim.n; i++)
        open[i] = rim.points[i].x_px < X && rim.points[i].y_px < Y;
    struct lct_facet_set set = { .particle = 1, .x_px = X, .y_px = Y, .n = 3 };
    for (int f = 0; f < 3; f++)
        lct_facet_turn_to(&set.facet[f], (const double[]){ 0.0, 180.0, 60.0 }[f]);
    const struct lct_facet_edge edge = { .present = true, .height_px = CORE, .start_px = -half, .end_px = half };
    const struct lct_facet_edge edges[3] = { edge, edge, edge };
    cr_assert(lct_rim_order_measure(&rim, open, layer, &set, edges, out, NULL) == LCT_OK);
    free(open);
    lct_rim_finish(&rim);
    lct_image_finish(&plane);
}

/* Layers in the whole rim to the right, in the lower half of that to the left, elsewhere noise of one and a half times their height. */
Test(gap, the_share_of_the_rim_in_order_is_where_layers_are)
{
    const double layer = 23.0 / 4.0;
    struct lct_image frame = draw(0.0, 0.0, 0.0);
    shape_add_noise(&frame, 0.03, 21);
    struct lct_rim_order order[3];
    find_order(&frame, false, order);
    for (int f = 0; f < 3; f++)
        cr_assert(isnan(order[f].frac), "noise alone: %g", order[f].frac);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double dx = x - 3.0 - X, dy = y + 2.0 - Y, out = fabs(dx) - CORE;
            if (out > 0.0 && out < TOTAL - CORE && fabs(dy) < 35.0 && (dx > 0.0 || dy > 0.0))
                frame.px[y * W + x] += (float)(0.03 * cos(2.0 * M_PI * out / layer));
        }
    find_order(&frame, false, order);
    /* the border is told to half of the smoothing, which is 8 of the facet's 48 px */
    const double want[3] = { 1.0, 0.5, 0.0 };
    for (int f = 0; f < 3; f++) {
        cr_assert(epsilon_eq(dbl, order[f].frac, want[f], 0.09), "facet %d: %g", f, order[f].frac);
        cr_assert(order[f].frac_sd >= 0.0 && order[f].frac_sd < 0.1);
    }
    cr_assert(epsilon_eq(dbl, order[0].amplitude, 0.03, 0.004)); /* noise 0.003; the rim's edges take a little */
    cr_assert(lt(dbl, order[2].amplitude, 0.01));
    find_order(&frame, true, order); /* the disordered half to the left leads through a gap: what is left is in order */
    cr_assert(epsilon_eq(dbl, order[1].frac, 1.0, 0.15), "%g", order[1].frac);
    lct_image_finish(&frame);
}

/* The ring of `bare` of the way round is missing, beginning to the right. */
static double find_bare_share(double bare, uint64_t seed)
{
    struct lct_image plane = shape_plane(W, H);
    const struct shape core = { X, Y, CORE, 6, 0.0 }, total = { X, Y, TOTAL, 6, 0.0 };
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double turn = atan2(y - Y, x - X) / (2.0 * M_PI);
            const bool missing = turn + (turn < 0.0 ? 1.0 : 0.0) < bare;
            const double in = shape_edge(shape_distance(&core, x, y), levels.blur_px);
            const double rim = missing ? 0.0 : shape_edge(shape_distance(&total, x, y), levels.blur_px) - in;
            plane.px[y * W + x] += (float)((levels.core - 1.0) * in + (levels.shell - 1.0) * fmax(rim, 0.0));
        }
    shape_add_noise(&plane, levels.noise_sd, seed);
    struct lct_rim rim = trace_with(&plane, (1.0 - bare) * (shape_area(&total) - shape_area(&core)) + 1.0);
    const struct lct_gap_params params = lct_gap_defaults();
    struct lct_gap *gaps;
    size_t n;
    double open = 0.0, all = 0.0;
    cr_assert(lct_gaps_find(&gaps, &n, &rim, levels.blur_px, &params, NULL) == LCT_OK);
    for (size_t k = 0; k < rim.n; k++)
        all += rim.points[k].step_px;
    for (size_t g = 0; g < n; g++)
        for (size_t k = 0; k < gaps[g].n_rays; k++)
            open += rim.points[(gaps[g].first + k) % rim.n].step_px;
    free(gaps);
    lct_rim_finish(&rim);
    lct_image_finish(&plane);
    return open / all;
}

/* What is bare stays bare however little rim is left to compare it with. */
Test(gap, a_rim_may_be_bare_for_the_most_part)
{
    for (double bare = 0.2; bare < 1.05; bare += 0.2)
        cr_assert(epsilon_eq(dbl, find_bare_share(bare, 5), fmin(bare, 1.0), 0.05), "%g", bare);
}

/* A ring of rays whose rim is grainy; the three windows, 15 % of it each, make that look like scatter of the rim itself. */
Test(gap, windows_are_no_scatter_of_the_rim)
{
    enum { N = 380 };
    struct lct_rim_point points[N];
    for (int i = 0; i < N; i++) {
        const double turn = 2.0 * M_PI * i / N;
        const double grain = 0.12 * sin(0.21 * i) + 0.12 * sin(0.13 * i + 1.0);
        points[i] = (struct lct_rim_point){
            .x_px = 70.0 * cos(turn), .y_px = 70.0 * sin(turn), .liquid = (i % 127 < 57 ? 1.0 : 0.0) + grain
        };
    }
    struct lct_rim rim = { .points = points, .n = N, .spacing_px = 0.5 * levels.blur_px };
    lct_rim_measure_steps(&rim);
    const struct lct_gap_params params = lct_gap_defaults();
    struct lct_gap *gaps;
    size_t n;
    cr_assert(lct_gaps_find(&gaps, &n, &rim, levels.blur_px, &params, NULL) == LCT_OK);
    cr_assert(eq(sz, n, 3));
    for (size_t g = 0; g < n; g++)
        cr_assert(epsilon_eq(dbl, (double)gaps[g].n_rays, 57.0, 6.0));
    free(gaps);
}

/* Where a ray sees neither rim nor liquid, nothing is said of it, and of a facet of many such rays nothing at all. */
Test(gap, what_cannot_be_seen_is_neither_bare_nor_covered)
{
    struct lct_image plane = draw(0.0, 0.0, 0.0);
    struct lct_rim rim = trace(&plane);
    unsigned char *open = calloc(rim.n, 1);
    struct lct_facet_set set = { .particle = 1, .x_px = X, .y_px = Y, .n = 1 };
    lct_facet_turn_to(&set.facet[0], 0.0);
    const double half = CORE / sqrt(3.0);
    const struct lct_facet_edge edge = { .present = true, .height_px = CORE, .start_px = -half, .end_px = half };
    const struct lct_edge_error error = { .noise_px = 0.1, .noise_length_px = 5.0 };
    for (int all = 0; all < 2; all++) {
        for (size_t k = 0; k < rim.n; k++)
            if (rim.points[k].x_px > X && (all || rim.points[k].y_px > Y + 0.6 * half)) {
                rim.points[k].thickness_px = 0.0;
                rim.points[k].liquid = (double)NAN;
            }
        const struct lct_rim_facet r = lct_rim_facet_measure(&rim, open, &set, 0, &edge, &error, &error);
        cr_assert(all ? isnan(r.exposed_frac) : r.exposed_frac == 0.0, "%g", r.exposed_frac);
    }
    free(open);
    lct_rim_finish(&rim);
    lct_image_finish(&plane);
}

/* The mirrored picture has the mirrored gap: nothing prefers a side, but for which of the rays medians are taken at. */
Test(gap, a_mirrored_rim_has_the_mirrored_gap)
{
    struct lct_image plane = draw(9.0, 6.0, 0.0);
    struct lct_rim rim = trace(&plane);
    const struct lct_gap_params params = lct_gap_defaults();
    struct lct_gap *gap, *mirrored;
    size_t n;
    cr_assert(lct_gaps_find(&gap, &n, &rim, levels.blur_px, &params, NULL) == LCT_OK && n == 1);
    for (size_t i = 0; i < rim.n; i++) /* the same ring, upside down: it now runs the other way round */
        rim.points[i].y_px = 2.0 * Y - rim.points[i].y_px;
    for (size_t i = 0; i < rim.n / 2; i++) {
        const struct lct_rim_point swap = rim.points[i];
        rim.points[i] = rim.points[rim.n - 1 - i];
        rim.points[rim.n - 1 - i] = swap;
    }
    cr_assert(lct_gaps_find(&mirrored, &n, &rim, levels.blur_px, &params, NULL) == LCT_OK && n == 1);
    cr_assert(epsilon_eq(dbl, mirrored[0].x_px, gap[0].x_px, 1e-3));
    cr_assert(epsilon_eq(dbl, mirrored[0].y_px, 2.0 * Y - gap[0].y_px, 1e-3));
    cr_assert(epsilon_eq(dbl, mirrored[0].width_px, gap[0].width_px, 1e-3));
    free(gap);
    free(mirrored);
    lct_rim_finish(&rim);
    lct_image_finish(&plane);
}

/* Grey at height h over a core that ends at `core_px`, under a rim that begins at `rim_px` and has no end. */
static double grey_at(double h, double core_px, double rim_px)
{
    const double b = levels.blur_px;
    return levels.core + (1.0 - levels.core) * 0.5 * erfc((core_px - h) / (sqrt(2.0) * b))
        - (1.0 - levels.shell) * 0.5 * erfc((rim_px - h) / (sqrt(2.0) * b));
}

/* Where core and shell meet in the grey, the core seems to end too low over a thin void, and does not really. */
Test(gap, a_thin_void_is_told_from_missing_core)
{
    const double rim = 40.0, mid = 0.5 * (levels.core + levels.shell);
    for (double width = 0.0; width < 2.0 * levels.blur_px; width += 0.3 * levels.blur_px) {
        double lo = rim - 8.0 * levels.blur_px, hi = rim;
        for (int i = 0; i < 60; i++) {
            const double h = 0.5 * (lo + hi);
            *(grey_at(h, rim - width, rim) < mid ? &lo : &hi) = h;
        }
        cr_assert(width == 0.0 || rim - lo > 1.3 * width, "seems to lie %g px below", rim - lo);
        const double found = lct_void_core_edge_px(&levels, levels.blur_px, rim, lo);
        cr_assert(epsilon_eq(dbl, found, rim - width, 1e-6), "%g px: %g", width, rim - found);
    }
    cr_assert(eq(dbl, lct_void_core_edge_px(&levels, levels.blur_px, 30.0, 31.0), 31.0)); /* no void */
    const double far = rim - 10.0 * levels.blur_px;                                       /* wide: seen as liquid */
    cr_assert(eq(dbl, lct_void_core_edge_px(&levels, levels.blur_px, rim, far), far));
}
