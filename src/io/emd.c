/* EMD files, those of Velox and those of the NCEM convention. */
#include "datasets.h"
#include "emd_hdf5.h"
#include "planes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct emd {
    struct emd_hdf5 *file;
    const struct emd_image *image; /* the one that is read */
    enum lct_dtype plane_dtype;
    unsigned char *plane; /* one image as stored, and room before it; NULL where planes lie in one piece */
    struct planes file_bytes;
    struct plane_layout layout;
    uint64_t at; /* the first plane, when file_bytes is open */
};

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    return head && n >= 8 && memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0;
}

static uint64_t frames_of(const struct emd_image *image)
{
    return image->frame >= 0 ? image->dims[image->frame] : 1;
}

static void describe(struct dataset *out, const struct emd *emd, const struct emd_image *image)
{
    *out = (struct dataset){ .refusal = image->refusal };
    const char *slash = strrchr(image->group, '/');
    snprintf(out->name, sizeof out->name, "%.63s", slash ? slash + 1 : image->group);
    char *text = image->velox ? emd_hdf5_velox_text(emd->file, image) : NULL;
    if (text)
        emd_velox_name(out->name, sizeof out->name, text);
    free(text);
    snprintf(out->shape, sizeof out->shape, "%llu x %llu px, %llu frames, %s",
        (unsigned long long)image->dims[image->x], (unsigned long long)image->dims[image->y],
        (unsigned long long)frames_of(image), lct_dtype_name(image->dtype));
}

static enum lct_status choose(struct lct_source *source, struct emd *emd, const char *wanted, struct lct_err *err)
{
    size_t n, chosen;
    const struct emd_image *images = emd_hdf5_images(emd->file, &n);
    struct dataset *all = calloc(n + 1, sizeof *all);
    if (!all)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    for (size_t i = 0; i < n; i++)
        describe(&all[i], emd, &images[i]);
    const enum lct_status status = dataset_choose(&chosen, source, all, n, wanted, err);
    if (status == LCT_OK)
        emd->image = &images[chosen];
    free(all);
    return status;
}

/* Planes that lie in the file as they are, one after the other, are read without HDF5: it takes them through two buffers more. */
static enum lct_status open_planes(struct emd *emd, const char *path, int threads, struct lct_err *err)
{
    const struct emd_image *image = emd->image;
    const bool in_order = image->y < image->x && (image->frame <= 0 || frames_of(image) == 1);
    bool swap = false;
    if (!in_order || !emd_hdf5_plain(emd->file, &emd->at, &swap))
        return LCT_OK;
    emd->layout = (struct plane_layout){ .width = (int)image->dims[image->x],
        .height = (int)image->dims[image->y],
        .dtype = emd->plane_dtype,
        .swap = swap };
    return planes_open(&emd->file_bytes, path, threads, err);
}

static enum lct_status open_data(struct lct_source *source, struct emd *emd, int threads, struct lct_err *err)
{
    const struct emd_image *image = emd->image;
    struct lct_source_info *info = &source->info;
    enum lct_status status = lct_check_size(image->dims[image->x], image->dims[image->y], err);
    if (status == LCT_OK)
        status = emd_hdf5_choose(emd->file, image, &emd->plane_dtype, err);
    if (status != LCT_OK)
        return status;
    info->width = (int)image->dims[image->x];
    info->height = (int)image->dims[image->y];
    info->dtype = image->dtype;
    info->bits = (int)(8 * lct_dtype_bytes(image->dtype));
    info->n_frames = frames_of(image) < INT32_MAX ? (long)frames_of(image) : INT32_MAX;
    status = open_planes(emd, info->path, threads, err);
    if (status != LCT_OK || emd->file_bytes.blocks)
        return status;
    emd->plane =
        malloc((size_t)info->width * (size_t)info->height * lct_dtype_bytes(emd->plane_dtype) + LCT_BLOCK_BYTES);
    return emd->plane ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for %d x %d px", info->width, info->height);
}

static enum lct_status open_emd(struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    struct emd *emd = calloc(1, sizeof *emd);
    if (!emd)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = emd;
    enum lct_status status = emd_hdf5_open(&emd->file, source->info.path, err);
    if (status == LCT_OK)
        status = choose(source, emd, params->dataset, err);
    if (status == LCT_OK)
        status = open_data(source, emd, params->threads, err);
    if (status != LCT_OK)
        return status;
    const struct emd_image *image = emd->image;
    char *text = image->velox ? emd_hdf5_velox_text(emd->file, image) : NULL;
    if (text)
        emd_velox_take(source, text);
    else if (!image->velox)
        emd_axes_take(source, &image->axes[image->x], &image->axes[image->y],
            image->frame >= 0 ? &image->axes[image->frame] : NULL);
    free(text);
    source->info.duration_s = source->info.frame_time_s * (double)source->info.n_frames;
    return LCT_OK;
}

static enum lct_status read_emd(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)time_s;
    struct emd *emd = source->state;
    const struct emd_image *image = emd->image;
    if (emd->file_bytes.blocks)
        return planes_read(
            &emd->file_bytes, emd->at + (uint64_t)index * planes_bytes(&emd->layout), &emd->layout, out, err);
    const size_t width = (size_t)out->width, height = (size_t)out->height, bytes = lct_dtype_bytes(emd->plane_dtype);
    /* a place that moves on, as that of planes.c does and for the same reason */
    unsigned char *plane =
        emd->plane + (size_t)index * width * height * bytes % LCT_BLOCK_BYTES / LCT_PAGE_BYTES * LCT_PAGE_BYTES;
    if (!emd_hdf5_read(emd->file, index, plane))
        return lct_fail(err, LCT_E_INPUT, "frame %ld cannot be read; the file is damaged or was cut off", index);
    if (image->y < image->x)
        lct_samples_to_float(out->px, width * height, plane, 1, emd->plane_dtype, false);
    else
        for (size_t y = 0; y < height; y++)
            lct_samples_to_float(out->px + y * width, width, plane + y * bytes, height, emd->plane_dtype, false);
    return LCT_OK;
}

static void close_emd(struct lct_source *source)
{
    struct emd *emd = source->state;
    if (!emd)
        return;
    emd_hdf5_close(&emd->file);
    planes_close(&emd->file_bytes);
    free(emd->plane);
    free(emd);
    source->state = NULL;
}

static void versions(lct_version_fn *say, void *context)
{
    char text[48];
    emd_hdf5_version(text);
    say(context, "libhdf5", text);
}

const struct lct_reader lct_reader_emd = {
    .name = "emd",
    .still = true,
    .datasets = true,
    .probe = probe,
    .open = open_emd,
    .read = read_emd,
    .close = close_emd,
    .versions = versions,
};
