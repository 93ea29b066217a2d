/* What reading all frames of a video costs, against a bare loop over FFmpeg's decoder that throws its pictures away, both on one
 * thread. usage: video_bench [MOVIE]; without one, some short films are made with ffmpeg. CPU is user and system time; the smallest of
 * some runs counts, others share the machine. */
#include "movies.h"

#include <lctem/source.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5 };

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static long drain(AVCodecContext *decoder, AVFrame *picture)
{
    long n = 0;
    while (avcodec_receive_frame(decoder, picture) >= 0)
        n++;
    return n;
}

static double decode_s(const char *path, long *frames)
{
    const double began_s = cpu_s();
    AVFormatContext *container = NULL;
    check(avformat_open_input(&container, path, NULL, NULL) >= 0 && avformat_find_stream_info(container, NULL) >= 0,
        path);
    const int stream = av_find_best_stream(container, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    check(stream >= 0, "no pictures");
    const AVCodecParameters *par = container->streams[stream]->codecpar;
    const AVCodec *codec = avcodec_find_decoder(par->codec_id);
    AVCodecContext *decoder = avcodec_alloc_context3(codec);
    AVPacket *packet = av_packet_alloc();
    AVFrame *picture = av_frame_alloc();
    check(decoder && packet && picture && avcodec_parameters_to_context(decoder, par) >= 0, "no memory");
    decoder->thread_count = 1;
    check(avcodec_open2(decoder, codec, NULL) >= 0, "no decoder");
    *frames = 0;
    while (av_read_frame(container, packet) >= 0) {
        if (packet->stream_index == stream && avcodec_send_packet(decoder, packet) >= 0)
            *frames += drain(decoder, picture);
        av_packet_unref(packet);
    }
    avcodec_send_packet(decoder, NULL);
    *frames += drain(decoder, picture);
    av_frame_free(&picture);
    av_packet_free(&packet);
    avcodec_free_context(&decoder);
    avformat_close_input(&container);
    return cpu_s() - began_s;
}

static double read_s(const char *path, long *frames)
{
    struct lct_source *s = NULL;
    struct lct_err err = { 0 };
    struct lct_image image = { 0 };
    const double began_s = cpu_s();
    check(lct_source_open(&s, path, &(struct lct_source_params){ .threads = 1 }, &err) == LCT_OK, err.text);
    check(lct_image_init(&image, lct_source_info(s)->width, lct_source_info(s)->height, &err) == LCT_OK, err.text);
    for (*frames = 0; lct_source_read(s, *frames, &image, NULL, &err) == LCT_OK;)
        ++*frames;
    lct_image_finish(&image);
    lct_source_close(&s);
    return cpu_s() - began_s;
}

static void measure(const char *name, const char *path)
{
    double bare = 1e9, own = 1e9;
    long n = 0, m = 0;
    for (int i = 0; i < RUNS; i++) {
        const double b = decode_s(path, &n), o = read_s(path, &m);
        bare = b < bare ? b : bare;
        own = o < own ? o : own;
    }
    printf("%-34s decoder alone %4.0f ms (%ld frames), read %4.0f ms (%ld frames): %4.2f times\n", name, 1e3 * bare, n,
        1e3 * own, m, own / bare);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const char *const films[] = { "-c:v libx264 -pix_fmt gray -f mp4", "-c:v libx264 -pix_fmt yuv420p -f mp4",
        "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p -f mp4", "-c:v mpeg4 -q:v 3 -f avi",
        "-c:v mjpeg -q:v 3 -f avi", "-c:v ffv1 -pix_fmt gray16le -f matroska", "-c:v ffv1 -pix_fmt gray -f matroska",
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -f matroska", "-c:v rawvideo -pix_fmt gray -f avi" };
    if (argc > 1) {
        measure(argv[1], argv[1]);
        return 0;
    }
    char *folder = movies_folder(), *path = movies_path(folder, "movie");
    for (size_t i = 0; i < sizeof films / sizeof *films; i++)
        if (movies_run("ffmpeg -y -f lavfi -i "
                       "testsrc2=size=512x512:rate=25:duration=6,format=gray,noise=alls=20:allf=t %s '%s'",
                films[i], path))
            measure(films[i] + 5, path);
    remove(path);
    rmdir(folder);
    return 0;
}
