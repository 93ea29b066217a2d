/* mc_keys.h -- the parameters of the lattice model by name, as text: for flags, grids and mc.json */
#ifndef LCTEM_MC_KEYS_H
#define LCTEM_MC_KEYS_H

#include <lctem/err.h>
#include <lctem/json.h>
#include <lctem/mc.h>

struct lct_mc_key {
    const char *name;
    const char *values; /**< what may stand there: "NUMBER", "yes|no", ... */
    const char *help;   /**< one line, with the unit */
};

/** Table of keys, ended by a row without name. */
const struct lct_mc_key *lct_mc_keys(void);

/** Set one parameter from text. LCT_E_ARG: no such key (the nearest is named), or not a legal value; `params` is as it was. */
LCT_MUST_CHECK enum lct_status lct_mc_set(
    struct lct_mc_params *params, const char *key, const char *value, struct lct_err *err);

/** All parameters as members of the object that is open. */
void lct_mc_params_json(struct lct_json *json, const struct lct_mc_params *params);

#endif
