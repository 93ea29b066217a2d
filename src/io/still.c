#include "avpicture.h"

#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Single images that FFmpeg decodes: the file is one packet. */
struct kind {
    enum AVCodecID codec;
    const char *name, *magic;
    size_t magic_length;
    /** NULL: whole; else what is missing. Decoders paint over what is missing, and a measurement must not see that. */
    const char *(*broken)(const unsigned char *file, size_t n);
};

static const char *bmp_broken(const unsigned char *file, size_t n)
{
    if (n < 26)
        return "the header is cut off";
    uint32_t announced;
    memcpy(&announced, file + 2, sizeof announced); /* stored little-endian */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    announced = __builtin_bswap32(announced);
#endif
    return announced > n ? "the file is shorter than its header says" : NULL;
}

static const char *jpeg_broken(const unsigned char *file, size_t n)
{
    /* cameras append some bytes behind the end-of-image marker */
    const size_t window = n < 4096 ? n : 4096;
    for (size_t i = n; i >= n - window + 2; i--)
        if (file[i - 2] == 0xff && file[i - 1] == 0xd9)
            return NULL;
    return "the end-of-image marker is missing, the file is cut off";
}

static const struct kind kinds[] = {
    { AV_CODEC_ID_BMP, "BMP", "BM", 2, bmp_broken },
    { AV_CODEC_ID_MJPEG, "JPEG", "\xff\xd8\xff", 3, jpeg_broken },
};

struct still {
    AVFrame *picture;
    uint32_t *scratch;
};

static const struct kind *find_kind(const unsigned char *head, size_t n)
{
    for (size_t i = 0; head && i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].magic_length && memcmp(head, kinds[i].magic, kinds[i].magic_length) == 0)
            return &kinds[i];
    return NULL;
}

static bool probe(const unsigned char *head, size_t n, const char *path)
{
    (void)path;
    return find_kind(head, n) != NULL;
}

static enum lct_status read_file(AVPacket *packet, const char *path, struct lct_err *err)
{
    enum { MAX_BYTES = 1 << 30 };
    FILE *file = fopen(path, "rbe");
    if (!file)
        return lct_fail(err, LCT_E_INPUT, "cannot be opened");
    long n = -1;
    if (fseek(file, 0, SEEK_END) == 0)
        n = ftell(file);
    enum lct_status status = LCT_OK;
    if (n < 1 || n > MAX_BYTES)
        status = lct_fail(err, LCT_E_INPUT, "%ld bytes are not an image", n);
    else if (av_new_packet(packet, (int)n) != 0)
        status = lct_fail(err, LCT_E_LIMIT, "no memory for %ld bytes", n);
    else if (fseek(file, 0, SEEK_SET) != 0 || fread(packet->data, 1, (size_t)n, file) != (size_t)n)
        status = lct_fail(err, LCT_E_INPUT, "cannot be read");
    fclose(file);
    return status;
}

static enum lct_status decode(AVFrame *picture, const AVPacket *packet, const struct kind *kind, struct lct_err *err)
{
    const AVCodec *codec = avcodec_find_decoder(kind->codec);
    AVCodecContext *dec = codec ? avcodec_alloc_context3(codec) : NULL;
    enum lct_status status = LCT_OK;
    if (!dec)
        return lct_fail(err, LCT_E_FORMAT, "this FFmpeg has no decoder for %s", kind->name);
    dec->err_recognition = AV_EF_EXPLODE;
    dec->thread_count = 1;
    /* the reference transform of libjpeg, so that the grey values are those of other programs, on any processor */
    dec->idct_algo = FF_IDCT_INT;
    dec->flags |= AV_CODEC_FLAG_BITEXACT;
    dec->max_pixels = LCT_MAX_AREA_PX;
    if (avcodec_open2(dec, codec, NULL) != 0 || avcodec_send_packet(dec, packet) != 0
        || avcodec_send_packet(dec, NULL) != 0 || avcodec_receive_frame(dec, picture) != 0
        || picture->decode_error_flags || picture->flags & AV_FRAME_FLAG_CORRUPT)
        status = lct_fail(err, LCT_E_INPUT, "the %s image is damaged or cut off", kind->name);
    avcodec_free_context(&dec);
    return status;
}

static enum lct_status load(struct still *still, const char *path, struct lct_err *err)
{
    AVPacket *packet = av_packet_alloc();
    still->picture = av_frame_alloc();
    enum lct_status status =
        packet && still->picture ? read_file(packet, path, err) : lct_fail(err, LCT_E_LIMIT, "no memory");
    if (status == LCT_OK) {
        const struct kind *kind = find_kind(packet->data, (size_t)packet->size);
        const char *broken =
            kind ? kind->broken(packet->data, (size_t)packet->size) : "it has changed while being read";
        status = broken ? lct_fail(err, LCT_E_INPUT, "%s", broken) : decode(still->picture, packet, kind, err);
    }
    av_packet_free(&packet);
    return status;
}

static enum lct_status open_still(
    struct lct_source *source, const struct lct_source_params *params, struct lct_err *err)
{
    (void)params;
    struct still *still = calloc(1, sizeof *still);
    if (!still)
        return lct_fail(err, LCT_E_LIMIT, "no memory");
    source->state = still;
    lct_picture_tame();
    enum lct_status status = load(still, source->info.path, err);
    if (status == LCT_OK)
        status = lct_picture_describe(&source->info, still->picture, err);
    if (status == LCT_OK && !(still->scratch = calloc((size_t)source->info.width, 3 * sizeof *still->scratch)))
        status = lct_fail(err, LCT_E_LIMIT, "no memory");
    source->info.n_frames = 1;
    return status;
}

static enum lct_status read_still(
    struct lct_source *source, long index, struct lct_image *out, double *time_s, struct lct_err *err)
{
    (void)index;
    (void)time_s;
    const struct still *still = source->state;
    return lct_picture_to_grey(still->picture, out, still->scratch, err);
}

static void close_still(struct lct_source *source)
{
    struct still *still = source->state;
    if (!still)
        return;
    av_frame_free(&still->picture);
    free(still->scratch);
    free(still);
    source->state = NULL;
}

const struct lct_reader lct_reader_still = {
    .name = "still",
    .still = true,
    .probe = probe,
    .open = open_still,
    .read = read_still,
    .close = close_still,
};
