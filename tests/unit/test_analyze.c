/* Protects: whatever is given as a movie, the answer is a status with one clear line, and what is whole is measured; the results do
 * not depend on the number of threads; nobody's results are overwritten or mixed. */
#include "folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <lctem/analyze.h>
#include <lctem/file.h>
#include <lctem/json.h>
#include <lctem/table.h>
#include <malloc.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

static char movie[64], out[64];

static void make_dir(void)
{
    folder_make();
    snprintf(movie, sizeof movie, "%s/movie.tif", folder);
    snprintf(out, sizeof out, "%s/out", folder);
}

TestSuite(analyze, .init = make_dir, .fini = folder_remove, .timeout = 120);

/* Even noise of sd 1 from a counter. */
static float noise(unsigned i)
{
    uint32_t x = i * 2654435761U;
    x ^= x >> 15;
    x *= 2246822519U;
    x ^= x >> 13;
    x *= 3266489917U;
    x ^= x >> 16;
    return ((float)x / 4294967296.0f - 0.5f) * 3.4641016f;
}

/* A disc of core in a disc of shell. */
static float particle(int x, int y, int page, int w, int h)
{
    const float r = hypotf((float)x - 0.5f * (float)w, (float)y - 0.5f * (float)h) / (float)(w < h ? w : h);
    const float level = r < 0.24f ? 95.0f : r < 0.33f ? 122.0f : 150.0f;
    return level + 4.0f * noise((unsigned)((page * h + y) * w + x));
}
static float liquid(int x, int y, int page, int w, int h)
{
    return 150.0f + 4.0f * noise((unsigned)((page * h + y) * w + x));
}
static float black(int x, int y, int page, int w, int h)
{
    return 0.0f * (float)(x + y + page + w + h);
}
static float white(int x, int y, int page, int w, int h)
{
    return 255.0f + 0.0f * (float)(x + y + page + w + h);
}
static float nothing(int x, int y, int page, int w, int h)
{
    return NAN * (float)(x + y + page + w + h);
}
static float blackout(int x, int y, int page, int w, int h)
{
    return page == 4 ? 0.0f : particle(x, y, page, w, h);
}
static float nan_page(int x, int y, int page, int w, int h)
{
    return page == 4 ? NAN : particle(x, y, page, w, h);
}

struct stack {
    float (*value)(int x, int y, int page, int w, int h);
    int w, h, pages;
    bool grows; /* each page is one row higher than the one before */
};

static void put(FILE *f, uint32_t x, int bytes)
{
    for (int i = 0; i < bytes; i++)
        fputc((int)(x >> 8 * i & 255), f);
}

/* A float TIFF, page after page, each with its directory in front of its pixels. */
static void write_stack(const struct stack *s)
{
    enum { ENTRIES = 10, IFD = 2 + 12 * ENTRIES + 4 };
    FILE *f = fopen(movie, "wb");
    cr_assert(f != NULL);
    put(f, 0x002a4949, 4);
    put(f, 8, 4);
    uint32_t at = 8;
    for (int p = 0; p < s->pages; p++) {
        const uint32_t h = (uint32_t)(s->h + (s->grows ? p : 0)), bytes = 4 * (uint32_t)s->w * h, data = at + IFD;
        const uint32_t entries[ENTRIES][3] = { { 256, 4, (uint32_t)s->w }, { 257, 4, h }, { 258, 3, 32 }, { 259, 3, 1 },
            { 262, 3, 1 }, { 273, 4, data }, { 277, 3, 1 }, { 278, 4, h }, { 279, 4, bytes }, { 339, 3, 3 } };
        put(f, ENTRIES, 2);
        for (int e = 0; e < ENTRIES; e++) {
            put(f, entries[e][0], 2);
            put(f, entries[e][1], 2);
            put(f, 1, 4);
            put(f, entries[e][2], 4);
        }
        at = data + bytes;
        put(f, p + 1 < s->pages ? at : 0, 4);
        for (int y = 0; y < (int)h; y++)
            for (int x = 0; x < s->w; x++) {
                const float v = s->value(x, y, p, s->w, s->h);
                cr_assert(fwrite(&v, sizeof v, 1, f) == 1);
            }
    }
    cr_assert(fclose(f) == 0);
}

