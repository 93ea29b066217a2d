#include "reader.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct sequence {
    char **paths; /* n, in natural order */
    size_t n;
    struct lct_source_params params;
    char *raw; /* what params.raw points to */
};

static const char *const extensions[] = { "tif", "tiff", "png", "bmp", "jpg", "jpeg", "dm3", "dm4", "mrc", "ser" };
enum { N_EXTENSIONS = sizeof extensions / sizeof *extensions, MAX_GAP_LINES = 8 };

static bool is_pattern(const char *path)
{
    return strpbrk(path, "*?[%") != NULL;
}

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)n;
    struct stat st;
    return !head && ((stat(path, &st) == 0 && S_ISDIR(st.st_mode)) || is_pattern(path));
}

static bool add_path(struct sequence *s, char *path)
{
    if (!path)
        return false;
    if (!(s->n & (s->n - 1))) {
        char **grown = realloc(s->paths, (s->n ? 2 * s->n : 1) * sizeof *grown);
        if (!grown) {
            free(path);
            return false;
        }
        s->paths = grown;
    }
    s->paths[s->n++] = path;
    return true;
}

static int extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (int i = 0; dot && dot != name && i < N_EXTENSIONS; i++)
        if (strcasecmp(dot + 1, extensions[i]) == 0)
            return i;
    return -1;
}

/* printf's %d, %5d, %05d in a name: digits there, at least as many as the width says. */
struct numbered {
    const char *prefix, *suffix;
    size_t prefix_length;
    size_t digits;
};

static bool parse_numbered(struct numbered *out, const char *name)
{
    const char *percent = strchr(name, '%');
    if (!percent)
        return false;
    const size_t width_length = strspn(percent + 1, "0123456789");
    const char kind = percent[1 + width_length];
    if (width_length > 3 || (kind != 'd' && kind != 'i' && kind != 'u'))
        return false;
    *out = (struct numbered){ .prefix = name,
        .suffix = percent + 2 + width_length,
        .prefix_length = (size_t)(percent - name),
        .digits = (size_t)atoi(percent + 1) };
    return true;
}

static bool matches(const struct numbered *pattern, const char *name)
{
    if (strncmp(name, pattern->prefix, pattern->prefix_length) != 0)
        return false;
    const char *number = name + pattern->prefix_length;
    const size_t digits = strspn(number, "0123456789");
    return digits >= 1 && digits >= pattern->digits && strcmp(number + digits, pattern->suffix) == 0;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    const size_t n = strlen(folder);
    return asprintf(&path, "%s%s%s", folder, n && folder[n - 1] != '/' ? "/" : "", name) < 0 ? NULL : path;
}

/* All images of a folder, or those that match. `counts` tells how many there are of each extension. */
static enum lct_status list_folder(
    struct sequence *s, const char *folder, const struct numbered *pattern, struct lct_err *err)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return lct_fail(err, LCT_E_INPUT, "the folder %s cannot be read (%s); check the name", folder, strerror(errno));
    bool fits = true;
    for (struct dirent *entry; fits && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && (pattern ? matches(pattern, entry->d_name) : extension_of(entry->d_name) >= 0))
            fits = add_path(s, join(folder, entry->d_name));
    closedir(dir);
    return fits ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the list of files");
}

static enum lct_status list_numbered(struct sequence *s, const char *path, struct lct_err *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    struct numbered pattern;
    if (!parse_numbered(&pattern, name))
        return lct_fail(
            err, LCT_E_INPUT, "no such file, and no pattern either; write e.g. img_%%04d.png or 'img_*.png'");
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    const enum lct_status status = list_folder(s, folder, &pattern, err);
    free(folder);
    return status;
}

static enum lct_status list_glob(struct sequence *s, const char *path, struct lct_err *err)
{
    glob_t found = { 0 };
    const int code = glob(path, GLOB_NOSORT, NULL, &found);
    bool fits = code != GLOB_NOSPACE;
    for (size_t i = 0; code == 0 && fits && i < found.gl_pathc; i++) {
        struct stat st;
        if (stat(found.gl_pathv[i], &st) == 0 && S_ISREG(st.st_mode))
            fits = add_path(s, strdup(found.gl_pathv[i]));
    }
    globfree(&found);
    return fits ? LCT_OK : lct_fail(err, LCT_E_LIMIT, "no memory for the list of files");
}

/* A folder with several kinds of images: the most frequent kind is the movie, and the user is told. */
static void keep_one_kind(struct lct_source *source, struct sequence *s)
{
    size_t counts[N_EXTENSIONS] = { 0 }, kept = 0;
    int best = 0;
    for (size_t i = 0; i < s->n; i++)
        counts[extension_of(s->paths[i])]++;
    for (int k = 1; k < N_EXTENSIONS; k++)
        if (counts[k] > counts[best])
            best = k;
    for (size_t i = 0; i < s->n; i++) {
        if (extension_of(s->paths[i]) == best)
            s->paths[kept++] = s->paths[i];
        else
            free(s->paths[i]);
    }
    if (kept < s->n)
        lct_source_warn(source, "the folder holds several kinds of images: %zu .%s are read, %zu others are not", kept,
            extensions[best], s->n - kept);
    s->n = kept;
}

static int compare_paths(const void *a, const void *b)
{
    return lct_natural_compare(*(char *const *)a, *(char *const *)b);
}

