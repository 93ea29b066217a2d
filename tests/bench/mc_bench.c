/* Speeds of the two engines: attempts and events per second of processor time, lattice from 80 x 80 x 4 to 640 x 640 x 4. The set-up of the
 * model is not counted. */
#include <lctem/mc_engine.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int bench(const char *preset, bool shell, enum lct_mc_engine_kind kind, int size, int replicas)
{
    struct lct_err err = { 0 };
    struct lct_mc_params p;
    struct lct_mc_model m = { .rates = NULL };
    if (lct_mc_preset_find(preset, &p, &err) != LCT_OK)
        return 1;
    p.nx = p.ny = size;
    uint8_t *start = NULL;
    if (lct_mc_model_init(&m, &p, &err) != LCT_OK || !(start = malloc(m.lattice.n_sites))
        || lct_mc_start(&m, shell, start, &err) != LCT_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    double seconds = 0, attempts = 0, events = 0;
    for (int r = 0; r < replicas; r++) {
        struct lct_mc_engine *e = NULL;
        enum lct_mc_end end;
        struct lct_mc_stop stop = lct_mc_stop_never();
        stop.core_at_least = p.target_core_sites;
        if (lct_mc_engine_create(&e, &m, kind, 1, (uint64_t)r, start, &err) != LCT_OK)
            return 1;
        const double before = cpu_s();
        if (lct_mc_engine_run(
                e, kind == LCT_MC_METROPOLIS ? 300 * (uint64_t)m.lattice.n_sites : UINT64_MAX, &stop, &end, &err)
            != LCT_OK)
            return 1;
        seconds += cpu_s() - before;
        attempts += (double)lct_mc_engine_tally(e)->clock;
        events += (double)lct_mc_engine_tally(e)->events;
        lct_mc_engine_destroy(&e);
    }
    printf("%-17s %-5s %-14s %4d: %9.3g attempts/s %9.3g events/s\n", preset, shell ? "shell" : "bare",
        kind == LCT_MC_METROPOLIS ? "metropolis" : "rejection-free", size, attempts / seconds, events / seconds);
    free(start);
    lct_mc_model_finish(&m);
    return 0;
}

int main(void)
{
    int bad =
        bench("printed", true, LCT_MC_METROPOLIS, 80, 20) + bench("metastable-shell", true, LCT_MC_METROPOLIS, 80, 20);
    const char *const presets[] = { "printed", "conserved-shell", "metastable-shell", "crack-one-layer", "crack-clean",
        "healing" };
    for (int k = 0; k < 6; k++)
        bad += bench(presets[k], true, LCT_MC_REJECTION_FREE, 80, k == 1 ? 2 : 20);
    for (int size = 80; size <= 640; size *= 2)
        bad += bench("metastable-shell", true, LCT_MC_REJECTION_FREE, size, 4);
    return bad != 0;
}
