#include "planes.h"
#include "tiff_chain.h"
#include "tiff_page.h"
#include "tiff_scale.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct tiff {
    TIFF *tif;
    uint64_t bytes; /* of the file */
    struct page {
        uint64_t directory; /* where it is */
        uint64_t plain;     /* where its samples are if they can be had without libtiff, 0: they cannot */
    } * pages;              /* n_pages */
    long n_pages;
    long n_seen;             /* pages of the file so far, also those that are no frames */
    long n_odd;              /* pages left out because their pixels are of another type */
    long at;                 /* page whose directory is loaded, -1: none */
    struct tiff_page layout; /* of the first page, which all others share */
    /* a stack behind a single directory (ImageJ beyond 4 GB, tifffile): frame i begins at `data` + i * frame_bytes */
    uint64_t data, frame_bytes;
    struct planes file; /* open where samples are read without libtiff */
    int threads;        /* that may read them */
    struct plane_layout plane;
    unsigned char *row;
    float *scratch;
    char reason[200]; /* libtiff's last word */
};

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    static const char magic[4][4] = { { 'I', 'I', 42, 0 }, { 'M', 'M', 0, 42 }, { 'I', 'I', 43, 0 },
        { 'M', 'M', 0, 43 } };
    for (int i = 0; head && n >= 4 && i < 4; i++)
        if (memcmp(head, magic[i], 4) == 0)
            return true;
    return false;
}

static int on_error(TIFF *tif, void *user, const char *module, const char *fmt, va_list ap)
{
    (void)tif;
    (void)module;
    struct tiff *t = user;
    vsnprintf(t->reason, sizeof t->reason, fmt, ap);
    return 1;
}

static int on_warning(TIFF *tif, void *user, const char *module, const char *fmt, va_list ap)
{
    (void)tif;
    (void)user;
    (void)module;
    (void)fmt;
    (void)ap;
    return 1; /* mostly private tags of microscopes: nothing to tell */
}

static enum lct_status open_file(struct tiff *t, const char *path, struct lct_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return lct_fail(err, LCT_E_INPUT, "cannot be opened (%s)", strerror(errno));
    t->bytes = (uint64_t)st.st_size;
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, t);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, t);
    /* no mmap: a file that shrinks while it is read must be an error, not a signal */
    t->tif = TIFFOpenExt(path, "rm", options);
    TIFFOpenOptionsFree(options);
    return t->tif ? LCT_OK
                  : lct_fail(err, LCT_E_INPUT, "the first directory is missing or damaged (%s); was the file cut off?",
                      t->reason);
}

/* Overviews and masks stand beside the image, they are no frames. */
static bool is_frame(TIFF *tif)
{
    uint32_t type = 0;
    TIFFGetField(tif, TIFFTAG_SUBFILETYPE, &type);
    return !(type & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK));
}

static enum lct_status append_page(struct tiff *t, struct page page, struct lct_err *err)
{
    if (!(t->n_pages & (t->n_pages - 1))) {
        struct page *grown = realloc(t->pages, (t->n_pages ? 2 * (size_t)t->n_pages : 1) * sizeof *grown);
        if (!grown)
            return lct_fail(err, LCT_E_LIMIT, "no memory for the index of %ld pages", t->n_pages);
        t->pages = grown;
    }
    t->pages[t->n_pages++] = page;
    return LCT_OK;
}

static enum lct_status add_page(struct lct_source *source, struct tiff *t, struct lct_err *err)
{
    struct tiff_page page;
    char where[32];
    snprintf(where, sizeof where, "page %ld", t->n_seen);
    enum lct_status status = tiff_page_read_layout(&page, t->tif, err);
    if (status != LCT_OK)
        return lct_fail_in(err, status, where);
    if (t->n_pages > 0 && (page.width != t->layout.width || page.height != t->layout.height))
        return lct_fail(err, LCT_E_FORMAT,
            "page %ld has %u x %u px, the pages before it %u x %u; save pages of one size", t->n_seen, page.width,
            page.height, t->layout.width, t->layout.height);
    if (t->n_pages > 0 && !tiff_page_is_alike(&page, &t->layout)) {
        t->n_odd++; /* a colour picture beside the measured one: another data set, no frame of this movie */
        return LCT_OK;
    }
    if (t->n_pages == 0)
        t->layout = page;
    status = append_page(t, (struct page){ TIFFCurrentDirOffset(t->tif), tiff_page_plain(t->tif, &page) }, err);
    source->info.n_frames = t->n_pages;
    return status;
}

