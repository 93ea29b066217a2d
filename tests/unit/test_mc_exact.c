/* Protects: both engines run the process of the recipe, move by move. Every configuration of a 2x2x2 lattice is visited, and every second one of 3x3x1; the moves
 * that an engine sees through its tables and lists must be those that the recipe gives when its text is followed with energies summed
 * bond by bond, and these must obey detailed balance. Then the engines run: Boltzmann averages and first-passage times are compared
 * with the enumeration and with the solved Markov chain. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/mc_engine.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SITES = 9, MAX_TARGETS = 256 };

struct row {
    const char *name;
    int nx, ny, nz;
    struct lct_mc_params p; /* size and start are set by `tiny` */
};

static struct lct_mc_params tiny(void)
{
    struct lct_mc_params p = lct_mc_defaults();
    p.eps_core = 1.1;
    p.eps_shell = 0.6;
    p.eps_interface = 0.7;
    p.mu_core = -2.5;
    p.mu_shell = -1.9;
    p.swap_weight = 1;
    p.exchange_weight = 2;
    p.core_share = 0.4;
    p.core_columns = 1;
    p.shell_layers = 0;
    return p;
}

enum {
    BASE,
    LITERAL,
    LITERAL_EPS,
    LITERAL_MU,
    IN_PLANE,
    HCP,
    CONSERVED,
    FLIPS,
    NO_CORE_SHELL_SWAPS,
    OPEN_Z,
    OPEN_PLANE,
    ALL_CORE,
    SWAPS_ONLY,
    EXCHANGES_ONLY,
    N_OPTIONS,
    N_ROWS = 2 * N_OPTIONS
};

static struct lct_mc_params option(int k, bool flat)
{
    struct lct_mc_params p = tiny();
    static const enum lct_mc_form forms[] = { LCT_MC_INDICATOR, LCT_MC_LITERAL, LCT_MC_LITERAL_EPS, LCT_MC_LITERAL_MU };
    p.form = k <= LITERAL_MU ? forms[k] : LCT_MC_INDICATOR;
    /* literal products are strong, and so are twelve bonds: weak ones, or the lattice fills and stays full */
    if (k == LITERAL || k == LITERAL_EPS) {
        p.eps_shell = 0.12;
        p.eps_interface = 0.3;
    }
    if (k == HCP) {
        p.eps_core = 0.5;
        p.eps_shell = 0.25;
        p.eps_interface = 0.3;
    }
    p.stencil = k == IN_PLANE ? 6 : k == HCP ? 12 : 8;
    p.shell_conserved = k == CONSERVED;
    p.flips = k == FLIPS;
    p.core_shell_swaps = k != NO_CORE_SHELL_SWAPS;
    p.periodic_z = k != OPEN_Z && !(k == HCP && flat); /* hcp does not close over one layer */
    p.periodic_x = p.periodic_y = k != OPEN_PLANE;
    p.core_share = k == ALL_CORE ? 1 : p.core_share;
    p.exchange_weight = k == SWAPS_ONLY ? 0 : p.exchange_weight;
    p.swap_weight = k == EXCHANGES_ONLY ? 0 : p.swap_weight;
    return p;
}

/* Each option on both lattices, 2x2x2 in the even rows. */
static void fill_rows(struct row *r)
{
    static const char *const names[N_OPTIONS] = { "base", "literal", "literal-eps", "literal-mu", "stencil 6", "hcp",
        "shell conserved", "flips", "no core-shell swaps", "open z", "open plane", "all core", "swaps only",
        "exchanges only" };
    for (int i = 0; i < N_ROWS; i++) {
        const bool flat = i % 2;
        r[i] = (struct row){ names[i / 2], flat ? 3 : 2, flat ? 3 : 2, flat ? 1 : 2, option(i / 2, flat) };
    }
}

static struct lct_mc_model model_of(const struct row *r)
{
    struct lct_mc_params p = r->p;
    p.nx = r->nx;
    p.ny = r->ny;
    p.nz = r->nz;
    struct lct_mc_model m;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_mc_model_init(&m, &p, &err), LCT_OK), "%s: %s", r->name, err.text);
    return m;
}

static long n_states(const struct lct_mc_model *m)
{
    long n = 1;
    for (uint32_t i = 0; i < m->lattice.n_sites; i++)
        n *= 3;
    return n;
}

static void decode(const struct lct_mc_model *m, long state, uint8_t *occupancy)
{
    for (uint32_t i = 0; i < m->lattice.n_sites; i++, state /= 3)
        occupancy[i] = (uint8_t)(state % 3);
}

static long encode(const struct lct_mc_model *m, const uint8_t *occupancy)
{
    long state = 0;
    for (uint32_t i = m->lattice.n_sites; i-- > 0;)
        state = 3 * state + occupancy[i];
    return state;
}

