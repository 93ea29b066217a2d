#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char folder[24];

void folder_make(void)
{
    strcpy(folder, "/tmp/lctem_test_XXXXXX");
    if (!mkdtemp(folder))
        abort();
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

void folder_clear(const char *path)
{
    nftw(path, drop, 8, FTW_DEPTH | FTW_PHYS);
}

void folder_remove(void)
{
    folder_clear(folder);
}
