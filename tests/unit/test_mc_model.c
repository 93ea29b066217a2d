/* Protects: bad parameters are refused with the parameter's name; the start is the printed one; presets and keys are in order; the lattice
 * is its own mirror; nothing depends on the number of threads or on an interruption. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/mc_grow.h>
#include <lctem/mc_keys.h>
#include <lctem/mc_scan.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct lct_mc_model model_of(struct lct_mc_params p)
{
    struct lct_mc_model m;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_mc_model_init(&m, &p, &err), LCT_OK), "%s", err.text);
    return m;
}

Test(mc_model, printed_start_is_the_printed_hexagon)
{
    struct lct_mc_model m = model_of(lct_mc_defaults());
    uint8_t *o = malloc(m.lattice.n_sites);
    cr_assert(eq(int, lct_mc_start(&m, true, o, NULL), LCT_OK));
    const struct lct_mc_counts c = lct_mc_count(&m, o);
    cr_assert(eq(long, c.core_sites, 200));
    cr_assert(eq(long, c.shell_sites, 248));
    cr_assert(eq(long, c.core_area_sites, 50));
    cr_assert(eq(long, c.shell_area_sites, 62));
    cr_assert(eq(long, c.exposed_core_sites, 0));
    long columns = 0; /* X = 0..6, Y = 0..7, 2 <= X + Y <= 11 around the middle */
    for (int y = 0; y <= 7; y++)
        for (int x = 0; x <= 6; x++)
            if (x + y >= 2 && x + y <= 11)
                columns += o[((36 + (size_t)y) * 80 + 36 + (size_t)x) * 4] == LCT_MC_CORE;
    cr_assert(eq(long, columns, 50));
    cr_assert(eq(int, lct_mc_start(&m, false, o, NULL), LCT_OK));
    cr_assert(eq(long, lct_mc_count(&m, o).exposed_core_sites, 88)); /* 22 columns at the rim */
    free(o);
    lct_mc_model_finish(&m);
}

Test(mc_model, every_neighbour_has_its_opposite)
{
    const int stencils[] = { 6, 8, 12 };
    for (int k = 0; k < 3; k++)
        for (int open = 0; open < 2; open++) {
            struct lct_mc_params p = lct_mc_defaults();
            p.nx = 12;
            p.ny = 14;
            p.core_columns = 7;
            p.shell_layers = 1;
            p.stencil = stencils[k];
            p.periodic_z = p.periodic_x = !open;
            struct lct_mc_model m = model_of(p);
            const int z = m.lattice.stencil, half = m.lattice.half;
            for (uint32_t i = 0; i < m.lattice.n_sites; i++)
                for (int d = 0; d < z; d++) {
                    const uint32_t j = lct_mc_neighbour(&m.lattice, i, d);
                    const int back = d < half ? d + half : d - half;
                    if (j != LCT_MC_NO_SITE)
                        cr_assert(eq(u32, lct_mc_neighbour(&m.lattice, j, back), i));
                }
            lct_mc_model_finish(&m);
        }
}

Test(mc_model, refuses_what_makes_no_model_and_names_it)
{
    // clang-format off
    static const struct {
        const char *key, *value, *named;
    } rows[] = { { "size", "0x80x4", "size" }, { "size", "10x10x4", "size" }, { "eps_core", "nan", "eps_core" },
        { "mu_core", "inf", "mu_core" }, { "swap_weight", "-1", "swap_weight" }, { "exchange_weight", "-0.5", "exchange_weight" },
        { "core_share", "1.5", "core_share" }, { "core_columns", "0", "core_columns" }, { "shell_layers", "-1", "shell_layers" },
        { "shell_layers", "40", "size" }, { "cap_layers", "2", "cap_layers" }, { "reservoir_core", "-3", "reservoir_core" },
        { "reservoir_core", "nan", "reservoir_core" }, { "target_core_sites", "0", "target_core_sites" }, { "stencil", "7", "stencil" } };
    // clang-format on
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_mc_params p = lct_mc_defaults();
        struct lct_err err = { 0 };
        cr_assert(eq(int, lct_mc_set(&p, rows[i].key, rows[i].value, &err), LCT_OK), "%s", err.text);
        struct lct_mc_model m = { .rates = NULL };
        cr_assert(eq(int, lct_mc_model_init(&m, &p, &err), LCT_E_ARG), "%s=%s", rows[i].key, rows[i].value);
        cr_assert(not(zero(ptr, strstr(err.text, rows[i].named))), "%s=%s: %s", rows[i].key, rows[i].value, err.text);
        cr_assert(zero(ptr, m.rates));
    }
    struct lct_mc_params p = lct_mc_defaults();
    struct lct_err err = { 0 };
    p.stencil = 12;
    p.nz = 3;
    cr_assert(eq(int, lct_mc_check(&p, &err), LCT_E_ARG));
    p = lct_mc_defaults();
    p.swap_weight = p.exchange_weight = 0;
    cr_assert(eq(int, lct_mc_check(&p, &err), LCT_E_ARG));
    cr_assert(eq(int, lct_mc_set(&p, "mu_cor", "1", &err), LCT_E_ARG));
    cr_assert(not(zero(ptr, strstr(err.text, "mu_core"))));
    cr_assert(eq(int, lct_mc_set(&p, "stencil", "8.5", &err), LCT_E_ARG));
}

