#include "embed.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

enum {
    CHUNK = 1 << 15,
    GZIP_FRAME = 16,
    LEVEL = 2, /* of a table in a third of the time of 5, and a ninth longer */
};

struct embed {
    FILE *file;
    bool zipped;
    z_stream z;
    unsigned char carry[3]; /* bytes that are not three yet */
    size_t n_carry;
    unsigned char packed[CHUNK];
    char text[CHUNK / 3 * 4];
};

/* Four letters for each three bytes; the last one may have fewer. */
static size_t letters_of(const unsigned char *in, size_t n, char *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *at = out;
    for (size_t i = 0; i < n; i += 3, at += 4) {
        const unsigned long two = i + 1 < n ? in[i + 1] : 0, three = i + 2 < n ? in[i + 2] : 0;
        const unsigned long v = (unsigned long)in[i] << 16 | two << 8 | three;
        at[0] = letters[v >> 18];
        at[1] = letters[v >> 12 & 63];
        at[2] = i + 1 < n ? letters[v >> 6 & 63] : '=';
        at[3] = i + 2 < n ? letters[v & 63] : '=';
    }
    return (size_t)(at - out);
}

static void put_letters(struct embed *e, const unsigned char *in, size_t n)
{
    fwrite(e->text, 1, letters_of(in, n, e->text), e->file);
}

static void put_base64(struct embed *e, const unsigned char *in, size_t n)
{
    const size_t most = CHUNK / 3 * 3;
    while (n > 0 && e->n_carry > 0 && e->n_carry < sizeof e->carry) {
        e->carry[e->n_carry++] = *in++;
        n--;
    }
    if (e->n_carry == sizeof e->carry) {
        put_letters(e, e->carry, e->n_carry);
        e->n_carry = 0;
    }
    while (n >= sizeof e->carry) {
        const size_t part = n < most ? n - n % 3 : most;
        put_letters(e, in, part);
        in += part;
        n -= part;
    }
    for (; n > 0; n--)
        e->carry[e->n_carry++] = *in++;
}

static void squeeze(struct embed *e, int how)
{
    int code;
    do {
        e->z.next_out = e->packed;
        e->z.avail_out = sizeof e->packed;
        code = deflate(&e->z, how);
        put_base64(e, e->packed, sizeof e->packed - e->z.avail_out);
    } while (e->z.avail_out == 0 || (how == Z_FINISH && code == Z_OK));
}

enum lct_status embed_begin(struct embed **out, FILE *file, bool zipped, struct lct_err *err)
{
    struct embed *e = calloc(1, sizeof *e);
    if (!e)
        return lct_fail(err, LCT_E_LIMIT, "report: no memory");
    e->file = file;
    e->zipped = zipped;
    if (zipped && deflateInit2(&e->z, LEVEL, Z_DEFLATED, MAX_WBITS + GZIP_FRAME, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(e);
        return lct_fail(err, LCT_E_LIMIT, "report: no memory");
    }
    *out = e;
    return LCT_OK;
}

void embed_put(struct embed *e, const void *bytes, size_t n)
{
    const unsigned char *in = bytes;
    if (!e->zipped) {
        put_base64(e, in, n);
        return;
    }
    while (n > 0) {
        const size_t part = n < UINT_MAX ? n : UINT_MAX;
        e->z.next_in = in;
        e->z.avail_in = (uInt)part;
        squeeze(e, Z_NO_FLUSH);
        in += part;
        n -= part;
    }
}

void embed_end(struct embed **embed)
{
    struct embed *e = *embed;
    *embed = NULL;
    if (!e)
        return;
    if (e->zipped) {
        squeeze(e, Z_FINISH);
        deflateEnd(&e->z);
    }
    if (e->n_carry > 0)
        put_letters(e, e->carry, e->n_carry);
    free(e);
}

enum lct_status embed_file(FILE *out, const char *path, bool zipped, struct lct_err *err)
{
    char reason[128];
    FILE *in = fopen(path, "rb");
    if (!in)
        return lct_fail(err, LCT_E_INPUT, "%s: cannot be read: %s; make the results again with lctem analyze", path,
            strerror_r(errno, reason, sizeof reason));
    struct embed *e = NULL;
    enum lct_status status = embed_begin(&e, out, zipped, err);
    unsigned char bytes[CHUNK];
    for (size_t n; status == LCT_OK && (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        embed_put(e, bytes, n);
    if (status == LCT_OK && ferror(in))
        status = lct_fail(err, LCT_E_INPUT, "%s: reading failed; is it a file?", path);
    embed_end(&e);
    fclose(in);
    return status;
}

void embed_text(FILE *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        default: fputc(*text, out);
        }
}

void embed_json(FILE *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) /* < stands in strings only */
        if (text[i] == '<')
            fputs("\\u003c", out);
        else
            fputc(text[i], out);
}