/* What a run says. */
struct said {
    struct lct_analysis found;
    struct lct_err err;
    char warnings[8192];
};

static void hear(void *context, enum lct_log_level level, const char *text)
{
    struct said *s = context;
    const size_t used = strlen(s->warnings);
    if (level == LCT_LOG_WARNING)
        snprintf(s->warnings + used, sizeof s->warnings - used, "%s\n", text);
}

/* Run with settings "key=value", NULL-terminated. */
static enum lct_status run_watched(struct said *said, const char *const *settings, const struct lct_progress *progress)
{
    struct lct_options options;
    struct lct_recipe recipe;
    *said = (struct said){ 0 };
    cr_assert(eq(int, lct_recipe_init(&options, &recipe, LCT_CMD_ANALYZE, NULL), LCT_OK));
    cr_assert(eq(int, lct_options_set(&options, "output", out, LCT_ORIGIN_USER, NULL), LCT_OK));
    for (; settings && *settings; settings++)
        cr_assert(eq(int, lct_options_assign(&options, *settings, &said->err), LCT_OK), "%s", said->err.text);
    const struct lct_log log = { hear, said };
    const struct lct_analyze_hooks hooks = {
        .log = &log, .options = &options, .version = "test", .progress = progress
    };
    const enum lct_status status = lct_analyze(&said->found, movie, &recipe, &hooks, &said->err);
    lct_options_finish(&options);
    return status;
}

static enum lct_status run(struct said *said, const char *const *settings)
{
    return run_watched(said, settings, NULL);
}

static void clear_out(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", out);
    cr_assert(system(command) == 0);
}

