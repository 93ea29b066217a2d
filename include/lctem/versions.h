/* versions.h -- which libraries of other people are at work, as they say themselves at run time */
#ifndef LCTEM_VERSIONS_H
#define LCTEM_VERSIONS_H

/** Gets one library at a time; both texts are borrowed for the call. */
typedef void lct_version_fn(void *context, const char *library, const char *version);

/* Each room names what stands behind its own doors. */
void lct_io_versions(lct_version_fn *say, void *context);       /**< FFmpeg, libtiff, libpng */
void lct_spectral_versions(lct_version_fn *say, void *context); /**< FFTW */
void lct_report_versions(lct_version_fn *say, void *context);   /**< cairo */

#endif
