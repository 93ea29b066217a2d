/* stats_order.h -- order statistics for one type; included by stats.c with T and NAME(x) defined. No guard: meant to be included
 * twice. */

static void NAME(swap)(T *a, T *b)
{
    const T t = *a;
    *a = *b;
    *b = t;
}

/* NaN to the back; the number of values in front. */
static size_t NAME(gather)(T *x, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            NAME(swap)(&x[kept++], &x[i]);
    return kept;
}

/* Hoare's selection with the median of three as pivot: the k-th smallest comes to x[k], nothing larger is before it. */
static void NAME(bring)(T *x, size_t n, size_t k)
{
    size_t from = 0, to = n - 1;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (x[middle] < x[from])
            NAME(swap)(&x[middle], &x[from]);
        if (x[to] < x[from])
            NAME(swap)(&x[to], &x[from]);
        if (x[to] < x[middle])
            NAME(swap)(&x[to], &x[middle]);
        const T pivot = x[middle];
        size_t i = from, j = to;
        for (;;) {
            while (x[i] < pivot)
                i++;
            while (pivot < x[j])
                j--;
            if (i >= j)
                break;
            NAME(swap)(&x[i++], &x[j--]);
        }
        if (k <= j)
            to = j;
        else
            from = j + 1;
    }
}

double NAME(lct_stats_quantile)(T *x, size_t n, double q)
{
    n = NAME(gather)(x, n);
    if (n == 0 || !(q >= 0.0 && q <= 1.0))
        return (double)NAN;
    const double position = q * (double)(n - 1), fraction = position - floor(position);
    const size_t k = (size_t)position;
    NAME(bring)(x, n, k);
    const double low = (double)x[k];
    if (fraction == 0.0 || k + 1 == n)
        return low;
    T next = x[k + 1];
    for (size_t i = k + 2; i < n; i++)
        next = x[i] < next ? x[i] : next;
    return low + fraction * ((double)next - low);
}

double NAME(lct_stats_median)(T *x, size_t n)
{
    return NAME(lct_stats_quantile)(x, n, 0.5);
}

double NAME(lct_stats_mad_sd)(T *x, size_t n, double *median)
{
    const double middle = NAME(lct_stats_median)(x, n);
    for (size_t i = 0; i < n; i++)
        x[i] = (T)fabs((double)x[i] - middle);
    if (median)
        *median = middle;
    return MAD_TO_SD * NAME(lct_stats_median)(x, n);
}

struct lct_moments NAME(lct_stats_moments)(const T *x, size_t n)
{
    struct lct_moments m = { 0, (double)NAN, (double)NAN };
    double sum = 0.0, squares = 0.0, rest = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            sum += (double)x[i];
            m.n++;
        }
    }
    if (m.n == 0)
        return m;
    m.mean = sum / (double)m.n;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            const double d = (double)x[i] - m.mean;
            squares += d * d;
            rest += d;
        }
    }
    if (m.n > 1)
        m.variance = (squares - rest * rest / (double)m.n) / (double)(m.n - 1);
    return m;
}