struct transition {
    long to;
    double p;
};

static void add(struct transition *t, int *n, long to, double p)
{
    int k = 0;
    while (k < *n && t[k].to != to)
        k++;
    if (k == *n) {
        cr_assert(lt(int, *n, MAX_TARGETS));
        t[(*n)++] = (struct transition){ to, 0 };
    }
    t[k].p += p;
}

/* The recipe as its text says: pick, change, compare energies. */
static int by_the_text(const struct lct_mc_model *m, long state, struct transition *t)
{
    const struct lct_mc_params *p = &m->params;
    const double exchange = p->exchange_weight / (p->exchange_weight + p->swap_weight), n = m->lattice.n_sites;
    uint8_t o[MAX_SITES];
    decode(m, state, o);
    const double before = lct_mc_energy(m, o);
    int n_t = 0;
    for (uint32_t i = 0; i < m->lattice.n_sites; i++) {
        for (int type = 1; type <= 2; type++) {
            const double share = type == 1 ? p->core_share : 1 - p->core_share;
            const uint8_t was = o[i];
            const bool flip = was && was != type;
            if (share <= 0 || (type == 2 && p->shell_conserved) || (flip && !p->flips))
                continue;
            o[i] = was == type ? 0 : (uint8_t)type;
            const double ratio = (flip ? (1 - share) / share : 1) * exp(before - lct_mc_energy(m, o));
            if (exchange > 0)
                add(t, &n_t, encode(m, o), exchange * share * fmin(1, ratio) / n);
            o[i] = was;
        }
        for (int d = 0; d < p->stencil && exchange < 1; d++) {
            const uint32_t j = lct_mc_neighbour(&m->lattice, i, d);
            if (j == LCT_MC_NO_SITE || o[i] == o[j] || (o[i] && o[j] && !p->core_shell_swaps))
                continue;
            const uint8_t a = o[i], b = o[j];
            o[i] = b;
            o[j] = a;
            const double ratio = exp(before - lct_mc_energy(m, o));
            add(t, &n_t, encode(m, o), (1 - exchange) / p->stencil * fmin(1, ratio) / n);
            o[i] = a;
            o[j] = b;
        }
    }
    return n_t;
}

static int by_the_engine(const struct lct_mc_model *m, struct lct_mc_engine *e, long state, struct transition *t)
{
    uint8_t o[MAX_SITES];
    decode(m, state, o);
    cr_assert(eq(int, lct_mc_engine_reset(e, o, NULL), LCT_OK));
    struct lct_mc_move moves[MAX_TARGETS];
    const size_t n = lct_mc_engine_moves(e, moves, MAX_TARGETS);
    cr_assert(le(sz, n, MAX_TARGETS));
    int n_t = 0;
    for (size_t k = 0; k < n; k++) {
        decode(m, state, o);
        if (moves[k].other != LCT_MC_NO_SITE)
            o[moves[k].other] = o[moves[k].site];
        o[moves[k].site] = moves[k].becomes;
        add(t, &n_t, encode(m, o), moves[k].probability);
    }
    return n_t;
}

static double towards(const struct transition *t, int n, long to)
{
    for (int k = 0; k < n; k++)
        if (t[k].to == to)
            return t[k].p;
    return 0;
}

Test(mc_exact, engines_see_the_moves_of_the_recipe_in_every_configuration)
{
    struct row rows[N_ROWS];
    fill_rows(rows);
    for (int r = 0; r < N_ROWS; r++) {
        struct lct_mc_model m = model_of(&rows[r]);
        uint8_t empty[MAX_SITES] = { 0 };
        for (int kind = 0; kind < 2; kind++) {
            struct lct_mc_engine *e = NULL;
            cr_assert(eq(int, lct_mc_engine_create(&e, &m, (enum lct_mc_engine_kind)kind, 1, 0, empty, NULL), LCT_OK));
            const long n = n_states(&m), step = n > 7000 ? 2 : 1; /* 3x3x1: every second */
            for (long s = 0; s < n; s += step) {
                struct transition text[MAX_TARGETS], own[MAX_TARGETS];
                const int n_text = by_the_text(&m, s, text), n_own = by_the_engine(&m, e, s, own);
                cr_assert(eq(int, n_text, n_own), "%s, engine %d, state %ld", rows[r].name, kind, s);
                for (int k = 0; k < n_text; k++)
                    /* 1e-12: energies of some tens of kT summed in another order */
                    cr_assert(lt(dbl, fabs(towards(own, n_own, text[k].to) / text[k].p - 1), 1e-12),
                        "%s, engine %d: %ld -> %ld", rows[r].name, kind, s, text[k].to);
            }
            lct_mc_engine_destroy(&e);
        }
        lct_mc_model_finish(&m);
    }
}