Test(mc_model, presets_make_models)
{
    for (const struct lct_mc_preset *p = lct_mc_presets(); p->name; p++) {
        struct lct_mc_params params;
        cr_assert(eq(int, lct_mc_preset_find(p->name, &params, NULL), LCT_OK));
        cr_assert(eq(int, lct_mc_check(&params, NULL), LCT_OK), "%s", p->name);
        cr_assert(gt(sz, strlen(p->help), 40));
    }
    struct lct_mc_params params;
    cr_assert(eq(int, lct_mc_preset_find("none", &params, NULL), LCT_E_ARG));
}

Test(mc_model, reservoir_gives_no_more_than_it_has)
{
    struct lct_mc_params p = lct_mc_defaults();
    p.core_share = 1;
    p.shell_conserved = true;
    p.reservoir_core = 17;
    p.mu_core = -28;
    for (int kind = 0; kind < 2; kind++) {
        struct lct_mc_model m = model_of(p);
        uint8_t *o = malloc(m.lattice.n_sites);
        struct lct_mc_engine *e = NULL;
        enum lct_mc_end end;
        const struct lct_mc_stop never = lct_mc_stop_never();
        cr_assert(eq(int, lct_mc_start(&m, false, o, NULL), LCT_OK));
        cr_assert(eq(int, lct_mc_engine_create(&e, &m, (enum lct_mc_engine_kind)kind, 1, 0, o, NULL), LCT_OK));
        const uint64_t n = (uint64_t)(kind ? 1500 : 5000) * m.lattice.n_sites;
        cr_assert(eq(int, lct_mc_engine_run(e, n, &never, &end, NULL), LCT_OK));
        cr_assert(eq(u64, lct_mc_engine_tally(e)->clock, n));
        cr_assert(le(long, lct_mc_engine_tally(e)->core_sites, 217));
        cr_assert(gt(long, lct_mc_engine_tally(e)->core_sites, 205)); /* it does grow */
        lct_mc_engine_destroy(&e);
        free(o);
        lct_mc_model_finish(&m);
    }
}

Test(mc_model, counts_kept_while_running_are_those_of_the_configuration)
{
    for (const struct lct_mc_preset *preset = lct_mc_presets(); preset->name; preset++)
        for (int kind = 0; kind < 2; kind++) {
            struct lct_mc_params p;
            preset->apply(&p);
            struct lct_mc_model m = model_of(p);
            uint8_t *o = malloc(m.lattice.n_sites);
            struct lct_mc_engine *e = NULL;
            enum lct_mc_end end;
            struct lct_mc_stop stop = lct_mc_stop_never();
            stop.max_events = 3000;
            cr_assert(eq(int, lct_mc_start(&m, true, o, NULL), LCT_OK));
            cr_assert(eq(int, lct_mc_engine_create(&e, &m, (enum lct_mc_engine_kind)kind, 5, 1, o, NULL), LCT_OK));
            cr_assert(eq(int, lct_mc_engine_run(e, 500u * m.lattice.n_sites, &stop, &end, NULL), LCT_OK));
            const struct lct_mc_tally *t = lct_mc_engine_tally(e);
            const struct lct_mc_counts c = lct_mc_count(&m, lct_mc_engine_occupancy(e));
            cr_assert(eq(long, t->core_sites, c.core_sites));
            cr_assert(eq(long, t->shell_sites, c.shell_sites));
            cr_assert(eq(long, t->exposed_core_sites, c.exposed_core_sites));
            lct_mc_engine_destroy(&e);
            free(o);
            lct_mc_model_finish(&m);
        }
}