/* Compression does not reach this: a header that claims more pixels than that is damaged, and must not cost the memory. */
static bool is_plausible(const struct tiff *t, const struct tiff_page *page)
{
    const double pixels = (double)page->width * page->height, tile = (double)page->block_width * page->block_height;
    return fmax(pixels, tile) <= 1e5 * (double)t->bytes;
}

/* Are all pages like the first one, plain, and whole, as those of nearly every movie are? Then they are in t->pages; else nothing has
 * changed, and libtiff goes from one to the next. */
static bool walk_copies(struct lct_source *source, struct tiff *t)
{
    struct tiff_chain chain = { 0 };
    const struct page first = t->pages[0];
    const uint64_t plane_bytes = (uint64_t)tiff_page_row_bytes(&t->layout, t->layout.width) * t->layout.height;
    enum tiff_chain_step step = TIFF_CHAIN_OTHER;
    if (first.plain && planes_open(&t->file, source->info.path, t->threads, NULL) == LCT_OK
        && tiff_chain_start(&chain, &t->file, first.directory, first.plain, plane_bytes))
        while ((step = tiff_chain_next(&chain)) == TIFF_CHAIN_PAGE && t->n_pages < INT32_MAX)
            if (append_page(t, (struct page){ chain.directory, chain.samples }, NULL) != LCT_OK)
                break;
    tiff_chain_finish(&chain);
    if (step != TIFF_CHAIN_END)
        t->n_pages = 1;
    source->info.n_frames = t->n_pages;
    return step == TIFF_CHAIN_END;
}

/* Walk the chain of directories. Ends at the first page that is not whole; libtiff notices loops. */
static enum lct_status walk(struct lct_source *source, struct tiff *t, struct lct_err *err)
{
    for (;;) {
        t->n_seen++;
        if (is_frame(t->tif)) {
            const enum lct_status status = add_page(source, t, err);
            if (status != LCT_OK && t->n_pages > 0 && status == LCT_E_INPUT) {
                lct_source_cut(source, t->n_pages, "page %ld is damaged (%s)", t->n_seen, t->reason);
                return LCT_OK;
            }
            if (status != LCT_OK)
                return status;
            if (t->n_pages == 1 && !is_plausible(t, &t->layout))
                return lct_fail(err, LCT_E_INPUT, "%u x %u px in a file of %llu bytes: the header is damaged",
                    t->layout.width, t->layout.height, (unsigned long long)t->bytes);
            if (!tiff_page_is_whole(t->tif, &t->layout, t->bytes)) {
                lct_source_cut(
                    source, t->n_pages - 1, "the data of page %ld are not all in the file, it was cut off", t->n_seen);
                return LCT_OK;
            }
            if (t->n_seen == 1 && walk_copies(source, t))
                return LCT_OK;
        }
        if (TIFFLastDirectory(t->tif))
            return LCT_OK;
        t->reason[0] = '\0';
        if (!TIFFReadDirectory(t->tif)) {
            lct_source_cut(source, t->n_pages, "the directory behind page %ld is missing or damaged%s%s", t->n_seen,
                *t->reason ? ": " : "", t->reason);
            return LCT_OK;
        }
    }
}

static bool load_page(struct tiff *t, long i)
{
    if (t->at == i)
        return true;
    t->at = -1;
    t->reason[0] = '\0';
    if (!TIFFSetSubDirectory(t->tif, t->pages[i].directory))
        return false;
    t->at = i;
    return true;
}

