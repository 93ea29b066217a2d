/* What reading all frames of a movie costs, against `cat` of its file. usage: read_bench [MOVIE [--raw SHAPE]]
 *
 * Without a movie: one file per raw format, written, read once (so that it is cached) and removed. CPU is user and system time of a
 * process of its own, ours with one thread; wall is ours with all cores. The smallest of some runs counts, others share the machine. */
#include "emd_file.h"
#include "microscope.h"
#include "movies.h"

#include <lctem/source.h>

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <tiffio.h>
#include <unistd.h>

/* Starting and opening take a millisecond more than in `cat`: movies of half a gigabyte, so that it does not count. */
enum { RUNS = 9, SIDE_PX = 512, FILE_BYTES = 1 << 29 };

static int frames_of(int bits)
{
    return FILE_BYTES / (SIDE_PX * SIDE_PX / 8 * bits);
}

struct cost {
    double cpu_s, wall_s;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

static void await(struct cost *best, pid_t pid, double began_s)
{
    struct rusage used;
    int status = 0;
    if (wait4(pid, &status, 0, &used) != pid || status != 0)
        exit(1);
    const double cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime), wall_s = now_s() - began_s;
    best->cpu_s = cpu_s < best->cpu_s ? cpu_s : best->cpu_s;
    best->wall_s = wall_s < best->wall_s ? wall_s : best->wall_s;
}

static void cat(struct cost *best, const char *path)
{
    char name[] = "cat", *file = strdup(path), *argv[] = { name, file, NULL }, *none[] = { NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0); /* 1: for writing */
    pid_t pid;
    const double began_s = now_s();
    if (posix_spawnp(&pid, "cat", &actions, NULL, argv, none) != 0)
        exit(1);
    await(best, pid, began_s);
    posix_spawn_file_actions_destroy(&actions);
    free(file);
}

static int read_all(const char *path, const char *raw, int threads)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    struct lct_image image = { 0 };
    const struct lct_source_params params = { .raw = raw, .threads = threads };
    enum lct_status status = lct_source_open(&s, path, &params, &err);
    if (status == LCT_OK)
        status = lct_image_init(&image, lct_source_info(s)->width, lct_source_info(s)->height, &err);
    for (long i = 0; status == LCT_OK; i++)
        status = lct_source_read(s, i, &image, NULL, &err);
    if (status != LCT_END)
        fprintf(stderr, "%s\n", err.text);
    return status == LCT_END ? 0 : 1;
}

static void own(struct cost *best, const char *path, const char *raw, int threads)
{
    const double began_s = now_s();
    const pid_t pid = fork();
    if (pid == 0)
        _exit(read_all(path, raw, threads));
    await(best, pid, began_s);
}

static void measure(const char *name, const char *path, const char *raw)
{
    struct cost bytes = { 1e9, 1e9 }, one = bytes, all = bytes;
    for (int i = 0; i < RUNS; i++) {
        cat(&bytes, path);
        own(&one, path, raw, 1);
        own(&all, path, raw, 0);
    }
    printf("%-34s cat %5.1f ms CPU, read %5.1f ms CPU on one thread: %4.2f times; wall on all cores %4.2f times\n",
        name, 1e3 * bytes.cpu_s, 1e3 * one.cpu_s, one.cpu_s / bytes.cpu_s, all.wall_s / bytes.wall_s);
    fflush(stdout);
}

static struct micro stack(char kind, int bytes, bool big)
{
    return (struct micro){ .width = SIDE_PX,
        .height = SIDE_PX,
        .frames = frames_of(8 * bytes),
        .kind = kind,
        .bytes = bytes,
        .big = big,
        .pixel_nm = 0.1 };
}

static void measure_mrc(const char *path)
{
    const struct {
        const char *name;
        char kind;
        int bytes;
        bool big;
    } modes[] = { { "MRC mode 0 (8 bit)", 'u', 1, false }, { "MRC mode 1 (16 bit)", 'i', 2, false },
        { "MRC mode 1, other byte order", 'i', 2, true }, { "MRC mode 2 (float)", 'f', 4, false },
        { "MRC mode 2, other byte order", 'f', 4, true }, { "MRC mode 6 (16 bit)", 'u', 2, false },
        { "MRC mode 12 (half float)", 'f', 2, false } };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        const struct micro m = stack(modes[i].kind, modes[i].bytes, modes[i].big);
        micro_write_mrc(path, &m, 1);
        measure(modes[i].name, path, NULL);
    }
    micro_write_mrc_nibbles(path, SIDE_PX, SIDE_PX, frames_of(4));
    measure("MRC mode 101 (4 bit)", path, NULL);
}

static void measure_microscopes(const char *path)
{
    const struct micro u16 = stack('u', 2, false), i16 = stack('i', 2, false), f32 = stack('f', 4, false);
    micro_write_ser(path, &u16, true, 1);
    measure("SER, 16 bit", path, NULL);
    micro_write_ser(path, &f32, true, 1);
    measure("SER, float", path, NULL);
    micro_write_dm(path, &i16, 3);
    measure("DM3, 16 bit", path, NULL);
    micro_write_dm(path, &f32, 4);
    measure("DM4, float", path, NULL);
#if LCT_HAVE_HDF5
    emd_write_velox(path, &u16, false);
    measure("EMD of Velox, 16 bit, chunks", path, NULL);
    emd_write_ncem(path, &f32, "zyx", false);
    measure("EMD of NCEM, float", path, NULL);
#endif
}

static void measure_tiff(const char *path)
{
    const struct movie_tiff whole = {
        .width = SIDE_PX, .height = SIDE_PX, .pages = frames_of(16), .bits = 16, .strip_rows = SIDE_PX
    };
    struct movie_tiff w = whole;
    movies_write_tiff(path, &w);
    measure("TIFF, 16 bit", path, NULL);
    w.swapped = true;
    movies_write_tiff(path, &w);
    measure("TIFF, 16 bit, other byte order", path, NULL);
    w = whole;
    w.strip_rows = 8;
    movies_write_tiff(path, &w);
    measure("TIFF, 16 bit, strips of 8 rows", path, NULL);
    w = whole;
    w.bits = 8;
    w.pages = frames_of(w.bits);
    movies_write_tiff(path, &w);
    measure("TIFF, 8 bit", path, NULL);
    w.bits = 32;
    w.pages = frames_of(w.bits);
    w.format = SAMPLEFORMAT_IEEEFP;
    movies_write_tiff(path, &w);
    measure("TIFF, float", path, NULL);
}

static void measure_raw(const char *path)
{
    static const char *const shapes[] = { "512x512:u8", "1024x1024:u8", "2048x2048:u8", "512x512:u16le",
        "1024x1024:u16le", "2048x2048:u16le", "512x512:f32le", "2048x2048:f32le", "512x512:f64le" };
    const size_t n = FILE_BYTES;
    unsigned char *bytes = malloc(n);
    if (!bytes)
        exit(1);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    movies_write_bytes(path, bytes, n);
    free(bytes);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char name[64];
        snprintf(name, sizeof name, "raw %s", shapes[i]);
        measure(name, path, shapes[i]);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        measure(argv[1], argv[1], argc > 3 && strcmp(argv[2], "--raw") == 0 ? argv[3] : NULL);
        return 0;
    }
    char *folder = movies_folder(), *path = movies_path(folder, "movie");
    measure_raw(path);
    measure_mrc(path);
    measure_microscopes(path);
    measure_tiff(path);
    remove(path);
    rmdir(folder);
    return 0;
}
