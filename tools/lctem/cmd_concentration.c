/* lctem concentration DIR|areas.csv [-o DIR]: volumes, amounts, concentrations, stages, rates, dose */
#include "after_words.h"
#include "cli.h"

#include <lctem/parallel.h>
#include <lctem/plot.h>
#include <lctem/after.h>
#include <lctem/json.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum lct_status print_json(const struct lct_after *found, struct lct_err *err)
{
    struct lct_json *json = NULL;
    const enum lct_status status = lct_json_create(&json, err);
    if (status != LCT_OK)
        return status;
    lct_json_integer(json, "stages", (long long)found->n_stages);
    lct_json_bool(json, "named", found->named);
    lct_json_number(json, "reference_time_s", found->reference_s);
    lct_json_number(json, "saturation_mol_per_l", found->saturation_mol_per_l);
    lct_json_number(json, "from_feed_mol_per_l", found->from_feed_mol_per_l);
    lct_json_number(json, "charge_residual_mol_per_l", found->residual_mol_per_l);
    lct_json_number(json, "closure", found->closure);
    return cli_json(&json, err);
}

static enum lct_status compare(struct call *call, struct lct_err *err)
{
    if (!call->recipe.output)
        return lct_fail(err, LCT_E_ARG, "concentration: where does the comparison go? give a folder with -o DIR");
    return lct_after_compare_dose(
        (const char *const *)call->words, (size_t)call->n_words, call->recipe.output, &call->recipe, &call->log, err);
}

/* Pictures and page of what has changed; the numbers stand without them. */
static void show(struct call *call)
{
    const struct lct_recipe *recipe = &call->recipe;
    char *folder = strdup(recipe->output ? recipe->output : call->words[0]);
    const size_t length = folder ? strlen(folder) : 0;
    if (!folder)
        return;
    if (!recipe->output && length > 4 && strcmp(folder + length - 4, ".csv") == 0) { /* the folder of the table */
        char *end = strrchr(folder, '/');
        memcpy(end ? end : folder, end ? "" : ".", end ? 1 : 2);
    }
    struct lct_err why = { 0 };
    const int threads = recipe->threads == LCT_OPTION_AUTO ? lct_parallel_cores() : (int)recipe->threads;
    if (lct_plot_draw(folder, NULL, threads, &why) != LCT_OK)
        lct_log_say(&call->log, LCT_LOG_WARNING, "%s", why.text);
    cli_refresh_report(&call->log, folder);
    free(folder);
}

enum lct_status cmd_concentration(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *recipe = &call->recipe;
    if (recipe->chemistry.compare_dose)
        return compare(call, err);
    if (call->n_words > 1)
        return lct_fail(err, LCT_E_ARG,
            "concentration: \"%.60s\" is one word too many; several folders go with --compare-dose", call->words[1]);
    struct lct_after found;
    const enum lct_status status = lct_after_run(&found, call->words[0], recipe->output, recipe, &call->log, err);
    if (status != LCT_OK)
        return status;
    show(call);
    if (recipe->json)
        return print_json(&found, err);
    if (!recipe->quiet) {
        after_print_stages(call->words[0], &found);
        after_print_ions(&found);
    }
    return LCT_OK;
}
