/* embed.h -- bytes as letters of an HTML page, shortened on the way if wanted; the one door to zlib */
#ifndef LCTEM_REPORT_EMBED_H
#define LCTEM_REPORT_EMBED_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct embed; /* a stretch of base64 that is being written */

/* Begin in `file`, which is borrowed; `zipped`: as a gzip stream. Faults of the file stay in its error flag.
 * LCT_E_LIMIT: no memory. */
LCT_MUST_CHECK enum lct_status embed_begin(struct embed **out, FILE *file, bool zipped, struct lct_err *err);
void embed_put(struct embed *embed, const void *bytes, size_t n);
/* Write what is pending and free; accepts NULL inside; writes NULL. */
void embed_end(struct embed **embed);

/* The whole file `path` as base64. LCT_E_INPUT: cannot be read. */
LCT_MUST_CHECK enum lct_status embed_file(FILE *out, const char *path, bool zipped, struct lct_err *err);

/* Text with the characters that HTML has a use for written as entities. */
void embed_text(FILE *out, const char *text);

/* Bytes of a JSON document: what could end a script element is written as an escape. */
void embed_json(FILE *out, const char *text, size_t n);

#endif