Test(analyze, gives_a_status_and_a_clear_line_for_every_movie)
{
    static const struct {
        const char *name;
        struct stack stack;
        enum lct_status status;
        const char *says; /* in the error or the warnings */
        long frames;
        int particles; /* -1: any number */
    } rows[] = {
        { "a particle", { particle, 96, 80, 6, false }, LCT_OK, "--pixel-size", 6, 1 },
        { "one frame", { particle, 96, 80, 1, false }, LCT_OK, "--pixel-size", 1, 1 },
        { "1 x 1 px", { liquid, 1, 1, 3, false }, LCT_OK, "no particle was found", 3, 0 },
        { "3 x 2 px", { liquid, 3, 2, 3, false }, LCT_OK, "no particle was found", 3, 0 },
        { "16384 px wide", { particle, 16384, 24, 2, false }, LCT_OK, "--frame-time", 2, -1 },
        { "16384 px high", { particle, 24, 16384, 2, false }, LCT_OK, "--frame-time", 2, -1 },
        { "one px high", { liquid, 300, 1, 2, false }, LCT_OK, "no particle was found", 2, 0 },
        { "liquid only", { liquid, 96, 80, 6, false }, LCT_OK, "no particle was found", 6, 0 },
        { "more liquid", { liquid, 256, 256, 9, false }, LCT_OK, "no particle was found", 9, 0 },
        { "all black", { black, 64, 64, 4, false }, LCT_E_INPUT, "its frames are black", 0, 0 },
        { "all white", { white, 64, 64, 4, false }, LCT_OK, "no particle was found", 4, 0 },
        { "all NaN", { nothing, 64, 64, 4, false }, LCT_E_INPUT, "hold no finite grey value", 0, 0 },
        { "a black frame", { blackout, 96, 80, 8, false }, LCT_OK, "--pixel-size", 8, 1 },
        { "a frame of NaN", { nan_page, 96, 80, 8, false }, LCT_OK, "no empty background was found in 1 of 8", 8, 1 },
        { "pages of several sizes", { particle, 96, 80, 3, true }, LCT_E_FORMAT, "page 2 has 96 x 81 px", 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct said said;
        write_stack(&rows[i].stack);
        clear_out();
        const enum lct_status status = run(&said, NULL);
        cr_expect(eq(int, status, rows[i].status), "%s: %s", rows[i].name, said.err.text);
        cr_expect(strstr(said.err.text, rows[i].says) || strstr(said.warnings, rows[i].says), "%s: \"%s\" \"%s\"",
            rows[i].name, said.err.text, said.warnings);
        cr_expect(strchr(said.err.text, '\n') == NULL, "%s", rows[i].name);
        if (status != LCT_OK)
            continue;
        cr_expect(eq(long, said.found.n_frames, rows[i].frames), "%s", rows[i].name);
        cr_expect(rows[i].particles < 0 || said.found.n_particles == rows[i].particles, "%s: %d particles",
            rows[i].name, said.found.n_particles);
    }
}

/* "50" is easily said where 50 pm are meant. Layers of the shell are then finer than pixels, and nothing must be made of them. */
Test(analyze, a_pixel_size_that_is_off_spoils_no_area)
{
    static const char *const sizes[] = { "pixel_size=0.5", "pixel_size=5", "pixel_size=50", "pixel_size=1000" };
    const struct stack stack = { particle, 160, 160, 6, false };
    const double core_px = M_PI * pow(0.24 * 160, 2.0), total_px = M_PI * pow(0.33 * 160, 2.0);
    write_stack(&stack);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct said said;
        struct lct_csv csv;
        char path[128];
        clear_out();
        cr_assert(eq(int, run(&said, (const char *const[]){ sizes[i], NULL }), LCT_OK), "%s", said.err.text);
        snprintf(path, sizeof path, "%s/areas.csv", out);
        cr_assert(eq(int, lct_csv_read(&csv, path, NULL), LCT_OK));
        cr_assert(eq(sz, csv.n_rows, 6), "%s", sizes[i]);
        const long core = lct_csv_column(&csv, "core_area_px"), shell = lct_csv_column(&csv, "shell_area_px");
        for (size_t r = 0; r < csv.n_rows; r++) {
            double c, s;
            cr_assert(eq(int, lct_csv_number(&csv, r, (size_t)core, &c, NULL), LCT_OK));
            cr_assert(eq(int, lct_csv_number(&csv, r, (size_t)shell, &s, NULL), LCT_OK));
            /* smoothing by one pixel at least: what corners and levels leave is some per cent */
            cr_assert(fabs(c / core_px - 1.0) < 0.03 && fabs((c + s) / total_px - 1.0) < 0.03, "%s: %g and %g px",
                sizes[i], c, s);
        }
        lct_csv_finish(&csv);
    }
}

/* Whole pages are measured, half ones are not, wherever the file was cut. */
Test(analyze, takes_what_is_whole_of_a_truncated_movie)
{
    const struct stack stack = { particle, 48, 40, 4, false };
    write_stack(&stack);
    char *bytes;
    size_t n;
    cr_assert(eq(int, lct_file_read(&bytes, &n, movie, 1 << 20, NULL), LCT_OK));
    const size_t page = (n - 8) / 4;
    for (size_t cut = 0; cut <= n; cut += cut < 200 ? 37 : 1409) {
        struct said said;
        cr_assert(eq(int, lct_file_write(movie, bytes, cut, NULL), LCT_OK));
        clear_out();
        const enum lct_status status = run(&said, NULL);
        const long whole = cut < 8 ? 0 : (long)((cut - 8) / page);
        const bool refused = status == LCT_E_INPUT || status == LCT_E_FORMAT;
        const bool right = status == LCT_OK ? said.found.n_frames == whole : whole == 0 && refused && said.err.text[0];
        cr_expect(
            right, "cut at %zu of %zu: %d %s, %ld frames", cut, n, (int)status, said.err.text, said.found.n_frames);
    }
    free(bytes);
}

