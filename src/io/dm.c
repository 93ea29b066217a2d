/* Gatan DM3 and DM4: images and stacks of all real types. */
#include "datasets.h"
#include "dm_tags.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_IMAGES = 256, MAX_DIMS = 4, MAX_NOTES = 300 };

struct axis {
    double scale;
    char unit[24];
    long n;
};

struct dm_image {
    char name[64];
    int type, n_dims;
    struct axis axes[MAX_DIMS];
    uint64_t at, bytes;
};

struct dm {
    struct planes file;
    struct dm_head head;
    struct plane_layout layout;
    uint64_t at, frame_bytes;
    struct dm_image *images; /* MAX_IMAGES */
    size_t n_images;
    unsigned char thumbnail[MAX_IMAGES];
    /* the second walk: what stands beside the chosen image */
    struct lct_source *source;
    size_t chosen;
    int n_notes;
    double exposure_s, dose;
    char dose_unit[24];
};

/* Gatan's numbers for what an image consists of. */
// clang-format off
static const struct type {
    int number;
    enum lct_dtype dtype;
    bool colour;
    const char *refusal;
} types[] = {
    { 1, LCT_DTYPE_I16, false, NULL }, { 2, LCT_DTYPE_F32, false, NULL }, { 3, LCT_DTYPE_C64, false, "complex numbers" },
    { 5, LCT_DTYPE_C64, false, "complex numbers" }, { 6, LCT_DTYPE_U8, false, NULL }, { 7, LCT_DTYPE_I32, false, NULL },
    { 8, LCT_DTYPE_U8, true, NULL }, { 9, LCT_DTYPE_I8, false, NULL }, { 10, LCT_DTYPE_U16, false, NULL },
    { 11, LCT_DTYPE_U32, false, NULL }, { 12, LCT_DTYPE_F64, false, NULL }, { 13, LCT_DTYPE_C64, false, "complex numbers" },
    { 14, LCT_DTYPE_BOOL, false, NULL }, { 23, LCT_DTYPE_U8, true, NULL }, { 27, LCT_DTYPE_C64, false, "complex numbers" },
    { 28, LCT_DTYPE_C64, false, "complex numbers" }, { 39, LCT_DTYPE_I64, false, NULL }, { 40, LCT_DTYPE_U64, false, NULL },
};
// clang-format on

static const struct type *find_type(int number)
{
    static const struct type unknown = { 0, LCT_DTYPE_UNKNOWN, false, "samples of an unknown type" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].number == number)
            return &types[i];
    return &unknown;
}

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    return head && dm_tags_known(head, n);
}

/* What follows `prefix` in the path, NULL: the path begins otherwise. */
static const char *behind(const char *path, const char *prefix)
{
    const size_t n = strlen(prefix);
    return strncmp(path, prefix, n) == 0 ? path + n : NULL;
}

/* "12:rest": the number, below `limit`; *rest behind the colon (or the end). */
static bool numbered(const char *path, long limit, long *out, const char **rest)
{
    char *end = NULL;
    if (*path < '0' || *path > '9')
        return false;
    *out = strtol(path, &end, 10);
    *rest = *end == ':' ? end + 1 : end;
    return *out < limit && (*end == ':' || *end == '\0');
}

static void take_text(char *out, size_t size, const struct dm_tag *tag)
{
    if (tag->text)
        snprintf(out, size, "%.*s", (int)size - 1, tag->text);
}

static void take_axis(struct dm_image *image, const char *path, const struct dm_tag *tag)
{
    long axis = 0;
    const char *rest;
    if (!numbered(path, MAX_DIMS, &axis, &rest))
        return;
    if (strcmp(rest, "Scale") == 0)
        image->axes[axis].scale = tag->number;
    else if (strcmp(rest, "Units") == 0)
        take_text(image->axes[axis].unit, sizeof image->axes[axis].unit, tag);
}

static void take_image(struct dm *dm, long index, const char *path, const struct dm_tag *tag)
{
    struct dm_image *image = &dm->images[index];
    const char *rest, *data = behind(path, "ImageData:");
    long axis = 0;
    if ((size_t)index >= dm->n_images)
        dm->n_images = (size_t)index + 1;
    if (strcmp(path, "Name") == 0)
        take_text(image->name, sizeof image->name, tag);
    else if (!data)
        return;
    else if (strcmp(data, "DataType") == 0 && tag->number >= 0 && tag->number < 1000)
        image->type = (int)tag->number;
    else if (strcmp(data, "Data") == 0) {
        image->at = tag->at;
        image->bytes = tag->bytes;
    } else if ((rest = behind(data, "Calibrations:Dimension:")))
        take_axis(image, rest, tag);
    else if ((rest = behind(data, "Dimensions:")) && numbered(rest, 1000, &axis, &rest)) {
        if (axis < MAX_DIMS && tag->number >= 1 && tag->number <= INT32_MAX)
            image->axes[axis].n = (long)tag->number;
        image->n_dims = axis + 1 > image->n_dims ? (int)axis + 1 : image->n_dims;
    }
}

