/* sha256.h -- which bytes went in; the one door to Nettle */
#ifndef LCTEM_SHA256_H
#define LCTEM_SHA256_H

#include <lctem/err.h>
#include <stddef.h>

enum { LCT_SHA256_TEXT = 65 }; /**< 64 hexadecimal digits and a 0 */

/** SHA-256 of n bytes as lower-case hexadecimal digits. */
void lct_sha256_bytes(const void *bytes, size_t n, char out[LCT_SHA256_TEXT]);

/** SHA-256 of a file, read in pieces. LCT_E_INPUT: unreadable; `out` is untouched then. */
LCT_MUST_CHECK enum lct_status lct_sha256_file(const char *path, char out[LCT_SHA256_TEXT], struct lct_err *err);

#endif