static void expect_same_file(const char *a, const char *b, const char *name)
{
    char *path_a = lct_file_join(a, name), *path_b = lct_file_join(b, name), *bytes_a = NULL, *bytes_b = NULL;
    size_t n_a = 0, n_b = 0;
    cr_expect(eq(int, lct_file_read(&bytes_a, &n_a, path_a, 1 << 26, NULL), LCT_OK), "%s", name);
    cr_expect(eq(int, lct_file_read(&bytes_b, &n_b, path_b, 1 << 26, NULL), LCT_OK), "%s", name);
    cr_expect(n_a == n_b && n_a > 0 && memcmp(bytes_a, bytes_b, n_a) == 0, "%s differs (%s)", name, b);
    free(path_a);
    free(path_b);
    free(bytes_a);
    free(bytes_b);
}

Test(analyze, gives_the_same_bytes_with_any_number_of_threads_and_any_memory)
{
    static const char *const files[] = { "areas.csv", "areas.json", "drift.csv", "frames.csv", "events.csv",
        "labels.tif", "overlay.mp4", "recipe.yaml", "plots/areas.gp" };
    static const char *const ways[][4] = { { "threads=1", "pixel_size=0.2" }, { "threads=2", "pixel_size=0.2" },
        { "threads=7", "pixel_size=0.2" }, { "threads=7", "pixel_size=0.2", "memory_limit=46M" } };
    const struct stack stack = { particle, 96, 80, 30, false };
    char first[80];
    write_stack(&stack);
    snprintf(first, sizeof first, "%s-1", out);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct said said;
        clear_out();
        cr_assert(eq(int, run(&said, ways[i]), LCT_OK), "%s", said.err.text);
        if (i == 0)
            cr_assert(rename(out, first) == 0);
        for (size_t k = 0; i > 0 && k < sizeof files / sizeof *files; k++)
            expect_same_file(first, out, files[k]);
    }
}

/* What is allocated in the second pass, and when facets are first looked at. */
struct footprint {
    size_t pass_bytes, after_bytes;
};

static bool weigh(void *context, const char *stage, long done, long total)
{
    struct footprint *f = context;
    const struct mallinfo2 now = mallinfo2();
    const size_t bytes = now.uordblks + now.hblkhd;
    (void)done;
    (void)total;
    if (strcmp(stage, "measure") == 0)
        f->pass_bytes = bytes;
    if (strcmp(stage, "facets") == 0 && f->after_bytes == 0)
        f->after_bytes = bytes;
    return true;
}

/* Behind the second pass come tables that are as long as the movie: what the pass alone needed, most of it all, must have made room. */
Test(analyze, gives_the_memory_of_the_second_pass_back)
{
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("the allocator does not say what it holds");
#endif
    const struct stack stack = { particle, 256, 256, 12, false };
    struct footprint f = { 0 };
    const struct lct_progress progress = { weigh, &f };
    static const char *const settings[] = { "threads=1", "pixel_size=0.1", NULL };
    struct said said;
    write_stack(&stack);
    cr_assert(eq(int, run_watched(&said, settings, &progress), LCT_OK), "%s", said.err.text);
    cr_assert(
        f.after_bytes > 0 && 2 * f.after_bytes < f.pass_bytes, "%zu bytes, then %zu", f.pass_bytes, f.after_bytes);
}

