#include <lctem/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What to do when a file cannot be read or made. */
static const char *remedy(int why)
{
    switch (why) {
    case ENOENT: return "check the name";
    case ENOTDIR: return "a part of the path is no folder";
    case EISDIR: return "give a file, not a folder";
    case EACCES:
    case EPERM: return "ask for the right to it, or choose another";
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return "free some space, or choose another place";
    default: return "is the disk or the network there?";
    }
}

char *lct_file_join(const char *dir, const char *name)
{
    if (!dir || !dir[0] || name[0] == '/')
        return strdup(name);
    char *path = NULL;
    const char *slash = dir[strlen(dir) - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", dir, slash, name) < 0 ? NULL : path;
}

enum lct_status lct_file_write_all(int fd, const void *bytes, size_t n, const char *path, struct lct_err *err)
{
    const char *at = bytes;
    while (n > 0) {
        const ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return lct_fail(err, LCT_E_OUTPUT, "%s: cannot write: %s; %s", path, strerror(errno), remedy(errno));
        at += done;
        n -= (size_t)done;
    }
    return LCT_OK;
}

/* What to do when an output cannot be written. */
static const char *output_remedy(int why)
{
    switch (why) {
    case ENOENT:
    case ENOTDIR: return "make the folder first or choose another";
    case EISDIR: return "give the name of a file, not of a folder";
    case EEXIST: return "it is a device or the like; give the name of a file";
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return "free some space or choose another output folder";
    default: return "choose a folder that you may write to, with space left";
    }
}

enum lct_status lct_file_unwritable(const char *path, int why, struct lct_err *err)
{
    return lct_fail(err, LCT_E_OUTPUT, "%s: cannot be written (%s); %s", path,
        why ? strerror(why) : "the disk may be full", output_remedy(why));
}

/* 0 if `path` is free or a plain file, else an errno. */
static int taken_by(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
        return 0;
    return S_ISDIR(st.st_mode) ? EISDIR : EEXIST;
}

int lct_file_replace(const char *part, const char *path)
{
    errno = taken_by(path);
    return errno ? -1 : rename(part, path);
}

enum lct_status lct_file_check_output(const char *path, bool force, struct lct_err *err)
{
    const int why = taken_by(path);
    if (why)
        return lct_file_unwritable(path, why, err);
    return !force && access(path, F_OK) == 0
        ? lct_fail(err, LCT_E_OUTPUT, "%s: exists; give --force to overwrite it", path)
        : LCT_OK;
}

enum lct_status lct_folder_make(const char *dir, struct lct_err *err)
{
    struct stat st;
    if (mkdir(dir, 0777) == 0)
        return LCT_OK;
    if (errno == ENOENT || errno == ENOTDIR)
        return lct_fail(err, LCT_E_OUTPUT,
            "%s: the folder cannot be made: %s; make the folder around it first, or choose another with -o", dir,
            strerror(errno));
    if (errno != EEXIST)
        return lct_fail(
            err, LCT_E_OUTPUT, "%s: the folder cannot be made: %s; choose another with -o", dir, strerror(errno));
    return stat(dir, &st) == 0 && S_ISDIR(st.st_mode)
        ? LCT_OK
        : lct_fail(err, LCT_E_OUTPUT, "%s: is not a folder; give another one with -o", dir);
}

enum lct_status lct_file_write(const char *path, const void *bytes, size_t n, struct lct_err *err)
{
    char *part = NULL;
    if (asprintf(&part, "%s.part", path) < 0)
        return lct_fail(err, LCT_E_LIMIT, "%s: no memory for its name", path);
    enum lct_status status = LCT_OK;
    const int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        status = lct_fail(err, LCT_E_OUTPUT, "%s: cannot create: %s; %s", path, strerror(errno), remedy(errno));
        goto done;
    }
    status = lct_file_write_all(fd, bytes, n, path, err);
    if (close(fd) != 0 && status == LCT_OK)
        status = lct_fail(err, LCT_E_OUTPUT, "%s: cannot write: %s; %s", path, strerror(errno), remedy(errno));
    if (status == LCT_OK && lct_file_replace(part, path) != 0)
        status = lct_file_unwritable(path, errno, err);
    if (status != LCT_OK)
        unlink(part);
done:
    free(part);
    return status;
}

enum lct_status lct_file_open(int *fd, const char *path, struct lct_err *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd >= 0)
        return LCT_OK;
    return lct_fail(err, LCT_E_INPUT, "%s: cannot open: %s; %s", path, strerror(errno), remedy(errno));
}

enum lct_status lct_file_read_some(size_t *got, int fd, void *bytes, size_t room, const char *path, struct lct_err *err)
{
    ssize_t n;
    do
        n = read(fd, bytes, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return lct_fail(err, LCT_E_INPUT, "%s: cannot read: %s; %s", path, strerror(errno), remedy(errno));
    *got = (size_t)n;
    return LCT_OK;
}

/* Reads to the end rather than trusting st_size: pipes and /proc have none. */
static enum lct_status read_all(int fd, char **out, size_t *n, const char *path, size_t max_bytes, struct lct_err *err)
{
    size_t used = 0, room = 0;
    char *buffer = NULL;
    for (;;) {
        if (used + 1 >= room) {
            room = room ? room * 2 : 65536;
            char *larger = realloc(buffer, room);
            if (!larger) {
                free(buffer);
                return lct_fail(err, LCT_E_LIMIT, "%s: no memory for %zu bytes", path, room);
            }
            buffer = larger;
        }
        size_t got = 0;
        const enum lct_status status = lct_file_read_some(&got, fd, buffer + used, room - used - 1, path, err);
        if (status != LCT_OK) {
            free(buffer);
            return status;
        }
        if (got == 0)
            break;
        used += got;
        if (used > max_bytes) {
            free(buffer);
            return lct_fail(
                err, LCT_E_LIMIT, "%s: larger than the %zu bytes allowed here; is it the right file?", path, max_bytes);
        }
    }
    buffer[used] = '\0';
    *out = buffer;
    *n = used;
    return LCT_OK;
}

enum lct_status lct_file_read(char **out, size_t *n, const char *path, size_t max_bytes, struct lct_err *err)
{
    int fd;
    enum lct_status status = lct_file_open(&fd, path, err);
    if (status != LCT_OK)
        return status;
    status = read_all(fd, out, n, path, max_bytes, err);
    close(fd);
    return status;
}
