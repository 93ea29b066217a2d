#include "reader.h"

#include <lctem/clones.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const struct {
    const char *name;
    size_t bytes;
} dtypes[] = {
    [LCT_DTYPE_UNKNOWN] = { "unknown", 0 },
    [LCT_DTYPE_U8] = { "uint8", 1 },
    [LCT_DTYPE_I8] = { "int8", 1 },
    [LCT_DTYPE_U16] = { "uint16", 2 },
    [LCT_DTYPE_I16] = { "int16", 2 },
    [LCT_DTYPE_U32] = { "uint32", 4 },
    [LCT_DTYPE_I32] = { "int32", 4 },
    [LCT_DTYPE_U64] = { "uint64", 8 },
    [LCT_DTYPE_I64] = { "int64", 8 },
    [LCT_DTYPE_F16] = { "float16", 2 },
    [LCT_DTYPE_F32] = { "float32", 4 },
    [LCT_DTYPE_F64] = { "float64", 8 },
    [LCT_DTYPE_C64] = { "complex64", 8 },
    [LCT_DTYPE_BOOL] = { "bool", 1 },
};

const char *lct_dtype_name(enum lct_dtype dtype)
{
    return (size_t)dtype < sizeof dtypes / sizeof *dtypes ? dtypes[dtype].name : dtypes[0].name;
}

size_t lct_dtype_bytes(enum lct_dtype dtype)
{
    return (size_t)dtype < sizeof dtypes / sizeof *dtypes ? dtypes[dtype].bytes : 0;
}

static inline uint8_t same8(uint8_t x)
{
    return x;
}

/* IEEE binary16, by hand: compilers disagree about _Float16. The sign goes up with the bits below it, the exponent is moved by a
 * multiplication, which is exact and turns subnormals into what they are. No branch and few steps, so that the loop can be made wide:
 * 50 Mpx take 4.5 ms, as many uint16 3.2. */
static inline __attribute__((always_inline)) float half_to_float(uint16_t h)
{
    const uint32_t bits = ((uint32_t)(int16_t)h << 13) & 0x8fffe000u, highest = 0x0f800000u;
    float x;
    memcpy(&x, &bits, sizeof x);
    x *= 0x1p112f;
    uint32_t moved;
    memcpy(&moved, &x, sizeof moved);
    moved |= (bits & highest) == highest ? 0x7f800000u : 0u; /* infinite or no number */
    memcpy(&x, &moved, sizeof x);
    return x;
}

enum { LINE_BYTES = 64 };

/* Wide stores that reach over two lines of the cache cost twice as much: pixels before the first line that begins in dst. */
static inline size_t pixels_to_line(const float *dst, size_t n)
{
    const size_t before = (LINE_BYTES - (uintptr_t)dst % LINE_BYTES) % LINE_BYTES / sizeof *dst;
    return before < n ? before : n;
}

/* One loop per type: load through memcpy (any alignment), turn the bytes round if needed, reinterpret, convert. Samples that lie
 * side by side get loops of their own, which the compiler can make wide. */
