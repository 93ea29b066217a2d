/* Protects: memory that runs out at any allocation is a status, never a crash or a wrong answer. malloc of this program is replaced by
 * one that can be told to refuse its n-th call; each small job is run once to count its allocations, then once for every one of them
 * refused. Not under sanitizers, which have a malloc of their own. prints TAP. */
#include "microscope.h"
#include "movies.h"

#include <lctem/convert.h>
#include <lctem/curves.h>
#include <lctem/phantom.h>
#include <lctem/source.h>

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_long calls, refused_at = -1, refusals;
static atomic_int counting; /* 0: dladdr may not be called yet */

/* libtiff 4.5 goes on with a table of tags that it has not got (TIFFSetField), libavformat 59 frees an element of Matroska that it has
 * not set up: what these ask for themselves is left alone. */
static bool is_spared(const void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) != 0 && info.dli_fname
        && (strstr(info.dli_fname, "libtiff") || strstr(info.dli_fname, "libav"));
}

/* Is it the turn of this call? */
static bool refuse(const void *caller)
{
    if (atomic_load(&counting) == 0 || is_spared(caller))
        return false;
    const long i = atomic_fetch_add(&calls, 1), at = atomic_load(&refused_at);
    if (at < 0 || i != at)
        return false;
    atomic_fetch_add(&refusals, 1);
    return true;
}

typedef void *malloc_fn(size_t n);
typedef void *calloc_fn(size_t n, size_t size);
typedef void *realloc_fn(void *old, size_t n);
typedef void free_fn(void *at);

/* dlsym itself may ask for memory before the real one is known. */
static char pool[65536];
static size_t pool_used;

static void *early(size_t n)
{
    void *at = pool + pool_used;
    pool_used += (n + 15) / 16 * 16;
    return pool_used <= sizeof pool ? at : NULL;
}

/* The C library's own function: POSIX wants dlsym's pointer to serve for it, ISO C has no cast for that. */
#define REAL(type, name)                                                                                               \
    static type *known;                                                                                                \
    static bool asking;                                                                                                \
    if (!known && !asking) {                                                                                           \
        asking = true;                                                                                                 \
        void *found = dlsym(RTLD_NEXT, name);                                                                          \
        memcpy(&known, &found, sizeof known);                                                                          \
        asking = false;                                                                                                \
    }                                                                                                                  \
    type *const real = known

void *malloc(size_t n)
{
    REAL(malloc_fn, "malloc");
    return !real ? early(n) : refuse(__builtin_return_address(0)) ? NULL : real(n);
}

void *calloc(size_t n, size_t size)
{
    REAL(calloc_fn, "calloc");
    return !real ? early(n * size) : refuse(__builtin_return_address(0)) ? NULL : real(n, size);
}

void *realloc(void *old, size_t n)
{
    REAL(realloc_fn, "realloc");
    return !real || refuse(__builtin_return_address(0)) ? NULL : real(old, n);
}

void free(void *at)
{
    REAL(free_fn, "free");
    const bool ours = (char *)at >= pool && (char *)at < pool + sizeof pool;
    if (real && at && !ours)
        real(at);
}

static char *path, *other;

/* A sum over all that was read, so that a wrong answer shows; NaN: a fault that has a status. */
typedef double job_fn(enum lct_status *status);

static double read_movie_as(enum lct_status *status, const struct lct_source_params *params)
{
    struct lct_source *s = NULL;
    struct lct_image image = { 0 };
    struct lct_err err = { 0 };
    double sum = 0;
    *status = lct_source_open(&s, path, params, &err);
    if (*status == LCT_OK)
        *status = lct_image_init(&image, lct_source_info(s)->width, lct_source_info(s)->height, &err);
    for (long i = 0; *status == LCT_OK; i++) {
        *status = lct_source_read(s, i, &image, NULL, &err);
        for (size_t k = 0; *status == LCT_OK && k < lct_image_count(&image); k++)
            sum += (double)image.px[k] * (double)(k + 1) + 1;
    }
    *status = *status == LCT_END ? LCT_OK : *status;
    lct_image_finish(&image);
    lct_source_close(&s);
    return sum;
}

static double read_movie(enum lct_status *status)
{
    return read_movie_as(status, &(struct lct_source_params){ .threads = 1 });
}

static double read_raw(enum lct_status *status)
{
    return read_movie_as(status, &(struct lct_source_params){ .threads = 1, .raw = "9x7x3:u16le@1024" });
}

static double read_recipe(enum lct_status *status)
{
    struct lct_options options = { 0 };
    struct lct_recipe recipe = { 0 };
    struct lct_err err = { 0 };
    *status = lct_recipe_init(&options, &recipe, LCT_CMD_ANALYZE, &err);
    if (*status == LCT_OK)
        *status = lct_options_read_recipe(&options, path, &err);
    const double x = *status == LCT_OK ? recipe.pixel_size_nm + (double)recipe.frames.end : 0;
    lct_options_finish(&options);
    return x;
}