static void visit_images(void *context, const struct dm_tag *tag)
{
    struct dm *dm = context;
    const char *rest;
    long index = 0;
    if ((rest = behind(tag->path, "ImageList:")) && numbered(rest, MAX_IMAGES, &index, &rest))
        take_image(dm, index, rest, tag);
    else if ((rest = behind(tag->path, "Thumbnails:")) && numbered(rest, MAX_IMAGES, &index, &rest)
        && strcmp(rest, "ImageIndex") == 0 && tag->number >= 0 && tag->number < MAX_IMAGES)
        dm->thumbnail[(size_t)tag->number] = 1;
}

/* "Exposure (s)" in one dialect, "Exposure Time (s)" in another. */
static void take_setting(struct dm *dm, const char *path, const struct dm_tag *tag)
{
    const char *colon = strrchr(path, ':'), *last = colon ? colon + 1 : path, *unit;
    const bool in_dose = strcasestr(path, "dose rate") != NULL;
    if (!strcmp(last, "Exposure (s)") || !strcmp(last, "Exposure Time (s)"))
        dm->exposure_s = tag->number;
    else if (in_dose && isfinite(tag->number) && (strcasestr(last, "dose rate") || !strcmp(last, "Value"))) {
        dm->dose = tag->number;
        if ((unit = strchr(last, '(')))
            snprintf(dm->dose_unit, sizeof dm->dose_unit, "%.*s", (int)strcspn(unit + 1, ")"), unit + 1);
    } else if (in_dose && !strcmp(last, "Units"))
        take_text(dm->dose_unit, sizeof dm->dose_unit, tag);
}

static void visit_notes(void *context, const struct dm_tag *tag)
{
    struct dm *dm = context;
    const char *rest;
    long index = 0;
    if (!(rest = behind(tag->path, "ImageList:")) || !numbered(rest, MAX_IMAGES, &index, &rest)
        || (size_t)index != dm->chosen || !(rest = behind(rest, "ImageTags:")))
        return;
    take_setting(dm, rest, tag);
    char number[32];
    snprintf(number, sizeof number, "%.9g", tag->number);
    if (dm->n_notes < MAX_NOTES && (tag->text ? *tag->text != '\0' : isfinite(tag->number))) {
        lct_source_note(dm->source, rest, tag->text ? tag->text : number, SIZE_MAX);
        dm->n_notes++;
    }
}

static void describe(struct dataset *out, const struct dm_image *image, bool thumbnail)
{
    const struct type *type = find_type(image->type);
    *out = (struct dataset){ .refusal = type->refusal, .aside = thumbnail };
    snprintf(out->name, sizeof out->name, "%s", image->name);
    const struct axis *a = image->axes;
    if (image->n_dims < 2 || (image->n_dims == 2 && a[1].n == 1 && a[0].n > 1))
        out->refusal = "a spectrum or profile";
    else if (image->n_dims > 3)
        out->refusal = "a block of four or more dimensions";
    else if (a[0].n < 1 || a[1].n < 1 || (image->n_dims == 3 && a[2].n < 1))
        out->refusal = "an image without a size";
    else if (!strcasecmp(a[image->n_dims - 1].unit, "eV"))
        out->refusal = "a spectrum image";
    const char *name = lct_dtype_name(type->dtype);
    if (image->n_dims == 3)
        snprintf(out->shape, sizeof out->shape, "%ld x %ld px, %ld frames, %s", a[0].n, a[1].n, a[2].n, name);
    else if (image->n_dims == 2)
        snprintf(out->shape, sizeof out->shape, "%ld x %ld px, %s", a[0].n, a[1].n, name);
    else
        snprintf(out->shape, sizeof out->shape, "%d dimensions, %s", image->n_dims, name);
}

static enum lct_status choose(
    size_t *out, struct lct_source *source, struct dm *dm, const char *wanted, struct lct_err *err)
{
    struct dataset *all = calloc(dm->n_images + 1, sizeof *all);
    if (!all)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    for (size_t i = 0; i < dm->n_images; i++)
        /* older files do not say which one the thumbnail is: it is a colour picture, and the first one */
        describe(&all[i], &dm->images[i],
            dm->thumbnail[i] || (i == 0 && dm->n_images > 1 && find_type(dm->images[0].type)->colour));
    const enum lct_status status = dataset_choose(out, source, all, dm->n_images, wanted, err);
    free(all);
    return status;
}

