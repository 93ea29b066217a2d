#include "part.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

char *part_name(const char *path)
{
    char *part = NULL;
    return asprintf(&part, "%s.part", path) < 0 ? NULL : part;
}

static const char *remedy(int errno_value)
{
    switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "free some space or choose another output folder";
    case ENOENT:
    case ENOTDIR:
        return "make the folder first or choose another";
    case EISDIR:
        return "give the name of a file, not of a folder";
    default:
        return "choose a folder that you may write to, with space left";
    }
}

enum lct_status part_fail(const char *path, int errno_value, struct lct_err *err)
{
    char reason[128];
    return lct_fail(err, LCT_E_OUTPUT, "%s: cannot be written (%s); %s", path,
        errno_value ? strerror_r(errno_value, reason, sizeof reason) : "the disk may be full", remedy(errno_value));
}

enum lct_status part_keep(const char *part, const char *path, struct lct_err *err)
{
    return rename(part, path) == 0 ? LCT_OK : part_fail(path, errno, err);
}