/* ---- the lists after many events ---- */

static int by_place(const void *a, const void *b)
{
    const struct lct_mc_move *x = a, *y = b;
    const uint64_t p = (uint64_t)x->site << 32 | x->other, q = (uint64_t)y->site << 32 | y->other;
    return p != q ? (p > q) - (p < q) : x->becomes - y->becomes;
}

static size_t moves_of(const struct lct_mc_engine *e, struct lct_mc_move *out, size_t capacity)
{
    const size_t n = lct_mc_engine_moves(e, out, capacity);
    cr_assert(le(sz, n, capacity));
    qsort(out, n, sizeof *out, by_place);
    return n;
}

/* Lists that follow each event must be those of an engine that begins in the same configuration. Sizes from those where a closed axis
 * leads straight back to those where it does not; half of the lattice full, so that every kind of pair meets. */
static void lists_agree(struct lct_mc_params p, const char *name)
{
    enum { CAPACITY = 20000 };
    struct lct_mc_model m = model_of(p);
    uint8_t *o = malloc(m.lattice.n_sites);
    struct lct_mc_move *kept = calloc(2 * CAPACITY, sizeof *kept), *anew = kept + CAPACITY;
    cr_assert(o && kept);
    for (uint32_t i = 0; i < m.lattice.n_sites; i++)
        o[i] = (uint8_t)(i * 7 % 5 % 3);
    struct lct_mc_engine *e = NULL, *fresh = NULL;
    cr_assert(eq(int, lct_mc_engine_create(&e, &m, LCT_MC_REJECTION_FREE, 3, 0, o, NULL), LCT_OK));
    for (int k = 1; k <= 40; k++) {
        struct lct_mc_stop stop = lct_mc_stop_never();
        enum lct_mc_end end;
        stop.max_events = (uint64_t)(25 * k);
        cr_assert(eq(int, lct_mc_engine_run(e, UINT64_MAX, &stop, &end, NULL), LCT_OK));
        cr_assert(eq(int,
            lct_mc_engine_create(&fresh, &m, LCT_MC_REJECTION_FREE, 3, 0, lct_mc_engine_occupancy(e), NULL), LCT_OK));
        const size_t n = moves_of(e, kept, CAPACITY), n_anew = moves_of(fresh, anew, CAPACITY);
        cr_assert(eq(sz, n, n_anew), "%s %dx%dx%d", name, p.nx, p.ny, p.nz);
        for (size_t i = 0; i < n; i++)
            cr_assert(by_place(kept + i, anew + i) == 0 && kept[i].probability == anew[i].probability,
                "%s %dx%dx%d: move at %u", name, p.nx, p.ny, p.nz, kept[i].site);
        lct_mc_engine_destroy(&fresh);
    }
    lct_mc_engine_destroy(&e);
    free(kept);
    free(o);
    lct_mc_model_finish(&m);
}

Test(mc_model, lists_that_follow_events_are_those_made_anew)
{
    static const int sizes[][3] = { { 2, 2, 2 }, { 3, 3, 1 }, { 3, 3, 3 }, { 4, 2, 4 }, { 4, 4, 4 }, { 5, 6, 3 },
        { 6, 5, 5 }, { 7, 7, 6 } };
    static const char *const borders[] = { "xyz", "xy", "z", "x", "none" };
    static const char *const stencils[] = { "8", "6", "12" };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t b = 0; b < sizeof borders / sizeof *borders; b++)
            for (size_t s = 0; s < 3; s++) {
                struct lct_mc_params p = lct_mc_defaults();
                p.nx = sizes[i][0];
                p.ny = sizes[i][1];
                p.nz = sizes[i][2];
                p.core_columns = 1;
                p.shell_layers = 0;
                p.eps_core = 1.1;
                p.eps_shell = 0.6;
                p.eps_interface = 0.7;
                p.mu_core = -3.5;
                p.mu_shell = -2.5;
                p.swap_weight = p.exchange_weight;
                cr_assert(eq(int, lct_mc_set(&p, "periodic", borders[b], NULL), LCT_OK));
                cr_assert(eq(int, lct_mc_set(&p, "stencil", stencils[s], NULL), LCT_OK));
                if (lct_mc_check(&p, NULL) == LCT_OK) /* hcp does not close over an odd number of layers */
                    lists_agree(p, borders[b]);
            }
}

