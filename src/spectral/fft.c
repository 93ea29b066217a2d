#include <lctem/fft.h>
#include <lctem/versions.h>

#include <limits.h>
#include <fftw3.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* Rows and columns apart, as FFTW itself takes them for planes of these sizes: so columns that hold nothing and rows that nobody
 * looks at can be left out (drift: 0.23 ms for 0.64 at 512 x 512 px). */
struct lct_fft {
    int width, height;
    fftwf_plan rows, columns;                        /* forward */
    fftwf_plan inverse_columns, stripe, last_stripe; /* the last: NULL: there are none but whole stripes */
};

/* FFTW's planner keeps state of its own and is not re-entrant: the one lock of the library. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

static size_t spectrum_count(const struct lct_fft *fft)
{
    return ((size_t)fft->width / 2 + 1) * (size_t)fft->height;
}

/* ESTIMATE: a measured plan depends on the load of the machine and with it the last bits of every result */
static fftwf_plan plan_stripe(const struct lct_fft *fft, int rows, float *real, fftwf_complex *z)
{
    const int w = fft->width;
    return rows > 0 ? fftwf_plan_many_dft_c2r(1, &w, rows, z, NULL, 1, w / 2 + 1, real, NULL, 1, w, FFTW_ESTIMATE)
                    : NULL;
}

static fftwf_plan plan_columns(const struct lct_fft *fft, int columns, int sign, fftwf_complex *z)
{
    const int h = fft->height, stride = fft->width / 2 + 1;
    return fftwf_plan_many_dft(1, &h, columns, z, NULL, stride, 1, z, NULL, stride, 1, sign, FFTW_ESTIMATE);
}

static void make_plans(struct lct_fft *fft, int columns, float *real, fftwf_complex *z)
{
    const int w = fft->width, h = fft->height;
    pthread_mutex_lock(&planner);
    fft->rows =
        fftwf_plan_many_dft_r2c(1, &w, h, real, NULL, 1, w, z, NULL, 1, w / 2 + 1, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    fft->columns = plan_columns(fft, columns, FFTW_FORWARD, z);
    fft->inverse_columns = plan_columns(fft, columns, FFTW_BACKWARD, z);
    fft->stripe = plan_stripe(fft, h < LCT_FFT_STRIPE ? h : LCT_FFT_STRIPE, real, z);
    fft->last_stripe = plan_stripe(fft, h > LCT_FFT_STRIPE ? h % LCT_FFT_STRIPE : 0, real, z);
    pthread_mutex_unlock(&planner);
}

enum lct_status lct_fft_create(struct lct_fft **out, int width, int height, struct lct_err *err)
{
    return lct_fft_create_band(out, width, height, width / 2 + 1, err);
}

enum lct_status lct_fft_create_band(struct lct_fft **out, int width, int height, int columns, struct lct_err *err)
{
    if (width < 1 || height < 1)
        return lct_fail(err, LCT_E_ARG, "Fourier transform: %d x %d pixels", width, height);
    if (columns < 1 || columns > width / 2 + 1)
        return lct_fail(err, LCT_E_ARG, "Fourier transform: %d of %d columns", columns, width / 2 + 1);
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
        make_plans(fft, columns, real, (fftwf_complex *)spectrum);
    lct_fft_free(real);
    lct_fft_free(spectrum);
    if (!fft->rows || !fft->columns || !fft->inverse_columns || !fft->stripe) {
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
    fftwf_plan *const plans[] = { &(*fft)->rows, &(*fft)->columns, &(*fft)->inverse_columns, &(*fft)->stripe,
        &(*fft)->last_stripe };
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        if (*plans[i])
            fftwf_destroy_plan(*plans[i]);
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
    fftwf_execute_dft_r2c(fft->rows, in, (fftwf_complex *)out);
    fftwf_execute_dft(fft->columns, (fftwf_complex *)out, (fftwf_complex *)out);
}

void lct_fft_inverse_columns(const struct lct_fft *fft, float complex *in)
{
    fftwf_execute_dft(fft->inverse_columns, (fftwf_complex *)in, (fftwf_complex *)in);
}

int lct_fft_stripes(const struct lct_fft *fft)
{
    return (fft->height + LCT_FFT_STRIPE - 1) / LCT_FFT_STRIPE;
}

/* Stripes begin where memory is as well aligned as at the first. */
void lct_fft_inverse_stripe(const struct lct_fft *fft, int stripe, float complex *in, float *out)
{
    const size_t row = (size_t)stripe * LCT_FFT_STRIPE;
    const bool last = fft->last_stripe && stripe == lct_fft_stripes(fft) - 1;
    fftwf_execute_dft_c2r(last ? fft->last_stripe : fft->stripe,
        (fftwf_complex *)in + row * ((size_t)fft->width / 2 + 1), out + row * (size_t)fft->width);
}

void lct_fft_inverse(const struct lct_fft *fft, float complex *in, float *out)
{
    lct_fft_inverse_columns(fft, in);
    for (int i = 0; i < lct_fft_stripes(fft); i++)
        lct_fft_inverse_stripe(fft, i, in, out);
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
