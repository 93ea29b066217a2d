#include <lctem/fft.h>
#include <lctem/versions.h>

#include <limits.h>
#include <fftw3.h>
#include <pthread.h>
#include <stdlib.h>

struct lct_fft {
    int width, height;
    fftwf_plan forward, inverse;
};

/* FFTW's planner keeps state of its own and is not re-entrant: the one lock of the library. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

static size_t spectrum_count(const struct lct_fft *fft)
{
    return ((size_t)fft->width / 2 + 1) * (size_t)fft->height;
}

static void make_plans(struct lct_fft *fft, float *real, float complex *spectrum)
{
    pthread_mutex_lock(&planner);
    /* ESTIMATE: a measured plan depends on the load of the machine and with it the last bits of every result */
    fft->forward = fftwf_plan_dft_r2c_2d(
        fft->height, fft->width, real, (fftwf_complex *)spectrum, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    fft->inverse = fftwf_plan_dft_c2r_2d(fft->height, fft->width, (fftwf_complex *)spectrum, real, FFTW_ESTIMATE);
    pthread_mutex_unlock(&planner);
}

enum lct_status lct_fft_create(struct lct_fft **out, int width, int height, struct lct_err *err)
{
    if (width < 1 || height < 1)
        return lct_fail(err, LCT_E_ARG, "Fourier transform: %d x %d pixels", width, height);
    if (width > INT_MAX / 4 / height)
        return lct_fail(
            err, LCT_E_LIMIT, "Fourier transform: %d x %d pixels are too many; bin the movie", width, height);
    struct lct_fft *fft = calloc(1, sizeof *fft);
    if (!fft)
        return lct_fail(err, LCT_E_LIMIT, "Fourier transform: no memory");
    fft->width = width;
    fft->height = height;
    float *real = lct_fft_alloc_real(fft);
    float complex *spectrum = lct_fft_alloc_spectrum(fft);
    if (real && spectrum)
        make_plans(fft, real, spectrum);
    lct_fft_free(real);
    lct_fft_free(spectrum);
    if (!fft->forward || !fft->inverse) {
        lct_fft_destroy(&fft);
        return lct_fail(err, LCT_E_LIMIT, "Fourier transform: no memory for %d x %d pixels", width, height);
    }
    *out = fft;
    return LCT_OK;
}

void lct_fft_destroy(struct lct_fft **fft)
{
    if (!*fft)
        return;
    pthread_mutex_lock(&planner);
    if ((*fft)->forward)
        fftwf_destroy_plan((*fft)->forward);
    if ((*fft)->inverse)
        fftwf_destroy_plan((*fft)->inverse);
    pthread_mutex_unlock(&planner);
    free(*fft);
    *fft = NULL;
}

float *lct_fft_alloc_real(const struct lct_fft *fft)
{
    return fftwf_alloc_real((size_t)fft->width * (size_t)fft->height);
}

float complex *lct_fft_alloc_spectrum(const struct lct_fft *fft)
{
    return (float complex *)fftwf_alloc_complex(spectrum_count(fft));
}

void lct_fft_free(void *memory)
{
    fftwf_free(memory);
}

void lct_fft_forward(const struct lct_fft *fft, float *in, float complex *out)
{
    fftwf_execute_dft_r2c(fft->forward, in, (fftwf_complex *)out);
}

void lct_fft_inverse(const struct lct_fft *fft, float complex *in, float *out)
{
    fftwf_execute_dft_c2r(fft->inverse, (fftwf_complex *)in, out);
}

static int is_good(int n)
{
    static const int primes[] = { 2, 3, 5, 7 };
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++)
        while (n % primes[i] == 0)
            n /= primes[i];
    return n == 1;
}

int lct_fft_good_size(int n)
{
    if (n < 1)
        return 1;
    while (!is_good(n))
        n++;
    return n;
}

void lct_spectral_versions(lct_version_fn *say, void *context)
{
    say(context, "FFTW", fftwf_version);
}