Test(mc_model, axes_of_a_grid)
{
    static const struct {
        const char *text;
        size_t n;
        const char *last;
    } rows[] = { { "mu_core=-30:-29:0.1", 11, "-29" }, { "swap_weight=0.02:50:*50", 3, "50" },
        { "shell_layers=1,2", 2, "2" }, { "mu_core=-22:-30:-2", 5, "-30" },
        { "form=indicator,literal", 2, "literal" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lct_mc_axis a;
        cr_assert(eq(int, lct_mc_axis_init(&a, rows[i].text, NULL), LCT_OK), "%s", rows[i].text);
        cr_assert(eq(sz, a.n, rows[i].n), "%s", rows[i].text);
        cr_assert(eq(str, a.values[a.n - 1], (char *)rows[i].last));
        lct_mc_axis_finish(&a);
    }
    const char *bad[] = { "mu_core", "=1,2", "mu_core=1:2", "mu_core=1:2:-1", "mu_core=", "mu_core=1,,2",
        "mu_core=1:1e9:1" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lct_mc_axis a;
        cr_assert(eq(int, lct_mc_axis_init(&a, bad[i], NULL), LCT_E_ARG), "%s", bad[i]);
    }
}

/* ---- threads and interruptions ---- */

struct brake {
    long calls, limit;
};

static bool brake(void *context, const char *stage, long done, long total)
{
    struct brake *b = context;
    (void)stage;
    (void)done;
    (void)total;
    return b->calls++ < b->limit;
}

static char *read_all(const char *dir, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    cr_assert(not(zero(ptr, f)), "%s", path);
    char *text = calloc(1, 1 << 22);
    cr_assert(lt(sz, fread(text, 1, (1 << 22) - 1, f), (1 << 22) - 1));
    fclose(f);
    return text;
}

static enum lct_status grow_into(const char *dir, int kind, int threads, bool resume, long calls)
{
    struct lct_mc_params p;
    cr_assert(eq(int, lct_mc_preset_find("crack-one-layer", &p, NULL), LCT_OK));
    struct lct_mc_model m = model_of(p);
    struct lct_mc_grow_params g = lct_mc_grow_defaults();
    g.run.threads = threads;
    g.run.engine = (enum lct_mc_engine_kind)kind;
    g.run.max_steps = kind ? 120 : 3000;
    g.replicas = 3;
    g.every_steps = kind ? 1 : 10;
    g.checkpoints = dir;
    g.resume = resume;
    struct lct_table *table = NULL;
    struct lct_mc_trajectory t[3];
    struct brake b = { 0, calls };
    const struct lct_progress progress = { brake, &b };
    cr_assert(eq(int, lct_table_create(&table, dir, &lct_mc_growth_table, NULL), LCT_OK));
    const enum lct_status s = lct_mc_grow(t, &m, &g, table, &progress, NULL, NULL, NULL);
    cr_assert(eq(int, lct_table_close(&table, NULL), LCT_OK));
    lct_mc_model_finish(&m);
    return s;
}

Test(mc_model, trajectory_is_the_same_on_any_threads_and_after_interruptions)
{
    for (int kind = 0; kind < 2; kind++) {
        char dirs[3][40] = { "/tmp/lctem_mc_XXXXXX", "/tmp/lctem_mc_XXXXXX", "/tmp/lctem_mc_XXXXXX" };
        for (int i = 0; i < 3; i++)
            cr_assert(not(zero(ptr, mkdtemp(dirs[i]))));
        cr_assert(eq(int, grow_into(dirs[0], kind, 1, false, 1000000), LCT_OK));
        cr_assert(eq(int, grow_into(dirs[1], kind, 3, false, 1000000), LCT_OK));
        cr_assert(eq(int, grow_into(dirs[2], kind, 2, false, 130), LCT_E_CANCELLED));
        cr_assert(eq(int, grow_into(dirs[2], kind, 1, true, 77), LCT_E_CANCELLED));
        cr_assert(eq(int, grow_into(dirs[2], kind, 3, true, 1000000), LCT_OK));
        char *a = read_all(dirs[0], "growth.csv"), *b = read_all(dirs[1], "growth.csv"),
             *c = read_all(dirs[2], "growth.csv");
        cr_assert(gt(sz, strlen(a), 4000));
        cr_assert(zero(int, strcmp(a, b)), "threads, engine %d", kind);
        cr_assert(zero(int, strcmp(a, c)), "resumed, engine %d", kind);
        free(a);
        free(b);
        free(c);
        for (int i = 0; i < 3; i++)
            folder_clear(dirs[i]);
    }
}
