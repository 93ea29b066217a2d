#include "stream.h"

#include <Random123/philox.h>

void lct_mc_stream_init(struct lct_mc_stream *stream, uint64_t seed, uint64_t replica, uint64_t block)
{
    *stream = (struct lct_mc_stream){ .seed = seed, .replica = replica, .block = block, .used = STREAM_WORDS };
}

void lct_mc_stream_fill(struct lct_mc_stream *stream, uint64_t *out, size_t n)
{
    const philox4x64_key_t key = { { stream->seed, stream->replica } };
    for (size_t i = 0; i < n; i += 4) {
        const philox4x64_ctr_t counter = { { stream->block++, 0, 0, 0 } };
        const philox4x64_ctr_t r = philox4x64(counter, key);
        for (int k = 0; k < 4; k++)
            out[i + (size_t)k] = r.v[k];
    }
}
