/* Protects: label stacks come back page by page, say to ImageJ what they are, and a resumed file has the same bytes. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/labels.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <tiffio.h>
#include <unistd.h>

enum { W = 37, H = 19, PAGES = 12 };

static const struct lct_labels_params params = { W, H, { 0.05, 0.05, 0.2 }, PAGES };

static char path[64], other[64];

static void make_dir(void)
{
    folder_make();
    snprintf(path, sizeof path, "%s/labels.tif", folder);
    snprintf(other, sizeof other, "%s/other.tif", folder);
}

TestSuite(labels, .init = make_dir, .fini = folder_remove);

static void fill(uint16_t *page, int k)
{
    for (int i = 0; i < W * H; i++)
        page[i] = (uint16_t)((i * 7 + k * 13) % (3 + k));
}

static void append(struct lct_labels *labels, int from, int to)
{
    uint16_t page[W * H];
    for (int k = from; k < to; k++) {
        fill(page, k);
        cr_assert(eq(int, lct_labels_append(labels, page, NULL), LCT_OK));
    }
}

static void write_whole(const char *name)
{
    struct lct_labels *labels = NULL;
    cr_assert(eq(int, lct_labels_create(&labels, name, &params, NULL), LCT_OK));
    append(labels, 0, PAGES);
    cr_assert(eq(int, lct_labels_finish(&labels, NULL), LCT_OK));
    cr_assert(labels == NULL);
}

static size_t slurp(const char *name, char **bytes)
{
    FILE *file = fopen(name, "rb");
    cr_assert(file != NULL, "%s", name);
    fseek(file, 0, SEEK_END);
    const size_t n = (size_t)ftell(file);
    rewind(file);
    *bytes = malloc(n);
    cr_assert(fread(*bytes, 1, n, file) == n);
    fclose(file);
    return n;
}

static void assert_same_bytes(const char *a, const char *b)
{
    char *p = NULL, *q = NULL;
    const size_t n = slurp(a, &p), m = slurp(b, &q);
    cr_assert(n == m && memcmp(p, q, n) == 0, "%zu and %zu bytes", n, m);
    free(p);
    free(q);
}

Test(labels, value_names_particle_and_phase)
{
    cr_assert(eq(u16, lct_label_value(1, LCT_CORE), 1));
    cr_assert(eq(u16, lct_label_value(3, LCT_SHELL), 6));
    cr_assert(eq(u16, lct_label_value(3, LCT_LIQUID), 0));
    cr_assert(eq(u16, lct_label_value(32767, LCT_SHELL), 65534));
    cr_assert(eq(u16, lct_label_value(32768, LCT_CORE), 0));
}

Test(labels, pages_come_back_with_their_calibration)
{
    write_whole(path);
    TIFF *tiff = TIFFOpen(path, "r");
    cr_assert(tiff != NULL);
    char *text = NULL;
    float resolution = 0.0f;
    cr_assert(TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) == 1);
    cr_assert(strncmp(text, "ImageJ=1.53t\nimages=12\nframes=12\nhyperstack=true\n", 49) == 0, "%s", text);
    cr_assert(strstr(text, "unit=nm\nfinterval=0.2\n") != NULL);
    cr_assert(strstr(text, "max=12.0\n") != NULL); /* page 10 counts modulo 13, and 7 is prime to it */
    cr_assert(TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &resolution) == 1);
    cr_assert(ieee_ulp_eq(flt, resolution, 20.0f, 1)); /* px per nm */
    int k = 0;
    do {
        uint16_t want[W * H], got[W * H];
        fill(want, k++);
        cr_assert(TIFFReadEncodedStrip(tiff, 0, got, sizeof got) == (tmsize_t)sizeof got);
        cr_assert(memcmp(want, got, sizeof got) == 0, "page %d", k - 1);
    } while (TIFFReadDirectory(tiff));
    TIFFClose(tiff);
    cr_assert(eq(int, k, PAGES));
}

Test(labels, without_a_scale_nothing_is_invented)
{
    struct lct_labels_params p = params;
    p.scale = (struct lct_scale){ NAN, NAN, NAN };
    struct lct_labels *labels = NULL;
    cr_assert(eq(int, lct_labels_create(&labels, path, &p, NULL), LCT_OK));
    append(labels, 0, 1);
    cr_assert(eq(int, lct_labels_finish(&labels, NULL), LCT_OK));
    TIFF *tiff = TIFFOpen(path, "r");
    char *text = NULL;
    float resolution = 0.0f;
    cr_assert(TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) == 1);
    cr_assert(strstr(text, "unit=pixel\n") && !strstr(text, "finterval"));
    cr_assert(TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &resolution) == 0);
    TIFFClose(tiff);
}

enum { WIDE = 300, TALL = 700, STRIPS = 2 }; /* more rows than a strip holds */

/* Runs of each length up to three matches, of every value of either byte; one value alone; a long run at last. */
static void fill_runs(uint16_t *page)
{
    size_t i = 0;
    const size_t n = (size_t)WIDE * TALL;
    for (uint16_t run = 1; run < 400; run++)
        for (uint16_t k = 0; k < run && i < n / 2; k++)
            page[i++] = (uint16_t)(run * 257U);
    for (uint16_t value = 0; value < 256; value++)
        for (uint16_t k = 0; k < 2 && i < n; k++)
            page[i++] = (uint16_t)(k ? value : value << 8);
    while (i < n)
        page[i++] = 65535;
}

