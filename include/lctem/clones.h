/* clones.h -- loops compiled for several generations of processors, chosen when the program is loaded */
#ifndef LCTEM_CLONES_H
#define LCTEM_CLONES_H

/** Put before a function whose loops over pixels the compiler can widen. The clones round alike: no sums are reordered and no
 *  multiplication is fused with an addition (meson.build), so the bytes are the same whichever clone runs. The sanitizers do not
 *  live with the resolver, which runs before they are up; other compilers and processors get the plain function. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)                  \
    && !defined(__SANITIZE_THREAD__) && !defined(LCT_NO_CLONES)
#define LCT_CLONES __attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#else
#define LCT_CLONES
#endif

#endif