Test(mc_exact, recipe_obeys_detailed_balance)
{
    struct row rows[N_ROWS];
    fill_rows(rows);
    for (int r = 0; r < N_ROWS; r++) {
        struct lct_mc_model m = model_of(&rows[r]);
        const long n = n_states(&m), step = n > 7000 ? 61 : 5;
        for (long s = 0; s < n; s += step) {
            struct transition there[MAX_TARGETS], back[MAX_TARGETS];
            uint8_t o[MAX_SITES];
            decode(&m, s, o);
            const double e_s = lct_mc_energy(&m, o);
            const int n_there = by_the_text(&m, s, there);
            for (int k = 0; k < n_there; k++) {
                decode(&m, there[k].to, o);
                const double ratio = exp(e_s - lct_mc_energy(&m, o)); /* weight of the target over weight of s */
                const double p = towards(back, by_the_text(&m, there[k].to, back), s);
                cr_assert(
                    lt(dbl, fabs(p * ratio / there[k].p - 1), 1e-11), "%s: %ld <-> %ld", rows[r].name, s, there[k].to);
            }
        }
        lct_mc_model_finish(&m);
    }
}

/* Chi-square that a right engine exceeds in one of 44 000 runs, and any of the 44 in one of 1000 (Wilson and Hilferty 1931; good to a
 * per cent). */
static double chi2_limit(int degrees)
{
    const double a = 2.0 / (9.0 * degrees);
    return degrees * pow(1 - a + 4.08 * sqrt(a), 3);
}

/* Class of a configuration: core and shell sites, and whether any core is exposed. */
static int class_of(const struct lct_mc_model *m, const uint8_t *o)
{
    const struct lct_mc_counts c = lct_mc_count(m, o);
    return ((int)c.core_sites * 10 + (int)c.shell_sites) * 2 + (c.exposed_core_sites > 0);
}

static double boltzmann_chi2(const struct lct_mc_model *m, enum lct_mc_engine_kind kind, int samples, int *degrees)
{
    double expected[200] = { 0 }, z = 0;
    uint8_t o[MAX_SITES] = { 0 };
    for (long s = 0, n = n_states(m); s < n; s++) {
        decode(m, s, o);
        const double w = exp(-lct_mc_energy(m, o));
        expected[class_of(m, o)] += w;
        z += w;
    }
    long seen[200] = { 0 };
    memset(o, 0, sizeof o);
    struct lct_mc_engine *e = NULL;
    const struct lct_mc_stop never = lct_mc_stop_never();
    cr_assert(eq(int, lct_mc_engine_create(&e, m, kind, 11, 5, o, NULL), LCT_OK));
    for (int k = 0; k <= samples; k++) {
        enum lct_mc_end end;
        /* 3000 attempts: dozens of relaxation times (slowest rate about 1/60 per attempt), so that the samples are independent */
        cr_assert(eq(int, lct_mc_engine_run(e, 3000 * (uint64_t)(k + 1), &never, &end, NULL), LCT_OK));
        if (k > 0)
            seen[class_of(m, lct_mc_engine_occupancy(e))]++;
    }
    lct_mc_engine_destroy(&e);
    double chi2 = 0, rest_expected = 0, rest_seen = 0;
    *degrees = -1;
    for (int c = 0; c < 200; c++) {
        const double x = expected[c] / z * samples;
        if (x < 10) {
            rest_expected += x;
            rest_seen += (double)seen[c];
        } else {
            chi2 += ((double)seen[c] - x) * ((double)seen[c] - x) / x;
            (*degrees)++;
        }
    }
    if (rest_expected > 10) {
        chi2 += (rest_seen - rest_expected) * (rest_seen - rest_expected) / rest_expected;
        (*degrees)++;
    }
    return chi2;
}

/* A wrong engine fails: with the swap acceptance off by the mutual bond, or the exchanges of one type drawn a tenth too often without
 * their reverse, chi-square is several hundred. */
Test(mc_exact, time_averages_are_those_of_boltzmann)
{
    struct row rows[N_ROWS];
    fill_rows(rows);
    for (int r = 0; r < N_ROWS; r++) {
        if (r / 2 == CONSERVED || r / 2 == ALL_CORE
            || r / 2 == SWAPS_ONLY) /* conserve something: the empty start cannot reach all configurations */
            continue;
        struct lct_mc_model m = model_of(&rows[r]);
        for (int kind = 0; kind < 2; kind++) {
            int degrees;
            const double chi2 = boltzmann_chi2(&m, (enum lct_mc_engine_kind)kind, 2000, &degrees);
            cr_assert(
                lt(dbl, chi2, chi2_limit(degrees)), "%s, engine %d: chi2 %g on %d", rows[r].name, kind, chi2, degrees);
        }
        lct_mc_model_finish(&m);
    }
}

