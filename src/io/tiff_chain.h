/* tiff_chain.h -- the directories behind the first one of a movie, read without libtiff; private to tiff*.c */
#ifndef LCTEM_IO_TIFF_CHAIN_H
#define LCTEM_IO_TIFF_CHAIN_H

#include "planes.h"

/** What the walk found. */
enum tiff_chain_step {
    TIFF_CHAIN_PAGE,  /**< one more page like the first one */
    TIFF_CHAIN_END,   /**< no more directories */
    TIFF_CHAIN_OTHER, /**< a directory that is no copy of the first one, or damaged: libtiff has to look */
};

/** A directory in memory: n entries of entry_bytes each. */
struct tiff_directory {
    unsigned char *room; /**< owned: the file from `at` on, room_bytes of it */
    uint64_t at;
    size_t room_bytes, entry_bytes;
    const unsigned char *entries;
    uint64_t n, next;
};

/** The walk: where it is, and the first directory, with which all others are compared. */
struct tiff_chain {
    const struct planes *file;         /**< borrowed */
    bool big, swap;                    /**< BigTIFF? in the other byte order? */
    uint64_t plane_bytes;              /**< of an image */
    uint64_t directory, samples, next; /**< of the page that was found last; where the next directory is, 0: nowhere */
    struct tiff_directory first, now;
    unsigned char *words; /**< owned: values of a tag */
};

/** Begin at the directory at `directory`, whose image lies uncompressed and in one piece from `samples` on. False: it does not, or
 *  there is no memory; finish it all the same. */
bool tiff_chain_start(
    struct tiff_chain *chain, const struct planes *file, uint64_t directory, uint64_t samples, uint64_t plane_bytes);
/** The page behind: chain->directory and chain->samples are set for TIFF_CHAIN_PAGE; all of its samples are in the file. Directories
 *  further back than the one before are TIFF_CHAIN_OTHER, so that no walk is without end. */
enum tiff_chain_step tiff_chain_next(struct tiff_chain *chain);
/** Free what was made; accepts what is zeroed. */
void tiff_chain_finish(struct tiff_chain *chain);

#endif
