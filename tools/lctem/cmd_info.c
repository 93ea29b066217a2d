/* lctem info -- what is in a file */
#include <lctem/image.h>
#include <lctem/parallel.h>
#include <lctem/source.h>

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cmd_info(int argc, char **argv);

static const char usage[] = "usage: lctem info [--json] [--stats] [--dataset NAME] [--threads N] FILE...\n"
                            "\n"
                            "Says what is in each FILE: a video, a TIFF, a folder, a pattern or a quoted glob of images.\n"
                            "  --json          one JSON object per file, one per line\n"
                            "  --stats         read all frames: their min, max, mean and sum\n"
                            "  --dataset NAME  which of several images in a file (name or number)\n"
                            "  --threads N     threads of the decoder (default: one for each core)\n";

struct options {
    bool json, stats;
    struct lct_source_params source;
};

struct stats {
    double min, max, sum, count;
    long frames;
};

/* Frame after frame, so that a movie of any length needs the memory of one. */
static enum lct_status measure(struct lct_source *source, struct stats *out, struct lct_err *err)
{
    const struct lct_source_info *info = lct_source_info(source);
    struct stats s = { .min = INFINITY, .max = -INFINITY };
    struct lct_image frame = { 0 };
    enum lct_status status = lct_image_init(&frame, info->width, info->height, err);
    for (long i = 0; status == LCT_OK; i++) {
        status = lct_source_read(source, i, &frame, NULL, err);
        if (status != LCT_OK)
            break;
        double sum = 0, count = 0;
        for (size_t k = 0; k < lct_image_count(&frame); k++) {
            const double x = (double)frame.px[k];
            if (isnan(x))
                continue;
            sum += x;
            count++;
            s.min = x < s.min ? x : s.min;
            s.max = x > s.max ? x : s.max;
        }
        s.sum += sum;
        s.count += count;
        s.frames++;
    }
    lct_image_finish(&frame);
    *out = s;
    return status == LCT_END ? LCT_OK : status;
}

static void print_json_text(const char *text)
{
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            printf("\\%c", *c);
        else if (*c < 0x20 || *c >= 0x7f) {
            /* UTF-8 passes; a lone byte above 127 is Latin-1 of an old microscope */
            const int follow = *c >= 0xf0 && *c < 0xf5 ? 3 : *c >= 0xe0 && *c < 0xf0 ? 2 : *c >= 0xc2 && *c < 0xe0 ? 1 : 0;
            int whole = follow > 0;
            for (int i = 1; i <= follow && whole; i++)
                whole = (c[i] & 0xc0) == 0x80;
            if (whole && !(*c == 0xe0 && c[1] < 0xa0) && !(*c == 0xed && c[1] > 0x9f) && !(*c == 0xf0 && c[1] < 0x90)
                && !(*c == 0xf4 && c[1] > 0x8f)) {
                fwrite(c, 1, (size_t)follow + 1, stdout);
                c += follow;
            } else {
                printf("\\u%04x", *c);
            }
        } else
            putchar(*c);
    }
    putchar('"');
}

static void print_json_number(const char *key, double x)
{
    if (isfinite(x))
        printf(", \"%s\": %.9g", key, x);
    else
        printf(", \"%s\": null", key);
}

