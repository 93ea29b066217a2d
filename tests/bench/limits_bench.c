/* What no analysis can beat on this machine, on one core: reading memory, copying it, and one Fourier transform of a frame.
 * usage: limits_bench; prints "name value unit" lines. */
#include <lctem/fft.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 5 };

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Four sums side by side, so that the additions do not wait for each other. */
static float sum_of(const float *x, size_t n)
{
    float s[64] = { 0 };
    for (size_t i = 0; i + 64 <= n; i += 64)
        for (size_t k = 0; k < 64; k++)
            s[k] += x[i + k];
    float all = 0.0f;
    for (size_t k = 0; k < 64; k++)
        all += s[k];
    return all;
}

static int memory(void)
{
    const size_t n = (size_t)1 << 26; /* 256 MB: no cache holds it */
    float *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b);
    if (!a || !b)
        return 1;
    for (size_t i = 0; i < n; i++)
        a[i] = (float)(i & 255);
    memcpy(b, a, n * sizeof *a);
    double read_s = 1e9, copy_s = 1e9;
    volatile float keep = 0.0f;
    for (int r = 0; r < ROUNDS; r++) {
        double began = cpu_s();
        keep = keep + sum_of(a, n);
        const double one = cpu_s() - began;
        read_s = one < read_s ? one : read_s;
        began = cpu_s();
        memcpy(b, a, n * sizeof *a);
        const double two = cpu_s() - began;
        copy_s = two < copy_s ? two : copy_s;
    }
    const double gb = (double)n * sizeof *a / 1e9;
    printf("read %.1f GB/s\ncopy %.1f GB/s\n", gb / read_s, gb / copy_s);
    free(a);
    free(b);
    return 0;
}

static int transform(int side)
{
    struct lct_fft *fft = NULL;
    struct lct_err err;
    if (lct_fft_create(&fft, side, side, &err) != LCT_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    float *real = lct_fft_alloc_real(fft);
    float complex *spectrum = lct_fft_alloc_spectrum(fft);
    double best_s = 1e9;
    if (!real || !spectrum)
        return 1;
    for (int i = 0; i < side * side; i++)
        real[i] = (float)(i % 251);
    for (int r = 0; r < 3 * ROUNDS; r++) {
        const double began = cpu_s();
        lct_fft_forward(fft, real, spectrum);
        const double took = cpu_s() - began;
        best_s = took < best_s ? took : best_s;
    }
    printf("fft%d %.3f ms\n", side, 1e3 * best_s);
    lct_fft_free(real);
    lct_fft_free(spectrum);
    lct_fft_destroy(&fft);
    return 0;
}

int main(void)
{
    return memory() + transform(512) + transform(1024) + transform(2048) != 0;
}