Test(analyze, refuses_what_it_cannot_keep)
{
    static const struct {
        const char *settings[3];
        const char *drift; /* content of drift.csv; NULL: none */
        enum lct_status status;
        const char *says;
    } rows[] = {
        { { "roi=90,0,20,20" }, NULL, LCT_E_ARG, "does not lie inside" },
        { { "frames=6:" }, NULL, LCT_E_ARG, "0 to 5" },
        { { "memory_limit=2M" }, NULL, LCT_E_LIMIT, "--memory-limit" },
        { { NULL }, "frame,dx_px\n0,0\n", LCT_E_INPUT, "dx_px and dy_px" },
        { { NULL }, "frame,dx_px,dy_px\n0,0,0\n", LCT_E_INPUT, "1 of the 6 frames" },
        { { NULL }, "frame,dx_px,dy_px\n0,,\n", LCT_E_INPUT, "frame 0: no number" },
        { { NULL }, "frame,dx_px,dy_px\n0,1e300,0\n", LCT_E_INPUT, "frame 0: no number" },
        { { NULL }, "frame,dx_px,dy_px\n0,zero,0\n", LCT_E_INPUT, "is no number" },
        { { NULL }, "", LCT_E_INPUT, "empty" },
    };
    const struct stack stack = { particle, 96, 80, 6, false };
    char path[80], setting[96];
    write_stack(&stack);
    snprintf(path, sizeof path, "%s/drift.csv", folder);
    snprintf(setting, sizeof setting, "drift=%s", path);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct said said;
        const char *with_drift[] = { setting, NULL };
        clear_out();
        if (rows[i].drift)
            cr_assert(eq(int, lct_file_write(path, rows[i].drift, strlen(rows[i].drift), NULL), LCT_OK));
        const enum lct_status status = run(&said, rows[i].drift ? with_drift : rows[i].settings);
        cr_expect(eq(int, status, rows[i].status), "row %zu: %s", i, said.err.text);
        cr_expect(strstr(said.err.text, rows[i].says) != NULL, "row %zu: %s", i, said.err.text);
    }
}

Test(analyze, leaves_the_results_of_others_alone)
{
    static const char *const force[] = { "force=yes", NULL }, *const resume[] = { "resume=yes", NULL },
                             *const other[] = { "resume=yes", "phases=core", NULL };
    const struct stack stack = { particle, 96, 80, 3, false };
    struct said said;
    write_stack(&stack);
    cr_assert(eq(int, run(&said, NULL), LCT_OK));
    cr_expect(eq(int, run(&said, NULL), LCT_E_OUTPUT));
    cr_expect(strstr(said.err.text, "--force") != NULL, "%s", said.err.text);
    cr_expect(eq(int, run(&said, resume), LCT_OK), "a complete run has nothing left to do");
    cr_expect(eq(long, said.found.n_frames, 3L));
    cr_expect(eq(int, run(&said, other), LCT_E_ARG));
    cr_expect(eq(int, run(&said, force), LCT_OK), "%s", said.err.text);
    clear_out();
    cr_assert(eq(int, lct_file_write(out, "x", 1, NULL), LCT_OK));
    cr_expect(eq(int, run(&said, NULL), LCT_E_OUTPUT));
    cr_expect(strstr(said.err.text, "is not a folder") != NULL, "%s", said.err.text);
}

/* A disk that is full: status 8, run.json says why, and --resume brings it to its end once there is room. */
Test(analyze, survives_a_full_disk)
{
    static const char *const resume[] = { "resume=yes", NULL };
    const struct stack stack = { particle, 96, 80, 40, false };
    struct said said;
    char first[80];
    write_stack(&stack);
    cr_assert(eq(int, run(&said, NULL), LCT_OK));
    snprintf(first, sizeof first, "%s-1", out);
    cr_assert(rename(out, first) == 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 80000; /* state and tables fit, the overlay does not */
    setrlimit(RLIMIT_FSIZE, &small);
    const enum lct_status status = run(&said, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    cr_expect(eq(int, status, LCT_E_OUTPUT), "%s", said.err.text);
    char *path = lct_file_join(out, "run.json");
    struct lct_json *json = NULL;
    cr_assert(eq(int, lct_json_read(&json, path, NULL), LCT_OK));
    const char *word = lct_json_to_text(lct_json_member(lct_json_root(json), "status"));
    cr_expect(word && strcmp(word, "failed") == 0, "%s", word ? word : "no status");
    lct_json_destroy(&json);
    free(path);
    cr_expect(eq(int, run(&said, resume), LCT_OK), "%s", said.err.text);
    expect_same_file(first, out, "areas.csv");
    expect_same_file(first, out, "labels.tif");
    expect_same_file(first, out, "overlay.mp4");
}