/* ImageJ writes one directory and announces the other images in words when the file passes 4 GB. */
static enum lct_status find_hidden_stack(
    struct lct_source *source, struct tiff *t, const struct lct_description *said, struct lct_err *err)
{
    const uint64_t start = tiff_page_contiguous(t->tif, &t->layout);
    const uint64_t frame_bytes = (uint64_t)tiff_page_row_bytes(&t->layout, t->layout.width) * t->layout.height;
    if (start == 0 || start > t->bytes || frame_bytes == 0) {
        lct_source_cut(source, 1, "ImageJ announces %ld images, one is there", said->images);
        return LCT_OK;
    }
    const uint64_t there = (t->bytes - start) / frame_bytes;
    t->data = start;
    t->frame_bytes = frame_bytes;
    t->row = malloc(tiff_page_row_bytes(&t->layout, t->layout.width));
    t->scratch = calloc(t->layout.width, 4 * sizeof *t->scratch);
    if (!t->row || !t->scratch)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->info.n_frames = said->images;
    if (there < (uint64_t)said->images)
        lct_source_cut(source, (long)there, "%ld images are whole, %ld were announced", (long)there, said->images);
    return LCT_OK;
}

static enum lct_status describe(struct lct_source *source, struct tiff *t, struct lct_err *err)
{
    struct lct_source_info *info = &source->info;
    char *text = NULL;
    struct lct_description said;
    if (!TIFFGetField(t->tif, TIFFTAG_IMAGEDESCRIPTION, &text) || !text)
        text = NULL;
    lct_description_parse(&said, text ? text : "");
    enum lct_status status = LCT_OK;
    if (said.is_imagej && said.images > info->n_frames && t->n_pages == 1)
        status = find_hidden_stack(source, t, &said, err);
    else if (said.is_imagej && said.images > info->n_frames)
        lct_source_cut(source, info->n_frames, "%ld pages are there, %ld were announced", info->n_frames, said.images);
    if (said.channels > 1 || said.slices > 1)
        lct_source_warn(source,
            "the pages are %ld channels x %ld slices, read one after the other as frames; "
            "pick one channel with --frames A:B:STEP",
            said.channels > 1 ? said.channels : 1, said.slices > 1 ? said.slices : 1);
    tiff_take_scale(source, t->tif, &said);
    if (text)
        lct_description_note(source, text);
    tiff_take_words(source, t->tif);
    if (t->n_odd > 0)
        lct_source_warn(source, "%ld pages have another type of pixels than the first one and are left out", t->n_odd);
    uint16_t orientation = ORIENTATION_TOPLEFT;
    TIFFGetField(t->tif, TIFFTAG_ORIENTATION, &orientation);
    if (orientation != ORIENTATION_TOPLEFT)
        lct_source_warn(
            source, "the orientation tag (%d) is not applied; pixels are taken in the order stored", orientation);
    if (t->layout.photometric == PHOTOMETRIC_MINISWHITE)
        lct_source_warn(source, "zero means white in this file; the numbers are taken as stored");
    return status;
}

static void fill_info(struct lct_source_info *info, const struct tiff_page *p)
{
    info->width = (int)p->width;
    info->height = (int)p->height;
    info->bits = p->map[0] ? 8 : p->bits;
    info->channels = p->map[0] || p->converted ? 3 : p->channels == 3 ? p->samples : 1;
    info->dtype = p->dtype;
    if (p->dtype == LCT_DTYPE_UNKNOWN) {
        const bool is_signed = p->format == SAMPLEFORMAT_INT;
        info->dtype = p->bits <= 8 ? (is_signed ? LCT_DTYPE_I8 : LCT_DTYPE_U8)
            : p->bits <= 16        ? (is_signed ? LCT_DTYPE_I16 : LCT_DTYPE_U16)
                                   : (is_signed ? LCT_DTYPE_I32 : LCT_DTYPE_U32);
    }
}

/* A second way in, for samples that need no libtiff: it would take them through two buffers more. */
static enum lct_status open_planes(struct tiff *t, const char *path, struct lct_err *err)
{
    bool any = t->data > 0;
    for (long i = 0; i < t->n_pages && !any; i++)
        any = t->pages[i].plain > 0;
    t->plane = (struct plane_layout){ .width = (int)t->layout.width,
        .height = (int)t->layout.height,
        .dtype = t->layout.dtype,
        .swap = TIFFIsByteSwapped(t->tif) };
    return any && !t->file.blocks ? planes_open(&t->file, path, t->threads, err) : LCT_OK;
}

