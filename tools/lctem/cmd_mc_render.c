/* lctem mc render: occupancy stacks as pictures, again */
#include "mc_picture.h"
#include "mc_settings.h"

#include <lctem/file.h>
#include <lctem/source.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS = 256 };

/* The pages of a stack as (y * nx + x) * nz + z. */
static enum lct_status read_stack(const char *path, struct mc_columns *out, uint8_t **occupancy, struct lct_err *err)
{
    struct lct_source *source = NULL;
    struct lct_image page = { 0 };
    enum lct_status s = lct_source_open(&source, path, &(struct lct_source_params){ 0 }, err);
    if (s != LCT_OK)
        return s;
    const struct lct_source_info *info = lct_source_info(source);
    const size_t n = (size_t)info->width * (size_t)info->height;
    *out = (struct mc_columns){ .nx = info->width, .ny = info->height, .nz = (int)info->n_frames };
    if (info->n_frames < 1 || info->n_frames > MAX_LAYERS)
        s = lct_fail(err, LCT_E_FORMAT, "%s: %ld pages; an occupancy stack has one per layer, at most %d", path, info->n_frames, MAX_LAYERS);
    else if (!(*occupancy = malloc(n * (size_t)out->nz)))
        s = lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    if (s == LCT_OK)
        s = lct_image_init(&page, info->width, info->height, err);
    for (int z = 0; s == LCT_OK && z < out->nz; z++) {
        s = lct_source_read(source, z, &page, NULL, err);
        for (size_t i = 0; s == LCT_OK && i < n; i++) {
            if (!(page.px[i] >= 0 && page.px[i] <= 2))
                s = lct_fail(err, LCT_E_FORMAT, "%s: page %d holds %g; occupancies are 0, 1, 2", path, z, (double)page.px[i]);
            else
                (*occupancy)[i * (size_t)out->nz + (size_t)z] = (uint8_t)page.px[i];
        }
    }
    lct_image_finish(&page);
    lct_source_close(&source);
    out->occupancy = *occupancy;
    return s;
}

static enum lct_status render(const struct mc_call *c, const char *path, struct lct_err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    const int length = dot ? (int)(dot - base) : (int)strlen(base);
    char name[300];
    snprintf(name, sizeof name, "%.*s.png", length < 280 ? length : 280, base);
    char *out = lct_file_join(c->settings.output, name);
    uint8_t *occupancy = NULL;
    struct mc_columns columns;
    enum lct_status s = out ? read_stack(path, &columns, &occupancy, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK) {
        columns.scale_px = c->settings.scale_px;
        s = mc_picture_write(&columns, out, err);
    }
    free(occupancy);
    free(out);
    return s;
}

enum lct_status cmd_mc_render(struct mc_call *c, struct lct_err *err)
{
    if (c->n_words < 1)
        return lct_fail(err, LCT_E_ARG, "mc render: what? give one or more occupancy stacks (snapshots/*.tif)");
    if (!c->settings.output)
        return lct_fail(err, LCT_E_ARG, "mc render: where to? give a folder with -o DIR");
    char *folder = NULL;
    enum lct_status s = mc_call_subfolder(c, "", &folder, err);
    free(folder);
    for (int i = 0; s == LCT_OK && i < c->n_words; i++)
        s = render(c, c->words[i], err);
    return s;
}
