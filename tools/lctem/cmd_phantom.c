/* lctem phantom SCENE -o MOVIE: a synthetic movie with its exact truth beside it */
#include <lctem/file.h>
#include <lctem/number.h>
#include <lctem/parallel.h>
#include <lctem/phantom.h>
#include <lctem/writer.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int cmd_phantom(int argc, char **argv);

struct options {
    const char *scene, *movie, *truth;
    long seed, threads, masks; /* seed -1: the scene's; masks 0: none, N: every N-th frame */
    bool force, quiet, no_movie;
};

static const char help[] =
    "lctem phantom SCENE -o MOVIE    a synthetic movie with its exact truth\n\n"
    "SCENE is a YAML file, described in docs/scene.md; examples are in data/scenes.\n"
    "MOVIE ends in .mp4, .mkv, .mov (H.264, 8 bit), .tif (multi-page, 8 or 16 bit), or is a pattern like f%05d.png.\n"
    "truth_particles.csv, truth_facets.csv, truth_cracks.csv, truth_frames.csv and scene.json go into its folder.\n\n"
    "  -o, --output MOVIE   where the movie goes\n"
    "      --truth DIR      another folder for the truth\n"
    "      --masks N        label masks (mask_NNNNN.tif) of every N-th frame: 0 liquid, 2p-1 core, 2p shell\n"
    "      --no-movie       the truth only\n"
    "      --seed N         other noise, drift and grain than the scene's\n"
    "      --threads N      default: all cores; the bytes do not depend on it\n"
    "      --force          overwrite\n"
    "  -q, --quiet          say nothing\n"
    "      --help           this text\n";

enum { OPT_TRUTH = 256, OPT_MASKS, OPT_SEED, OPT_THREADS, OPT_FORCE, OPT_HELP, OPT_NO_MOVIE };

static const struct option longs[] = {
    { "output", required_argument, NULL, 'o' }, { "truth", required_argument, NULL, OPT_TRUTH },
    { "masks", required_argument, NULL, OPT_MASKS }, { "seed", required_argument, NULL, OPT_SEED },
    { "threads", required_argument, NULL, OPT_THREADS }, { "force", no_argument, NULL, OPT_FORCE },
    { "quiet", no_argument, NULL, 'q' }, { "no-movie", no_argument, NULL, OPT_NO_MOVIE },
    { "help", no_argument, NULL, OPT_HELP }, { NULL, 0, NULL, 0 },
};

static bool whole_number(const char *text, long least, long *out, const char *flag)
{
    const char *rest;
    if (lct_number_parse_long(text, out, &rest) && *rest == '\0' && *out >= least)
        return true;
    fprintf(stderr, "lctem phantom: --%s %s: expected a whole number of at least %ld\n", flag, text, least);
    return false;
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct options *o)
{
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "o:q", longs, NULL)) != -1;) {
        bool ok = true;
        switch (c) {
        case 'o': o->movie = optarg; break;
        case 'q': o->quiet = true; break;
        case OPT_TRUTH: o->truth = optarg; break;
        case OPT_MASKS: ok = whole_number(optarg, 1, &o->masks, "masks"); break;
        case OPT_SEED: ok = whole_number(optarg, 0, &o->seed, "seed"); break;
        case OPT_THREADS: ok = whole_number(optarg, 1, &o->threads, "threads"); break;
        case OPT_FORCE: o->force = true; break;
        case OPT_NO_MOVIE: o->no_movie = true; break;
        case OPT_HELP: fputs(help, stdout); return 0;
        default: ok = false;
        }
        if (!ok)
            return LCT_E_ARG;
    }
    if (argc - optind != 1 || !o->movie) {
        fputs("lctem phantom: give one scene and -o MOVIE; see lctem phantom --help\n", stderr);
        return LCT_E_ARG;
    }
    o->scene = argv[optind];
    return -1;
}