/* First and second moment of the attempts until `goal` core sites, from the empty lattice: t = 1 + P t, t2 = 1 + 2 P t + P t2, by
 * Gauss-Seidel over all configurations. */
static void solve_passage(const struct lct_mc_model *m, long goal, double *mean, double *square)
{
    const long n = n_states(m);
    double *t = calloc((size_t)n, sizeof *t), *t2 = calloc((size_t)n, sizeof *t2);
    struct transition(*moves)[MAX_TARGETS / 4] = malloc((size_t)n * sizeof *moves);
    int *n_moves = calloc((size_t)n, sizeof *n_moves);
    for (long s = 0; s < n; s++) {
        uint8_t o[MAX_SITES];
        decode(m, s, o);
        struct transition all[MAX_TARGETS];
        n_moves[s] = lct_mc_count(m, o).core_sites >= goal ? 0 : by_the_text(m, s, all);
        cr_assert(le(int, n_moves[s], MAX_TARGETS / 4));
        memcpy(moves[s], all, (size_t)n_moves[s] * sizeof *all);
    }
    for (int pass = 0; pass < 2; pass++)
        for (double change = 1; change > 1e-12;) {
            change = 0;
            for (long s = 0; s < n; s++) {
                double sum = pass == 0 ? 1 : 2 * t[s] - 1, leave = 0;
                double *x = pass == 0 ? t : t2;
                for (int k = 0; k < n_moves[s]; k++) {
                    sum += moves[s][k].p * x[moves[s][k].to];
                    leave += moves[s][k].p;
                }
                const double now = n_moves[s] ? sum / leave : 0;
                change = fmax(change, fabs(now - x[s]) / fmax(1, now));
                x[s] = now;
            }
        }
    *mean = t[0];
    *square = t2[0];
    free(t);
    free(t2);
    free(moves);
    free(n_moves);
}

static void measure_passage(
    const struct lct_mc_model *m, enum lct_mc_engine_kind kind, long goal, int runs, double *z1, double *z2)
{
    double mean, square, s1 = 0, s2 = 0, s4 = 0;
    solve_passage(m, goal, &mean, &square);
    uint8_t empty[MAX_SITES] = { 0 };
    struct lct_mc_stop stop = lct_mc_stop_never();
    stop.core_at_least = goal;
    for (int k = 0; k < runs; k++) {
        struct lct_mc_engine *e = NULL;
        enum lct_mc_end end;
        cr_assert(eq(int, lct_mc_engine_create(&e, m, kind, 3, (uint64_t)k, empty, NULL), LCT_OK));
        cr_assert(eq(int, lct_mc_engine_run(e, UINT64_MAX, &stop, &end, NULL), LCT_OK));
        cr_assert(eq(int, end, LCT_MC_END_TARGET));
        const double t = (double)lct_mc_engine_tally(e)->clock;
        s1 += t;
        s2 += t * t;
        s4 += t * t * t * t;
        lct_mc_engine_destroy(&e);
    }
    s1 /= runs;
    s2 /= runs;
    s4 /= runs;
    *z1 = (s1 - mean) / sqrt((square - mean * mean) / runs);
    *z2 = (s2 - square) / sqrt((s4 - s2 * s2) / runs);
}

/* Strong bonds and a weak drive, so that most events are excursions that come back: the shortcut of the rejection-free engine is what
 * is tested here. 4000 runs resolve 1.6 % of the mean; 3.89: each of the eight numbers goes beyond it once in 10 000 runs, all
 * together less than once in 1000. */
Test(mc_exact, first_passage_times_are_those_of_the_solved_chain)
{
    struct row rows[2] = { { "2x2x2", 2, 2, 2, tiny() }, { "2x3x1", 2, 3, 1, tiny() } };
    for (int r = 0; r < 2; r++) {
        rows[r].p.eps_core = r ? 3 : 1.5;
        rows[r].p.mu_core = -5;
        rows[r].p.mu_shell = -3;
        struct lct_mc_model m = model_of(&rows[r]);
        for (int kind = 0; kind < 2; kind++) {
            double z1, z2;
            measure_passage(&m, (enum lct_mc_engine_kind)kind, r ? 3 : 4, 4000, &z1, &z2);
            cr_log_info("%s, engine %d: z %.2f %.2f", rows[r].name, kind, z1, z2);
            cr_assert(lt(dbl, fabs(z1), 3.89), "%s, engine %d: mean off by %g sigma", rows[r].name, kind, z1);
            cr_assert(lt(dbl, fabs(z2), 3.89), "%s, engine %d: square off by %g sigma", rows[r].name, kind, z2);
        }
        lct_mc_model_finish(&m);
    }
}