/* Names that go on counting from one to the next, and where they do not. */
static void report_gaps(struct lct_source *source, const struct sequence *s)
{
    size_t lines = 0, breaks = 0;
    unsigned long long missing = 0;
    for (size_t i = 1; i < s->n; i++) {
        const char *text_a, *text_b;
        if (!lct_number_that_differs(s->paths[i - 1], s->paths[i], &text_a, &text_b)) {
            breaks++;
            continue;
        }
        const unsigned long long a = strtoull(text_a, NULL, 10), b = strtoull(text_b, NULL, 10);
        if (b <= a + 1)
            continue;
        missing += b - a - 1;
        if (lines++ < MAX_GAP_LINES)
            lct_source_warn(source, "gap in the numbering: %llu follows %llu (frame %zu)", b, a, i);
    }
    if (lines > MAX_GAP_LINES)
        lct_source_warn(source, "%zu more gaps in the numbering", lines - MAX_GAP_LINES);
    if (lines > 0)
        lct_source_warn(source, "%llu numbers are missing in all; times count the files that are there", missing);
    if (breaks > 0)
        lct_source_warn(source, "the file names belong to %zu series; give a pattern to read one of them", breaks + 1);
}

static enum lct_status list_files(struct lct_source *source, struct sequence *s, struct lct_err *err)
{
    const char *path = source->info.path;
    struct stat st;
    const bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    enum lct_status status = folder ? list_folder(s, path, NULL, err)
        : strpbrk(path, "*?[")      ? list_glob(s, path, err)
                                    : list_numbered(s, path, err);
    if (status != LCT_OK)
        return status;
    if (folder && s->n)
        keep_one_kind(source, s);
    if (s->n == 0)
        return lct_fail(err, LCT_E_INPUT,
            folder ? "no TIFF, PNG, BMP, JPEG, DM, MRC or SER images in this folder; give the one that holds the "
                     "frames, or the movie itself"
                   : "no file matches this pattern; check it, and quote it in the shell");
    qsort(s->paths, s->n, sizeof *s->paths, compare_paths);
    return LCT_OK;
}

/* Open file i as a still image of its own. */
static enum lct_status open_file(const struct sequence *s, size_t i, struct lct_source **out, struct lct_err *err)
{
    const struct lct_reader *reader = &lct_reader_raw;
    enum lct_status status = s->params.raw ? LCT_OK : lct_reader_find(&reader, s->paths[i], err);
    if (status == LCT_OK && !reader->still)
        status = lct_fail(err, LCT_E_FORMAT, "is a movie; give it by itself");
    if (status != LCT_OK)
        return lct_fail_in(err, status, s->paths[i]);
    struct lct_source *file = NULL;
    status = lct_source_open(&file, s->paths[i], &s->params, err);
    if (status == LCT_OK && lct_source_info(file)->n_frames != 1) {
        status = lct_fail(
            err, LCT_E_FORMAT, "%s: holds %ld images; give it by itself", s->paths[i], lct_source_info(file)->n_frames);
        lct_source_close(&file);
    }
    if (status == LCT_OK)
        *out = file;
    return status;
}

static enum lct_status open_sequence(
    struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    struct sequence *s = calloc(1, sizeof *s);
    if (!s)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = s;
    s->params.threads = params->threads;
    s->raw = params->raw ? strdup(params->raw) : NULL;
    if (params->raw && !s->raw)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    s->params.raw = s->raw;
    struct lct_source *first = NULL;
    enum lct_status status = list_files(source, s, err);
    if (status == LCT_OK)
        status = open_file(s, 0, &first, err);
    if (status != LCT_OK)
        return status;
    const struct lct_source_info *one = lct_source_info(first);
    struct lct_source_info *info = &source->info;
    info->n_frames = (long)s->n;
    info->files = s->paths;
    info->n_files = s->n;
    info->width = one->width;
    info->height = one->height;
    info->dtype = one->dtype;
    info->bits = one->bits;
    info->channels = one->channels;
    info->pixel_size_nm = one->pixel_size_nm;
    info->pixel_size_y_nm = one->pixel_size_y_nm;
    info->frame_time_s = one->frame_time_s;
    lct_source_note(source, "image_format", one->format, SIZE_MAX);
    lct_source_note(source, "first_file", s->paths[0], SIZE_MAX);
    lct_source_note(source, "last_file", s->paths[s->n - 1], SIZE_MAX);
    for (size_t i = 0; i < one->n_warnings; i++)
        lct_source_warn(source, "%s", one->warnings[i]);
    for (size_t i = 0; i < one->n_metadata; i++)
        lct_source_note(source, one->metadata[i].key, one->metadata[i].value, SIZE_MAX);
    lct_source_close(&first);
    report_gaps(source, s);
    return LCT_OK;
}

static enum lct_status read_sequence(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)time_s;
    const struct sequence *s = source->state;
    struct lct_source *file = NULL;
    enum lct_status status = open_file(s, (size_t)index, &file, err);
    if (status != LCT_OK)
        return status;
    const struct lct_source_info *info = lct_source_info(file);
    if (info->width != out->width || info->height != out->height)
        status = lct_fail(err, LCT_E_FORMAT, "%s: %d x %d px, the first file has %d x %d; make them of one size",
            s->paths[index], info->width, info->height, out->width, out->height);
    else
        status = lct_source_read(file, 0, out, NULL, err);
    if (status == LCT_END)
        status = lct_fail(err, LCT_E_INPUT, "%s: damaged or cut off", s->paths[index]);
    lct_source_close(&file);
    return status;
}

static void close_sequence(struct lct_source *source)
{
    struct sequence *s = source->state;
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->paths[i]);
    free(s->paths);
    free(s->raw);
    free(s);
    source->state = NULL;
}

const struct lct_reader lct_reader_sequence = {
    .name = "sequence",
    .still = false,
    .probe = probe,
    .open = open_sequence,
    .read = read_sequence,
    .close = close_sequence,
};
