#include "datasets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool find(size_t *out, const struct dataset *all, size_t n, const char *wanted)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i].name, wanted) == 0) {
            *out = i;
            return true;
        }
    const size_t digits = strspn(wanted, "0123456789");
    if (digits < 1 || digits > 9 || wanted[digits])
        return false;
    *out = (size_t)strtoul(wanted, NULL, 10);
    return *out < n;
}

static enum lct_status choose(size_t *out, const struct dataset *all, size_t n, const char *wanted, struct lct_err *err)
{
    if (wanted && !find(out, all, n, wanted))
        return lct_fail(err, LCT_E_ARG,
            "--dataset %.60s: there is no such data set among the %zu; `lctem info` lists them", wanted, n);
    if (wanted && all[*out].refusal)
        return lct_fail(err, LCT_E_FORMAT, "--dataset %.60s: is %s, no image", wanted, all[*out].refusal);
    if (wanted)
        return LCT_OK;
    for (int aside = 0; aside < 2; aside++)
        for (size_t i = 0; i < n; i++)
            if (!all[i].refusal && all[i].aside == (aside == 1)) {
                /* the thumbnail of what cannot be read is not what the user means */
                if (aside && n > 1)
                    break;
                *out = i;
                return LCT_OK;
            }
    const struct dataset *first = NULL;
    for (size_t i = 0; i < n && !first; i++)
        first = all[i].refusal && !all[i].aside ? &all[i] : NULL;
    return lct_fail(err, LCT_E_FORMAT, "holds %s, no image that can be read", first ? first->refusal : "nothing");
}

enum lct_status dataset_choose(size_t *out, struct lct_source *source, const struct dataset *all, size_t n,
    const char *wanted, struct lct_err *err)
{
    size_t chosen = 0, images = 0;
    const enum lct_status status = choose(&chosen, all, n, wanted, err);
    if (status != LCT_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        char key[32], value[256];
        images += !all[i].refusal && !all[i].aside;
        snprintf(key, sizeof key, "dataset %zu", i);
        snprintf(value, sizeof value, "%s: %s%s%s%s%s", all[i].name, all[i].shape, all[i].refusal ? ", " : "",
            all[i].refusal ? all[i].refusal : "", all[i].aside ? ", thumbnail" : "", i == chosen ? " (read)" : "");
        if (n > 1)
            lct_source_note(source, key, value, SIZE_MAX);
    }
    source->info.n_datasets = images ? images : 1;
    if (images > 1 && !wanted)
        lct_source_warn(source,
            "%zu images in the file; \"%s\" is read, choose another with --dataset NAME or its number", images,
            all[chosen].name);
    *out = chosen;
    return LCT_OK;
}
