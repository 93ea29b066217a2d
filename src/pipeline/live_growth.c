#include "live_growth.h"

#include <lctem/source.h>

#include <string.h>
#include <sys/stat.h>

void growth_finish(struct growth *growth)
{
    lct_image_finish(&growth->frame);
}

/* Has what is at its end changed since the last look? */
static void notice_change(struct growth *g, const struct lct_source_info *info, double now_s)
{
    struct stat st = { 0 };
    const char *last = info->files && info->n_files > 0 ? info->files[info->n_files - 1] : info->path;
    const bool there = stat(last, &st) == 0;
    const long long mtime_ns = there ? (long long)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec : 0;
    if (g->frames == info->n_frames && g->bytes == (long)st.st_size && g->mtime_ns == mtime_ns)
        return;
    g->frames = info->n_frames;
    g->bytes = (long)st.st_size;
    g->mtime_ns = mtime_ns;
    g->changed_s = now_s;
}

/* Frames are taken for whole one after the other: a half-written one is waited for, whatever a reader would make of it. */
static enum lct_status test_frames(struct growth *g, struct lct_source *source, long end, struct lct_err *err)
{
    const struct lct_source_info *info = lct_source_info(source);
    if (g->frame.width != info->width || g->frame.height != info->height) {
        lct_image_finish(&g->frame);
        const enum lct_status status = lct_image_init(&g->frame, info->width, info->height, err);
        if (status != LCT_OK)
            return status;
    }
    while (g->whole < end && lct_source_read(source, g->whole, &g->frame, NULL, NULL) == LCT_OK)
        g->whole++;
    return LCT_OK;
}

enum lct_status growth_look(struct growth *g, double now_s, struct lct_err *err)
{
    const struct lct_source_params params = { .dataset = g->recipe->dataset, .raw = g->recipe->raw };
    struct lct_source *source = NULL;
    g->why = (struct lct_err){ 0 };
    const enum lct_status opened = lct_source_open(&source, g->movie, &params, &g->why);
    if (opened == LCT_E_LIMIT) {
        if (err)
            *err = g->why;
        return opened;
    }
    if (opened != LCT_OK) {
        g->why.code = opened;
        struct stat st;
        if (stat(g->movie, &st) == 0
            && st.st_size != g->bytes) { /* nothing whole yet, but something is being written */
            g->bytes = (long)st.st_size;
            g->changed_s = now_s;
        }
        return LCT_OK;
    }
    const struct lct_source_info *info = lct_source_info(source);
    enum lct_status status = LCT_OK;
    if (strcmp(info->format, "video") == 0) {
        status = lct_fail(err, LCT_E_FORMAT,
            "%s: a video cannot be followed, for its index is written last; write TIFF, MRC or a folder of "
            "images",
            g->movie);
    } else {
        notice_change(g, info, now_s);
        status = test_frames(g, source, now_s - g->changed_s >= g->settle_s ? info->n_frames : info->n_frames - 1, err);
    }
    lct_source_close(&source);
    return status;
}
