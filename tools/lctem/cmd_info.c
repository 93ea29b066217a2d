/* lctem info -- what is in a file */
#include "cli.h"

#include <lctem/clones.h>
#include <lctem/image.h>
#include <lctem/json.h>
#include <lctem/parallel.h>
#include <lctem/source.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stats {
    double min, max, sum, count;
    long frames;
};

static int threads_of(const struct call *call)
{
    return call->recipe.threads == LCT_OPTION_AUTO ? lct_parallel_cores() : (int)call->recipe.threads;
}

enum { LANES = 8, PIECE_PX = 1 << 18 };

/* Pieces of a frame, each with a slot of its own: the sums do not depend on the number of threads. */
struct pieces {
    const struct lct_image *frame;
    struct stats *slots;
};

/* Lanes that do not wait for one another. NaN is not counted. */
struct lanes {
    float lo[LANES], hi[LANES];
    double sum[LANES];
    int count[LANES];
};

static inline __attribute__((always_inline)) void add_lanes(struct lanes *s, const float *px, int n)
{
    for (int i = 0; i < n; i++) {
        const float x = px[i];
        const int known = x == x;
        s->lo[i] = x < s->lo[i] ? x : s->lo[i];
        s->hi[i] = x > s->hi[i] ? x : s->hi[i];
        s->sum[i] += (double)(known ? x : 0.0f);
        s->count[i] += known;
    }
}

LCT_CLONES static enum lct_status measure_piece(void *context, size_t i, int worker, struct lct_err *err)
{
    (void)worker;
    (void)err;
    const struct pieces *pieces = context;
    const size_t first = i * PIECE_PX, all = lct_image_count(pieces->frame), left = all - first;
    const size_t n = left < PIECE_PX ? left : PIECE_PX;
    const float *px = pieces->frame->px + first;
    struct lanes lanes = { .count = { 0 } };
    for (int lane = 0; lane < LANES; lane++) {
        lanes.lo[lane] = INFINITY;
        lanes.hi[lane] = -INFINITY;
    }
    for (size_t k = 0; k + LANES <= n; k += LANES)
        add_lanes(&lanes, px + k, LANES);
    add_lanes(&lanes, px + n - n % LANES, (int)(n % LANES));
    struct stats s = { .min = INFINITY, .max = -INFINITY };
    for (int lane = 0; lane < LANES; lane++) {
        s.min = fmin(s.min, (double)lanes.lo[lane]);
        s.max = fmax(s.max, (double)lanes.hi[lane]);
        s.sum += lanes.sum[lane];
        s.count += lanes.count[lane];
    }
    pieces->slots[i] = s;
    return LCT_OK;
}

/* Frame after frame, so that a movie of any length needs the memory of one. */
static enum lct_status measure(
    struct lct_source *source, const struct call *call, struct stats *out, struct lct_err *err)
{
    const struct lct_source_info *info = lct_source_info(source);
    struct stats s = { .min = INFINITY, .max = -INFINITY };
    struct lct_image frame = { 0 };
    enum lct_status status = lct_image_init(&frame, info->width, info->height, err);
    const size_t n = (lct_image_count(&frame) + PIECE_PX - 1) / PIECE_PX;
    struct pieces pieces = { &frame, calloc(n, sizeof *pieces.slots) };
    if (status == LCT_OK && !pieces.slots)
        status = lct_fail(err, LCT_E_LIMIT, "%s: no memory", info->path);
    for (long i = 0; status == LCT_OK; i++) {
        status = lct_source_read(source, i, &frame, NULL, err);
        if (status == LCT_OK)
            status = lct_parallel_for(threads_of(call), n, measure_piece, &pieces, err);
        for (size_t k = 0; status == LCT_OK && k < n; k++) {
            s.min = fmin(s.min, pieces.slots[k].min);
            s.max = fmax(s.max, pieces.slots[k].max);
            s.sum += pieces.slots[k].sum;
            s.count += pieces.slots[k].count;
        }
        s.frames += status == LCT_OK;
        if (status == LCT_OK)
            status = lct_progress_step(&call->progress, "reading", s.frames, info->n_frames, err);
    }
    free(pieces.slots);
    lct_image_finish(&frame);
    *out = s;
    return status == LCT_END ? LCT_OK : status;
}

static void add_stats(struct lct_json *json, const struct stats *stats)
{
    lct_json_number(json, "min", stats->min);
    lct_json_number(json, "max", stats->max);
    lct_json_number(json, "mean", stats->sum / stats->count);
    lct_json_number(json, "sum", stats->sum);
}

static void add_metadata(struct lct_json *json, const struct lct_source_info *info)
{
    lct_json_open_object(json, "metadata");
    for (size_t i = 0; i < info->n_metadata; i++)
        lct_json_text(json, info->metadata[i].key, info->metadata[i].value);
    lct_json_close(json);
    lct_json_integer(json, "bits", info->bits);
    lct_json_integer(json, "channels", info->channels);
    lct_json_open_array(json, "warnings");
    for (size_t i = 0; i < info->n_warnings; i++)
        lct_json_text(json, NULL, info->warnings[i]);
    lct_json_close(json);
}