#define LOOP(name, word, type, swap_word, convert)                                                                     \
    static inline __attribute__((always_inline)) void name##_each(                                                     \
        float *restrict dst, size_t n, const unsigned char *restrict src, size_t step, bool swap)                      \
    {                                                                                                                  \
        for (size_t i = 0; i < n; i++) {                                                                               \
            word raw;                                                                                                  \
            type x;                                                                                                    \
            memcpy(&raw, src + i * step, sizeof raw);                                                                  \
            if (swap)                                                                                                  \
                raw = swap_word(raw);                                                                                  \
            memcpy(&x, &raw, sizeof x);                                                                                \
            dst[i] = convert(x);                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
    LCT_CLONES static void name(float *dst, size_t n, const unsigned char *src, size_t step, bool swap)                \
    {                                                                                                                  \
        const size_t before = pixels_to_line(dst, n);                                                                  \
        name##_each(dst, before, src, step, swap);                                                                     \
        if (before == n)                                                                                               \
            return;                                                                                                    \
        float *whole = __builtin_assume_aligned(dst + before, LINE_BYTES);                                             \
        if (step != sizeof(word))                                                                                      \
            name##_each(whole, n - before, src + before * step, step, swap);                                           \
        else if (swap)                                                                                                 \
            name##_each(whole, n - before, src + before * step, sizeof(word), true);                                   \
        else                                                                                                           \
            name##_each(whole, n - before, src + before * step, sizeof(word), false);                                  \
    }
#define CAST(x) ((float)(x))
#define TRUTH(x) ((x) ? 1.0f : 0.0f)
LOOP(from_bool, uint8_t, uint8_t, same8, TRUTH)
LOOP(from_u8, uint8_t, uint8_t, same8, CAST)
LOOP(from_i8, uint8_t, int8_t, same8, CAST)
LOOP(from_u16, uint16_t, uint16_t, __builtin_bswap16, CAST)
LOOP(from_i16, uint16_t, int16_t, __builtin_bswap16, CAST)
LOOP(from_u32, uint32_t, uint32_t, __builtin_bswap32, CAST)
LOOP(from_i32, uint32_t, int32_t, __builtin_bswap32, CAST)
LOOP(from_u64, uint64_t, uint64_t, __builtin_bswap64, CAST)
LOOP(from_i64, uint64_t, int64_t, __builtin_bswap64, CAST)
LOOP(from_f16, uint16_t, uint16_t, __builtin_bswap16, half_to_float)
LOOP(from_f32, uint32_t, float, __builtin_bswap32, CAST)
LOOP(from_f64, uint64_t, double, __builtin_bswap64, CAST)

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void eights(float *dst, size_t n, const unsigned char *src, bool is_signed)
{
    for (size_t i = 0; i < n; i += 8) {
        const __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)(src + i));
        const __m256i words = is_signed ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes);
        _mm256_storeu_ps(dst + i, _mm256_cvtepi32_ps(words));
    }
}
#endif

/* Samples of one byte become four times as many: here the processor's own way counts. gcc 12 takes a vector of bytes apart in five
 * steps where one instruction widens eight of them; 512 MB take 62 ms with reading in the one way and 57 in the other. */
static void from_bytes(float *dst, size_t n, const unsigned char *src, size_t step, bool is_signed)
{
    size_t done = 0;
#if defined(__x86_64__)
    if (step == 1 && __builtin_cpu_supports("avx2")) {
        const size_t before = pixels_to_line(dst, n);
        (is_signed ? from_i8 : from_u8)(dst, before, src, step, false);
        done = before + (n - before) / 8 * 8;
        eights(dst + before, done - before, src + before, is_signed);
    }
#endif
    (is_signed ? from_i8 : from_u8)(dst + done, n - done, src + done * step, step, false);
}

static void from_unsigned_bytes(float *dst, size_t n, const unsigned char *src, size_t step, bool swap)
{
    (void)swap;
    from_bytes(dst, n, src, step, false);
}

static void from_signed_bytes(float *dst, size_t n, const unsigned char *src, size_t step, bool swap)
{
    (void)swap;
    from_bytes(dst, n, src, step, true);
}

typedef void convert_fn(float *dst, size_t n, const unsigned char *src, size_t step, bool swap);
// clang-format off
static convert_fn *const converters[] = {
    [LCT_DTYPE_U8] = from_unsigned_bytes, [LCT_DTYPE_I8] = from_signed_bytes,
    [LCT_DTYPE_U16] = from_u16, [LCT_DTYPE_I16] = from_i16,
    [LCT_DTYPE_U32] = from_u32, [LCT_DTYPE_I32] = from_i32,
    [LCT_DTYPE_U64] = from_u64, [LCT_DTYPE_I64] = from_i64,
    [LCT_DTYPE_BOOL] = from_bool, [LCT_DTYPE_F16] = from_f16, [LCT_DTYPE_F32] = from_f32, [LCT_DTYPE_F64] = from_f64,
};
// clang-format on

void lct_samples_to_float(float *dst, size_t n, const void *src, size_t stride, enum lct_dtype dtype, bool swap)
{
    if ((size_t)dtype < sizeof converters / sizeof *converters && converters[dtype])
        converters[dtype](dst, n, src, stride * lct_dtype_bytes(dtype), swap);
}

void lct_bits_to_float(
    float *dst, size_t n, const unsigned char *src, size_t first, size_t stride, int bits, bool is_signed)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t value = 0;
        for (size_t at = first + i * stride, end = at + (size_t)bits; at < end;) {
            const size_t left = 8 - at % 8, take = left < end - at ? left : end - at;
            const unsigned part = (src[at / 8] >> (left - take)) & ((1u << take) - 1);
            value = value << take | part;
            at += take;
        }
        const int64_t wide = (int64_t)value;
        const bool negative = is_signed && (value >> (bits - 1) & 1);
        dst[i] = (float)(negative ? wide - ((int64_t)1 << bits) : wide);
    }
}
