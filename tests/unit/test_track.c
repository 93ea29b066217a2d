/* Protects: a particle keeps its number through contact, and gets a new one only by a true split or merge; nothing is lost or invented. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/outline.h>
#include <lctem/track.h>
#include <math.h>
#include <shapes.h>
#include <stdlib.h>
#include <string.h>

enum { W = 180, H = 100, MAX_EVENTS = 64, MAX_SEEN = 8 };
static const struct lct_levels levels = {
    .shell = 0.86, .core = 0.73, .has_shell = true, .noise_sd = 0.002, .blur_px = 2.5
};

static struct lct_track *track;
static uint8_t phase[W * H];
static uint16_t labels[W * H];
static struct lct_image plane;
static struct lct_event events[MAX_EVENTS];
static int n_events;
static struct lct_track_particle seen[MAX_SEEN];
static size_t n_seen;
static long frame;

static void setup(void)
{
    const struct lct_track_params params = lct_track_defaults();
    cr_assert(lct_track_create(&track, W, H, &params, NULL) == LCT_OK);
    plane = shape_plane(W, H);
    n_events = 0;
    frame = 0;
}

static void teardown(void)
{
    lct_track_destroy(&track);
    cr_assert(track == NULL);
    lct_image_finish(&plane);
}

TestSuite(track, .init = setup, .fini = teardown);

static void clear_phase(void)
{
    memset(phase, LCT_LIQUID, sizeof phase);
}

/* A particle; core pixels win over shell. */
static void put(double x, double y, double core_px, double total_px)
{
    static uint8_t one[W * H];
    memset(one, LCT_LIQUID, sizeof one);
    shape_phase(one, W, H, x, y, core_px, total_px);
    for (int i = 0; i < W * H; i++)
        if (one[i] == LCT_CORE || (one[i] == LCT_SHELL && phase[i] == LCT_LIQUID))
            phase[i] = one[i];
}

/* Hand the picture over and take down what came out of it. */
static void next(int x_offset, int y_offset)
{
    static const float grey[] = { [LCT_LIQUID] = 1.0f, [LCT_CORE] = 0.73f, [LCT_SHELL] = 0.86f };
    struct lct_err err = { 0 };
    for (int i = 0; i < W * H; i++)
        plane.px[i] = grey[phase[i]];
    static const uint8_t weak[W * H]; /* nothing but the phases says what holds together here */
    const struct lct_track_input in = {
        .phase = phase, .weak = weak, .plane = &plane, .x_offset = x_offset, .y_offset = y_offset
    };
    cr_assert(lct_track_frame(track, frame, &in, &levels, labels, &err) == LCT_OK, "%s", err.text);
    size_t n;
    const struct lct_event *e = lct_track_events(track, &n);
    for (size_t k = 0; k < n && n_events < MAX_EVENTS; k++)
        events[n_events++] = e[k];
    const struct lct_track_particle *p = lct_track_particles(track, &n);
    n_seen = n < MAX_SEEN ? n : MAX_SEEN;
    for (size_t k = 0; k < n_seen; k++)
        seen[k] = p[k];
    frame++;
}

static int count_events(enum lct_event_kind kind)
{
    int n = 0;
    for (int k = 0; k < n_events; k++)
        n += events[k].kind == kind;
    return n;
}

static const struct lct_event *find_event(enum lct_event_kind kind)
{
    for (int k = 0; k < n_events; k++)
        if (events[k].kind == kind)
            return &events[k];
    return NULL;
}

static int label_count(uint16_t label)
{
    int n = 0;
    for (int i = 0; i < W * H; i++)
        n += labels[i] == label;
    return n;
}

/* Every pixel of a particle has a label of its own phase, every other pixel none. */
static void labels_follow_phase(void)
{
    for (int i = 0; i < W * H; i++)
        cr_assert(eq(int, lct_label_phase(labels[i]), phase[i]), "frame %ld, pixel %d", frame - 1, i);
}

Test(track, ids_go_from_left_to_right_and_counts_are_exact)
{
    put(130, 30, 15, 20);
    put(50, 60, 15, 20);
    put(90, 50, 12, 15);
    next(0, 0);
    cr_assert(n_seen == 3 && seen[0].id == 1 && seen[1].id == 2 && seen[2].id == 3);
    cr_assert(eq(int, count_events(LCT_EVENT_APPEAR), 3));
    labels_follow_phase();
    static const double x[] = { 50, 90, 130 };
    for (int k = 0; k < 3; k++) {
        cr_assert(fabs(seen[k].pixels.x_sum / seen[k].pixels.area_px - x[k]) < 0.01);
        cr_assert(eq(int, seen[k].core_px, label_count((uint16_t)(2 * k + 1))));
        cr_assert(eq(int, seen[k].pixels.area_px, seen[k].core_px + label_count((uint16_t)(2 * k + 2))));
        cr_assert(seen[k].parents[0] == 0 && !seen[k].border && !seen[k].contact);
    }
}