/* The folder part of a path; caller frees. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
}

static enum lct_status make_folders(const char *path, struct lct_err *err)
{
    char *copy = strdup(path);
    if (!copy)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", path);
    enum lct_status s = LCT_OK;
    for (char *at = copy + 1; s == LCT_OK; at++) {
        const char old = *at;
        if (old != '/' && old != '\0')
            continue;
        *at = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            s = lct_fail(err, LCT_E_OUTPUT, "%s: %s", copy, strerror(errno));
        *at = old;
        if (old == '\0')
            break;
    }
    free(copy);
    return s;
}

static enum lct_status write_masks(const struct lct_phantom *phantom, const char *dir, long every, struct lct_err *err)
{
    const struct lct_phantom_info info = lct_phantom_info(phantom);
    const struct lct_writer_params params = { .width = info.width, .height = info.height, .fps = info.fps,
        .pixel_size_nm = info.pixel_size_nm, .bits = 16 };
    struct lct_phantom_scratch *scratch = NULL;
    uint16_t *labels = calloc((size_t)info.width * (size_t)info.height, sizeof *labels);
    enum lct_status s = labels ? lct_phantom_scratch_create(&scratch, phantom, err)
                               : lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
    for (long f = 0; s == LCT_OK && f < info.frames; f += every) {
        char name[64];
        snprintf(name, sizeof name, "mask_%05ld.tif", f);
        char *path = lct_file_join(dir, name);
        struct lct_writer *writer = NULL;
        s = path ? lct_phantom_labels(phantom, f, scratch, labels, err) : lct_fail(err, LCT_E_LIMIT, "%s: no memory", dir);
        if (s == LCT_OK)
            s = lct_writer_open(&writer, path, &params, err);
        if (s == LCT_OK)
            s = lct_writer_frame(writer, labels, err);
        const enum lct_status closed = lct_writer_close(&writer, s == LCT_OK ? err : NULL);
        s = s == LCT_OK ? closed : s;
        free(path);
    }
    lct_phantom_scratch_destroy(&scratch);
    free(labels);
    return s;
}

static bool show(void *context, long done, long total)
{
    (void)context;
    fprintf(stderr, "\r%ld of %ld frames%s", done, total, done == total ? "\n" : "");
    return true;
}

static enum lct_status make(const struct options *o, const struct lct_phantom *phantom, const char *dir, struct lct_err *err)
{
    const int threads = o->threads ? (int)o->threads : lct_parallel_cores();
    enum lct_status s = LCT_OK;
    char *folder = folder_of(o->movie);
    if (!folder)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory", o->movie);
    if (!o->force && access(o->movie, F_OK) == 0)
        s = lct_fail(err, LCT_E_OUTPUT, "%s: exists; give --force to overwrite it", o->movie);
    if (s == LCT_OK)
        s = make_folders(folder, err);
    if (s == LCT_OK)
        s = make_folders(dir, err);
    if (s == LCT_OK && !o->no_movie)
        s = lct_phantom_film(phantom, o->movie, threads, !o->quiet && isatty(2) ? show : NULL, NULL, err);
    if (s == LCT_OK)
        s = lct_phantom_write_truth(phantom, dir, err);
    if (s == LCT_OK && o->masks)
        s = write_masks(phantom, dir, o->masks, err);
    free(folder);
    return s;
}

int cmd_phantom(int argc, char **argv)
{
    struct options o = { .seed = -1 };
    const int early = parse(argc, argv, &o);
    if (early >= 0)
        return early;
    struct lct_err err = { 0 };
    struct lct_phantom *phantom = NULL;
    char *dir = o.truth ? strdup(o.truth) : folder_of(o.movie);
    enum lct_status s = dir ? lct_phantom_create(&phantom, o.scene, &err) : lct_fail(&err, LCT_E_LIMIT, "no memory");
    if (s == LCT_OK && o.seed >= 0)
        lct_phantom_reseed(phantom, (uint64_t)o.seed);
    if (s == LCT_OK)
        s = make(&o, phantom, dir, &err);
    if (s != LCT_OK)
        fprintf(stderr, "lctem phantom: %s\n", err.text);
    else if (!o.quiet)
        fprintf(stderr, "%s: %ld frames; truth in %s\n", o.movie, lct_phantom_info(phantom).frames, dir);
    lct_phantom_destroy(&phantom);
    free(dir);
    return (int)s;
}