static enum lct_status print_json(const struct lct_source *source, const struct stats *stats, struct lct_err *err)
{
    const struct lct_source_info *info = lct_source_info(source);
    struct lct_json *json = NULL;
    const enum lct_status status = lct_json_create(&json, err);
    if (status != LCT_OK)
        return status;
    lct_json_text(json, "file", info->path);
    lct_json_text(json, "format", info->format);
    lct_json_integer(json, "frames", info->n_frames);
    lct_json_integer(json, "width", info->width);
    lct_json_integer(json, "height", info->height);
    lct_json_text(json, "dtype", lct_dtype_name(info->dtype));
    lct_json_number(json, "pixel_size_nm", info->pixel_size_nm);
    lct_json_number(json, "pixel_size_y_nm", info->pixel_size_y_nm);
    lct_json_number(json, "frame_time_s", info->frame_time_s);
    lct_json_number(json, "duration_s", info->duration_s);
    lct_json_number(json, "dose_e_per_nm2_s", info->dose_e_per_nm2_s);
    lct_json_integer(json, "datasets", (long long)info->n_datasets);
    add_metadata(json, info);
    lct_json_text(json, "truncated", lct_source_truncated(source));
    if (stats)
        add_stats(json, stats);
    return cli_json(&json, err);
}

static void print_quantity(const char *name, double x, const char *unit, const char *remedy)
{
    if (isfinite(x))
        printf("  %-12s %.6g %s\n", name, x, unit);
    else
        printf("  %-12s not known%s\n", name, remedy);
}

static void print_metadata(const struct lct_source_info *info)
{
    enum { SHOWN = 60 };
    for (size_t i = 0; i < info->n_metadata; i++) {
        const char *value = info->metadata[i].value;
        const size_t line = strcspn(value, "\r\n"), shown = line < SHOWN ? line : SHOWN;
        printf("  %-12s %s = ", i ? "" : "metadata", info->metadata[i].key);
        for (size_t k = 0; k < shown; k++) /* what a file says must not steer the terminal */
            putchar((unsigned char)value[k] < 0x20 || value[k] == 0x7f ? '?' : value[k]);
        printf("%s\n", value[shown] ? " ..." : "");
    }
}

static void print_words(const struct lct_source *source, const struct stats *stats)
{
    const struct lct_source_info *info = lct_source_info(source);
    printf("%s\n", info->path);
    printf("  %-12s %s\n", "format", info->format);
    printf("  %-12s %ld\n", "frames", info->n_frames);
    printf("  %-12s %d x %d px\n", "size", info->width, info->height);
    printf("  %-12s %s%s", "pixels", lct_dtype_name(info->dtype), info->channels >= 3 ? ", colour (read as grey)" : "");
    if (info->bits > 0)
        printf(", %d bits", info->bits);
    printf("\n");
    if (isfinite(info->pixel_size_nm) && info->pixel_size_y_nm != info->pixel_size_nm)
        printf("  %-12s %.6g nm along x, %.6g nm along y\n", "pixel size", info->pixel_size_nm, info->pixel_size_y_nm);
    else
        print_quantity("pixel size", info->pixel_size_nm, "nm", "; give it with --pixel-size NM");
    print_quantity(
        "frame time", info->frame_time_s, "s", info->n_frames > 1 ? "; give it with --frame-time S or --fps F" : "");
    if (isfinite(info->duration_s))
        print_quantity("duration", info->duration_s, "s", "");
    if (isfinite(info->dose_e_per_nm2_s))
        print_quantity("dose rate", info->dose_e_per_nm2_s, "e/(nm2 s)", "");
    if (info->n_datasets > 1)
        printf("  %-12s %zu; choose with --dataset\n", "data sets", info->n_datasets);
    if (stats)
        printf("  %-12s min %.9g, max %.9g, mean %.9g, sum %.15g over %ld frames\n", "values", stats->min, stats->max,
            stats->sum / stats->count, stats->sum, stats->frames);
    print_metadata(info);
}

static enum lct_status show(const struct call *call, const char *path, struct lct_err *err)
{
    const struct lct_source_params params = {
        .dataset = call->recipe.dataset, .raw = call->recipe.raw, .threads = threads_of(call)
    };
    struct lct_source *source = NULL;
    enum lct_status status = lct_source_open(&source, path, &params, err);
    if (status != LCT_OK)
        return status;
    struct stats stats = { 0 };
    if (call->recipe.stats)
        status = measure(source, call, &stats, err);
    if (status == LCT_OK && call->recipe.json)
        status = print_json(source, call->recipe.stats ? &stats : NULL, err);
    else if (status == LCT_OK)
        print_words(source, call->recipe.stats ? &stats : NULL);
    fflush(stdout);
    const struct lct_source_info *info = lct_source_info(source);
    for (size_t i = 0; i < info->n_warnings; i++)
        lct_log_say(&call->log, LCT_LOG_WARNING, "%s: %s", path, info->warnings[i]);
    if (lct_source_truncated(source))
        lct_log_say(&call->log, LCT_LOG_WARNING, "%s: not complete: %s", path, lct_source_truncated(source));
    lct_source_close(&source);
    return status;
}

/* A file that cannot be read does not keep the others from being shown; the first fault is the command's. */
enum lct_status cmd_info(struct call *call, struct lct_err *err)
{
    enum lct_status first_fault = LCT_OK;
    for (int i = 0; i < call->n_words && first_fault != LCT_E_CANCELLED; i++) {
        struct lct_err fault = { 0 };
        const enum lct_status status = show(call, call->words[i], &fault);
        if (status == LCT_OK)
            continue;
        if (first_fault != LCT_OK)
            cli_error("%s", fault.text);
        else if (err)
            *err = fault;
        if (first_fault == LCT_OK)
            first_fault = status;
    }
    return first_fault;
}
