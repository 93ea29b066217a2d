/* lctem convert MOVIE -o FILE -- the movie in another format */
#include "cli.h"

#include <lctem/convert.h>
#include <lctem/json.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static enum lct_status print_json(const char *file, const struct lct_converted *c, struct lct_err *err)
{
    struct lct_json *json = NULL;
    const enum lct_status status = lct_json_create(&json, err);
    if (status != LCT_OK)
        return status;
    lct_json_text(json, "file", file);
    lct_json_integer(json, "frames", c->n_frames);
    lct_json_integer(json, "width", c->width);
    lct_json_integer(json, "height", c->height);
    lct_json_integer(json, "bits", c->bits);
    lct_json_number(json, "pixel_size_nm", c->pixel_size_nm);
    lct_json_number(json, "pixel_size_y_nm", c->pixel_size_y_nm);
    lct_json_number(json, "frame_time_s", c->frame_time_s);
    lct_json_number(json, "grey_offset", c->grey_offset);
    lct_json_number(json, "grey_step", c->grey_step);
    return cli_json(&json, err);
}

enum lct_status cmd_convert(struct call *call, struct lct_err *err)
{
    const struct lct_recipe *recipe = &call->recipe;
    struct lct_converted c;
    enum lct_status status = lct_convert(&c, call->words[0], recipe, &call->progress, &call->log, err);
    if (status == LCT_OK && recipe->json)
        status = print_json(recipe->output, &c, err);
    else if (status == LCT_OK && !recipe->quiet)
        printf("%s: %ld frames of %d x %d px, %d bits%s\n", recipe->output, c.n_frames, c.width, c.height, c.bits,
            c.bits == 32 ? " (floats)" : "");
    return status;
}