/* Shells meet, cores meet: numbers hold until the cores are one. Both come from the left and right at 1 px a frame. */
Test(track, two_approach_touch_and_merge)
{
    long merged_at = -1;
    for (int d = 60; d >= 24; d--) {
        clear_phase();
        put(90 - 0.5 * d, 50, 15, 20);
        put(90 + 0.5 * d, 50, 15, 20);
        next(0, 0);
        labels_follow_phase();
        if (merged_at < 0 && count_events(LCT_EVENT_MERGE))
            merged_at = frame - 1;
        if (merged_at < 0) {
            cr_assert(n_seen == 2 && seen[0].id == 1 && seen[1].id == 2, "distance %d", d);
            const double share = (double)seen[0].pixels.area_px / (seen[0].pixels.area_px + seen[1].pixels.area_px);
            cr_assert(fabs(share - 0.5) < 0.03, "distance %d: %g", d, share); /* each its own, by symmetry */
            cr_assert(eq(int, seen[0].contact, d <= 40), "distance %d", d);
        } else {
            cr_assert(n_seen == 1 && seen[0].id == 3 && seen[0].parents[0] + seen[0].parents[1] == 3, "distance %d", d);
        }
    }
    cr_assert(merged_at >= 60 - 31 && merged_at <= 60 - 28, "frame %ld", merged_at); /* cores of 15 px meet at 30 */
    cr_assert(eq(int, count_events(LCT_EVENT_APPEAR), 2));
    cr_assert(eq(int, count_events(LCT_EVENT_CONTACT), 1));
    cr_assert(find_event(LCT_EVENT_CONTACT)->frame >= 20 && find_event(LCT_EVENT_CONTACT)->frame <= 21);
    cr_assert(eq(int, count_events(LCT_EVENT_MERGE), 2));
    const struct lct_event *m = find_event(LCT_EVENT_MERGE);
    cr_assert(m->particle == 3 && m->other + m[1].other == 3);
    cr_assert(eq(int, count_events(LCT_EVENT_DISSOLVED), 0));
}

/* One shrinks while they touch: the border stays with its owners' shares, the small one does not eat the shell of the large. */
Test(track, in_contact_each_keeps_its_share)
{
    int shell_before = 0;
    for (int k = 0; k < 30; k++) {
        clear_phase();
        put(60, 50, 20, 26);
        put(104, 50, 18 - 0.3 * k, 24 - 0.3 * k);
        next(0, 0);
        labels_follow_phase();
        cr_assert(n_seen == 2 && seen[0].id == 1 && seen[1].id == 2, "frame %d", k);
        const int shell = label_count(2);
        if (k > 0)
            cr_assert(abs(shell - shell_before) <= 12, "frame %d: shell %d after %d", k, shell, shell_before);
        shell_before = shell;
    }
    const double own = M_PI * (26 * 26 - 20 * 20);
    cr_assert(fabs(shell_before / own - 1.0) < 0.05, "%d for %g", shell_before, own);
}

/* A dumb-bell whose neck goes: the parts are children of the whole, with numbers of their own. */
Test(track, one_splits_into_two_children)
{
    for (int d = 10; d <= 60; d += 2) {
        clear_phase();
        put(90 - 0.5 * d, 50, 15, 23);
        put(90 + 0.5 * d, 50, 15, 23);
        next(0, 0);
        labels_follow_phase();
    }
    cr_assert(n_seen == 2 && seen[0].id == 2 && seen[1].id == 3, "%zu seen, first %d", n_seen, n_seen ? seen[0].id : 0);
    cr_assert(seen[0].parents[0] == 1 && seen[1].parents[0] == 1 && seen[0].parents[1] == 0);
    cr_assert(eq(int, count_events(LCT_EVENT_SPLIT), 2));
    const struct lct_event *s = find_event(LCT_EVENT_SPLIT);
    cr_assert(s->other == 1 && s[1].other == 1 && s->frame >= 18 && s->frame <= 19, "frame %ld",
        s->frame); /* 46 px apart: frame 18 */
    cr_assert(eq(int, count_events(LCT_EVENT_APPEAR), 1));
    cr_assert(eq(int, count_events(LCT_EVENT_MERGE) + count_events(LCT_EVENT_DISSOLVED), 0));
}

/* A crumb that comes off is not a split: the particle goes on. */
Test(track, a_crumb_is_no_child)
{
    for (int k = 0; k < 12; k++) {
        clear_phase();
        put(60, 50, 25, 28);
        put(82 + 2 * k, 50, 4, 5);
        next(0, 0);
    }
    cr_assert(n_seen >= 1 && seen[0].id == 1);
    cr_assert(eq(int, count_events(LCT_EVENT_SPLIT), 0));
}

/* The last frame with a core is the last with a row; the event names the frame after, once patience is over. */
Test(track, one_shrinks_and_vanishes)
{
    long last = 0;
    for (int k = 0; k < 40; k++) {
        clear_phase();
        put(120, 50, 15, 20);
        const double core = 16 - 0.6 * k;
        if (core >= 1) {
            put(50, 50, core, core + 4);
            last = k;
        }
        next(0, 0);
        cr_assert(eq(int, (int)n_seen, k <= last ? 2 : 1), "frame %d", k);
    }
    cr_assert(eq(int, count_events(LCT_EVENT_DISSOLVED), 1));
    const struct lct_event *d = find_event(LCT_EVENT_DISSOLVED);
    cr_assert(
        d->particle == 1 && d->frame == last + 1, "particle %d, frame %ld, not %ld", d->particle, d->frame, last + 1);
    cr_assert(fabs(d->x_px - 50) < 1 && fabs(d->y_px - 50) < 1);
}

