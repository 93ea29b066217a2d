/* The harness without libFuzzer: runs it on each file named, or on all files of the folders named. For every compiler. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static long n_inputs;

static void run_file(const char *path)
{
    enum { MOST = 1 << 22 };
    FILE *f = fopen(path, "rb");
    unsigned char *bytes = f ? malloc(MOST) : NULL;
    if (!bytes)
        abort();
    const size_t n = fread(bytes, 1, MOST, f);
    fclose(f);
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    n_inputs++;
}

static void run(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        run_file(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        char *name = NULL;
        if (entry->d_name[0] == '.' || asprintf(&name, "%s/%s", path, entry->d_name) < 0)
            continue;
        run_file(name);
        free(name);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run(argv[i]);
    printf("%ld inputs\n", n_inputs);
    return n_inputs == 0;
}
