/* lctem thickness IMAGE: core and plate thickness from a plate seen edge-on
 *
 * stdout is a recipe that `lctem concentration -c` reads. */
#include "cli.h"

#include <lctem/thickness.h>
#include <lctem/number.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_recipe(const char *path, const struct lct_thickness *t)
{
    const bool in_nm = isfinite(t->nm_per_px);
    const struct lct_plate *p = &t->plate;
    const char *unit = in_nm ? "nm" : "px";
    char text[LCT_NUMBER_PAIR];
    lct_number_pair(text, in_nm ? t->plate_nm : p->plate_px, in_nm ? t->plate_sd_nm : p->plate_sd_px, " +- ");
    printf("# %s: plate %s %s", path, text, unit);
    lct_number_pair(text, in_nm ? t->core_nm : p->core_px, in_nm ? t->core_sd_nm : p->core_sd_px, " +- ");
    if (p->has_core)
        printf(", core %s %s\n", text, unit);
    else
        printf(", no core stands out from it\n");
    printf("# line %.1f,%.1f,%.1f,%.1f px, %.0f px wide (%s); edges blurred by %.2g px; leans by %.2g deg\n",
        t->line.x0_px, t->line.y0_px, t->line.x1_px, t->line.y1_px, t->line.width_px, t->found ? "found" : "given",
        p->blur_px, p->tilt_deg);
    if (!in_nm)
        return;
    if (p->has_core)
        printf("core_thickness: %.5g\ncore_thickness_sd: %.3g\n", t->core_nm, t->core_sd_nm);
    printf("plate_thickness: %.5g\nplate_thickness_sd: %.3g\n", t->plate_nm, t->plate_sd_nm);
}

static enum lct_status print_json(const char *path, const struct lct_thickness *t, struct lct_err *err)
{
    struct lct_json *json = NULL;
    const enum lct_status status = lct_json_create(&json, err);
    if (status != LCT_OK)
        return status;
    lct_json_text(json, "file", path);
    lct_thickness_json(t, json);
    return cli_json(&json, err);
}

enum lct_status cmd_thickness(struct call *call, struct lct_err *err)
{
    struct lct_thickness found;
    const enum lct_status status = lct_thickness_run(&found, call->words[0], &call->recipe, &call->log, err);
    if (status != LCT_OK)
        return status;
    if (call->recipe.json)
        return print_json(call->words[0], &found, err);
    if (!call->recipe.quiet)
        print_recipe(call->words[0], &found);
    return LCT_OK;
}
