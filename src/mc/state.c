#include "state.h"

#include <stdlib.h>
#include <string.h>

/* From the sites that hold something, which are few. */
static void classify(struct lct_mc_state *s)
{
    const struct lct_mc_lattice *l = &s->model->lattice;
    const int w = s->rates->width;
    memset(s->class, 0, l->n_sites * sizeof *s->class);
    for (uint32_t i = 0; i < l->n_sites; i++) {
        if (s->holds[i] == LCT_MC_EMPTY)
            continue;
        const int per_neighbour = s->holds[i] == LCT_MC_CORE ? w : 1;
        const int32_t *step = l->step[l->kind[i]];
        s->class[i] = (uint16_t)(s->class[i] + s->holds[i] * w * w);
        for (int d = 0; d < l->stencil; d++)
            if (step[d])
                s->class[i + (uint32_t)step[d]] = (uint16_t)(s->class[i + (uint32_t)step[d]] + per_neighbour);
    }
}

void lct_mc_state_set(struct lct_mc_state *s, const uint8_t *occupancy)
{
    const uint32_t n = s->model->lattice.n_sites;
    memmove(s->holds, occupancy, n);
    classify(s);
    struct lct_mc_tally *t = &s->tally;
    const long exposed_before = t->exposed_core_sites;
    t->core_sites = t->shell_sites = t->exposed_core_sites = 0;
    for (uint32_t i = 0; i < n; i++) {
        t->core_sites += s->holds[i] == LCT_MC_CORE;
        t->shell_sites += s->holds[i] == LCT_MC_SHELL;
        t->exposed_core_sites += state_exposed(s, i);
    }
    state_note(s, t->core_sites, exposed_before);
}

enum lct_status lct_mc_state_init(
    struct lct_mc_state *out, const struct lct_mc_model *model, const uint8_t *occupancy, struct lct_err *err)
{
    const size_t n = model->lattice.n_sites;
    struct lct_mc_state s = { .model = model, .rates = model->rates, .reservoir_left = model->params.reservoir_core };
    s.tally.first_exposure = s.tally.exposed_since = s.tally.onset = s.tally.onset_crack = UINT64_MAX;
    s.tally.burst = s.tally.burst_crack = UINT64_MAX;
    s.holds = malloc(n * sizeof *s.holds);
    s.class = malloc(n * sizeof *s.class);
    if (!s.holds || !s.class) {
        lct_mc_state_finish(&s);
        return lct_fail(err, LCT_E_LIMIT, "lattice model: no memory for %zu sites", n);
    }
    lct_mc_state_set(&s, occupancy);
    /* five per cent: above the flicker of single sites on a facet, far below the target */
    s.onset_level = s.tally.core_sites + (s.tally.core_sites + 19) / 20;
    s.burst_level = (s.tally.core_sites + model->params.target_core_sites + 1) / 2;
    *out = s;
    return LCT_OK;
}

void lct_mc_state_finish(struct lct_mc_state *state)
{
    free(state->holds);
    free(state->class);
    *state = (struct lct_mc_state){ 0 };
}