static double read_areas(enum lct_status *status)
{
    struct lct_curves curves = { 0 };
    struct lct_err err = { 0 };
    *status = lct_curves_read(&curves, path, NULL, &err);
    const double x = *status == LCT_OK ? (double)(curves.n_times * 100 + curves.n_particles) + curves.core_nm2[0] : 0;
    lct_curves_finish(&curves);
    return x;
}

static double read_scene(enum lct_status *status)
{
    struct lct_phantom *phantom = NULL;
    struct lct_err err = { 0 };
    *status = lct_phantom_create(&phantom, path, &err);
    const double x = *status == LCT_OK ? lct_phantom_info(phantom).width : 0;
    lct_phantom_destroy(&phantom);
    return x;
}

static double convert(enum lct_status *status)
{
    struct lct_options options = { 0 };
    struct lct_recipe recipe = { 0 };
    struct lct_err err = { 0 };
    struct lct_converted found = { 0 };
    char words[4][8] = { "-o", "--force", "--bin", "2" }, *argv[] = { words[0], other, words[1], words[2], words[3] };
    int left = 0;
    *status = lct_recipe_init(&options, &recipe, LCT_CMD_CONVERT, &err);
    if (*status == LCT_OK)
        *status = lct_options_parse(&options, 5, argv, &left, &err);
    if (*status == LCT_OK)
        *status = lct_convert(&found, path, &recipe, NULL, NULL, &err);
    lct_options_finish(&options);
    return (double)found.n_frames;
}

static int n_tests;
static long n_refused, n_tolerated;

/* Statuses that a lack of memory may have: a library behind us calls its own lack "damaged" or "cannot be written". */
static bool is_told(enum lct_status status)
{
    return status == LCT_E_LIMIT || status == LCT_E_INPUT || status == LCT_E_FORMAT || status == LCT_E_OUTPUT
        || status == LCT_E_ARG;
}

static void run(const char *name, job_fn *job)
{
    enum lct_status status;
    atomic_store(&counting, 1);
    (void)job(&status); /* once for what libraries keep */
    atomic_store(&calls, 0);
    const double wanted = job(&status);
    const long n = atomic_load(&calls);
    bool good = status == LCT_OK;
    char why[128] = "";
    for (long i = 0; good && i < n; i++) {
        atomic_store(&calls, 0);
        atomic_store(&refused_at, i);
        const double got = job(&status);
        atomic_store(&refused_at, -1);
        good = status == LCT_OK ? got == wanted : is_told(status);
        n_tolerated += status == LCT_OK;
        if (!good)
            snprintf(why, sizeof why, " # allocation %ld of %ld: status %d, %g instead of %g", i, n, (int)status, got,
                wanted);
    }
    n_refused += n;
    printf("%s %d - %s: %ld allocations refused one by one%s\n", good ? "ok" : "not ok", ++n_tests, name, n, why);
    fflush(stdout);
}

static void text(const char *content)
{
    movies_write_bytes(path, content, strlen(content));
}

int main(void)
{
    char *folder = movies_folder();
    path = movies_path(folder, "in");
    other = movies_path(folder, "out.tif");
    const struct micro m = { .width = 9, .height = 7, .frames = 3, .kind = 'u', .bytes = 2, .pixel_nm = 0.1 };
    micro_write_dm(path, &m, 4);
    run("DM4", read_movie);
    run("convert to TIFF", convert);
    free(other);
    other = movies_path(folder, "out.mrc");
    run("convert to MRC", convert);
    free(other);
    other = movies_path(folder, "out%d.png");
    run("convert to PNG", convert);
    micro_write_ser(path, &m, true, 30);
    run("SER", read_movie);
    micro_write_mrc(path, &m, 0);
    run("MRC", read_movie);
    run("raw", read_raw);
    movies_write_tiff(path, &(struct movie_tiff){ .width = 9, .height = 7, .pages = 2, .bits = 16 });
    run("TIFF", read_movie);
    movies_write_png(path, 9, 7, 16, 0, true);
    run("PNG", read_movie);
    movies_write_bmp(path, 9, 7);
    run("BMP", read_movie);
    text("pixel_size: 0.05nm\nframes: 0:10:2\nroi: 1,2,30,40\nsmoothing: 0.3nm\nd1: Cd:11-20\n");
    run("recipe", read_recipe);
    text("frame,time_s,particle,core_area_nm2,shell_area_nm2\n0,0,1,10,5\n1,0.2,1,11,5\n1,0.2,2,3,1\n2,0.4,2,3,1\n");
    run("areas.csv", read_areas);
    if (movies_run("cp '%s/data/scenes/single.yaml' '%s'", FAULTS_SOURCE_ROOT, path))
        run("scene", read_scene);
    if (movies_run("ffmpeg -y -f lavfi -i testsrc=size=32x32:rate=5:duration=1 -c:v ffv1 -f matroska '%s'", path))
        run("video", read_movie);
    movies_run("rm -rf '%s'", folder);
    printf("# %ld refusals, %ld of them without consequence\n1..%d\n", n_refused, n_tolerated, n_tests);
    return 0;
}
