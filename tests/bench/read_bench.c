/* How long reading all frames of a movie takes, and how long the bytes of its file alone. usage: read_bench MOVIE [--raw SHAPE] */
#include <lctem/source.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What `cat` does: 128 kB in, and gone. */
static double cat_s(const char *path)
{
    static char block[1 << 17];
    const double began_s = cpu_s();
    const int in = open(path, O_RDONLY), out = open("/dev/null", O_WRONLY);
    for (ssize_t n; in >= 0 && (n = read(in, block, sizeof block)) > 0;)
        if (write(out, block, (size_t)n) != n)
            break;
    close(in);
    close(out);
    return cpu_s() - began_s;
}

static double read_s(const char *path, const char *raw, long *frames)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    struct lct_image image = { 0 };
    const double began_s = cpu_s();
    if (lct_source_open(&s, path, &(struct lct_source_params){ .raw = raw, .threads = 1 }, &err) != LCT_OK
        || lct_image_init(&image, lct_source_info(s)->width, lct_source_info(s)->height, &err) != LCT_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    *frames = 0;
    while (lct_source_read(s, *frames, &image, NULL, &err) == LCT_OK)
        ++*frames;
    lct_image_finish(&image);
    lct_source_close(&s);
    return cpu_s() - began_s;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    const char *raw = argc > 3 && strcmp(argv[2], "--raw") == 0 ? argv[3] : NULL;
    double cat = 1e9, own = 1e9;
    long frames = 0;
    for (int i = 0; i < 5; i++) {
        const double c = cat_s(argv[1]), r = read_s(argv[1], raw, &frames);
        cat = c < cat ? c : cat;
        own = r < own ? r : own;
    }
    printf("%s: %ld frames in %.3f s of CPU, its bytes alone %.3f s, %.2f times that\n", argv[1], frames, own, cat, own / cat);
    return 0;
}