static enum lct_status open_tiff(struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    struct tiff *t = calloc(1, sizeof *t);
    if (!t)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = t;
    t->at = -1;
    t->threads = params->threads;
    enum lct_status status = open_file(t, source->info.path, err);
    if (status == LCT_OK)
        status = walk(source, t, err);
    if (status != LCT_OK)
        return status;
    if (source->info.n_frames < 1 && t->n_pages < 1)
        return lct_fail(err, LCT_E_FORMAT, "it holds overviews or masks only, no image");
    fill_info(&source->info, &t->layout);
    if (source->info.n_frames < 1)
        return LCT_OK; /* lct_source_open says so, with the reason */
    if (!load_page(t, 0))
        return lct_fail(err, LCT_E_INPUT, "page 1 cannot be read again (%s)", t->reason);
    status = describe(source, t, err);
    return status == LCT_OK ? open_planes(t, source->info.path, err) : status;
}

static enum lct_status read_hidden(struct tiff *t, long index, struct lct_image *out, struct lct_err *err)
{
    const size_t row_bytes = tiff_page_row_bytes(&t->layout, t->layout.width);
    const unsigned char *const rows[3] = { t->row };
    const uint64_t at = t->data + (uint64_t)index * t->frame_bytes;
    if (tiff_page_is_grey(&t->layout))
        return planes_read(&t->file, at, &t->plane, out, err);
    for (size_t y = 0; y < t->layout.height; y++) {
        const enum lct_status status = planes_bytes_at(&t->file, at + y * row_bytes, t->row, row_bytes, err);
        if (status != LCT_OK)
            return status;
        tiff_page_grey_row(&t->layout, rows, t->layout.width, t->plane.swap, out->px + y * t->layout.width, t->scratch);
    }
    return LCT_OK;
}

static enum lct_status read_tiff(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)time_s;
    struct tiff *t = source->state;
    if (t->data)
        return read_hidden(t, index, out, err);
    if (t->pages[index].plain)
        return planes_read(&t->file, t->pages[index].plain, &t->plane, out, err);
    struct tiff_page page;
    char where[32];
    snprintf(where, sizeof where, "page %ld", index + 1);
    if (!load_page(t, index))
        return lct_fail(err, LCT_E_INPUT, "%s cannot be read (%s)", where, t->reason);
    enum lct_status status = tiff_page_read_layout(&page, t->tif, err);
    if (status == LCT_OK && !tiff_page_is_alike(&page, &t->layout))
        status = lct_fail(err, LCT_E_INPUT, "it has changed while being read");
    if (status == LCT_OK)
        status = tiff_page_decode(t->tif, &page, out, err);
    if (status == LCT_OK)
        return LCT_OK;
    if (*t->reason && err)
        snprintf(err->text + strlen(err->text), sizeof err->text - strlen(err->text), " (%s)", t->reason);
    return lct_fail_in(err, status, where);
}

static void close_tiff(struct lct_source *source)
{
    struct tiff *t = source->state;
    if (!t)
        return;
    if (t->tif)
        TIFFClose(t->tif);
    planes_close(&t->file);
    free(t->pages);
    free(t->row);
    free(t->scratch);
    free(t);
    source->state = NULL;
}

static void versions(lct_version_fn *say, void *context)
{
    /* "LIBTIFF, Version 4.5.0" and lines of copyright */
    const char *text = TIFFGetVersion(), *number = strstr(text, "Version ");
    char version[32];
    number = number ? number + strlen("Version ") : text;
    snprintf(version, sizeof version, "%.*s", (int)strcspn(number, "\n"), number);
    say(context, "libtiff", version);
}

const struct lct_reader lct_reader_tiff = {
    .name = "tiff",
    .still = true,
    .probe = probe,
    .open = open_tiff,
    .read = read_tiff,
    .close = close_tiff,
    .versions = versions,
};
