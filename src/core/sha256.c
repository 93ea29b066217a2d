#include <lctem/sha256.h>

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static void finish(struct sha256_ctx *sum, char out[LCT_SHA256_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(sum, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[2 * sizeof digest] = '\0';
}

void lct_sha256_bytes(const void *bytes, size_t n, char out[LCT_SHA256_TEXT])
{
    struct sha256_ctx sum;
    sha256_init(&sum);
    sha256_update(&sum, n, bytes);
    finish(&sum, out);
}

enum lct_status lct_sha256_file(const char *path, char out[LCT_SHA256_TEXT], struct lct_err *err)
{
    uint8_t piece[1 << 16];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lct_fail(err, LCT_E_INPUT, "%s: cannot open: %s; check the name", path, strerror(errno));
    struct sha256_ctx sum;
    sha256_init(&sum);
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0)
            sha256_update(&sum, (size_t)got, piece);
    const int why = errno;
    close(fd);
    if (got < 0)
        return lct_fail(err, LCT_E_INPUT, "%s: cannot read: %s", path, strerror(why));
    finish(&sum, out);
    return LCT_OK;
}