static void print_json(const struct lct_source *source, const struct stats *stats)
{
    const struct lct_source_info *info = lct_source_info(source);
    printf("{\"file\": ");
    print_json_text(info->path);
    printf(", \"format\": \"%s\", \"frames\": %ld, \"width\": %d, \"height\": %d, \"dtype\": \"%s\"", info->format, info->n_frames,
        info->width, info->height, lct_dtype_name(info->dtype));
    print_json_number("pixel_size_nm", info->pixel_size_nm);
    print_json_number("pixel_size_y_nm", info->pixel_size_y_nm);
    print_json_number("frame_time_s", info->frame_time_s);
    print_json_number("duration_s", info->duration_s);
    print_json_number("dose_e_per_nm2_s", info->dose_e_per_nm2_s);
    printf(", \"datasets\": %zu, \"metadata\": {", info->n_datasets);
    for (size_t i = 0; i < info->n_metadata; i++) {
        printf("%s", i ? ", " : "");
        print_json_text(info->metadata[i].key);
        printf(": ");
        print_json_text(info->metadata[i].value);
    }
    printf("}, \"bits\": %d, \"channels\": %d, \"warnings\": [", info->bits, info->channels);
    for (size_t i = 0; i < info->n_warnings; i++) {
        printf("%s", i ? ", " : "");
        print_json_text(info->warnings[i]);
    }
    printf("], \"truncated\": ");
    if (lct_source_truncated(source))
        print_json_text(lct_source_truncated(source));
    else
        printf("null");
    if (stats) {
        print_json_number("min", stats->min);
        print_json_number("max", stats->max);
        print_json_number("mean", stats->sum / stats->count);
        printf(isfinite(stats->sum) ? ", \"sum\": %.15g" : ", \"sum\": null", stats->sum);
    }
    printf("}\n");
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
    print_quantity("frame time", info->frame_time_s, "s", info->n_frames > 1 ? "; give it with --frame-time S or --fps F" : "");
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

static enum lct_status show(const char *path, const struct options *options, struct lct_err *err)
{
    struct lct_source *source = NULL;
    enum lct_status status = lct_source_open(&source, path, &options->source, err);
    if (status != LCT_OK)
        return status;
    struct stats stats = { 0 };
    if (options->stats)
        status = measure(source, &stats, err);
    if (status == LCT_OK && options->json)
        print_json(source, options->stats ? &stats : NULL);
    else if (status == LCT_OK)
        print_words(source, options->stats ? &stats : NULL);
    fflush(stdout);
    const struct lct_source_info *info = lct_source_info(source);
    for (size_t i = 0; i < info->n_warnings; i++)
        fprintf(stderr, "lctem info: %s: warning: %s\n", path, info->warnings[i]);
    if (lct_source_truncated(source))
        fprintf(stderr, "lctem info: %s: warning: not complete: %s\n", path, lct_source_truncated(source));
    lct_source_close(&source);
    return status;
}

static void print_help(void)
{
    fputs(usage, stdout);
    fputs("\nReaders: ", stdout);
    for (const char *const *name = lct_source_formats(); *name; name++)
        printf("%s%s", *name, name[1] ? ", " : ".\n");
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct options *out)
{
    static const struct option longs[] = {
        { "json", no_argument, NULL, 'j' }, { "stats", no_argument, NULL, 's' },
        { "dataset", required_argument, NULL, 'd' }, { "threads", required_argument, NULL, 't' },
        { "help", no_argument, NULL, 'h' }, { 0 },
    };
    int c;
    opterr = 0;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        char *end = NULL;
        switch (c) {
        case 'j': out->json = true; break;
        case 's': out->stats = true; break;
        case 'd': out->source.dataset = optarg; break;
        case 't':
            out->source.threads = (int)strtol(optarg, &end, 10);
            if (*end || out->source.threads < 1 || out->source.threads > 1024) {
                fprintf(stderr, "lctem info: --threads %s: give a number from 1 to 1024\n", optarg);
                return LCT_E_ARG;
            }
            break;
        case 'h': print_help(); return LCT_OK;
        default:
            fprintf(stderr, "lctem info: %s: unknown option, or its value is missing; see lctem info --help\n", argv[optind - 1]);
            return LCT_E_ARG;
        }
    }
    if (optind < argc)
        return -1;
    fputs(usage, stderr);
    return LCT_E_ARG;
}

int cmd_info(int argc, char **argv)
{
    struct options options = { .source = { .threads = lct_parallel_cores() } };
    const int early = parse(argc, argv, &options);
    if (early >= 0)
        return early;
    int first_fault = LCT_OK;
    for (int i = optind; i < argc; i++) {
        struct lct_err err = { 0 };
        const enum lct_status status = show(argv[i], &options, &err);
        if (status == LCT_OK)
            continue;
        fprintf(stderr, "lctem info: %s\n", err.text);
        if (first_fault == LCT_OK)
            first_fault = status;
    }
    if (ferror(stdout) || fflush(stdout) != 0) {
        fprintf(stderr, "lctem info: the output cannot be written; is the disk full?\n");
        return LCT_E_OUTPUT;
    }
    return first_fault;
}
