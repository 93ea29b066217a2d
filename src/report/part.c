#include "part.h"

#include <lctem/file.h>

#include <errno.h>
#include <stdio.h>

char *part_name(const char *path)
{
    char *part = NULL;
    return asprintf(&part, "%s.part", path) < 0 ? NULL : part;
}

enum lct_status part_fail(const char *path, int errno_value, struct lct_err *err)
{
    return lct_file_unwritable(path, errno_value, err);
}

enum lct_status part_keep(const char *part, const char *path, struct lct_err *err)
{
    return lct_file_replace(part, path) == 0 ? LCT_OK : part_fail(path, errno, err);
}