/* Strips are deflated beside libtiff: it checks them, and their sum, through a library of its own. */
Test(labels, every_run_comes_back)
{
    static uint16_t want[WIDE * TALL], got[WIDE * TALL];
    const struct lct_labels_params p = { WIDE, TALL, { 0.05, 0.05, 0.2 }, 1 };
    struct lct_labels *labels = NULL;
    fill_runs(want);
    cr_assert(eq(int, lct_labels_create(&labels, path, &p, NULL), LCT_OK));
    cr_assert(eq(int, lct_labels_append(labels, want, NULL), LCT_OK));
    cr_assert(eq(int, lct_labels_finish(&labels, NULL), LCT_OK));
    TIFF *tiff = TIFFOpen(path, "r");
    cr_assert(eq(u32, TIFFNumberOfStrips(tiff), STRIPS));
    unsigned char *to = (unsigned char *)got;
    for (uint32_t strip = 0; strip < STRIPS; strip++) {
        const tmsize_t bytes = TIFFReadEncodedStrip(tiff, strip, to, -1);
        cr_assert(bytes > 0, "strip %u", strip);
        to += bytes;
    }
    cr_assert(to == (unsigned char *)(got + WIDE * TALL));
    TIFFClose(tiff);
    cr_assert(memcmp(want, got, sizeof want) == 0);
}

/* Interrupted at page 7, with pages 7 and 8 written behind the checkpoint. */
Test(labels, resumed_has_the_same_bytes)
{
    write_whole(path);
    struct lct_labels *labels = NULL;
    long pages = 0;
    long long bytes = 0;
    cr_assert(eq(int, lct_labels_create(&labels, other, &params, NULL), LCT_OK));
    append(labels, 0, 7);
    cr_assert(eq(int, lct_labels_flush(labels, &pages, &bytes, NULL), LCT_OK));
    cr_assert(eq(long, pages, 7));
    append(labels, 7, 9);
    lct_labels_destroy(&labels);
    cr_assert(access(other, F_OK) != 0);
    cr_assert(eq(int, lct_labels_reopen(&labels, other, &params, pages, bytes, NULL), LCT_OK));
    append(labels, 7, PAGES);
    cr_assert(eq(int, lct_labels_finish(&labels, NULL), LCT_OK));
    assert_same_bytes(path, other);
    /* and a finished file can be taken back */
    cr_assert(eq(int, lct_labels_reopen(&labels, other, &params, pages, bytes, NULL), LCT_OK));
    append(labels, 7, PAGES);
    cr_assert(eq(int, lct_labels_finish(&labels, NULL), LCT_OK));
    assert_same_bytes(path, other);
}

Test(labels, huge_stacks_are_bigtiff_and_resumable)
{
    struct lct_labels_params p = params;
    p.expected_pages = 100000000;
    struct lct_labels *labels = NULL;
    long long bytes = 0;
    cr_assert(eq(int, lct_labels_create(&labels, path, &p, NULL), LCT_OK));
    append(labels, 0, 2);
    cr_assert(eq(int, lct_labels_flush(labels, NULL, &bytes, NULL), LCT_OK));
    lct_labels_destroy(&labels);
    cr_assert(eq(int, lct_labels_reopen(&labels, path, &p, 2, bytes, NULL), LCT_OK));
    append(labels, 2, 3);
    cr_assert(eq(int, lct_labels_finish(&labels, NULL), LCT_OK));
    TIFF *tiff = TIFFOpen(path, "r");
    cr_assert(TIFFIsBigTIFF(tiff));
    cr_assert(eq(int, (int)TIFFNumberOfDirectories(tiff), 3));
    TIFFClose(tiff);
}

Test(labels, refuses_what_it_cannot_write_or_resume)
{
    struct lct_labels *labels = NULL;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_labels_create(&labels, "/nowhere/labels.tif", &params, &err), LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "/nowhere/labels.tif") && strstr(err.text, "folder"), "%s", err.text);
    cr_assert(eq(int, lct_labels_reopen(&labels, path, &params, 3, 1000, &err), LCT_E_INPUT));
    cr_assert(strstr(err.text, "--force") != NULL);
    write_whole(path);
    cr_assert(eq(int, lct_labels_reopen(&labels, path, &params, PAGES + 1, 1000000, &err), LCT_E_INPUT));
    cr_assert(labels == NULL);
    cr_assert(eq(int, lct_labels_create(&labels, path, &params, &err), LCT_OK));
    cr_assert(eq(int, lct_labels_finish(&labels, &err), LCT_E_NODATA));
}

/* A file-size limit is a full disk that a test can have. */
Test(labels, a_full_disk_is_reported)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 2000, 2000 });
    struct lct_labels *labels = NULL;
    struct lct_err err = { 0 };
    cr_assert(eq(int, lct_labels_create(&labels, path, &params, NULL), LCT_OK));
    uint16_t page[W * H];
    enum lct_status status = LCT_OK;
    for (int k = 0; k < 1000 && status == LCT_OK; k++) {
        for (int i = 0; i < W * H; i++)
            page[i] = (uint16_t)(i * 31421 + k);
        status = lct_labels_append(labels, page, &err);
    }
    cr_assert(eq(int, status, LCT_E_OUTPUT));
    cr_assert(strstr(err.text, "space") || strstr(err.text, "disk"), "%s", err.text);
    lct_labels_destroy(&labels);
    cr_assert(access(path, F_OK) != 0);
}
