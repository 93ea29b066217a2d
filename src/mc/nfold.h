/* nfold.h -- the rejection-free engine's lists and moves, shared by its plain and its weighted run; private to the room */
#ifndef LCT_MC_NFOLD_H
#define LCT_MC_NFOLD_H

#include "engine.h"
#include "pool.h"

enum { MEMORY = 2048 };

/* A move: an exchange at `site` that draws `type`, or (type 0) a swap over the bond `site`. */
struct move {
    uint32_t site;
    uint8_t type;
};

/* What is known about the configuration B that `move` leads to from the configuration `version`. */
struct excursion {
    uint64_t version;
    uint64_t key;
    double total;                        /* of B */
    double elsewhere;                    /* probability that B is left for another configuration than A */
    long core_sites, exposed_core_sites; /* of B */
    bool short_cut;                      /* a run may pass through B without touching the lattice */
};

/* One bond: the class of its swap, that class's list and the place in it. */
struct bond {
    uint32_t place;
    uint16_t class; /* n_swap_classes if the swap is null */
    uint16_t list;
};

struct nfold {
    struct lct_mc_pool
        pool; /* the lists of rates.h. List 0, empty among empties, has a count only: nearly all sites are in it, and
                              * one is found by trying */
    uint32_t *site_place; /* [n_sites] */
    struct bond *bond;    /* [n_sites * half] */
    uint16_t *differs;    /* [n_sites] bit d: the neighbour along d holds something else; all other bonds are null */
    double total;         /* summed rate per attempt and site: the acceptance is total / n_sites */
    bool dry;             /* the reservoir's rates are in the pool */
    double gain[3];       /* weights on exchanges that take core, leave it, bring it: 1 but in an umbrella's walk */
    uint64_t version, versions;
    struct move back; /* the reverse of the last event, which leads to `back_version` */
    uint64_t back_version;
    struct lct_mc_stop stop;
    struct excursion *memory;
};

static inline uint64_t key_of(struct move m)
{
    return (uint64_t)m.site << 2 | m.type;
}

static inline struct excursion *slot_of(struct nfold *f, struct move m)
{
    return f->memory + ((key_of(m) * 0x9E3779B97F4A7C15U) >> 53); /* 11 bits: MEMORY */
}

/** Do the move on the lattice; counts, lists and rates follow, the sums do not yet. */
void lct_mc_nfold_change(struct lct_mc_engine *engine, struct move move);
/** The list whose weight holds the way back of `move` (just done), what that list would weigh without it, and its rate. */
unsigned lct_mc_nfold_way_back(const struct lct_mc_engine *engine, struct move move, double *without, double *rate);
/** A move in proportion to its rate. */
struct move lct_mc_nfold_choose(struct lct_mc_engine *engine);
/** Other weights on the exchanges; the sums do not follow yet. */
void lct_mc_nfold_weigh(struct lct_mc_engine *engine, const double gain[3]);
/** Any move but the way back of `move`, which has just been done. */
struct move lct_mc_nfold_choose_other(struct lct_mc_engine *engine, struct move move);
/** The run of the engine; nfold_run.c. */
enum lct_status lct_mc_nfold_run(struct lct_mc_engine *engine, uint64_t until, const struct lct_mc_stop *stop,
    enum lct_mc_end *end, struct lct_err *err);

/** Core sites after the exchange that draws `type` at a site that holds `holds`, minus before. */
static inline int core_change(unsigned holds, unsigned type)
{
    return holds == LCT_MC_CORE ? -1 : type == LCT_MC_CORE;
}

/** The move is a flip, whose reverse is another move. */
static inline bool is_flip(const struct lct_mc_state *s, struct move m)
{
    return m.type && s->holds[m.site] && s->holds[m.site] != m.type;
}

#endif
