/* What lanes are good for: sum and number of the known pixels of a 1024 x 1024 frame, by single numbers, by loops over arrays of eight,
 * and by vectors of eight. usage: lanes_bench; prints "name value ms" lines; the two of eight must come to the same. */
#include <lctem/clones.h>
#include <lctem/lanes.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIDE = 1024, ROUNDS = 30 };

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

LCT_CLONES static double one_sum(const float *px, size_t n)
{
    float sum = 0.0f, count = 0.0f;
    for (size_t i = 0; i < n; i++) {
        const bool known = px[i] - px[i] == 0;
        sum += known ? px[i] : 0;
        count += known ? 1 : 0;
    }
    return (double)sum / (double)count;
}

LCT_CLONES static double array_sum(const float *px, size_t n)
{
    float lane[LCT_LANES] = { 0 }, count[LCT_LANES] = { 0 };
    for (size_t i = 0; i + LCT_LANES <= n; i += LCT_LANES)
        for (size_t k = 0; k < LCT_LANES; k++) {
            const bool known = px[i + k] - px[i + k] == 0;
            lane[k] += known ? px[i + k] : 0;
            count[k] += known ? 1 : 0;
        }
    double sum = 0.0, all = 0.0;
    for (int k = 0; k < LCT_LANES; k++) {
        sum += (double)lane[k];
        all += (double)count[k];
    }
    return sum / all;
}

LCT_CLONES static double vector_sum(const float *px, size_t n)
{
    lct_lanes sum = { 0 };
    lct_lanes_where count = { 0 };
    for (size_t i = 0; i + LCT_LANES <= n; i += LCT_LANES) {
        lct_lanes v;
        lct_lanes_where known;
        lct_lanes_load(&v, px + i);
        lct_lanes_known(&known, &v);
        lct_lanes_keep(&v, &known);
        sum += v;
        count -= known;
    }
    return lct_lanes_sum(&sum) / lct_lanes_count(&count);
}

static double best_ms(double sum_of(const float *, size_t), const float *px, double *sum)
{
    double best = 1e9;
    for (int r = 0; r < ROUNDS; r++) {
        const double began = cpu_s();
        *sum = 0.0;
        for (int y = 0; y < SIDE; y++)
            *sum += sum_of(px + (size_t)y * SIDE, SIDE);
        const double took = cpu_s() - began;
        best = took < best ? took : best;
    }
    return 1e3 * best;
}

int main(void)
{
    float *px = malloc((size_t)SIDE * SIDE * sizeof *px);
    if (!px)
        return 1;
    for (size_t i = 0; i < (size_t)SIDE * SIDE; i++)
        px[i] = 100.0f + (float)(i % 17);
    double one, array, vector;
    printf("single numbers %.3f ms\n", best_ms(one_sum, px, &one));
    printf("arrays of eight %.3f ms\n", best_ms(array_sum, px, &array));
    printf("vectors of eight %.3f ms\n", best_ms(vector_sum, px, &vector));
    free(px);
    return array == vector ? 0 : 1;
}