/* Out of sight for less than the patience: the same number; for longer: gone, and what comes is new. */
Test(track, one_leaves_and_comes_back)
{
    static const struct {
        int gap, id, dissolved;
    } rows[] = { { 3, 1, 0 }, { 5, 1, 0 }, { 7, 3, 1 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        teardown();
        setup();
        for (int k = 0; k < 20; k++) {
            clear_phase();
            put(120, 50, 15, 20);
            if (k < 5 || k >= 5 + rows[i].gap)
                put(50, 50, 15, 20);
            next(0, 0);
        }
        int left = 0;
        for (size_t k = 0; k < n_seen; k++)
            if (seen[k].pixels.x0 < 60)
                left = seen[k].id;
        cr_assert(eq(int, left, rows[i].id), "gap %d", rows[i].gap);
        cr_assert(eq(int, count_events(LCT_EVENT_DISSOLVED), rows[i].dissolved), "gap %d", rows[i].gap);
    }
}

/* The field jumps by more than a particle between frames; offsets say so. */
Test(track, drift_is_no_movement)
{
    static const int offsets[][2] = { { 0, 0 }, { 45, 12 }, { -38, -20 }, { 30, -15 }, { 0, 0 } };
    for (size_t k = 0; k < sizeof offsets / sizeof *offsets; k++) {
        clear_phase();
        put(60 + offsets[k][0], 50 + offsets[k][1], 12, 16);
        put(105 + offsets[k][0], 50 + offsets[k][1], 12, 16);
        next(offsets[k][0], offsets[k][1]);
        cr_assert(n_seen == 2 && seen[0].id == 1 && seen[1].id == 2, "frame %zu", k);
        cr_assert(fabs(seen[0].pixels.x_sum / seen[0].pixels.area_px - 60 - offsets[k][0]) < 0.01);
    }
    cr_assert(eq(int, n_events, 2)); /* they appeared */
}

Test(track, particles_are_reported_once_large_enough)
{
    long expected = -1; /* 400 px of core: a radius of 11.3 px */
    for (int k = 0; k < 20; k++) {
        clear_phase();
        put(90, 50, 6 + 0.5 * k, 9 + 0.5 * k);
        int core = 0;
        for (int i = 0; i < W * H; i++)
            core += phase[i] == LCT_CORE;
        if (expected < 0 && core >= 400)
            expected = k;
        next(0, 0);
        cr_assert(eq(int, (int)n_seen, expected >= 0), "frame %d", k);
    }
    cr_assert(eq(int, (int)find_event(LCT_EVENT_APPEAR)->frame, (int)expected));
}

Test(track, what_the_image_cuts_is_flagged)
{
    put(5, 50, 15, 20);
    put(120, 50, 15, 20);
    next(0, 0);
    cr_assert(n_seen == 2 && seen[0].border && !seen[1].border);
}

/* Stopped in every frame and gone on by a fresh tracker: the same numbers, events and labels as without a stop. */
Test(track, saved_and_restored_it_goes_on_as_before)
{
    static uint16_t all[37][W * H];
    for (int run = 0; run < 2; run++) {
        teardown();
        setup();
        for (int k = 0; k <= 36; k++) {
            clear_phase();
            put(60 + 0.5 * k, 50, 15, 20);
            put(120 - 0.5 * k, 50, 15, 20);
            next(0, 0);
            if (run == 0)
                memcpy(all[k], labels, sizeof labels);
            cr_assert(memcmp(all[k], labels, sizeof labels) == 0, "frame %d", k);
            if (run == 0)
                continue;
            unsigned char *bytes;
            size_t n;
            cr_assert(lct_track_save(track, &bytes, &n, NULL) == LCT_OK);
            lct_track_destroy(&track);
            const struct lct_track_params params = lct_track_defaults();
            cr_assert(lct_track_create(&track, W, H, &params, NULL) == LCT_OK);
            cr_assert(lct_track_restore(track, bytes, n, NULL) == LCT_OK);
            free(bytes);
        }
        cr_assert(eq(int, count_events(LCT_EVENT_MERGE), 2));
        cr_assert(eq(int, count_events(LCT_EVENT_CONTACT), 1));
    }
}

Test(track, an_empty_frame_has_no_particles)
{
    clear_phase();
    next(0, 0);
    cr_assert(n_seen == 0 && n_events == 0 && label_count(0) == W * H);
}

Test(track, events_have_the_names_of_the_contract)
{
    static const char *const names[] = { "appear", "contact", "merge", "split", "dissolved" };
    for (int k = LCT_EVENT_APPEAR; k <= LCT_EVENT_DISSOLVED; k++)
        cr_assert(strcmp(lct_event_name((enum lct_event_kind)k), names[k]) == 0);
}
