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
    while (kept < n && !isnan(x[kept]))
        kept++;
    for (size_t i = kept; i < n; i++)
        if (!isnan(x[i]))
            NAME(swap)(&x[kept++], &x[i]);
    return kept;
}

/* Values of x[from] .. x[to - 1] below `pivot` (or `with` those equal to it) to the front; where the others begin. Every value is moved,
 * since which way a comparison goes cannot be foretold: a branch on it costs more than the rest. */
static size_t NAME(part)(T *x, size_t from, size_t to, T pivot, bool with)
{
    size_t next = from;
    for (size_t i = from; i < to; i++) {
        const T v = x[i];
        x[i] = x[next];
        x[next] = v;
        next += with ? v <= pivot : v < pivot;
    }
    return next;
}

static T NAME(middle)(T a, T b, T c)
{
    const T low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Selection with the median of three as pivot: the k-th smallest comes to x[k], nothing larger is before it. */
static void NAME(bring)(T *x, size_t n, size_t k)
{
    size_t from = 0, to = n;
    while (to - from > 1) {
        const T pivot = NAME(middle)(x[from], x[from + (to - from) / 2], x[to - 1]);
        size_t parted = NAME(part)(x, from, to, pivot, false);
        if (parted == from) { /* nothing is smaller: many may be equal */
            parted = NAME(part)(x, from, to, pivot, true);
            if (k < parted)
                return;
        }
        if (k < parted)
            to = parted;
        else
            from = parted;
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
