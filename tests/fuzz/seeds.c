/* Writes small files of our own making, one folder a harness, from which fuzzing starts. usage: fuzz_seeds FOLDER */
#include "microscope.h"
#include "movies.h"
#if LCT_HAVE_HDF5
#include "emd_file.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *top;

/* Path of a seed; made for the moment only. */
static const char *seed(const char *folder, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", top, folder);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", top, folder, name);
    return path;
}

static void microscope(void)
{
    const struct micro u16 = { .width = 9, .height = 7, .frames = 3, .kind = 'u', .bytes = 2, .pixel_nm = 0.1 };
    const struct micro f32 = { .width = 5, .height = 4, .frames = 1, .kind = 'f', .bytes = 4, .big = true };
    const struct micro i8 = { .width = 6, .height = 5, .frames = 2, .kind = 'i', .bytes = 1 };
    micro_write_mrc(seed("mrc", "u16"), &u16, 0);
    micro_add_fei(seed("mrc", "u16"), 0.1, 0.5, 1e20);
    micro_write_mrc(seed("mrc", "f32"), &f32, 0);
    micro_write_mrc(seed("mrc", "i8"), &i8, 0);
    micro_write_mrc_nibbles(seed("mrc", "u4"), 7, 5, 2);
    micro_write_ser(seed("ser", "u16"), &u16, true, 30);
    micro_write_ser(seed("ser", "i8"), &i8, false, 30);
    micro_write_dm(seed("dm", "u16_3"), &u16, 3);
    micro_write_dm(seed("dm", "f32_4"), &f32, 4);
    micro_write_dm(seed("dm", "i8_4"), &i8, 4);
    micro_write_dm_nested(seed("dm", "nested"), 40);
#if LCT_HAVE_HDF5
    emd_write_velox(seed("emd", "velox"), &u16, true);
    emd_write_ncem(seed("emd", "ncem"), &f32, "yx", false);
#endif
}

/* Containers and codecs in which movies of microscopes come. */
static void videos(void)
{
    // clang-format off
    static const struct {
        const char *name, *options;
    } films[] = { { "mp4", "-c:v libx264 -pix_fmt gray -f mp4" }, { "mp4_b_frames", "-c:v libx264 -bf 2 -g 4 -pix_fmt yuv420p -f mp4" },
        { "mp4_fragments", "-c:v libx264 -pix_fmt gray -movflags frag_keyframe+empty_moov -f mp4" }, { "mov", "-c:v mpeg4 -f mov" },
        { "mkv", "-c:v ffv1 -f matroska" }, { "mkv_h264", "-c:v libx264 -pix_fmt gray -f matroska" }, { "webm", "-c:v libvpx -f webm" },
        { "avi", "-c:v rawvideo -pix_fmt gray -f avi" }, { "avi_mpeg4", "-c:v mpeg4 -f avi" }, { "avi_mjpeg", "-c:v mjpeg -pix_fmt yuvj420p -f avi" },
        { "ts", "-c:v libx264 -pix_fmt yuv420p -f mpegts" }, { "gif", "-f gif" } };
    // clang-format on
    for (size_t i = 0; i < sizeof films / sizeof *films; i++)
        movies_run("ffmpeg -y -f lavfi -i testsrc=size=32x32:rate=5:duration=1.2 %s '%s'", films[i].options,
            seed("video", films[i].name));
}

static void pictures(void)
{
    const struct movie_tiff strips = { .width = 9, .height = 7, .pages = 2, .bits = 16 };
    const struct movie_tiff tiles = {
        .width = 20, .height = 20, .bits = 12, .compression = 5, .tiled = true, .big = true
    };
    const struct movie_tiff imagej = { .width = 5,
        .height = 4,
        .pages = 3,
        .bits = 32,
        .format = 3,
        .swapped = true,
        .resolution = 10,
        .resolution_unit = 1,
        .description = "ImageJ=1.53\nimages=3\nunit=nm\nfinterval=0.2\n" };
    movies_write_tiff(seed("tiff", "strips"), &strips);
    movies_write_tiff(seed("tiff", "tiles"), &tiles);
    movies_write_tiff(seed("tiff", "imagej"), &imagej);
    movies_write_png(seed("png", "grey16"), 9, 7, 16, 0, false);
    movies_write_png(seed("png", "palette"), 9, 7, 4, 3, true);
    movies_write_bmp(seed("still", "bmp"), 9, 7);
    movies_run("ffmpeg -y -f lavfi -i testsrc=size=32x32:rate=5:duration=1 -frames:v 1 -c:v mjpeg -f image2 '%s'",
        seed("still", "jpeg"));
    videos();
}

static void text(const char *folder, const char *name, const char *content)
{
    movies_write_bytes(seed(folder, name), content, strlen(content));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    top = argv[1];
    mkdir(top, 0777);
    microscope();
    pictures();
    text("raw", "u16", "2x2x2:u16le\n0123456789abcdef");
    text("raw", "f64", "2x1:f64be@3\n0123456789abcdef012");
    text("recipe", "flat",
        "pixel_size: 0.05nm\nframes: 0:10:2\nroi: 1,2,30,40\nsmoothing: 0.3nm # a word\ncontrast: dark\n"
        "first_seed: \"10,20;30,40.5\"\nd1: Cd:11-20\nlattice: Au:cubic:0.40782\nseed: 3\nmemory_limit: auto\n");
    text("recipe", "odd", "? [a, b]\n: {c: *d}\n&d e: !!int 3\n--- \"\\u00b5m\"\n...\n");
    text("tables", "areas",
        "frame,time_s,particle,core_area_nm2,core_area_sd_nm2,shell_area_nm2,shell_area_sd_nm2,parent,flags\n"
        "0,0,1,10,0.1,5,0.2,,\n1,0.2,1,11,0.1,5,0.2,,contact\n1,0.2,2,3,0.1,1,0.2,1,border;contact\n2,0.4,2,3,,1,,,\n"
        "\n--\nframe,time_s\n0,0\n1,0.2\n2,0.4\n");
    text("tables", "facets",
        "time_s,particle,facet,height_nm,exposed_frac\n0,1,0,3.5,0\n0.2,1,0,3.6,\n0,1,1,,1\n\"0.2\",1,1,\"3.1\",0.5\n");
    text("scene", "one",
        "title: \"x\"\nseed: 1\nframes: 3\nfps: 5\nwidth_px: 32\nheight_px: 32\npixel_size_nm: 0.1\nimaging:\n"
        "  dose_e_per_nm2_s: 5e5\n  gain: 0.01\ndrift:\n  wander_px: 0.8\nparticles:\n  - name: P1\n    x_nm: 1.6\n"
        "    y_nm: 1.6\n    rotation_deg: 17\n    height_nm: 1\n");
    return 0;
}
