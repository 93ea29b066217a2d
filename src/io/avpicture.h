/* avpicture.h -- decoded pictures of FFmpeg -> grey float planes; shared by video and still, private to them */
#ifndef LCTEM_IO_AVPICTURE_H
#define LCTEM_IO_AVPICTURE_H

#include "reader.h"

#include <libavutil/frame.h>

/** Fill size, dtype, bits and channels of `info` from a decoded picture. LCT_E_FORMAT: pixels that are not grey, yuv or rgb. */
LCT_MUST_CHECK enum lct_status lct_picture_describe(
    struct lct_source_info *info, const AVFrame *picture, struct lct_err *err);

/** Luma (as it is) or grey of rgb. `out` has the picture's size, or it is LCT_E_FORMAT; `scratch` is 3 rows of
 *  out->width uint32. */
LCT_MUST_CHECK enum lct_status lct_picture_to_grey(
    const AVFrame *picture, struct lct_image *out, uint32_t *scratch, struct lct_err *err);

/** FFmpeg writes its words to stderr, and takes 2 GiB at once where a header asks for them, unless told otherwise. Its switches are
 *  for the process; there are no others. */
void lct_picture_tame(void);

#endif
