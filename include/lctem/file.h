/* file.h -- whole files: read at once, or written so that they appear only when complete */
#ifndef LCTEM_FILE_H
#define LCTEM_FILE_H

#include <lctem/err.h>
#include <stdbool.h>
#include <stddef.h>

/** Read a file of at most `max_bytes` into `*out` (n bytes and a terminating 0 that is not counted; caller frees).
 *  LCT_E_INPUT: missing, unreadable, a folder. LCT_E_LIMIT: larger, or no memory. */
LCT_MUST_CHECK enum lct_status lct_file_read(
    char **out, size_t *n, const char *path, size_t max_bytes, struct lct_err *err);

/** Open a file for reading; the caller closes `*fd`. LCT_E_INPUT: missing, no right to it. */
LCT_MUST_CHECK enum lct_status lct_file_open(int *fd, const char *path, struct lct_err *err);

/** Read what comes next, at most `room` bytes; `*got` is 0 at the end. `path` is for the message. LCT_E_INPUT: unreadable, a folder. */
LCT_MUST_CHECK enum lct_status lct_file_read_some(
    size_t *got, int fd, void *bytes, size_t room, const char *path, struct lct_err *err);

/** Write n bytes to `path` by way of `<path>.part` and a rename: the file is there whole or not at all.
 *  LCT_E_OUTPUT: cannot be written. */
LCT_MUST_CHECK enum lct_status lct_file_write(const char *path, const void *bytes, size_t n, struct lct_err *err);

/** Write all n bytes to an open descriptor; `path` is for the message. LCT_E_OUTPUT: disk full or the like. */
LCT_MUST_CHECK enum lct_status lct_file_write_all(
    int fd, const void *bytes, size_t n, const char *path, struct lct_err *err);

/** Give `part` the name `path`, which must be free or a plain file: a device or a folder of that name is left alone. 0, or -1 with errno. */
int lct_file_replace(const char *part, const char *path);

/** May this output be made? LCT_E_OUTPUT: it is there and `force` is not set, or it is a folder or a device. */
LCT_MUST_CHECK enum lct_status lct_file_check_output(const char *path, bool force, struct lct_err *err);

/** LCT_E_OUTPUT, with what the errno `why` (0: not known) means for `path` and what to do about it. */
enum lct_status lct_file_unwritable(const char *path, int why, struct lct_err *err);

/** Make a folder, unless it is there; those above it must be. LCT_E_OUTPUT: it cannot be made, or is a file. */
LCT_MUST_CHECK enum lct_status lct_folder_make(const char *dir, struct lct_err *err);

/** "<dir>/<name>" (or `name` if dir is NULL, empty or name is absolute); caller frees. NULL: no memory. */
char *lct_file_join(const char *dir, const char *name);

#endif