static enum lct_status lay_out(
    struct lct_source *source, struct dm *dm, const struct dm_image *image, struct lct_err *err)
{
    const struct type *type = find_type(image->type);
    const struct axis *a = image->axes;
    const enum lct_status status = lct_check_size((uint64_t)a[0].n, (uint64_t)a[1].n, err);
    if (status != LCT_OK)
        return status;
    dm->layout = (struct plane_layout){
        .width = (int)a[0].n, .height = (int)a[1].n, .dtype = type->dtype, .colour = type->colour, .swap = dm->head.swap
    };
    dm->at = image->at;
    dm->frame_bytes = planes_bytes(&dm->layout);
    planes_describe(source, &dm->layout);
    const long frames = image->n_dims == 3 ? a[2].n : 1;
    const uint64_t stored = image->bytes / dm->frame_bytes;
    const long whole = planes_whole(&dm->file, image->at, dm->frame_bytes);
    const long there = stored < (uint64_t)whole ? (long)stored : whole;
    source->info.n_frames = frames;
    if (there < frames)
        lct_source_cut(source, there, "%ld frames are whole, %ld were announced", there, frames);
    return LCT_OK;
}

static double known_or(double x, double otherwise)
{
    return isfinite(x) && x > 0 ? x : otherwise;
}

static void take_scale(struct lct_source *source, const struct dm *dm, const struct dm_image *image)
{
    const struct axis *x = &image->axes[0], *y = &image->axes[1], *t = &image->axes[2];
    const double x_nm = lct_unit_nm(x->unit, strlen(x->unit)), y_nm = lct_unit_nm(y->unit, strlen(y->unit));
    if (x_nm > 0 && y_nm > 0)
        lct_source_set_pixel_size(source, x->scale * x_nm, y->scale * y_nm);
    else if (*x->unit)
        lct_source_warn(
            source, "the scale is in \"%s\", which is no length; give the pixel size with --pixel-size", x->unit);
    const double unit_s = image->n_dims == 3 ? lct_unit_s(t->unit, strlen(t->unit)) : 0;
    struct lct_source_info *info = &source->info;
    if (unit_s > 0 && isfinite(t->scale) && t->scale > 0)
        info->frame_time_s = t->scale * unit_s;
    else if (info->n_frames > 1 && known_or(dm->exposure_s, 0) > 0) {
        info->frame_time_s = dm->exposure_s;
        lct_source_warn(
            source, "the frame time is the exposure time of %.6g s; dead time is not in it", dm->exposure_s);
    }
    info->duration_s = info->frame_time_s * (double)info->n_frames;
    const char *unit = dm->dose_unit;
    const double per_nm2 = strstr(unit, "nm") ? 1 : strchr(unit, 'A') || strstr(unit, "\xc3\x85") ? 100 : 0;
    if (per_nm2 > 0 && strstr(unit, "/s") && known_or(dm->dose, 0) > 0)
        info->dose_e_per_nm2_s = dm->dose * per_nm2;
}

static enum lct_status open_dm(struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    struct dm *dm = calloc(1, sizeof *dm);
    if (!dm)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = dm;
    *dm = (struct dm){ .source = source,
        .exposure_s = (double)NAN,
        .dose = (double)NAN,
        .images = calloc(MAX_IMAGES, sizeof *dm->images) };
    if (!dm->images)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    bool broken = false;
    enum lct_status status = planes_open(&dm->file, source->info.path, params->threads, err);
    if (status == LCT_OK)
        status = dm_tags_walk(&dm->head, &broken, &dm->file, visit_images, dm, err);
    if (status == LCT_OK && broken && dm->n_images == 0)
        status = lct_fail(err, LCT_E_INPUT, "the tags end before any image; the file is damaged or was cut off");
    if (status == LCT_OK)
        status = choose(&dm->chosen, source, dm, params->dataset, err);
    if (status == LCT_E_FORMAT && broken)
        status =
            lct_fail(err, LCT_E_INPUT, "the tags end before an image is described; the file is damaged or was cut off");
    const struct dm_image *image = &dm->images[dm->chosen];
    if (status == LCT_OK)
        status = lay_out(source, dm, image, err);
    if (status == LCT_OK)
        status = dm_tags_walk(&dm->head, &broken, &dm->file, visit_notes, dm, err);
    if (status != LCT_OK)
        return status;
    if (broken)
        lct_source_warn(source, "the tags end too early, something may be missing; the file is damaged or was cut off");
    take_scale(source, dm, image);
    return LCT_OK;
}

static enum lct_status read_dm(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)time_s;
    struct dm *dm = source->state;
    return planes_read(&dm->file, dm->at + (uint64_t)index * dm->frame_bytes, &dm->layout, out, err);
}

static void close_dm(struct lct_source *source)
{
    struct dm *dm = source->state;
    if (!dm)
        return;
    planes_close(&dm->file);
    free(dm->images);
    free(dm);
    source->state = NULL;
}

const struct lct_reader lct_reader_dm = {
    .name = "dm",
    .still = true,
    .datasets = true,
    .probe = probe,
    .open = open_dm,
    .read = read_dm,
    .close = close_dm,
};
